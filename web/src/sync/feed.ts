/**
 * The events of one room, put back into the order of their log.
 *
 * `seq` has no gaps, so the feed knows what is missing: it holds back what came early until the
 * hole is closed, and drops what it has already let through.
 */
import type { RoomEvent } from "../api/types";

const EARLY_MAX = 2000;

export class Feed {
  /** The last `seq` let through; undefined until the start is known. */
  cursor: number | undefined;
  #early = new Map<number, RoomEvent>();

  /** Begins after `head`; what arrived meanwhile follows at once. */
  start(head: number): RoomEvent[] {
    this.cursor = head;
    for (const seq of this.#early.keys()) if (seq <= head) this.#early.delete(seq);
    return this.#ready();
  }

  /** Takes an event; answers with those whose turn it is. */
  offer(event: RoomEvent): RoomEvent[] {
    if (this.cursor !== undefined && event.seq <= this.cursor) return [];
    if (this.#early.size < EARLY_MAX) this.#early.set(event.seq, event);
    return this.#ready();
  }

  /** Whether something before an event already seen is missing. */
  get hasGap(): boolean {
    return this.cursor !== undefined && this.#early.size > 0;
  }

  #ready(): RoomEvent[] {
    const ready: RoomEvent[] = [];
    while (this.cursor !== undefined) {
      const next = this.#early.get(this.cursor + 1);
      if (!next) break;
      this.#early.delete(next.seq);
      this.cursor = next.seq;
      ready.push(next);
    }
    return ready;
  }
}
