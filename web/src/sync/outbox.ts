/**
 * Messages on their way: stored before they are sent, sent in order, never twice.
 *
 * Every message keeps one id through reloads, lost answers and other tabs, and the server stores
 * it once. The first of acknowledgement and fan-out settles it.
 */
import { asProblem, type Problem } from "../api/problem";
import type { Message, Quote, SharedFile } from "../api/types";
import { backoffMs } from "../kit/backoff";

export type UnsentState = "queued" | "sending" | "unknown" | "rejected";

/** What a message answers, and where it is shown. */
export interface Answering {
  /** The message in whose thread this is a reply. */
  readonly thread?: string;
  /** The reply is shown in the room, too. */
  readonly also_to_room?: boolean;
  readonly quote?: Quote;
  /** What it carries, all of it at the server. */
  readonly files?: readonly SharedFile[];
}

export interface Unsent extends Answering {
  readonly id: string;
  readonly room: string;
  readonly text: string;
  /** Whom it calls by name was not looked up. Once it is sent, the text stays as it is. */
  readonly byName?: boolean;
  /** Milliseconds, strictly rising in one browser: the order of sending. */
  readonly at: number;
  readonly state: UnsentState;
  readonly attempts: number;
  /** Kind of the problem, when rejected. */
  readonly reason?: string;
}

/** Where unsent messages survive. */
export interface Shelf {
  all(): Promise<Unsent[]>;
  put(item: Unsent): Promise<void>;
  remove(id: string): Promise<void>;
}

export interface OutboxPorts {
  shelf: Shelf;
  /** The text as it is kept: those whom it calls by their ids. */
  withIds(room: string, text: string): Promise<string>;
  /** Sends once; `attempt` counts from 1. */
  send(item: Unsent, attempt: number): Promise<Message>;
  /** Runs `work` while no other tab runs work of the same name. */
  exclusively(name: string, work: () => Promise<void>): Promise<void>;
  online(): boolean;
  changed(items: readonly Unsent[]): void;
  sent(message: Message): void;
  rejected(item: Unsent, problem: Problem): void;
  /** Tells other tabs that the shelf changed. */
  tell(): void;
  newId(): string;
  now(): number;
  random(): number;
}

type Outcome = "settled" | "later" | "rejected";

export class Outbox {
  readonly #ports: OutboxPorts;
  #items: Unsent[] = [];
  #lastAt = 0;
  readonly #flushing = new Map<string, Promise<void>>();
  readonly #again = new Set<string>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  /** Resolved by fan-out while the acknowledgement is still awaited. */
  readonly #awaited = new Map<string, () => void>();
  /** Settled or given up here: whoever still holds a copy must not bring it back. */
  readonly #gone = new Set<string>();
  #closed = false;

  constructor(ports: OutboxPorts) {
    this.#ports = ports;
  }

  get items(): readonly Unsent[] {
    return this.#items;
  }

  /** Reads the shelf: at the start, and when another tab changed it. */
  async restore() {
    const stored = await this.#ports.shelf.all();
    const mine = new Map(this.#items.map((item) => [item.id, item]));
    const waiting = new Set(stored.map(({ id }) => id));
    // What another tab settled needs no acknowledgement here any more.
    for (const [id, settle] of this.#awaited) if (!waiting.has(id)) settle();
    const merged = stored
      .filter((item) => !this.#gone.has(item.id))
      .map((item) => mine.get(item.id) ?? wokenUp(item));
    const sorted = merged.toSorted((one, other) => one.at - other.at);
    const same = sorted.length === this.#items.length;
    if (!same || sorted.some((item, at) => item !== this.#items[at])) this.#show(sorted);
  }

  async add(room: string, text: string, answering: Answering = {}): Promise<Unsent> {
    const at = Math.max(this.#ports.now(), this.#lastAt + 1);
    this.#lastAt = at;
    const id = this.#ports.newId();
    const fresh = { state: "queued", attempts: 0, byName: true } as const;
    const item: Unsent = { ...answering, ...fresh, id, room, text, at };
    this.#show([...this.#items, item]);
    await this.#ports.shelf.put(item);
    this.#ports.tell();
    if (!this.#timers.has(room)) void this.flush(room); // Else: after the pause.
    return item;
  }

  /** Takes a message back: rejected, or given up by the person. */
  async discard(id: string) {
    this.#gone.add(id);
    this.#show(this.#items.filter((item) => item.id !== id));
    await this.#ports.shelf.remove(id);
    this.#ports.tell();
    this.#awaited.get(id)?.();
  }

  /** Brings back what was discarded, or sends anew what was rejected, under its old id. */
  async again(item: Unsent) {
    this.#gone.delete(item.id);
    await this.#keep(item);
    this.#ports.tell();
    if (item.state !== "rejected") await this.flush(item.room);
  }

  /** The message with this id of mine is in the room's log. */
  settled(id: string) {
    if (this.#items.some((item) => item.id === id)) void this.discard(id);
  }

  flushAll() {
    for (const room of new Set(this.#items.map((item) => item.room))) void this.flush(room);
  }

  /** Sends what waits in `room`, in order; one flush per room and browser at a time. */
  flush(room: string): Promise<void> {
    this.#stopWaiting(room);
    const running = this.#flushing.get(room);
    if (running) {
      this.#again.add(room);
      return running;
    }
    const flush = this.#ports
      .exclusively(`tertulia.outbox.${room}`, () => this.#drain(room))
      .finally(() => {
        this.#flushing.delete(room);
        const again = this.#again.delete(room) && !this.#timers.has(room);
        if (again && !this.#closed) void this.flush(room);
      });
    this.#flushing.set(room, flush);
    return flush;
  }

  close() {
    this.#closed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const resolve of this.#awaited.values()) resolve();
  }

  #stopWaiting(room: string) {
    clearTimeout(this.#timers.get(room));
    this.#timers.delete(room);
  }

  async #drain(room: string) {
    while (!this.#closed && this.#ports.online()) {
      // The shelf, not memory, is asked: another tab may have sent or added something.
      const waiting = (await this.#ports.shelf.all())
        .filter((item) => item.room === room && item.state !== "rejected")
        .filter((item) => !this.#gone.has(item.id))
        .toSorted((one, other) => one.at - other.at);
      const next = waiting[0];
      if (!next) return;
      if ((await this.#attempt(next)) === "later") return;
    }
  }

  async #attempt(stored: Unsent): Promise<Outcome> {
    const attempts = stored.attempts + 1;
    let item: Unsent = { ...stored, attempts, state: attempts > 1 ? "unknown" : "sending" };
    await this.#keep(item);
    const byFanOut = new Promise<undefined>((resolve) => {
      this.#awaited.set(item.id, () => resolve(undefined));
    });
    try {
      if (item.byName) {
        const text = await this.#ports.withIds(item.room, item.text);
        await this.#keep((item = { ...item, text, byName: false }));
        if (this.#gone.has(item.id)) return "settled";
      }
      const message = await Promise.race([this.#ports.send(item, attempts), byFanOut]);
      if (message) this.#ports.sent(message);
      await this.discard(item.id);
      return "settled";
    } catch (error) {
      return await this.#failed(item, asProblem(error));
    } finally {
      this.#awaited.delete(item.id);
    }
  }

  async #failed(item: Unsent, problem: Problem): Promise<Outcome> {
    if (this.#closed || this.#gone.has(item.id)) return "later";
    if (problem.status === 401) {
      await this.#keep({ ...item, state: "queued" });
      return "later";
    }
    if (problem.mayPass) {
      const state = problem.status === 429 ? "queued" : "unknown";
      await this.#keep({ ...item, state });
      const delay = problem.retryAfterMs ?? backoffMs(item.attempts, this.#ports.random);
      this.#timers.set(
        item.room,
        setTimeout(() => void this.flush(item.room), delay),
      );
      return "later";
    }
    const rejected: Unsent = { ...item, state: "rejected", reason: problem.kind };
    await this.#keep(rejected);
    this.#ports.rejected(rejected, problem);
    return "rejected";
  }

  /** Remembers a new state, unless the message was settled or discarded meanwhile. */
  async #keep(item: Unsent) {
    if (this.#gone.has(item.id)) return;
    const known = this.#items.some(({ id }) => id === item.id);
    this.#show(
      known
        ? this.#items.map((other) => (other.id === item.id ? item : other))
        : [...this.#items, item],
    );
    await this.#ports.shelf.put(item);
  }

  #show(items: Unsent[]) {
    this.#items = items;
    this.#ports.changed(items);
  }
}

/** What was being sent when the browser closed may or may not have arrived. */
const wokenUp = (item: Unsent): Unsent =>
  item.state === "sending" ? { ...item, state: "unknown" } : item;
