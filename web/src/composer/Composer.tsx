import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef } from "react";
import { Tray } from "../files/Tray";
import { useFiles } from "../files/useFiles";
import type { SharedFile } from "../api/types";
import { usePreference } from "../kit/preferences";
import { m } from "../paraglide/messages.js";
import { toWire } from "../mentions/wire";
import { Boundary } from "../ui/Boundary";
import { Icon } from "../ui/Icon";
import { later } from "../ui/later";
import { unescaped } from "./commands";
import { draftOf, flushDrafts, saveDraft, useDraft } from "./drafts";
import { coarse, isWanted } from "./focus";
import { type Format, formatted } from "./format";
import { isComposing, sends } from "./keys";
import { bytesOf, TEXT_BYTES_MAX, TEXT_BYTES_NEAR } from "./length";
import { optionId } from "./optionId";
import { Toolbar } from "./Toolbar";
import { replaceIn, useCalls } from "./useCalls";
import { useCommand } from "./useCommand";
import { useGrowing } from "./useGrowing";
import "../ui/listbox.css";
import "./composer.css";

const Suggestions = later(() => import("./Suggestions"));
export const loadSuggestions = Suggestions.load;

interface Props {
  /** The element's id: the room's composer is `composer`. */
  id: string;
  room: string;
  /** Under which name the draft is kept. */
  draft: string;
  /** Where the message goes, as in “Message #general”. */
  label: string;
  onSend: (text: string, files?: readonly SharedFile[]) => void;
  onWrite: () => void;
  onEditLast: () => void;
  onEscape: () => void;
  /** What the message answers, above the text. */
  above?: ReactNode;
  /** Choices beside the button that sends. */
  beside?: ReactNode;
  compact?: boolean;
}

/** Where messages are written. The text is a draft of its place until it is sent. */
export function Composer(props: Props) {
  const { id, room, draft, label, onSend, onWrite, onEditLast, onEscape, above, beside } = props;
  const text = useDraft(draft);
  const area = useRef<HTMLTextAreaElement>(null);
  const left = TEXT_BYTES_MAX - bytesOf(text);
  const post = (files?: readonly SharedFile[]) => {
    // As it is now: with files it may have been changed since, here or on another device.
    const written = draftOf(draft)?.trim() ?? "";
    if (!written && !files?.length) return;
    onSend(toWire(unescaped(written)), files);
    saveDraft(draft, "");
    flushDrafts();
  };
  const files = useFiles({ draft, room, area, onReady: post });
  const sendable = (text.trim() !== "" || files.some) && left >= 0;
  const calls = useCalls({ room, area });
  const command = useCommand({ room, draft, text });
  const listId = useId();
  useGrowing(area, text);

  useEffect(() => {
    if (isWanted(draft) || !coarse()) area.current?.focus({ preventScroll: true });
    return flushDrafts;
  }, [draft]);

  const send = () => {
    if (!sendable) return;
    if (files.some) files.send();
    else if (!command.take()) post();
    area.current?.focus();
  };
  const format = (kind: Format) => {
    const element = area.current;
    if (!element) return;
    const { value, selectionStart, selectionEnd } = element;
    const change = formatted({ text: value, from: selectionStart, to: selectionEnd }, kind);
    replaceIn(element, change.from, change.to, change.by);
    element.setSelectionRange(...change.select);
  };
  const insert = (words: string) => {
    const element = area.current;
    if (element) replaceIn(element, element.selectionStart, element.selectionEnd, words);
  };
  const press = (event: KeyboardEvent) => {
    if (isComposing(event) || calls.press(event)) return;
    const kind = formatOf(event);
    if (isCtrlU(event)) {
      event.preventDefault();
      files.choose();
    } else if (kind) {
      event.preventDefault();
      format(kind);
    } else if (sends(event)) {
      event.preventDefault();
      send();
    } else if (event.key === "ArrowUp" && text === "") {
      event.preventDefault();
      onEditLast();
    } else if (event.key === "Escape") onEscape();
  };
  const write = (next: string) => {
    saveDraft(draft, next);
    if (next) onWrite();
    calls.look();
    if (next.includes(":")) void calls.close();
  };
  return (
    <form
      className={["composer", props.compact && "compact", files.dropping && "dropping"]
        .filter(Boolean)
        .join(" ")}
      data-region
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {calls.query && (
        <Boundary onFailed={calls.end}>
          <Suggestions
            id={listId}
            sign={calls.query.sign}
            list={calls.list}
            active={calls.active}
            onChoose={calls.choose}
          />
        </Boundary>
      )}
      {above}
      <Tray draft={draft} waiting={files.waiting} onChoose={files.choose} />
      <input {...files.input} />
      <textarea
        ref={area}
        id={id}
        rows={1}
        aria-label={label}
        aria-describedby={`${id}-hint`}
        aria-invalid={left < 0 || undefined}
        aria-autocomplete="list"
        aria-controls={calls.query && listId}
        aria-activedescendant={calls.query && optionId(listId, calls.active)}
        placeholder={label}
        value={text}
        onChange={(event) => write(event.target.value)}
        onSelect={calls.look}
        onKeyDown={press}
        onPaste={files.paste}
      />
      {!files.some && command.line}
      <div className="row">
        <Toolbar onFormat={format} onInsert={insert} onFiles={files.choose} />
        <Hint id={`${id}-hint`} left={left} />
        {beside}
        <button type="submit" className="send" aria-label={m.send()} disabled={!sendable}>
          <Icon name="send" />
        </button>
      </div>
    </form>
  );
}

function Hint({ id, left }: { id: string; left: number }) {
  const ctrl = usePreference("sendKey") === "ctrl";
  return (
    <span className="hint" id={id}>
      {left < TEXT_BYTES_MAX - TEXT_BYTES_NEAR ? (
        <span className={left < 0 ? "over num" : "num"}>
          {left < 0 ? m.bytes_over({ count: -left }) : m.bytes_left({ count: left })}
        </span>
      ) : (
        <span className="keys">
          <kbd>{ctrl ? "Ctrl Enter" : "Enter"}</kbd> {m.hint_send()}{" "}
          <kbd>{ctrl ? "Enter" : "Shift Enter"}</kbd> {m.hint_newline()}
        </span>
      )}
    </span>
  );
}

const isCtrlU = (event: KeyboardEvent) =>
  (event.ctrlKey || event.metaKey) &&
  !event.altKey &&
  !event.shiftKey &&
  event.key.toLowerCase() === "u";

/** Ctrl with B, I, E; and with Shift 8 and 9, which other letters sit on elsewhere. */
function formatOf(event: KeyboardEvent): Format | undefined {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return undefined;
  if (event.shiftKey) return ({ Digit8: "list", Digit9: "quote" } as const)[event.code];
  return ({ b: "bold", i: "italic", e: "code" } as const)[event.key.toLowerCase()];
}
