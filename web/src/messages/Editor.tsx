import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useEngine } from "../app/context";
import type { Message } from "../api/types";
import { fromWire, toWire } from "../mentions/wire";
import { m } from "../paraglide/messages.js";
import { tellProblem } from "../ui/failure";
import { draftOf, saveDraft } from "../composer/drafts";
import { isComposing, sends } from "../composer/keys";
import { bytesOf, TEXT_BYTES_MAX } from "../composer/length";
import { useGrowing } from "../composer/useGrowing";

interface Props {
  message: Message;
  onDone: () => void;
}

/** Changes a message in its place. Escape closes it, and keeps what was written for next time. */
export function Editor({ message, onDone }: Props) {
  const engine = useEngine();
  const draftKey = `edit:${message.id}`;
  const [text, setText] = useState(() => draftOf(draftKey) ?? fromWire(message.text ?? ""));
  const [saving, setSaving] = useState(false);
  const over = bytesOf(text) - TEXT_BYTES_MAX;
  const area = useRef<HTMLTextAreaElement>(null);
  useGrowing(area, text);
  useEffect(() => {
    area.current?.focus();
    area.current?.setSelectionRange(text.length, text.length);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- only when it opens
  }, []);

  const change = (next: string) => {
    setText(next);
    saveDraft(draftKey, toWire(next) === message.text ? "" : next);
  };
  const save = async () => {
    const next = toWire(text.trim());
    if (next === message.text) return onDone();
    if (!next || over > 0 || saving) return;
    setSaving(true);
    try {
      await engine.edit(message, next);
      saveDraft(draftKey, "");
      onDone();
    } catch (error) {
      tellProblem(error);
      setSaving(false);
    }
  };
  const press = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (isComposing(event)) return;
    if (event.key === "Escape") onDone();
    if (!sends(event)) return;
    event.preventDefault();
    void save();
  };
  return (
    <div className="editor">
      <textarea
        ref={area}
        rows={1}
        className="input"
        aria-label={m.edit_message()}
        aria-invalid={over > 0 || undefined}
        value={text}
        onChange={(event) => change(event.target.value)}
        onKeyDown={press}
      />
      <div className="row">
        <button
          type="button"
          className="btn primary small"
          disabled={!text.trim() || over > 0 || saving}
          onClick={() => void save()}
        >
          {m.save()}
        </button>
        <button type="button" className="btn quiet small" onClick={onDone}>
          {m.cancel()}
        </button>
        {over > 0 ? (
          <span className="over num">{m.bytes_over({ count: over })}</span>
        ) : (
          <span className="hint">
            <kbd>Esc</kbd> {m.edit_hint_escape()}
          </span>
        )}
      </div>
    </div>
  );
}
