import { useRoom } from "../app/context";
import { openLayer, openPanel } from "../app/layers";
import { dayName } from "../kit/format";
import { m } from "../paraglide/messages.js";
import { glyphOf } from "../rooms/names";
import { nameOf } from "../sync/room-list";
import { Avatar } from "../ui/Avatar";
import { Icon } from "../ui/Icon";

export function DayLine({ time }: { time: string }) {
  const name = dayName(time);
  return (
    <div className="day" role="separator" aria-label={name}>
      <span>{name}</span>
    </div>
  );
}

export function NewLine() {
  return (
    <div className="new" role="separator" aria-label={m.new_messages()}>
      {m.new_messages()}
    </div>
  );
}

/** Before the first message: what this room is, and what to do in it. */
export function RoomStart({ room: id }: { room: string }) {
  const room = useRoom(id);
  if (!room) return null;
  const manages = room.role === "owner" || room.role === "moderator";
  return (
    <div className="room-start">
      {room.peer ? (
        <Avatar person={room.peer} size="large" />
      ) : (
        <span className="avatar large">
          <Icon name={glyphOf(room.kind)} />
        </span>
      )}
      <h2>
        {room.peer
          ? m.direct_start({ name: room.peer.display_name })
          : m.room_start({ name: nameOf(room) })}
      </h2>
      <p>{room.topic || (room.peer ? m.direct_start_about() : m.room_start_about())}</p>
      {!room.peer && manages && (
        <div className="actions">
          <button type="button" className="btn small" onClick={openPanel}>
            <Icon name="userPlus" small />
            {m.invite_people()}
          </button>
          <button
            type="button"
            className="btn small"
            onClick={() => openLayer({ kind: "room-settings", room: id })}
          >
            <Icon name="gear" small />
            {m.room_settings()}
          </button>
        </div>
      )}
    </div>
  );
}
