// What was measured, beside what was aimed at.
import { mkdirSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { root } from "../lib/environment.mjs";

const folder = join(root, "target/bench");
const rows = [];

/** A row; where nothing was aimed at, it is always met. */
export const note = (what, aim, measured, met) => rows.push({ what, aim, measured, met });

/** The least of the values that so large a part of them does not exceed. */
export function quantile(values, part) {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)];
}

export const median = (values) => quantile(values, 0.5);

/** Milliseconds of many times: half of them, nearly all, and the longest. */
export function noteTimes(what, times, limit) {
  const [p50, p95, longest] = [0.5, 0.95, 1].map((part) => quantile(times, part).toFixed(0));
  const measured = `p50 ${p50}, p95 ${p95}, max ${longest} ms`;
  note(`${what}; ${times.length} times`, `p95 ≤ ${limit} ms`, measured, Number(p95) <= limit);
}

/** Prints the table and keeps it in target/bench/web.md; answers whether every aim was met. */
export function report() {
  const load = loadavg().map((one) => one.toFixed(1)).join(", ");
  const lines = [
    `${new Date().toISOString().slice(0, 10)}; load average at the end ${load}.`,
    "",
    "| what | aim | measured | |",
    "| --- | ---: | ---: | --- |",
    ...rows.map(({ what, aim, measured, met }) => {
      return `| ${what} | ${aim} | ${measured} | ${met ? "✓" : "missed"} |`;
    }),
  ];
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "web.md"), `${lines.join("\n")}\n`);
  console.log(lines.join("\n"));
  return rows.every(({ met }) => met);
}
