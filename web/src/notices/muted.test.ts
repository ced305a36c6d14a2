import { expect, test } from "vitest";
import { mutedUntil } from "./muted";

const time = (seconds: number) => new Date(seconds * 1000).toISOString();

test("a room is muted until its time, and the first to end is known", () => {
  const chosen = [
    { room: "ended", muted_until: time(100) },
    { room: "soon", muted_until: time(300) },
    { room: "later", muted_until: time(900) },
    { room: "choosy", level: "none" as const },
  ];
  const { rooms, next } = mutedUntil(chosen, 200_000);
  expect([...rooms]).toEqual(["soon", "later"]);
  expect(next).toBe(300_000);
  expect(mutedUntil(chosen, 900_000)).toEqual({ rooms: new Set(), next: undefined });
});
