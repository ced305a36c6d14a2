/** The threads that are open. */
import type { Api } from "../api/client";
import type { Message, RoomEvent } from "../api/types";
import type { SyncStore, ThreadView } from "./state";
import { ThreadSession } from "./thread-session";
import { emptyWindow } from "./window";

export class Threads {
  readonly #sessions = new Map<string, ThreadSession>();
  readonly #read = new Map<string, number>();

  constructor(
    private readonly store: SyncStore,
    private readonly api: Api,
  ) {}

  /** Reads a thread, to its end or from around one of its replies. */
  async open(room: string, root: string, around?: string) {
    this.#sessions.get(root)?.close();
    const session = new ThreadSession(room, root, {
      api: this.api,
      me: this.store.getState().me.person.id,
      show: (change) => this.#show(room, root, change),
    });
    this.#sessions.set(root, session);
    await session.open(around);
  }

  close(root: string) {
    this.#sessions.get(root)?.close();
    this.#sessions.delete(root);
    this.store.setState(({ threads: { [root]: _gone, ...threads } }) => ({ threads }));
  }

  session(root: string): ThreadSession | undefined {
    return this.#sessions.get(root);
  }

  /** What happened in a room, in order. */
  offer(events: readonly RoomEvent[]) {
    for (const session of this.#sessions.values()) {
      const own = events.filter(({ room }) => room === session.room);
      if (own.length > 0) session.offer(own);
    }
  }

  settle(message: Message) {
    for (const session of this.#sessions.values())
      if (session.room === message.room) session.settle(message);
  }

  change(room: string, message: string, change: (message: Message) => Message) {
    for (const session of this.#sessions.values())
      if (session.room === room) session.change(message, change);
  }

  async follow(room: string, root: string, following: boolean) {
    if (following) await this.api.followThread(room, root);
    else await this.api.unfollowThread(room, root);
    this.#show(room, root, { following });
  }

  /** Told by another device, or by the server after a reply of mine. */
  told({ room, thread, following }: { room: string; thread: string; following: boolean }) {
    this.#show(room, thread, { following });
  }

  /** Everything up to `seq` was seen; the server alone counts what is left. */
  async markRead(room: string, root: string, seq: number) {
    if (seq <= (this.#read.get(root) ?? 0)) return;
    this.#read.set(root, seq);
    await this.api.markThreadRead(room, root, seq).catch(() => this.#read.delete(root));
  }

  #show(room: string, root: string, change: Partial<ThreadView>) {
    if (!this.#sessions.has(root)) return;
    const known = this.store.getState().threads[root] ?? {
      room,
      status: "loading",
      window: emptyWindow,
      older: "idle",
      following: false,
      unread: 0,
    };
    this.store.setState(({ threads }) => ({
      threads: { ...threads, [root]: { ...known, ...change } },
    }));
  }
}
