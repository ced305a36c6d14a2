/**
 * One open room: its first page, its older and newer pages, and catching up.
 *
 * The store is the truth and the socket a hint: whenever a number is missing, the events after
 * the last one known are read by HTTP until the head is reached.
 */
import type { Api } from "../api/client";
import { asProblem, problemOfAddress } from "../api/problem";
import type { Message, RoomEvent } from "../api/types";
import { backoffMs } from "../kit/backoff";
import type { Goal, RoomView } from "./state";
import { RoomTimeline } from "./room-timeline";
import { firstSeq, lastSeq } from "./window";

const PAGE = 100;
const FIRST_PAGE = 60;
const EVENTS_PAGE = 200;
/** Beyond this the window is read anew instead of replaying everything missed. */
const REPLAY_MAX = 1000;
const TRIM_DELAY_MS = 60;

export interface Head {
  head: number;
  log_id: string;
}

export interface SessionPorts {
  api: Api;
  /** Whose reactions are mine. */
  me: string;
  /** Follows the room from now on, or from `after`; answers with its head. */
  join(room: string, after?: number): Promise<Head>;
  show(change: Partial<RoomView>): void;
  view(): RoomView;
  applied(events: readonly RoomEvent[]): void;
  /** The room may not be mine any more, or only what was asked for is not in it. */
  missing(): void;
}

export type Place = { message: string } | { after: number } | "newest";

export class RoomSession {
  #timeline: RoomTimeline;
  #healing = false;
  #healTimer: ReturnType<typeof setTimeout> | undefined;
  #trimTimer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #head = 0;
  #closed = false;
  /** Told by the screen: at the newest message and following it. */
  following = true;
  /** Told by the screen: the first message in sight, to come back to. */
  anchor: string | undefined;

  constructor(
    readonly room: string,
    private readonly ports: SessionPorts,
  ) {
    this.#timeline = new RoomTimeline(ports.me);
  }

  get cursor() {
    return this.#timeline.cursor;
  }

  /** Reads the window around `place`, replacing what was there, and looks at `goal`. */
  async open(place: Place, goal?: Goal, limit = FIRST_PAGE) {
    const timeline = new RoomTimeline(this.ports.me);
    const replaced = this.#timeline.loaded;
    this.#timeline = timeline;
    if (!replaced) this.ports.show({ status: "loading", problem: undefined });
    try {
      await this.#read(timeline, place, goal, limit);
    } catch (error) {
      if (timeline !== this.#timeline || this.#closed) return;
      const problem = problemOfAddress(error);
      if (problem.status === 404 || problem.status === 403) this.ports.missing();
      this.ports.show({ status: "failed", problem });
    }
  }

  offer(event: RoomEvent) {
    if (this.#closed) return;
    this.#head = Math.max(this.#head, event.seq);
    this.#take(this.#timeline.offer(event));
    if (this.#timeline.hasGap) this.#healSoon(150);
  }

  settle(message: Message) {
    this.#timeline.settle(message);
    this.#show();
  }

  change(message: string, change: (message: Message) => Message) {
    this.#timeline.change(message, change);
    this.#show();
  }

  /** A reply was deleted that is not shown here: how many are left below its root? */
  async #recountReplies(reply: string) {
    try {
      const { thread } = await this.ports.api.message(this.room, reply);
      if (!thread || !this.#timeline.has(thread)) return;
      const { replies } = await this.ports.api.message(this.room, thread);
      this.change(thread, (root) => ({ ...root, replies }));
    } catch {
      // A wrong number below a message is right again with the next page.
    }
  }

  /** The head of the log as somebody said: catches up if it is ahead. */
  noteHead(head: number, logId?: string) {
    if (logId && this.#timeline.logId && logId !== this.#timeline.logId) return this.reset();
    this.#head = Math.max(this.#head, head);
    if (this.cursor !== undefined && this.cursor < this.#head) this.#healSoon(300);
  }

  /** The log is another one, or too much was missed: reads again where the person looks. */
  reset() {
    if (this.following || !this.anchor) void this.open("newest", { kind: "end" });
    else void this.open({ message: this.anchor }, { kind: "hold", id: this.anchor });
  }

  async loadOlder() {
    const { window, older } = this.ports.view();
    const before = firstSeq(window);
    if (!window.hasOlder || older === "loading" || before === undefined) return;
    await this.#page("older", { before, limit: PAGE });
  }

  async loadNewer() {
    const { window, newer } = this.ports.view();
    const after = lastSeq(window);
    if (!window.hasNewer || newer === "loading" || after === undefined) return;
    await this.#page("newer", { after, limit: PAGE });
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#healTimer);
    clearTimeout(this.#trimTimer);
  }

  async #read(timeline: RoomTimeline, place: Place, goal: Goal | undefined, limit: number) {
    const { head, log_id } = await this.ports.join(this.room);
    if (timeline !== this.#timeline || this.#closed) return;
    this.#head = Math.max(this.#head, head);
    this.#take(timeline.start(head, log_id));
    const list = await this.ports.api.messages(this.room, pageOf(place, limit));
    if (timeline !== this.#timeline || this.#closed) return;
    timeline.page(list, "whole");
    this.#failures = 0;
    const { load, visit } = this.ports.view();
    this.ports.show({
      status: "ready",
      problem: undefined,
      window: timeline.window,
      older: "idle",
      newer: "idle",
      load: load + 1,
      visit: visit + 1,
      goal: goal ?? { kind: "hold", id: list.items[0]?.id ?? "" },
    });
    if (this.cursor !== undefined && this.cursor < this.#head) this.#healSoon(0);
  }

  async #page(side: "older" | "newer", query: { before?: number; after?: number; limit: number }) {
    const timeline = this.#timeline;
    this.ports.show({ [side]: "loading" });
    try {
      const list = await this.ports.api.messages(this.room, query);
      if (timeline !== this.#timeline) return;
      timeline.page(list, side);
      this.ports.show({ [side]: "idle", window: timeline.window });
      this.#trimSoon(side);
    } catch (error) {
      if (timeline !== this.#timeline) return;
      const problem = asProblem(error);
      if (problem.status === 404) this.ports.missing();
      this.ports.show({ [side]: "failed" });
    }
  }

  /** Apart from adding, so that the list on the screen changes on one side at a time. */
  #trimSoon(keep: "older" | "newer") {
    clearTimeout(this.#trimTimer);
    this.#trimTimer = setTimeout(() => {
      if (this.#timeline.trim(keep)) this.#show();
    }, TRIM_DELAY_MS);
  }

  #take(events: readonly RoomEvent[]) {
    if (events.length === 0) return;
    this.#show();
    for (const event of events)
      if (event.type === "messageDeleted" && !this.#timeline.has(event.message))
        void this.#recountReplies(event.message);
    this.ports.applied(events);
    this.#trimSoon(this.following ? "newer" : "older");
  }

  #show() {
    if (this.#timeline.loaded) this.ports.show({ window: this.#timeline.window });
  }

  #healSoon(delay: number) {
    if (this.#healing || this.#closed) return;
    clearTimeout(this.#healTimer);
    this.#healTimer = setTimeout(() => void this.#heal(), delay);
  }

  async #heal() {
    const timeline = this.#timeline;
    if (timeline.cursor === undefined || this.#healing) return;
    this.#healing = true;
    try {
      for (;;) {
        const after = timeline.cursor;
        if (after === undefined || timeline !== this.#timeline || this.#closed) return;
        if (this.#head - after > REPLAY_MAX) return this.reset();
        if (after >= this.#head && !timeline.hasGap) break;
        const list = await this.ports.api.events(this.room, after, EVENTS_PAGE);
        if (list.log_id !== timeline.logId) return this.reset();
        this.#head = Math.max(list.head, ...list.items.map(({ seq }) => seq));
        for (const event of list.items) this.#take(timeline.offer(event));
        if (list.items.length === 0) break;
      }
      this.#failures = 0;
    } catch (error) {
      const problem = asProblem(error);
      if (problem.status === 404 || problem.status === 403) return this.ports.missing();
      this.#failures += 1;
    } finally {
      this.#healing = false;
      if (this.#failures > 0) this.#healSoon(backoffMs(this.#failures));
    }
  }
}

function pageOf(place: Place, limit: number) {
  if (place === "newest") return { limit };
  if ("message" in place) return { around: place.message, limit };
  return { after: place.after, limit };
}
