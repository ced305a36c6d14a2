import { memo } from "react";
import type { Room } from "../api/types";
import { unreadCount } from "../kit/format";
import { paths } from "../kit/router";
import { useHasDraft } from "../composer/drafts";
import { m } from "../paraglide/messages.js";
import { Here } from "../people/Here";
import { nameOf } from "../sync/room-list";
import { Icon } from "../ui/Icon";
import { Link } from "../ui/Link";
import { glyphOf } from "./names";

interface Props {
  room: Room;
  current: boolean;
  muted: boolean;
}

/** A room in the list: what kind, its name, and whether something waits there. */
export const RoomLink = memo(function RoomLink({ room, current, muted }: Props) {
  const draft = useHasDraft(room.id);
  const unread = room.unread > 0 || room.mentions > 0;
  const kind = muted ? "muted" : unread && "unread";
  return (
    <li>
      <Link
        href={paths.room(room.id)}
        className={kind ? `nav-link ${kind}` : "nav-link"}
        aria-current={current ? "page" : undefined}
      >
        {room.peer ? <Here person={room.peer} size="small" /> : <Icon name={glyphOf(room.kind)} />}
        {room.kind === "private" && <span className="vh">{m.kind_private()}: </span>}
        <span className="name">{nameOf(room)}</span>
        <span className="end">
          {draft && !current && (
            <span className="draft" title={m.draft()}>
              <Icon name="pen" small />
              <span className="vh">{m.draft()}</span>
            </span>
          )}
          {muted && (
            <span className="silent" title={m.muted()}>
              <Icon name="bellOff" small />
              <span className="vh">{m.muted()}</span>
            </span>
          )}
          {unread && <Unread room={room} muted={muted} />}
        </span>
      </Link>
    </li>
  );
});

/** What is for me is rose: direct messages where they are not muted, and what calls me. */
function Unread({ room, muted }: Omit<Props, "current">) {
  const calls = room.kind === "direct" && !muted ? room.unread : room.mentions;
  return (
    <span className={calls > 0 ? "badge num" : "count num"}>
      {unreadCount(calls > 0 ? calls : room.unread)}
      <span className="vh"> {m.unread()}</span>
    </span>
  );
}
