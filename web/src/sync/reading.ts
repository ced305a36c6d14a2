/** How far I have read each room: told to the server, which counts what is left. */
import type { Api } from "../api/client";
import type { Link } from "./link";
import type { Numbers } from "./numbers";
import type { RoomList } from "./room-list";

interface ReadingPorts {
  api: Api;
  link: Link;
  rooms: RoomList;
  numbers: Numbers;
  /** Moves the line of what is new in an open room. */
  show(room: string, newAfter: number): void;
}

export class Reading {
  /** Rooms that were marked as unread, while they stay open. */
  readonly #kept = new Set<string>();

  constructor(private readonly ports: ReadingPorts) {}

  /** A room is looked at anew: what was marked in it counts no longer. */
  opened(room: string) {
    this.#kept.delete(room);
  }

  async markRead(room: string, seq: number) {
    const { api, link, rooms } = this.ports;
    const known = rooms.get(room);
    if (!known || seq <= known.last_read || this.#kept.has(room)) return;
    rooms.patch(room, { last_read: seq });
    try {
      if (link.live) await link.request("markRead", { room, seq });
      else await api.markRead(room, seq).then(() => rooms.recount(room));
    } catch {
      rooms.recount(room); // The server's marker counts, and it did not move.
    }
  }

  /** From `seq` on the room is new again, until it is opened another time. */
  async markUnread(room: string, seq: number) {
    const before = this.#kept.has(room);
    this.#kept.add(room); // While it is asked for, nothing that is in sight counts as read.
    try {
      await this.ports.api.markUnread(room, seq);
    } catch (error) {
      if (!before) this.#kept.delete(room);
      throw error;
    }
    this.ports.show(room, seq - 1);
    this.ports.rooms.patch(room, { last_read: seq - 1 });
    this.ports.numbers.refresh();
  }

  /** Reads a room to its end, whatever was marked in it. */
  async readAll(room: string) {
    this.#kept.delete(room);
    const head = this.ports.rooms.get(room)?.head;
    if (head) await this.markRead(room, head);
  }

  /** The same, and whoever asks hears when the server refuses. */
  async readToEnd(room: string) {
    const { api, rooms, numbers } = this.ports;
    const head = rooms.get(room)?.head;
    if (!head) return;
    await api.markRead(room, head);
    this.#kept.delete(room);
    rooms.patch(room, { last_read: head });
    numbers.refresh();
  }
}
