import { expect, test } from "vitest";
import type { Notices } from "../api/types";
import { wantsCall } from "./wants";

const loud: Notices = { everywhere: { level: "mentions" }, rooms: [] };
const night = { from_minute: 22 * 60, to_minute: 8 * 60, time_zone: "Europe/Madrid" };

test("a call is told unless its room is muted or silent", () => {
  const now = new Date("2026-07-10T12:00:00Z");
  expect(wantsCall(loud, "a", now)).toBe(true);
  const muted = (until: string): Notices => {
    return { ...loud, rooms: [{ room: "a", muted_until: until }] };
  };
  expect(wantsCall(muted("2026-07-10T12:00:01Z"), "a", now)).toBe(false);
  expect(wantsCall(muted("2026-07-10T12:00:01Z"), "b", now)).toBe(true);
  expect(wantsCall(muted("2026-07-10T11:59:59Z"), "a", now)).toBe(true);
  const silent: Notices = { everywhere: { level: "none" }, rooms: [{ room: "a", level: "all" }] };
  expect(wantsCall(silent, "a", now)).toBe(true);
  expect(wantsCall(silent, "b", now)).toBe(false);
});

test("quiet hours are of the wall, across midnight and in summer", () => {
  const quiet: Notices = { everywhere: { level: "all", quiet_hours: night }, rooms: [] };
  const at = (time: string) => wantsCall(quiet, "a", new Date(time));
  expect(at("2026-07-10T20:00:00Z")).toBe(false);
  expect(at("2026-07-10T05:59:00Z")).toBe(false);
  expect(at("2026-07-10T06:00:00Z")).toBe(true);
  expect(at("2026-01-10T20:59:00Z")).toBe(true);
  expect(at("2026-01-10T21:00:00Z")).toBe(false);
});
