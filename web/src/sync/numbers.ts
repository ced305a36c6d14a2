/** What is unread, as the server alone counts it: the inbox, threads, and every room. */
import type { Api } from "../api/client";
import type { RoomList } from "./room-list";
import type { SyncStore } from "./state";

/** The numbers follow soon; where much is said, they are asked for not more often. */
const DELAY_MS = 200;
const EVERY_MS = 750;

export class Numbers {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #askedAt = -Infinity;

  constructor(
    private readonly store: SyncStore,
    private readonly api: Api,
    private readonly rooms: RoomList,
  ) {}

  /** The numbers are stale: asks the server soon, once for many reasons. */
  refresh() {
    const wait = Math.max(DELAY_MS, this.#askedAt + EVERY_MS - performance.now());
    this.#timer ??= setTimeout(() => void this.#read(), wait);
  }

  close() {
    clearTimeout(this.#timer);
  }

  async #read() {
    this.#timer = undefined;
    this.#askedAt = performance.now();
    try {
      const { rooms, ...forMe } = await this.api.unread();
      this.store.setState({ forMe });
      const known = new Map(rooms.map((one) => [one.room, one]));
      for (const room of Object.values(this.store.getState().rooms)) {
        const now = known.get(room.id);
        const unread = now?.unread ?? 0;
        const calls = now?.mentions ?? 0;
        const lastRead = now?.last_read ?? room.last_read;
        if (room.unread !== unread || room.mentions !== calls || room.last_read !== lastRead)
          this.rooms.patch(room.id, { unread, mentions: calls, last_read: lastRead });
      }
    } catch {
      // The next event, or the next connection, asks again.
    }
  }
}
