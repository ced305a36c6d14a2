import { closePanel, openLayer, openPanel, useLayers } from "../app/layers";
import type { Room } from "../api/types";
import { paths } from "../kit/router";
import { m } from "../paraglide/messages.js";
import { nameOf } from "../sync/room-list";
import { Icon } from "../ui/Icon";
import { IconButton } from "../ui/IconButton";
import { Link } from "../ui/Link";
import { glyphOf, kindWords } from "./names";

export function BackLink() {
  return (
    <Link className="icon-btn back" href={paths.home} aria-label={m.back_to_rooms()}>
      <Icon name="back" />
    </Link>
  );
}

/** Which room this is, of which kind, and the doors to its members and settings. */
export function RoomHeader({ room }: { room: Room }) {
  const panel = useLayers((state) => state.panel);
  const direct = room.kind === "direct";
  return (
    <header className="page-header">
      <BackLink />
      <h1 title={nameOf(room)} tabIndex={-1}>
        <span className="glyph" title={kindWords(room.kind)}>
          <Icon name={glyphOf(room.kind)} />
          <span className="vh">{kindWords(room.kind)}: </span>
        </span>
        <span className="name">{nameOf(room)}</span>
      </h1>
      <span className="topic" title={room.topic || undefined}>
        {direct && room.peer ? `@${room.peer.username}` : room.topic}
      </span>
      <div className="end">
        {room.role && (
          <IconButton
            icon="bell"
            label={m.room_notices()}
            onClick={() => openLayer({ kind: "room-notices", room: room.id })}
          />
        )}
        {!direct && (
          <>
            <button
              type="button"
              className="btn quiet small members-btn"
              aria-label={m.members_count({ count: room.members })}
              aria-expanded={panel}
              onClick={panel ? closePanel : openPanel}
            >
              <Icon name="users" />
              <span className="num">{room.members}</span>
            </button>
            <IconButton
              icon="gear"
              label={m.room_settings()}
              onClick={() => openLayer({ kind: "room-settings", room: room.id })}
            />
          </>
        )}
      </div>
    </header>
  );
}
