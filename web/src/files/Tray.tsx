import { useShallow } from "zustand/react/shallow";
import { bytes, seconds } from "../kit/format";
import { m } from "../paraglide/messages.js";
import { Icon } from "../ui/Icon";
import { IconButton } from "../ui/IconButton";
import { cancel, measure, retry, type Sending, useTray } from "./tray";
import "./files.css";

/** The files beside a draft, each with how it is doing. */
export function Tray({ draft, waiting }: { draft: string; waiting: boolean }) {
  const items = useTray(useShallow(({ items }) => items.filter((item) => item.draft === draft)));
  if (items.length === 0) return null;
  return (
    <div className="tray">
      <ul aria-label={m.files_to_send()}>
        {items.map((item) => (
          <Waiting key={item.key} item={item} />
        ))}
      </ul>
      <p className="hint" role="status">
        {waiting && m.files_waiting()}
      </p>
    </div>
  );
}

function Waiting({ item }: { item: Sending }) {
  const { key, file, state, sent, preview } = item;
  return (
    <li className={state}>
      {preview ? (
        <img
          src={preview}
          alt=""
          onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
            measure(key, naturalWidth, naturalHeight)
          }
        />
      ) : (
        <Icon name="clip" />
      )}
      <span className="what">
        <b>{file.name}</b>
        <small className="num">{doing(item)}</small>
        {state === "sending" && (
          <progress aria-label={file.name} value={sent} max={Math.max(file.size, 1)} />
        )}
      </span>
      {state === "failed" && (
        <button type="button" className="again" onClick={() => retry(key)}>
          {m.retry()}
        </button>
      )}
      <IconButton
        icon="x"
        label={m.file_remove({ name: file.name })}
        onClick={() => cancel(key)}
      />
    </li>
  );
}

function doing({ state, sent, since, file, reason }: Sending): string {
  if (state === "ready") return bytes(file.size);
  if (state === "failed") {
    if (reason === "too_large") return m.file_too_large();
    if (reason === "invalid") return m.file_bad_picture();
    return m.file_failed();
  }
  const elapsed = Date.now() - since;
  if (sent === 0 || sent >= file.size || elapsed < 500) return m.file_sending();
  return m.file_left({ time: seconds(((file.size - sent) * elapsed) / sent / 1000) });
}
