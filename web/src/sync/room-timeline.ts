/** A room's timeline with what is said about its messages: reactions, and threads below them. */
import type { Message, RoomEvent } from "../api/types";
import { applyReaction } from "./reactions";
import { Timeline } from "./timeline";

/** Whether a message is shown in the room itself, and not only in its thread. */
export const inRoom = ({
  thread,
  also_to_room,
}: Pick<Message, "thread" | "also_to_room">): boolean => !thread || also_to_room === true;

export class RoomTimeline extends Timeline {
  /** `me` is whose reactions are mine. */
  constructor(private readonly me: string) {
    super();
  }

  override start(head: number, logId: string): RoomEvent[] {
    return this.#noted(super.start(head, logId));
  }

  override offer(event: RoomEvent): RoomEvent[] {
    return this.#noted(super.offer(event));
  }

  override settle(message: Message) {
    if (inRoom(message)) super.settle(message);
    this.#reply(message);
  }

  has(message: string): boolean {
    return this.window.items.some(({ id }) => id === message);
  }

  /** Replaces what is known of a message besides its text. */
  change(id: string, change: (message: Message) => Message) {
    const at = this.window.items.findIndex((message) => message.id === id);
    const message = this.window.items[at];
    const next = message && change(message);
    if (next && next !== message)
      this.window = { ...this.window, items: this.window.items.with(at, next) };
  }

  #noted(events: RoomEvent[]): RoomEvent[] {
    for (const event of events) {
      if (event.type === "message") this.#reply(event);
      applyReaction(this, event, this.me);
    }
    return events;
  }

  /** A reply moves the numbers below its root, once: they say up to which `seq` they count. */
  #reply({ thread, seq, created_at }: Message) {
    if (!thread) return;
    this.change(thread, (root) => {
      const { count, last_seq } = root.replies ?? { count: 0, last_seq: 0 };
      if (seq <= last_seq) return root;
      return { ...root, replies: { count: count + 1, last_seq: seq, last_at: created_at } };
    });
  }
}
