// Waiting for a condition, with a deadline.
import { setTimeout as sleep } from "node:timers/promises";
import { PATIENCE_MS } from "./environment.mjs";

/** What `probe` answers as soon as that is true. */
export async function until(what, probe, patienceMs = PATIENCE_MS) {
  const deadline = Date.now() + patienceMs;
  let last;
  while (Date.now() < deadline) {
    last = await probe();
    if (last) return last;
    await sleep(25);
  }
  throw new Error(`not after ${patienceMs} ms: ${what} (last ${JSON.stringify(last)})`);
}
