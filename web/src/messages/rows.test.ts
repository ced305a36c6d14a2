import { describe, expect, it } from "vitest";
import type { Message } from "../api/types";
import type { Unsent } from "../sync/outbox";
import { changedAtStart, rowsOf, unchanged } from "./rows";

const me = { id: "me", username: "me", display_name: "Me" };
const ana = { id: "ana", username: "ana", display_name: "Ana" };
const MINUTE = 60_000;
const START = Date.parse("2026-11-23T12:00:00.000Z");

const message = (seq: number, minute: number, sender = ana): Message => ({
  id: `m${seq}`,
  room: "r",
  seq,
  sender,
  text: `text ${seq}`,
  time: new Date(START + minute * MINUTE).toISOString(),
  created_at: new Date(START + minute * MINUTE).toISOString(),
  client_message_id: `c${seq}`,
  revision: 1,
  deleted: false,
});
const window = (items: Message[], hasOlder = false) => ({ items, hasOlder, hasNewer: false });
const rows = (items: Message[], more: { newAfter?: number; unsent?: Unsent[] } = {}) =>
  rowsOf({ window: window(items), unsent: more.unsent ?? [], me, newAfter: more.newAfter });
const heads = (list: ReturnType<typeof rowsOf>) =>
  list.flatMap((row) => (row.kind === "message" ? [row.head] : []));

describe("rows", () => {
  it("stay the same objects while they show the same", () => {
    const said = [message(1, 0), message(2, 9), message(3, 20)];
    const before = rows(said);
    const edited = { ...message(2, 9), text: "another", revision: 2 };
    const after = unchanged(before, rows([message(0, -60), said[0]!, edited, said[2]!]));
    expect(after.map((row) => before.includes(row))).toEqual([true, false, false, false, true]);
    expect(after.at(-2)).toMatchObject({ message: edited });
  });

  it("group one speaker's messages of less than five minutes", () => {
    const list = rows([message(1, 0), message(2, 4), message(3, 9), message(4, 10, me)]);
    expect(heads(list)).toEqual([true, false, true, true]);
    expect(list.flatMap((row) => (row.kind === "message" ? [row.last] : []))).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });

  it("begin a day where the calendar says so", () => {
    const list = rows([message(1, 0), message(2, 60 * 48)]);
    expect(list.flatMap((row) => (row.kind === "message" ? [row.day] : []))).toEqual([true, true]);
  });

  it("mark the first new message of somebody else, once", () => {
    const list = rows([message(1, 0), message(2, 1, me), message(3, 2), message(4, 3)], {
      newAfter: 1,
    });
    expect(list.flatMap((row) => (row.kind === "message" && row.fresh ? [row.key] : []))).toEqual([
      "ana:c3",
    ]);
    expect(heads(list)).toEqual([true, true, true, false]);
  });

  it("keep the key of a message when it settles, and never show it twice", () => {
    const unsent: Unsent = {
      id: "c9",
      room: "r",
      text: "hi",
      at: START,
      state: "sending",
      attempts: 1,
    };
    const pending = rows([message(1, 0)], { unsent: [unsent] });
    const stored = rows([message(1, 0), message(9, 0, me)], { unsent: [unsent] });
    expect(pending.at(-1)?.key).toBe(stored.at(-1)?.key);
    expect(stored).toHaveLength(pending.length);
  });

  it("are not confused by somebody else's use of my id", () => {
    const mine = message(9, 0, me);
    const theirs = { ...message(10, 0), client_message_id: mine.client_message_id };
    const keys = rows([mine, theirs]).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("tell a change at the beginning from one at the end", () => {
    const before = rowsOf({
      window: window([message(5, 5), message(6, 6)], true),
      unsent: [],
      me,
      newAfter: undefined,
    });
    const older = rows([message(4, 4), message(5, 5), message(6, 6)]);
    const newer = rowsOf({
      window: window([message(5, 5), message(6, 6), message(7, 7)], true),
      unsent: [],
      me,
      newAfter: undefined,
    });
    expect(changedAtStart(before, older)).toBe(true);
    expect(changedAtStart(before, newer)).toBe(false);
  });
});
