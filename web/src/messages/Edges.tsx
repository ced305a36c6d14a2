import { useEngine, useRoom } from "../app/context";
import { dayName, unreadCount } from "../kit/format";
import type { RoomView } from "../sync/state";
import { firstSeq } from "../sync/window";
import { m } from "../paraglide/messages.js";
import { Icon } from "../ui/Icon";

interface Props {
  room: string;
  view: RoomView;
  atEnd: boolean;
  /** A moment of the day that scrolled out of sight. */
  day: string | undefined;
  onEnd: () => void;
}

/** What floats over the two ends of the timeline: loading, and the ways to what is new. */
export function Edges({ room, view, atEnd, day, onEnd }: Props) {
  const engine = useEngine();
  const unread = useRoom(room)?.unread ?? 0;
  const { window, newAfter, older, newer } = view;
  const first = firstSeq(window) ?? 0;
  const newAbove = newAfter !== undefined && window.hasOlder && first > newAfter + 1;
  const retry = () =>
    older === "failed"
      ? void engine.session(room)?.loadOlder()
      : void engine.session(room)?.loadNewer();
  return (
    <>
      <div className="edge top">
        {day && (
          <span className="chip day-chip" aria-hidden="true">
            {dayName(day)}
          </span>
        )}
        {older === "loading" && <span className="chip loading">{m.loading_older()}</span>}
        {(older === "failed" || newer === "failed") && (
          <button type="button" className="pill plain" onClick={retry}>
            <Icon name="warn" small />
            {m.history_failed()}
          </button>
        )}
        {newAbove && (
          <button
            type="button"
            className="pill"
            onClick={() => void engine.goTo(room, { after: newAfter })}
          >
            {m.jump_to_first_new()}
          </button>
        )}
      </div>
      {(!atEnd || window.hasNewer) && (
        <div className="edge bottom">
          <button type="button" className={unread > 0 ? "pill" : "pill plain"} onClick={onEnd}>
            <Icon name="down" small />
            {unread > 0
              ? m.jump_to_latest_count({ count: unreadCount(unread) })
              : m.jump_to_latest()}
          </button>
        </div>
      )}
    </>
  );
}
