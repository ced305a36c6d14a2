/**
 * One stretch of messages, in a room or in a thread, kept right whatever comes first: a page, an
 * event or an acknowledgement.
 */
import type { Message, MessageList } from "../api/types";
import {
  emptyWindow,
  lastSeq,
  patched,
  type Patch,
  type RoomWindow,
  trimmed,
  withMessage,
  withPage,
  withPatch,
} from "./window";

const PATCHES_MAX = 1000;

export class Stretch {
  window: RoomWindow = emptyWindow;
  /** Until the first page is here, messages only wait. */
  loaded = false;
  /** A page read before an edit may arrive after it; these put it right. */
  readonly #patches = new Map<string, Patch>();
  #waiting: Message[] = [];
  /** The newest message known to exist, loaded or not. */
  #newest = 0;

  /** `belongs` says which messages are part of this stretch at all. */
  constructor(private readonly belongs: (message: Message) => boolean) {}

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

  put(message: Message) {
    if (!this.belongs(message)) return;
    this.#newest = Math.max(this.#newest, message.seq);
    const right = patched(message, this.#patches.get(message.id));
    if (this.loaded) this.window = withMessage(this.window, right);
    else this.#waiting.push(right);
  }

  patch(patch: Patch) {
    const known = this.#patches.get(patch.message);
    if (known?.deleted) return;
    this.#patches.delete(patch.message);
    this.#patches.set(patch.message, patch);
    const oldest = this.#patches.keys().next();
    if (this.#patches.size > PATCHES_MAX && !oldest.done) this.#patches.delete(oldest.value);
    this.window = withPatch(this.window, patch);
    this.#waiting = this.#waiting.map((message) => patched(message, patch));
  }

  /** Replaces what is known of a message besides its text. */
  change(id: string, change: (message: Message) => Message) {
    const at = this.window.items.findIndex((message) => message.id === id);
    const message = this.window.items[at];
    if (!message) return;
    const next = change(message);
    if (next !== message) this.window = { ...this.window, items: this.window.items.with(at, next) };
  }

  trim(keep: "older" | "newer"): boolean {
    const before = this.window;
    this.window = trimmed(before, keep);
    return before !== this.window;
  }
}
