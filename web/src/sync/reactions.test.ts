import { describe, expect, it } from "vitest";
import type { Message, RoomEvent } from "../api/types";
import { reactedByMe, withReaction } from "./reactions";
import { RoomTimeline } from "./room-timeline";

const person = (id: string) => ({ id, username: id, display_name: id });
const at = (seq: number) => new Date(1_700_000_000_000 + seq * 1000).toISOString();

const message = (seq: number, more: Partial<Message> = {}): Message => ({
  id: `m${seq}`,
  room: "r",
  seq,
  sender: person("ana"),
  text: `text ${seq}`,
  time: at(seq),
  created_at: at(seq),
  client_message_id: `c${seq}`,
  revision: 1,
  deleted: false,
  ...more,
});

const reaction = (seq: number, emoji: string, count: number, actor: string, on = true) =>
  ({
    type: on ? "reactionAdded" : "reactionRemoved",
    room: "r",
    seq,
    id: `e${seq}`,
    created_at: at(seq),
    message: "m1",
    emoji,
    count,
    actor: person(actor),
  }) as RoomEvent;

const reply = (seq: number, more: Partial<Message> = {}) =>
  ({ type: "message", ...message(seq, { thread: "m1", ...more }) }) as RoomEvent;

function timelineOf(...messages: Message[]) {
  const timeline = new RoomTimeline("me");
  timeline.start(messages.length, "log");
  timeline.page({ items: messages, has_older: false, has_newer: false }, "whole");
  return timeline;
}

describe("reactions", () => {
  it("are counted by the server and mine by who did it", () => {
    const timeline = timelineOf(message(1));
    timeline.offer(reaction(2, "👍", 1, "leo"));
    timeline.offer(reaction(3, "👍", 2, "me"));
    timeline.offer(reaction(4, "🎉", 1, "leo"));
    expect(timeline.window.items[0]?.reactions).toEqual([
      { emoji: "👍", count: 2, mine: true },
      { emoji: "🎉", count: 1, mine: false },
    ]);
    timeline.offer(reaction(5, "👍", 1, "me", false));
    timeline.offer(reaction(6, "🎉", 0, "leo", false));
    expect(timeline.window.items[0]?.reactions).toEqual([{ emoji: "👍", count: 1, mine: false }]);
  });

  it("of mine are shown at once, and the event that follows changes nothing", () => {
    const once = reactedByMe(message(1), "👍", true);
    expect(once.reactions).toEqual([{ emoji: "👍", count: 1, mine: true }]);
    expect(reactedByMe(once, "👍", true)).toBe(once);
    expect(withReaction(once.reactions ?? [], "👍", 1, true)).toEqual(once.reactions);
    expect(reactedByMe(once, "👍", false).reactions).toEqual([]);
  });
});

describe("threads", () => {
  it("count below their root, and stay out of the room", () => {
    const timeline = timelineOf(message(1));
    timeline.offer(reply(2));
    timeline.offer(reply(3, { also_to_room: true }));
    expect(timeline.window.items.map(({ id }) => id)).toEqual(["m1", "m3"]);
    expect(timeline.window.items[0]?.replies).toMatchObject({ count: 2, last_seq: 3 });
  });

  it("count a reply once, though acknowledgement and event both tell", () => {
    const timeline = timelineOf(message(1, { replies: { count: 4, last_seq: 1, last_at: at(1) } }));
    timeline.settle(message(2, { thread: "m1" }));
    timeline.offer(reply(2));
    expect(timeline.window.items[0]?.replies?.count).toBe(5);
  });
});
