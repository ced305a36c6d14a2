/** In which order the rooms of the list are, and what a folded part of it still shows. */
import type { Room } from "../api/types";
import type { Preferences } from "../kit/preferences";
import { byActivity, byName } from "./names";

/** The parts of the list. */
export type Part = "shared" | "direct";

type Muted = ReadonlySet<string>;

/** What calls me comes first, then what is unread, where it is not muted. */
const rankOf = (room: Room, muted: Muted): number => {
  if (room.mentions > 0) return 2;
  if (room.unread === 0 || muted.has(room.id)) return 0;
  return room.kind === "direct" ? 2 : 1;
};

const byAttention = (muted: Muted) => (one: Room, other: Room) =>
  rankOf(other, muted) - rankOf(one, muted) || byActivity(one, other) || byName(one, other);

const partOf = ({ kind }: Room): Part => (kind === "direct" ? "direct" : "shared");

/** The rooms of a part as they should be; by name, people still follow who wrote last. */
export function ordered(
  rooms: Readonly<Record<string, Room>>,
  part: Part,
  by: Preferences["roomOrder"],
  muted: Muted,
): Room[] {
  const ofPart = Object.values(rooms).filter((room) => partOf(room) === part);
  if (by === "attention") return ofPart.toSorted(byAttention(muted));
  return ofPart.toSorted(part === "direct" ? byActivity : byName);
}

/** Nothing moves while somebody is at the list: what is new is added at the end. */
export function steady(
  shown: readonly string[],
  wanted: readonly string[],
  isThere: (id: string) => boolean,
): readonly string[] {
  const known = new Set(shown);
  return [...shown.filter(isThere), ...wanted.filter((id) => !known.has(id))];
}

/** Whether a room is shown although its part is folded. */
export const isPressing = (room: Room, muted: Muted): boolean =>
  room.mentions > 0 || (room.unread > 0 && !muted.has(room.id));
