/** One room as this client knows it: its feed of events and its window of messages. */
import type { Message, MessageList, RoomEvent } from "../api/types";
import { Feed } from "./feed";
import {
  emptyWindow,
  lastSeq,
  patched,
  patchOf,
  type Patch,
  type RoomWindow,
  trimmed,
  withMessage,
  withPage,
  withPatch,
} from "./window";

const PATCHES_MAX = 1000;

export class Timeline {
  window: RoomWindow = emptyWindow;
  /** Until the first page is here, messages of the feed only wait. */
  loaded = false;
  logId: string | undefined;
  readonly #feed = new Feed();
  /** A page read before an edit may arrive after it; these put it right. */
  readonly #patches = new Map<string, Patch>();
  #waiting: Message[] = [];
  /** The newest message known to exist, loaded or not. */
  #newest = 0;

  get cursor() {
    return this.#feed.cursor;
  }

  get hasGap() {
    return this.#feed.hasGap;
  }

  start(head: number, logId: string): RoomEvent[] {
    this.logId = logId;
    return this.#applied(this.#feed.start(head));
  }

  /** Takes an event from socket or catch-up; answers with those applied, in order. */
  offer(event: RoomEvent): RoomEvent[] {
    return this.#applied(this.#feed.offer(event));
  }

  page(list: MessageList, side: "older" | "newer" | "whole") {
    const items = list.items.map((message) => patched(message, this.#patches.get(message.id)));
    const known = side === "whole" ? emptyWindow : this.window;
    this.window = withPage(known, { ...list, items }, side);
    this.loaded = true;
    for (const message of this.#waiting) this.window = withMessage(this.window, message);
    this.#waiting = [];
    // A message that came while there was a hole before it is only known by its number.
    const last = lastSeq(this.window) ?? 0;
    if (this.#newest > last) this.window = { ...this.window, hasNewer: true };
  }

  /** A message of mine, known from the acknowledgement before the feed tells. */
  settle(message: Message) {
    this.#put(patched(message, this.#patches.get(message.id)));
  }

  trim(keep: "older" | "newer"): boolean {
    const before = this.window;
    this.window = trimmed(before, keep);
    return before !== this.window;
  }

  #applied(events: RoomEvent[]): RoomEvent[] {
    for (const event of events) {
      if (event.type === "message") {
        const { type: _name, ...message } = event;
        if (!inTimeline(message)) continue;
        this.#put(patched(message, this.#patches.get(message.id)));
      }
      const patch = patchOf(event);
      if (patch) this.#patch(patch);
    }
    return events;
  }

  #put(message: Message) {
    this.#newest = Math.max(this.#newest, message.seq);
    if (this.loaded) this.window = withMessage(this.window, message);
    else this.#waiting.push(message);
  }

  #patch(patch: Patch) {
    const known = this.#patches.get(patch.message);
    if (known?.deleted) return;
    this.#patches.delete(patch.message);
    this.#patches.set(patch.message, patch);
    const oldest = this.#patches.keys().next();
    if (this.#patches.size > PATCHES_MAX && !oldest.done) this.#patches.delete(oldest.value);
    this.window = withPatch(this.window, patch);
    this.#waiting = this.#waiting.map((message) => patched(message, patch));
  }
}

/** A reply in a thread stands beside the timeline unless it is shown in both. */
const inTimeline = (message: Message) => !message.thread || message.also_to_room === true;
