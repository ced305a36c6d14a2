import { type KeyboardEvent, useCallback } from "react";
import { openLayer } from "../app/layers";
import { keyAction } from "../messages/keyAction";
import { Editor } from "../messages/Editor";
import { MessageItem } from "../messages/MessageItem";
import type { MessageRow } from "../messages/rows";
import { UnsentDelivery } from "../messages/Delivery";
import { useActions } from "../messages/useActions";

interface Props {
  row: MessageRow;
  place: { room: string; draft: string; composer: string };
  target: boolean;
  editing: boolean;
  onEdit: (message: string) => void;
  onDone: () => void;
}

const elementOf = (message: string) => document.getElementById(`t-${message}`);

/** One message of a thread, with everything that can be done with it. */
export function ThreadRow({ row, place, target, editing, onEdit, onDone }: Props) {
  const actionsOf = useActions({ ...place, onEdit, threads: false, elementOf });
  const open = useCallback(() => {
    const actions = actionsOf(row);
    if (actions.length > 0) openLayer({ kind: "message-actions", message: row.message, actions });
  }, [actionsOf, row]);
  const press = (event: KeyboardEvent) => {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (!plain || !(event.target instanceof HTMLElement) || event.target.tagName !== "ARTICLE")
      return;
    if (event.key === "Enter") return open();
    const action = keyAction(event.key, actionsOf(row));
    if (!action) return;
    event.preventDefault();
    action.run();
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- letters act on the row
    <div onKeyDown={press}>
      <MessageItem
        row={row}
        prefix="t-"
        active
        target={target}
        actionsOf={actionsOf}
        editor={editing && <Editor message={row.message} onDone={onDone} />}
        delivery={
          row.unsent && <UnsentDelivery row={row} draft={place.draft} composer={place.composer} />
        }
        onLongPress={open}
      />
    </div>
  );
}
