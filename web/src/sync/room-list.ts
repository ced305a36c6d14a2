/** My rooms and their unread numbers, which the server alone counts. */
import type { Api } from "../api/client";
import { asProblem } from "../api/problem";
import type { Room, RoomEvent } from "../api/types";
import type { Happenings, SyncStore } from "./state";

/** The number of a room follows soon; where much is said, it is asked for not more often. */
const COUNT_DELAY_MS = 250;
const COUNT_EVERY_MS = 750;
/** Above this many changed rooms, one request for all is cheaper. */
const SINGLE_REQUESTS_MAX = 3;

export class RoomList {
  readonly #changed = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #countedAt = -Infinity;
  #refreshing: Promise<void> | undefined;
  #refreshingNext: Promise<void> | undefined;

  constructor(
    private readonly store: SyncStore,
    private readonly api: Api,
    private readonly happenings: Happenings,
  ) {}

  get(room: string): Room | undefined {
    return this.store.getState().rooms[room];
  }

  /** Reads the whole list as it is from now on; several calls at once are two requests at most. */
  refresh(): Promise<void> {
    if (!this.#refreshing) {
      this.#refreshing = this.#read().finally(() => (this.#refreshing = undefined));
      return this.#refreshing;
    }
    this.#refreshingNext ??= this.#refreshing.then(() => {
      this.#refreshingNext = undefined;
      return this.refresh();
    });
    return this.#refreshingNext;
  }

  put(room: Room) {
    this.store.setState(({ rooms }) => ({ rooms: { ...rooms, [room.id]: room } }));
  }

  patch(room: string, change: Partial<Room>) {
    const known = this.get(room);
    if (known) this.put({ ...known, ...change });
  }

  /** The person left by themselves. */
  drop(room: string) {
    this.store.setState(({ rooms: { [room]: _gone, ...rooms } }) => ({ rooms }));
  }

  noteEvent(event: RoomEvent) {
    const known = this.get(event.room);
    if (known && event.seq > known.head) this.patch(event.room, { head: event.seq });
    if (event.type === "message") this.patch(event.room, { last_message_at: event.created_at });
    if (event.type === "roomChanged") {
      const { kind, name, topic } = event;
      this.patch(event.room, { kind, name, topic });
    }
    if (event.type === "memberJoined") this.#members(event.room, 1);
    if (event.type === "memberLeft") this.#members(event.room, -1);
  }

  /** The unread number of `room` is stale: asks the server soon, once for many events. */
  recount(room: string) {
    this.#changed.add(room);
    const wait = Math.max(COUNT_DELAY_MS, this.#countedAt + COUNT_EVERY_MS - performance.now());
    this.#timer ??= setTimeout(() => void this.#recount(), wait);
  }

  close() {
    clearTimeout(this.#timer);
  }

  #members(room: string, change: number) {
    const known = this.get(room);
    if (known) this.patch(room, { members: Math.max(1, known.members + change) });
  }

  async #recount() {
    const rooms = [...this.#changed];
    this.#changed.clear();
    this.#timer = undefined;
    this.#countedAt = performance.now();
    if (rooms.length > SINGLE_REQUESTS_MAX) return this.refresh();
    const answers = await Promise.allSettled(rooms.map((room) => this.api.room(room)));
    answers.forEach((answer) => {
      if (answer.status === "fulfilled" && this.get(answer.value.id)) this.put(answer.value);
    });
  }

  async #read() {
    try {
      const { items } = await this.api.rooms();
      const rooms = Object.fromEntries(items.map((room) => [room.id, room]));
      const before = this.store.getState();
      this.store.setState({ rooms, roomsStatus: "ready", roomsProblem: undefined });
      if (before.roomsStatus !== "ready") return;
      for (const room of Object.values(before.rooms))
        if (!rooms[room.id]) this.happenings.notice({ kind: "removed", name: nameOf(room) });
      for (const room of items) if (!before.rooms[room.id]) this.happenings.roomFound(room);
    } catch (error) {
      if (this.store.getState().roomsStatus !== "ready")
        this.store.setState({ roomsStatus: "failed", roomsProblem: asProblem(error) });
    }
  }
}

export const lastActivity = (room: Room): string => room.last_message_at ?? room.created_at;

export const nameOf = (room: Room): string => room.peer?.display_name ?? room.name;
