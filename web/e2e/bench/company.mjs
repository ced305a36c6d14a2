// While others talk: keys, and the memory of the page.
import { randomUUID } from "node:crypto";
import { variable } from "../lib/environment.mjs";
import { collectedHeap, typedMs } from "../lib/meters.mjs";
import { note, quantile } from "./table.mjs";

const PER_SECOND = 20;
const KEYS = 300;
// A room keeps its 2,000 newest messages, which are there before the second half begins.
const SOAK_S = Math.max(240, Number(variable("TERTULIA_BENCH_SOAK_S", "240")));
const MARKS = 8;

/** Somebody else says so many messages a second until `work` is done. */
async function whileOthersTalk({ server, token, room, text }, work) {
  let talking = true;
  let said = 0;
  const begun = Date.now();
  const talk = async () => {
    while (talking) {
      if (said < Math.floor(((Date.now() - begun) * PER_SECOND) / 1000)) {
        said += 1;
        const place = `/api/rooms/${room}/messages/${randomUUID()}`;
        await server.api(token, "PUT", place, { text: text(said) });
      } else await new Promise((done) => setTimeout(done, 10));
    }
  };
  const others = talk();
  try {
    const answer = await work();
    return { answer, said, rate: (said * 1000) / (Date.now() - begun) };
  } finally {
    talking = false;
    await others;
  }
}

export async function type(person, company) {
  await person.composer().focus();
  const { answer: times, rate } = await whileOthersTalk(company, () => typedMs(person.page, KEYS));
  const [p50, p95] = [quantile(times, 0.5), quantile(times, 0.95)];
  const what = `from a key to its picture while ${rate.toFixed(0)} messages a second arrive, p95`;
  note(what, "≤ 32 ms", `${p95.toFixed(1)} ms (p50 ${p50.toFixed(1)})`, p95 <= 32);
}

export async function soak(person, company) {
  const heaps = [];
  const { said } = await whileOthersTalk(company, async () => {
    for (let mark = 0; mark < MARKS; mark += 1) {
      await person.page.waitForTimeout((SOAK_S * 1000) / MARKS);
      heaps.push(await collectedHeap(person.page));
    }
  });
  const half = heaps[MARKS / 2 - 1];
  const growth = (100 * (heaps.at(-1) - half)) / half;
  const shown = heaps.map((bytes) => (bytes / 1e6).toFixed(1)).join(", ");
  const what = `heap each ${SOAK_S / MARKS} s of ${SOAK_S}, in which ${said} messages came`;
  const measured = `${shown} MB; ${growth.toFixed(1)} %`;
  note(`${what}; growth of the second half`, "≤ 5 %", measured, growth <= 5);
}
