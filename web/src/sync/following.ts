/** Which rooms this connection follows live. */
import type { Api } from "../api/client";
import { asProblem } from "../api/problem";
import type { RoomEvent } from "../api/types";
import type { Link } from "./link";
import { lastActivity } from "./room-list";
import type { Head, RoomSession } from "./room-session";
import type { SyncStore, WasMissed } from "./state";

/** More than this are not followed live; the heads of the heartbeat tell about them. */
const FOLLOWED_ROOMS_MAX = 200;
/** What was said in a longer silence is not told one by one: the numbers tell of it. */
const NEWS_MS = 120_000;

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
  /** The last `seq` that is no news any more, by room; the list of rooms may be further. */
  readonly #heard = new Map<string, number>();
  /** The `seq` from which this connection follows each room. */
  readonly #from = new Map<string, number>();
  /** The last sign of the server: after a sleep, a connection seems to have ended only now. */
  #signAt = Date.now();

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
    this.#heard.delete(room);
  }

  forgetAll() {
    this.#joined.clear();
  }

  noteSign() {
    this.#signAt = Date.now();
  }

  /**
   * A new connection goes on where the one before ended, or where the list of rooms was read.
   * Answers what tells whether a message came when no connection told of it, unless that is no
   * news any more: what calls somebody is told by no event that could come again.
   */
  resume(opened: Iterable<string>): WasMissed | undefined {
    this.forgetAll();
    this.#from.clear();
    const told = Date.now() - this.#signAt <= NEWS_MS;
    if (!told) this.#heard.clear();
    this.again(opened);
    // After the list was read anew, what was said before that would be no news.
    if (told) this.all();
    return told ? ({ room, seq }) => seq > (this.#from.get(room) ?? Infinity) : undefined;
  }

  /** Whether nobody told of an event yet, where the list knew the log up to `head`. */
  isNews({ room, seq }: RoomEvent, head = -1): boolean {
    const heard = this.#heard.get(room) ?? head;
    this.#heard.set(room, Math.max(heard, seq));
    return seq > heard;
  }

  keepOnly(rooms: Readonly<Record<string, unknown>>) {
    for (const room of this.#joined) if (!rooms[room]) this.#joined.delete(room);
    for (const room of this.#heard.keys()) if (!rooms[room]) this.#heard.delete(room);
  }

  /** Answers whether the server did. */
  async #follow(room: string): Promise<boolean> {
    const session = this.ports.session(room);
    // What was said since the list of rooms was read first is news, also where it was read again.
    const known = this.#heard.get(room) ?? this.ports.store.getState().rooms[room]?.head;
    if (known !== undefined) {
      this.#heard.set(room, known);
      if (!this.#from.has(room)) this.#from.set(room, known);
    }
    try {
      const { head, log_id } = await this.join(room, session ? session.cursor : known);
      // The log may be another one, and shorter.
      if (known !== undefined && head < known) this.#heard.set(room, head);
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
