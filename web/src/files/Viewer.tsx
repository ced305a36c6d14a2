import { useEffect, useState } from "react";
import type { SharedFile } from "../api/types";
import { m } from "../paraglide/messages.js";
import { Dialog } from "../ui/Dialog";
import "./viewer.css";

/** A message's pictures, one at a time; the arrow keys go from one to the next. */
export default function Viewer({ files, at }: { files: readonly SharedFile[]; at: number }) {
  const [shown, setShown] = useState(at);
  const count = files.length;
  const go = (by: number) => setShown((now) => (now + by + count) % count);
  useEffect(() => {
    const press = ({ key }: KeyboardEvent) => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[key];
      if (by) setShown((now) => (now + by + count) % count);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [count]);
  const file = files[shown];
  if (!file) return null;
  return (
    <Dialog title={file.name} className="viewer">
      <div className="shown">
        <img
          key={file.id}
          src={file.link}
          alt={file.name}
          width={file.width ?? undefined}
          height={file.height ?? undefined}
        />
        <div className="row">
          {count > 1 && (
            <>
              <button type="button" className="btn" onClick={() => go(-1)}>
                {m.picture_before()}
              </button>
              <span className="num" role="status">
                {shown + 1} / {count}
              </span>
              <button type="button" className="btn" onClick={() => go(1)}>
                {m.picture_next()}
              </button>
            </>
          )}
          {/* From another origin it is shown and not downloaded: not in the place of this page. */}
          <a className="btn" href={file.link} download={file.name} target="_blank" rel="noopener">
            {m.download()}
          </a>
        </div>
      </div>
    </Dialog>
  );
}
