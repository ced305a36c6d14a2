import { type KeyboardEvent, useEffect, useRef } from "react";
import { useEngine } from "../app/context";
import { m } from "../paraglide/messages.js";
import { Icon } from "../ui/Icon";
import { flushDrafts, saveDraft, useDraft } from "./drafts";
import { bytesOf, TEXT_BYTES_MAX, TEXT_BYTES_NEAR } from "./length";
import { useGrowing } from "./useGrowing";

interface Props {
  room: string;
  /** Where the message goes, as in “Message #general”. */
  label: string;
  onEditLast: () => void;
  onEscape: () => void;
}

const coarse = () => matchMedia("(pointer: coarse)").matches;

/** Where messages are written. The text is a draft of the room until it is sent. */
export function Composer({ room, label, onEditLast, onEscape }: Props) {
  const engine = useEngine();
  const text = useDraft(room);
  const area = useRef<HTMLTextAreaElement>(null);
  const left = TEXT_BYTES_MAX - bytesOf(text);
  const sendable = text.trim() !== "" && left >= 0;
  useGrowing(area, text);

  useEffect(() => {
    if (!coarse()) area.current?.focus({ preventScroll: true });
    return flushDrafts;
  }, [room]);

  const send = () => {
    if (!sendable) return;
    void engine.send(room, text.trim());
    saveDraft(room, "");
    flushDrafts();
    area.current?.focus();
  };
  const press = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey && !coarse()) {
      event.preventDefault();
      send();
    } else if (event.key === "ArrowUp" && text === "") {
      event.preventDefault();
      onEditLast();
    } else if (event.key === "Escape") onEscape();
  };
  const write = (next: string) => {
    saveDraft(room, next);
    if (next) engine.typing(room);
  };
  return (
    <form
      className="composer"
      data-region
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={area}
        id="composer"
        rows={1}
        aria-label={label}
        aria-describedby="composer-hint"
        aria-invalid={left < 0 || undefined}
        placeholder={label}
        value={text}
        onChange={(event) => write(event.target.value)}
        onKeyDown={press}
      />
      <div className="row">
        <span className="hint" id="composer-hint">
          {left < TEXT_BYTES_MAX - TEXT_BYTES_NEAR ? (
            <span className={left < 0 ? "over num" : "num"}>
              {left < 0 ? m.bytes_over({ count: -left }) : m.bytes_left({ count: left })}
            </span>
          ) : (
            <span className="keys">
              <kbd>Enter</kbd> {m.hint_send()} <kbd>Shift Enter</kbd> {m.hint_newline()}
            </span>
          )}
        </span>
        <button type="submit" className="send" aria-label={m.send()} disabled={!sendable}>
          <Icon name="send" />
        </button>
      </div>
    </form>
  );
}
