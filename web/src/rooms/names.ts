/** How rooms are called and drawn. */
import type { Room, RoomKind } from "../api/types";
import { m } from "../paraglide/messages.js";
import { lastActivity, nameOf } from "../sync/room-list";
import type { IconName } from "../ui/Icon";

export const glyphOf = (kind: RoomKind): IconName =>
  ({ public: "hash", private: "lock", direct: "at" })[kind] as IconName;

/** Who can find and read the room, in words: never a glyph alone. */
export const kindWords = (kind: RoomKind): string =>
  ({
    public: m.kind_public_words(),
    private: m.kind_private_words(),
    direct: m.kind_direct_words(),
  })[kind];

/** As in “Message #general” or “Message Ana Torres”. */
export const addressOf = (room: Room): string =>
  room.kind === "public" ? `#${room.name}` : nameOf(room);

export const byName = (one: Room, other: Room) =>
  nameOf(one).localeCompare(nameOf(other)) || one.id.localeCompare(other.id);

export const byActivity = (one: Room, other: Room) =>
  lastActivity(other).localeCompare(lastActivity(one));
