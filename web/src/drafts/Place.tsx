import { useRoom } from "../app/context";
import { fullTime, shortTime } from "../kit/format";
import { m } from "../paraglide/messages.js";
import { Here } from "../people/Here";
import { glyphOf } from "../rooms/names";
import { nameOf } from "../sync/room-list";
import { Icon } from "../ui/Icon";

interface Props {
  id: string;
  room: string;
  thread: string | undefined;
  /** In milliseconds. */
  at: number;
}

/** In which room something was written, whether in a thread of it, and when. */
export function Place({ id, room, thread, at }: Props) {
  const known = useRoom(room);
  const time = new Date(at).toISOString();
  return (
    <div className="where" id={id}>
      <b>{known ? nameOf(known) : m.drafts_no_room()}</b>
      {thread && (
        <span className="room">
          <Icon name="thread" small />
          {m.thread()}
        </span>
      )}
      {at > 0 && (
        <time dateTime={time} title={fullTime(time)}>
          {shortTime(time)}
        </time>
      )}
    </div>
  );
}

/** The room as the list draws it. */
export function PlacePicture({ room }: { room: string }) {
  const known = useRoom(room);
  if (known?.peer) return <Here person={known.peer} />;
  return (
    <span className="avatar">
      <Icon name={known ? glyphOf(known.kind) : "off"} />
    </span>
  );
}
