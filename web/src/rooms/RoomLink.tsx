import { memo } from "react";
import type { Room } from "../api/types";
import { unreadCount } from "../kit/format";
import { paths } from "../kit/router";
import { useHasDraft } from "../composer/drafts";
import { m } from "../paraglide/messages.js";
import { nameOf } from "../sync/room-list";
import { Avatar } from "../ui/Avatar";
import { Icon } from "../ui/Icon";
import { Link } from "../ui/Link";
import { glyphOf } from "./names";

interface Props {
  room: Room;
  current: boolean;
}

/** A room in the list: what kind, its name, and whether something waits there. */
export const RoomLink = memo(function RoomLink({ room, current }: Props) {
  const draft = useHasDraft(room.id);
  const unread = room.unread > 0;
  return (
    <li>
      <Link
        href={paths.room(room.id)}
        className={unread ? "nav-link unread" : "nav-link"}
        aria-current={current ? "page" : undefined}
      >
        {room.peer ? (
          <Avatar person={room.peer} size="small" />
        ) : (
          <Icon name={glyphOf(room.kind)} />
        )}
        {room.kind === "private" && <span className="vh">{m.kind_private()}: </span>}
        <span className="name">{nameOf(room)}</span>
        <span className="end">
          {draft && !current && (
            <span className="draft" title={m.draft()}>
              <Icon name="pen" small />
              <span className="vh">{m.draft()}</span>
            </span>
          )}
          {unread && <Unread room={room} />}
        </span>
      </Link>
    </li>
  );
});

/** Direct messages are for me: they alone are rose. */
function Unread({ room }: { room: Room }) {
  const count = unreadCount(room.unread);
  return (
    <span className={room.kind === "direct" ? "badge num" : "count num"}>
      {count}
      <span className="vh"> {m.unread()}</span>
    </span>
  );
}
