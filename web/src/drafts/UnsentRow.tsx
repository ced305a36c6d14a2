import { useEngine, useRoom, useSync } from "../app/context";
import { addToDraft } from "../composer/drafts";
import { draftKey } from "../composer/sync-drafts";
import { toast } from "../kit/toasts";
import { fromWire } from "../mentions/wire";
import { reason } from "../messages/Delivery";
import { m } from "../paraglide/messages.js";
import type { Engine } from "../sync/engine";
import type { Unsent } from "../sync/outbox";
import { Icon } from "../ui/Icon";
import { IconButton } from "../ui/IconButton";
import { goOnWriting } from "./goOnWriting";
import { Place, PlacePicture } from "./Place";

function discard(engine: Engine, item: Unsent) {
  void engine.outbox.discard(item.id);
  const run = () => void engine.outbox.again(item);
  toast(m.unsent_discarded(), undefined, { label: m.undo(), run });
}

/** The text goes back into the composer of its place. */
function editAgain(engine: Engine, { id, room, thread, text }: Unsent) {
  addToDraft(draftKey(room, thread), fromWire(text));
  void engine.outbox.discard(id);
  goOnWriting({ room, thread });
}

/** A message that the server does not have, why, and what can be done about it. */
export function UnsentRow({ item }: { item: Unsent }) {
  const engine = useEngine();
  const known = useRoom(item.room);
  const { id, room, thread, at, files = [] } = item;
  const rejected = item.state === "rejected";
  const text = fromWire(item.text) || m.files_only();
  return (
    <li className="inbox-row" aria-labelledby={`unsent-${id}`}>
      <PlacePicture room={room} />
      <div className="about">
        <Place id={`unsent-${id}`} room={room} thread={thread} at={at} />
        <p className="line">{text}</p>
        <State item={item} />
      </div>
      <div className="ends">
        <button
          type="button"
          className="btn small"
          disabled={item.state === "sending"}
          onClick={() =>
            void engine.outbox.again({ ...item, state: "queued", attempts: 0, reason: undefined })
          }
        >
          {m.retry()}
        </button>
        {rejected && known && files.length === 0 && (
          <button type="button" className="btn small" onClick={() => editAgain(engine, item)}>
            {m.edit_again()}
          </button>
        )}
        <IconButton icon="trash" label={m.discard()} onClick={() => discard(engine, item)} />
      </div>
    </li>
  );
}

function State({ item }: { item: Unsent }) {
  const connected = useSync((state) => state.connection === "live");
  const bad = item.state === "rejected" || item.state === "unknown";
  const waiting = connected ? m.delivery_sending() : m.delivery_queued();
  const words = { rejected: reason(item), unknown: m.delivery_unknown() };
  return (
    <p className={bad ? "more bad" : "more"}>
      <Icon name={bad ? "warn" : "clock"} small />
      {words[item.state as keyof typeof words] ?? waiting}
    </p>
  );
}
