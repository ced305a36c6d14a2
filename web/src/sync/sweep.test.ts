import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Problem } from "../api/problem";
import { sweep } from "./sweep";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const problem = (status: number) => new Problem({ kind: "x", title: "", status }, 2000);

async function swept(all: number[], ask: (one: number) => Promise<void>) {
  const done = sweep(all, ask);
  await vi.runAllTimersAsync();
  return done;
}

it("goes on as fast as the server lets it, until all is done", async () => {
  let left = 300;
  const refill = setInterval(() => (left += 5), 1000);
  const all = Array.from({ length: 400 }, (_, at) => at);
  const done = sweep(all, async () => {
    if (left < 1) throw problem(429);
    left -= 1;
  });
  await vi.advanceTimersByTimeAsync(300_000);
  clearInterval(refill);
  expect(await done).toEqual(all);
});

it("asks for few at once, and says what was refused", async () => {
  let now = 0;
  let most = 0;
  const done = await swept([1, 2, 3, 4, 5, 6, 7, 8], async (one) => {
    now += 1;
    most = Math.max(most, now);
    await new Promise((resolve) => setTimeout(resolve, 10));
    now -= 1;
    if (one % 4 === 0) throw problem(404);
  });
  expect(done).toEqual([1, 2, 3, 5, 6, 7]);
  expect(most).toBe(4);
});

it("tries no more when the network is gone", async () => {
  const asked: number[] = [];
  const all = Array.from({ length: 50 }, (_, at) => at + 1);
  const done = await swept(all, async (one) => {
    asked.push(one);
    if (one > 2) throw problem(0);
  });
  expect(done).toEqual([1, 2]);
  expect(asked.length).toBeLessThan(10);
});

it("gives up what is refused again and again", async () => {
  expect(await swept([1], () => Promise.reject(problem(429)))).toEqual([]);
});
