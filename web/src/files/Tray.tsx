import { type MouseEvent, useEffect } from "react";
import { useShallow } from "zustand/react/shallow";
import { backToWriting } from "../composer/focus";
import { announce } from "../kit/announcer";
import { bytes, seconds } from "../kit/format";
import { m } from "../paraglide/messages.js";
import { Icon } from "../ui/Icon";
import { IconButton } from "../ui/IconButton";
import { cancel, measure, retry, type Sending, useTray } from "./tray";
import "./files.css";

interface Props {
  draft: string;
  /** The message goes when all of them are there. */
  waiting: boolean;
  onChoose: () => void;
}

/** The files beside a draft, each with how it is doing. */
export function Tray({ draft, waiting, onChoose }: Props) {
  const items = useTray(useShallow(({ items }) => items.filter((item) => item.draft === draft)));
  const count = items.filter(({ state }) => state === "cut").length;
  useEffect(() => {
    if (count > 0) announce(m.files_cut({ count }));
  }, [count]);
  if (items.length === 0) return null;
  return (
    <div className="tray">
      <ul aria-label={m.files_to_send()}>
        {items.map((item) => (
          <Waiting key={item.key} item={item} onChoose={onChoose} />
        ))}
      </ul>
      {count > 0 && <p className="hint">{m.files_cut({ count })}</p>}
      <p className="hint" role="status">
        {waiting && m.files_waiting()}
      </p>
    </div>
  );
}

function Waiting({ item, onChoose }: { item: Sending; onChoose: () => void }) {
  const { key, name, state, sent, preview, reason } = item;
  const again = state === "cut" ? onChoose : state === "failed" && (() => retry(key));
  const remove = ({ currentTarget }: MouseEvent<HTMLButtonElement>) => {
    leave(currentTarget);
    cancel(key);
  };
  return (
    <li className={state}>
      {preview && reason !== "invalid" ? (
        <img
          src={preview}
          alt=""
          onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
            item.width || measure(key, naturalWidth, naturalHeight)
          }
        />
      ) : (
        <Icon name="clip" />
      )}
      <span className="what">
        <b>{name}</b>
        <small className="num">{doing(item)}</small>
        {state === "sending" && (
          <progress aria-label={name} value={sent} max={Math.max(item.bytes, 1)} />
        )}
      </span>
      {again && (
        <button type="button" className="again" onClick={again}>
          {state === "cut" ? m.file_choose_again() : m.retry()}
        </button>
      )}
      <IconButton icon="x" label={m.file_remove({ name })} onClick={remove} />
    </li>
  );
}

/** Where the focus goes when its file does: to the next one, or to where one writes. */
function leave(button: HTMLButtonElement) {
  const file = button.closest("li");
  const beside = file?.nextElementSibling ?? file?.previousElementSibling;
  const next = beside?.querySelector<HTMLElement>(".icon-btn");
  if (next) next.focus();
  else backToWriting(button.form);
}

function refusal(reason: string | undefined): string {
  switch (reason) {
    case "empty":
      return m.file_empty();
    case "too_large":
      return m.file_too_large();
    case "over_quota":
      return m.file_over_quota();
    case "conflict":
      return m.file_too_many();
    case "invalid":
      return m.file_bad_picture();
    default:
      return m.file_failed();
  }
}

function doing({ state, sent, since, bytes: all, reason }: Sending): string {
  if (state === "ready") return bytes(all);
  if (state === "cut") return m.file_cut({ sent: bytes(sent), all: bytes(all) });
  if (state === "failed") {
    return refusal(reason);
  }
  const elapsed = Date.now() - since;
  if (sent === 0 || sent >= all || elapsed < 500) return m.file_sending();
  return m.file_left({ time: seconds(((all - sent) * elapsed) / sent / 1000) });
}
