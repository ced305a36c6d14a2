import { useEngine, useSync } from "../app/context";
import { addToDraft } from "../composer/drafts";
import { fromWire } from "../mentions/wire";
import { m } from "../paraglide/messages.js";
import type { Unsent } from "../sync/outbox";
import { Icon } from "../ui/Icon";
import type { MessageRow } from "./rows";

interface UnsentProps {
  row: MessageRow;
  /** Where the text goes if it is to be written again. */
  draft: string;
  composer: string;
}

/** A message of mine that the server does not have yet, and what can be done about it. */
export function UnsentDelivery({ row, draft, composer }: UnsentProps) {
  const engine = useEngine();
  const connected = useSync((state) => state.connection === "live");
  const { unsent } = row;
  if (!unsent) return null;
  return (
    <Delivery
      item={unsent}
      connected={connected}
      onRetry={() => void engine.outbox.flush(unsent.room)}
      onDiscard={() => void engine.outbox.discard(unsent.id)}
      onEditAgain={() => {
        addToDraft(draft, fromWire(unsent.text));
        void engine.outbox.discard(unsent.id);
        document.getElementById(composer)?.focus();
      }}
    />
  );
}

interface Props {
  item: Unsent;
  connected: boolean;
  onRetry: () => void;
  onDiscard: () => void;
  onEditAgain: () => void;
}

/** How a message of mine is doing until the server has it. */
function Delivery({ item, connected, onRetry, onDiscard, onEditAgain }: Props) {
  const discard = (
    <button type="button" onClick={onDiscard}>
      {m.discard()}
    </button>
  );
  if (item.state === "rejected") {
    return (
      <div className="delivery bad">
        <Icon name="warn" small />
        {reason(item)}{" "}
        <button type="button" onClick={onEditAgain}>
          {m.edit_again()}
        </button>
        {" · "}
        {discard}
      </div>
    );
  }
  if (item.state === "unknown") {
    return (
      <div className="delivery bad">
        <Icon name="warn" small />
        {m.delivery_unknown()}{" "}
        <button type="button" onClick={onRetry}>
          {m.retry()}
        </button>
        {" · "}
        {discard}
      </div>
    );
  }
  return (
    <div className="delivery">
      <Icon name="clock" small />
      {connected ? m.delivery_sending() : m.delivery_queued()}
    </div>
  );
}

/** Why the server did not take it. */
export function reason({ reason: kind, quote, thread }: Unsent): string {
  if (kind === "not_found" && (quote || thread)) return m.rejected_gone();
  if (kind === "not_found" || kind === "forbidden") return m.rejected_no_room();
  if (kind === "too_large" || kind === "invalid") return m.rejected_too_long();
  return m.rejected();
}
