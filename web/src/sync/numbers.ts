/** What is unread, as the server alone counts it: the inbox, threads, and every room. */
import type { Api } from "../api/client";
import type { RoomList } from "./room-list";
import type { SyncStore } from "./state";

const DELAY_MS = 200;

export class Numbers {
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly store: SyncStore,
    private readonly api: Api,
    private readonly rooms: RoomList,
  ) {}

  /** The numbers are stale: asks the server soon, once for many reasons. */
  refresh() {
    this.#timer ??= setTimeout(() => void this.#read(), DELAY_MS);
  }

  close() {
    clearTimeout(this.#timer);
  }

  async #read() {
    this.#timer = undefined;
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
