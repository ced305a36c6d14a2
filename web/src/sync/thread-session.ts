/** One open thread: its page of replies, then what the room's events bring. */
import type { Api } from "../api/client";
import { problemOfAddress } from "../api/problem";
import type { Message, RoomEvent } from "../api/types";
import { applyReaction, reacted } from "./reactions";
import type { ThreadView } from "./state";
import { Stretch } from "./stretch";
import { firstSeq, patched, patchOf } from "./window";

const PAGE = 50;

export interface ThreadPorts {
  api: Api;
  me: string;
  show(change: Partial<ThreadView>): void;
}

export class ThreadSession {
  readonly #stretch: Stretch;
  #root: Message | undefined;
  #closed = false;

  constructor(
    readonly room: string,
    readonly root: string,
    private readonly ports: ThreadPorts,
  ) {
    this.#stretch = new Stretch(({ thread }) => thread === root);
  }

  async open(around?: string) {
    this.ports.show({ status: "loading", problem: undefined });
    try {
      const page = around ? { around, limit: PAGE } : { limit: PAGE };
      const list = await this.ports.api.thread(this.room, this.root, page);
      if (this.#closed) return;
      this.#root = list.root;
      this.#stretch.page(list, "whole");
      const { following, unread } = list;
      this.ports.show({ status: "ready", older: "idle", following, unread });
      this.#show();
      if (this.#stretch.window.hasNewer) await this.loadNewer();
    } catch (error) {
      if (!this.#closed) this.ports.show({ status: "failed", problem: problemOfAddress(error) });
    }
  }

  async loadOlder() {
    const before = firstSeq(this.#stretch.window);
    if (before === undefined || !this.#stretch.window.hasOlder) return;
    this.ports.show({ older: "loading" });
    try {
      const page = { before, limit: PAGE };
      this.#stretch.page(await this.ports.api.thread(this.room, this.root, page), "older");
      this.ports.show({ older: "idle" });
      this.#show();
    } catch {
      this.ports.show({ older: "failed" });
    }
  }

  /** Up to the end, however many pages: a thread is read from somewhere to its end. */
  async loadNewer() {
    while (this.#stretch.window.hasNewer && !this.#closed) {
      const after = this.#stretch.window.items.at(-1)?.seq ?? 0;
      const list = await this.ports.api.thread(this.room, this.root, { after, limit: 200 });
      this.#stretch.page(list, "newer");
      this.#show();
      if (list.items.length === 0) return;
    }
  }

  /** Takes the events of the room, in their order. */
  offer(events: readonly RoomEvent[]) {
    for (const event of events) {
      if (event.type === "message") {
        const { type: _name, ...message } = event;
        this.#stretch.put(message);
      }
      const patch = patchOf(event);
      if (patch) this.#stretch.patch(patch);
      if (patch && this.#root) this.#root = patched(this.#root, patch);
      applyReaction(this.#stretch, event, this.ports.me);
      this.#reacted(event);
    }
    this.#show();
  }

  #reacted(event: RoomEvent) {
    const about = event.type === "reactionAdded" || event.type === "reactionRemoved";
    if (about && this.#root?.id === event.message)
      this.#root = reacted(this.#root, event, this.ports.me);
  }

  change(message: string, change: (message: Message) => Message) {
    if (this.#root?.id === message) this.#root = change(this.#root);
    this.#stretch.change(message, change);
    this.#show();
  }

  settle(message: Message) {
    if (message.id === this.root) this.#root = { ...this.#root, ...message };
    this.#stretch.put(message);
    this.#show();
  }

  close() {
    this.#closed = true;
  }

  #show() {
    if (this.#stretch.loaded && !this.#closed)
      this.ports.show({ root: this.#root, window: this.#stretch.window });
  }
}
