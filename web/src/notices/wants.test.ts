import { expect, test } from "vitest";
import type { Message, Notices } from "../api/types";
import { isTold, type Standing } from "./wants";

const noon = new Date("2026-07-10T12:00:00Z");
const night = { from_minute: 22 * 60, to_minute: 8 * 60, time_zone: "Europe/Madrid" };
const level = (of: "all" | "mentions" | "none"): Notices => ({
  everywhere: { level: of },
  rooms: [],
});
const person = (id: string) => ({ id, username: id, display_name: id });

function message(by: Partial<Message> = {}): Message {
  const at = "2026-07-10T12:00:00Z";
  const made = { time: at, created_at: at, client_message_id: "c", revision: 1, deleted: false };
  return { id: "m", room: "a", seq: 7, sender: person("leo"), ...made, text: "hola", ...by };
}

const told = (by: Partial<Message>, notices: Notices, standing: Partial<Standing> = {}) => {
  const usual = { me: "ana", direct: false, follows: false, called: false, notices, now: noon };
  return isTold(message(by), { ...usual, ...standing });
};

const quote = { message: "q", seq: 1, sender: person("ana"), created_at: "", deleted: false };
const reply = { thread: "r" };

// What was said, how it stands to me, and at which of the levels it is told.
const cases: [string, Partial<Message>, Partial<Standing>, string][] = [
  ["a message of a room", {}, {}, "all"],
  ["my own", { sender: person("ana"), mentions: [person("ana")] }, {}, ""],
  ["one that calls me by name", { mentions: [person("ana")] }, {}, "all mentions"],
  ["one that calls another", { mentions: [person("zoe")] }, {}, "all"],
  ["@room", { everyone: "room" }, {}, "all mentions"],
  ["@here, which may mean others", { everyone: "here" }, {}, "all"],
  ["@here, as the server says to me", { everyone: "here" }, { called: true }, "all mentions"],
  ["a quotation of mine", { quote }, {}, "all mentions"],
  ["a quotation of another", { quote: { ...quote, sender: person("zoe") } }, {}, "all"],
  ["a direct message", {}, { direct: true }, "all mentions"],
  ["a reply in a thread that I follow", reply, { follows: true }, "all mentions"],
  ["a reply in another thread", reply, {}, ""],
  ["a reply in another thread, also to the room", { ...reply, also_to_room: true }, {}, "all"],
  ["a reply that answers me", reply, { called: true }, "all mentions"],
  ["a reply elsewhere that calls me", { ...reply, mentions: [person("ana")] }, {}, "all mentions"],
  ["one that was deleted", { deleted: true, mentions: [person("ana")] }, {}, ""],
];

test.each(cases)("%s", (_what, by, standing, wanted) => {
  const at = (["all", "mentions", "none"] as const).filter((of) => told(by, level(of), standing));
  expect(at.join(" ")).toBe(wanted);
});

const call = { mentions: [person("ana")] };

test("the choice for a room goes before the general one", () => {
  const silent: Notices = { everywhere: { level: "none" }, rooms: [{ room: "a", level: "all" }] };
  expect(told({}, silent)).toBe(true);
  expect(told({ room: "b", ...call }, silent)).toBe(false);
  const calm: Notices = { everywhere: { level: "all" }, rooms: [{ room: "a", level: "mentions" }] };
  expect(told({}, calm)).toBe(false);
  expect(told(call, calm)).toBe(true);
});

const muted = (until: string): Notices => ({
  everywhere: { level: "all" },
  rooms: [{ room: "a", muted_until: until }],
});

test("a muted room tells nothing until then", () => {
  expect(told(call, muted("2026-07-10T12:00:01Z"))).toBe(false);
  expect(told({ room: "b", ...call }, muted("2026-07-10T12:00:01Z"))).toBe(true);
  expect(told(call, muted("2026-07-10T11:59:59Z"))).toBe(true);
});

test("quiet hours are of the wall, across midnight and in summer", () => {
  const quiet: Notices = { everywhere: { level: "all", quiet_hours: night }, rooms: [] };
  const at = (time: string) => told(call, quiet, { now: new Date(time) });
  expect(at("2026-07-10T20:00:00Z")).toBe(false);
  expect(at("2026-07-10T05:59:00Z")).toBe(false);
  expect(at("2026-07-10T06:00:00Z")).toBe(true);
  expect(at("2026-01-10T20:59:00Z")).toBe(true);
  expect(at("2026-01-10T21:00:00Z")).toBe(false);
});
