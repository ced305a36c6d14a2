import { describe, expect, test } from "vitest";
import type { Room } from "../api/types";
import { isPressing, ordered, steady } from "./order";

const room = (id: string, more: Partial<Room> = {}): Room => ({
  id,
  log_id: "1",
  kind: "public",
  name: id,
  topic: "",
  role: "member",
  head: 1,
  last_read: 1,
  unread: 0,
  mentions: 0,
  everyone_role: "moderator",
  members: 2,
  created_at: "2026-11-01T10:00:00.000Z",
  ...more,
});

const at = (hour: number) => `2026-11-02T${String(hour).padStart(2, "0")}:00:00.000Z`;
const all = [
  room("ajedrez", { last_message_at: at(9) }),
  room("bodega", { unread: 3, last_message_at: at(8) }),
  room("cocina", { unread: 1, last_message_at: at(12) }),
  room("diseño", { unread: 2, mentions: 1, last_message_at: at(7) }),
  room("eventos", { last_message_at: at(11) }),
  room("leo", { kind: "direct", last_message_at: at(10) }),
  room("mia", { kind: "direct", unread: 1, last_message_at: at(6) }),
];
const rooms = Object.fromEntries(all.map((one) => [one.id, one]));
const nothing: ReadonlySet<string> = new Set();
const ids = (list: readonly Room[]) => list.map(({ id }) => id);

describe("the order of rooms", () => {
  test("by attention: what calls me, what is unread, what was said last", () => {
    const list = ordered(rooms, "shared", "attention", nothing);
    expect(ids(list)).toEqual(["diseño", "cocina", "bodega", "eventos", "ajedrez"]);
    expect(ids(ordered(rooms, "direct", "attention", nothing))).toEqual(["mia", "leo"]);
  });

  test("by attention, a muted room waits with those that are read, unless it calls me", () => {
    const list = ordered(rooms, "shared", "attention", new Set(["cocina", "diseño"]));
    expect(ids(list)).toEqual(["diseño", "bodega", "cocina", "eventos", "ajedrez"]);
  });

  test("by name, whatever happens in them; people by who wrote last", () => {
    const list = ordered(rooms, "shared", "name", nothing);
    expect(ids(list)).toEqual(["ajedrez", "bodega", "cocina", "diseño", "eventos"]);
    expect(ids(ordered(rooms, "direct", "name", nothing))).toEqual(["leo", "mia"]);
  });

  test("while somebody is at the list nothing moves, and only what is left goes", () => {
    expect(steady(["a", "b", "c"], ["c", "d"], (id) => id !== "b")).toEqual(["a", "c", "d"]);
  });
});

test("a folded part still shows what is unread, but of muted rooms only what calls me", () => {
  const muted = new Set(["bodega", "diseño"]);
  const shown = all.filter((one) => isPressing(one, muted));
  expect(ids(shown)).toEqual(["cocina", "diseño", "mia"]);
});
