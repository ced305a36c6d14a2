/** Which rooms this connection follows live. */
import type { Api } from "../api/client";
import { asProblem } from "../api/problem";
import type { Link } from "./link";
import { lastActivity } from "./room-list";
import type { Head, RoomSession } from "./room-session";
import type { SyncStore } from "./state";

/** More than this are not followed live; the heads of the heartbeat tell about them. */
const FOLLOWED_ROOMS_MAX = 200;

interface FollowingPorts {
  api: Api;
  store: SyncStore;
  link: Link;
  session(room: string): RoomSession | undefined;
  noteHead(room: string, head: number): void;
  /** A room is not mine: the list is stale. */
  refused(): void;
}

export class Following {
  readonly #joined = new Set<string>();

  constructor(private readonly ports: FollowingPorts) {}

  async join(room: string, after?: number): Promise<Head> {
    if (!this.ports.link.live) return this.ports.api.room(room);
    const head = await this.ports.link.request<Head>("join", { room, after });
    this.#joined.add(room);
    return head;
  }

  /** Follows every room of mine that this connection does not follow yet. */
  all() {
    if (!this.ports.link.live) return;
    const rooms = Object.values(this.ports.store.getState().rooms)
      .filter(({ id }) => !this.#joined.has(id))
      .toSorted((one, other) => lastActivity(other).localeCompare(lastActivity(one)))
      .slice(0, FOLLOWED_ROOMS_MAX - this.#joined.size);
    this.again(rooms.map(({ id }) => id));
  }

  /** Follows these rooms from where each is. */
  again(rooms: Iterable<string>) {
    for (const room of rooms) {
      this.#joined.add(room);
      void this.#follow(room);
    }
  }

  /** After a sleep the connection may only look alive: whoever does not answer is left. */
  check(rooms: Iterable<string>) {
    const { link } = this.ports;
    const judge = (answered: boolean) => !answered && link.live && link.renew();
    for (const room of rooms) void this.#follow(room).then(judge);
  }

  forget(room: string) {
    this.#joined.delete(room);
  }

  forgetAll() {
    this.#joined.clear();
  }

  keepOnly(rooms: Readonly<Record<string, unknown>>) {
    for (const room of this.#joined) if (!rooms[room]) this.#joined.delete(room);
  }

  /** Answers whether the server did. */
  async #follow(room: string): Promise<boolean> {
    const session = this.ports.session(room);
    // What was said since the list of rooms was read is news.
    const known = this.ports.store.getState().rooms[room]?.head;
    try {
      const { head, log_id } = await this.join(room, session ? session.cursor : known);
      session?.noteHead(head, log_id);
      this.ports.noteHead(room, head);
      return true;
    } catch (error) {
      this.#joined.delete(room);
      const { status } = asProblem(error);
      if (status === 404 || status === 403) this.ports.refused();
      return status > 0;
    }
  }
}
