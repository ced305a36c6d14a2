import { describe, expect, it } from "vitest";
import type { Message, MessageList, RoomEvent } from "../api/types";
import { Timeline } from "./timeline";
import { trimmed, withMessage, WINDOW_MAX } from "./window";

/** A small generator with a seed, so that a failure can be repeated. */
function randomOf(seed: number) {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

const ana = { id: "ana", username: "ana", display_name: "Ana" };
const at = (seq: number) => new Date(1_700_000_000_000 + seq * 1000).toISOString();

/** A server of one room: a log, and what its messages say now. */
class FakeRoom {
  readonly log: RoomEvent[] = [];
  readonly messages: Message[] = [];

  post(text: string) {
    const seq = this.log.length + 1;
    const message: Message = {
      id: `m${seq}`,
      room: "r",
      seq,
      sender: ana,
      text,
      time: at(seq),
      created_at: at(seq),
      client_message_id: `c${seq}`,
      revision: 1,
      deleted: false,
    };
    this.messages.push(message);
    this.log.push({ type: "message", ...message });
  }

  edit(index: number, text: string) {
    const message = this.messages[index];
    if (!message || message.deleted) return;
    Object.assign(message, { text, revision: message.revision + 1, edited_at: at(999) });
    this.#append({ type: "messageEdited", message: message.id, revision: 0, deleted: false });
  }

  delete(index: number) {
    const message = this.messages[index];
    if (!message || message.deleted) return;
    Object.assign(message, { deleted: true, revision: message.revision + 1 });
    delete message.text;
    this.#append({ type: "messageDeleted", message: message.id, revision: message.revision });
  }

  /** As it reads now, as the server's log does. */
  event(seq: number): RoomEvent {
    const event = this.log[seq - 1] as RoomEvent;
    if (event.type === "message") {
      const message = this.messages.find(({ id }) => id === event.id) as Message;
      return structuredClone({ type: "message", ...message });
    }
    if (event.type !== "messageEdited") return event;
    const { text, revision, edited_at, deleted } = this.messages.find(
      ({ id }) => id === event.message,
    ) as Message;
    return { ...event, text, revision, edited_at, deleted };
  }

  page(before = Infinity, limit = 5): MessageList {
    const older = this.messages.filter(({ seq }) => seq < before);
    const items = structuredClone(older.slice(-limit));
    return {
      items,
      has_older: older.length > limit,
      has_newer: before !== Infinity,
    };
  }

  #append(fields: object) {
    const seq = this.log.length + 1;
    const place = { room: "r", seq, id: `e${seq}`, created_at: at(seq), actor: ana };
    this.log.push({ ...place, ...fields } as RoomEvent);
  }
}

describe("a timeline fed by an unreliable network", () => {
  it("ends equal to the server's history for 300 seeds", () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const random = randomOf(seed);
      const pick = (count: number) => Math.floor(random() * count);
      const room = new FakeRoom();
      for (let count = pick(20); count >= 0; count -= 1) room.post(`before ${count}`);

      const timeline = new Timeline();
      const inFlight: number[] = [];
      const pages: (() => void)[] = [];
      const act = () => {
        const roll = random();
        const index = pick(room.messages.length);
        if (roll < 0.6) room.post(`text ${room.log.length}`);
        else if (roll < 0.8) room.edit(index, `edit ${room.log.length}`);
        else room.delete(index);
        const seq = room.log.length;
        if (random() > 0.15) inFlight.push(seq); // Else: lost.
        if (random() < 0.2) inFlight.push(seq); // Twice.
      };
      const arrive = () => {
        const [seq] = inFlight.splice(pick(inFlight.length), 1); // In any order.
        if (seq) timeline.offer(room.event(seq));
      };

      act();
      const head = room.log.length;
      const first = room.page();
      for (let step = pick(10); step > 0; step -= 1) [act, arrive][pick(2)]?.();
      timeline.start(head, "log");
      arrive();
      timeline.page(first, "whole"); // Read before some of what has already arrived.
      for (let step = 60; step > 0; step -= 1) {
        const roll = random();
        const oldest = timeline.window.items[0]?.seq;
        if (roll < 0.5) act();
        else if (roll < 0.9) arrive();
        else if (timeline.window.hasOlder && oldest && pages.length === 0) {
          const older = room.page(oldest);
          pages.push(() => timeline.page(older, "older"));
        } else pages.pop()?.();
      }
      pages.pop()?.();
      for (let seq = (timeline.cursor ?? 0) + 1; seq <= room.log.length; seq += 1)
        timeline.offer(room.event(seq)); // Catching up by HTTP.

      const shown = timeline.window.items;
      expect(timeline.cursor, `seed ${seed}`).toBe(room.log.length);
      expect(timeline.window.hasNewer, `seed ${seed}`).toBe(false);
      expect(shown, `seed ${seed}`).toEqual(
        room.messages.filter(({ seq }) => seq >= (shown[0]?.seq ?? 0)),
      );
    }
  });

  it("knows that something is missing, and holds back what came early", () => {
    const room = new FakeRoom();
    for (let count = 0; count < 3; count += 1) room.post(`${count}`);
    const timeline = new Timeline();
    timeline.start(0, "log");
    timeline.page({ items: [], has_older: false, has_newer: false }, "whole");
    timeline.offer(room.event(3));
    expect(timeline.hasGap).toBe(true);
    expect(timeline.window.items).toHaveLength(0);
    timeline.offer(room.event(1));
    expect(timeline.window.items.map(({ seq }) => seq)).toEqual([1]);
    timeline.offer(room.event(2));
    expect(timeline.window.items.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(timeline.hasGap).toBe(false);
  });

  it("does not show a deleted text again when an older page arrives late", () => {
    const room = new FakeRoom();
    for (let count = 0; count < 8; count += 1) room.post(`secret ${count}`);
    const timeline = new Timeline();
    timeline.start(8, "log");
    timeline.page(room.page(), "whole");
    const stale = room.page(timeline.window.items[0]?.seq);
    room.delete(0);
    timeline.offer(room.event(9));
    timeline.page(stale, "older");
    expect(timeline.window.items[0]).toMatchObject({ id: "m1", deleted: true });
    expect(timeline.window.items[0]?.text).toBeUndefined();
  });
});

describe("the window", () => {
  const many = Array.from({ length: WINDOW_MAX + 50 }, (_, index) => {
    const room = new FakeRoom();
    room.post("x");
    return { ...(room.messages[0] as Message), id: `m${index}`, seq: index + 1 };
  });

  it("keeps at most 2,000 messages, on the side that is looked at", () => {
    const window = { items: many, hasOlder: false, hasNewer: false };
    const older = trimmed(window, "older");
    expect([older.items.length, older.items[0]?.seq]).toEqual([WINDOW_MAX, 1]);
    expect([older.hasOlder, older.hasNewer]).toEqual([false, true]);
    const newer = trimmed(window, "newer");
    expect([newer.items.length, newer.items[0]?.seq]).toEqual([WINDOW_MAX, 51]);
    expect([newer.hasOlder, newer.hasNewer]).toEqual([true, false]);
  });

  it("does not append behind a hole", () => {
    const window = { items: many.slice(0, 3), hasOlder: false, hasNewer: true };
    expect(withMessage(window, many[10] as Message)).toBe(window);
  });
});

/** A room in which the second message quotes the first. */
function quoting() {
  const room = new FakeRoom();
  room.post("a secret");
  room.post("an answer");
  const [quoted, answer] = room.messages as [Message, Message];
  const { id: message, seq, sender, created_at, deleted, text } = quoted;
  answer.quote = { message, seq, sender, created_at, deleted, text };
  const timeline = new Timeline();
  timeline.start(room.log.length, "log");
  timeline.page(room.page(), "whole");
  const told = () => timeline.offer(room.event(room.log.length));
  return { room, told, quote: () => timeline.window.items[1]?.quote };
}

describe("what a message quotes", () => {
  it("reads as that reads now", () => {
    const { room, told, quote } = quoting();
    room.edit(0, "no secret");
    told();
    expect(quote()).toMatchObject({ text: "no secret", deleted: false });
  });

  it("is forgotten when that is deleted", () => {
    const { room, told, quote } = quoting();
    room.delete(0);
    told();
    expect(quote()).toMatchObject({ text: undefined, deleted: true });
  });
});
