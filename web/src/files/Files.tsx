import { type RefObject, useEffect, useRef } from "react";
import { openLayer } from "../app/layers";
import type { SharedFile } from "../api/types";
import { bytes } from "../kit/format";
import { m } from "../paraglide/messages.js";
import { Icon } from "../ui/Icon";
import "./files.css";

/** The files of a message: pictures at the size that is known before they come, and cards. */
export function Files({ files }: { files: readonly SharedFile[] }) {
  const pictures = files.filter(isPicture);
  const others = files.filter((file) => !isPicture(file));
  return (
    <div className="files">
      {pictures.map((file, at) => (
        <Picture
          key={file.id}
          file={file}
          onOpen={() => openLayer({ kind: "pictures", files: pictures, at })}
        />
      ))}
      {others.map((file) => (
        <a key={file.id} className="file-card" href={file.link} download={file.name}>
          <Icon name="clip" />
          <span className="what">
            <b>{file.name}</b>
            <small className="num">{bytes(file.bytes)}</small>
          </span>
        </a>
      ))}
    </div>
  );
}

const isPicture = ({ thumbnail }: SharedFile) => thumbnail !== undefined;

const BOX = { width: 400, height: 300 };

/** The size that a picture has in the timeline. */
export function boxOf({ width = 1, height = 1 }: Pick<SharedFile, "width" | "height">) {
  const scale = Math.min(1, BOX.width / (width || 1), BOX.height / (height || 1));
  return {
    width: Math.max(48, Math.round((width || 1) * scale)),
    height: Math.max(48, Math.round((height || 1) * scale)),
  };
}

function Picture({ file, onOpen }: { file: SharedFile; onOpen: () => void }) {
  const box = boxOf(file);
  return (
    <button
      type="button"
      className="picture"
      style={{ width: box.width, aspectRatio: `${box.width} / ${box.height}` }}
      aria-label={m.picture_open({ name: file.name })}
      onClick={onOpen}
    >
      {file.blurhash && <Blur hash={file.blurhash} />}
      <img src={file.thumbnail ?? undefined} alt="" {...box} loading="lazy" decoding="async" />
    </button>
  );
}

const DOTS = 32;

function Blur({ hash }: { hash: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    // A hash that cannot be read is only a grey place, as one whose reader cannot be loaded.
    void paint(canvas, hash).catch(() => undefined);
  }, [hash]);
  return <canvas ref={canvas} width={DOTS} height={DOTS} aria-hidden="true" />;
}

async function paint(canvas: RefObject<HTMLCanvasElement | null>, hash: string) {
  const { decode } = await import("blurhash");
  const context = canvas.current?.getContext("2d");
  if (!context) return;
  const image = context.createImageData(DOTS, DOTS);
  image.data.set(decode(hash, DOTS, DOTS));
  context.putImageData(image, 0, 0);
}
