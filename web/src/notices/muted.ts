/** Which rooms are muted, and for how long that holds. */
import type { RoomNotices } from "../api/types";

interface Muted {
  readonly rooms: ReadonlySet<string>;
  /** When the first of them ends, in milliseconds. */
  readonly next: number | undefined;
}

export function mutedUntil(chosen: readonly RoomNotices[], now: number): Muted {
  const muted = chosen
    .map(({ room, muted_until: until }) => ({ room, until: until ? Date.parse(until) : 0 }))
    .filter(({ until }) => until > now);
  const next = muted.length > 0 ? Math.min(...muted.map(({ until }) => until)) : undefined;
  return { rooms: new Set(muted.map(({ room }) => room)), next };
}
