import { useRoom } from "../app/context";
import { saveDraft } from "../composer/drafts";
import { toast } from "../kit/toasts";
import { m } from "../paraglide/messages.js";
import { nameOf } from "../sync/room-list";
import { IconButton } from "../ui/IconButton";
import type { Begun } from "./begun";
import { goOnWriting } from "./goOnWriting";
import { Place, PlacePicture } from "./Place";

/** Takes a draft away, and can bring it back. */
function discard({ key, text, at }: Begun) {
  saveDraft(key, "");
  toast(m.draft_discarded(), undefined, { label: m.undo(), run: () => saveDraft(key, text, at) });
}

/** Something that I began to write, and the way back to it. */
export function DraftRow({ draft }: { draft: Begun }) {
  const { key, room, thread, text, at } = draft;
  const known = useRoom(room);
  const id = `draft-${key}`;
  const name = known ? nameOf(known) : m.drafts_no_room();
  return (
    <li className="inbox-row" aria-labelledby={id}>
      <PlacePicture room={room} />
      <div className="about">
        <Place id={id} room={room} thread={thread} at={at} />
        <p className="line">{text}</p>
      </div>
      <div className="ends">
        {known && (
          <button
            type="button"
            className="btn small"
            aria-label={m.draft_go_on_in({ room: name })}
            onClick={() => goOnWriting(draft)}
          >
            {m.draft_go_on()}
          </button>
        )}
        <IconButton
          icon="trash"
          label={m.draft_discard_in({ room: name })}
          onClick={() => discard(draft)}
        />
      </div>
    </li>
  );
}
