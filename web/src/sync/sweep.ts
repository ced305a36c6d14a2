/** Many requests of one kind, as fast as the server takes them. */
import { asProblem } from "../api/problem";

const AT_ONCE = 4;
/** So often the server may ask for patience before one of them is given up. */
const WAITS_MAX = 30;
const WAIT_MS = 1000;
const WAIT_MAX_MS = 10_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Answers with those for which `ask` was done. Without a network the rest is not tried. */
export async function sweep<T>(
  all: readonly T[],
  ask: (one: T) => Promise<void>,
): Promise<readonly T[]> {
  const waiting = [...all];
  const done = new Set<T>();
  const tryOne = async (one: T) => {
    for (let waits = 0; waits < WAITS_MAX; waits += 1) {
      try {
        await ask(one);
        done.add(one);
        return;
      } catch (error) {
        const { status, retryAfterMs = WAIT_MS } = asProblem(error);
        if (status === 0) waiting.length = 0;
        if (status !== 429) return;
        await pause(Math.min(retryAfterMs, WAIT_MAX_MS));
      }
    }
  };
  const work = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) await tryOne(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return all.filter((one) => done.has(one));
}
