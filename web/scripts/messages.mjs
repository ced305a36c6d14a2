// Compiles messages/*.json to src/paraglide, and fails when a language lacks a message,
// has one too many, or names other parameters than the others do.
import { readFile } from "node:fs/promises";
import { compile } from "@inlang/paraglide-js";

const locales = ["en", "es"];
const read = async (locale) =>
  JSON.parse(await readFile(new URL(`../messages/${locale}.json`, import.meta.url), "utf8"));
const [first, ...others] = await Promise.all(locales.map(read));

const parameters = (message) =>
  [...new Set(JSON.stringify(message).match(/\{\w+\}/g) ?? [])].sort().join(" ");

const faults = [];
others.forEach((other, at) => {
  const [here, there] = [locales[0], locales[at + 1]];
  for (const key of Object.keys(first)) {
    if (!(key in other)) faults.push(`${there}: “${key}” is missing`);
    else if (parameters(first[key]) !== parameters(other[key]))
      faults.push(`${there}: “${key}” has ${parameters(other[key])}, ${here} ${parameters(first[key])}`);
  }
  for (const key of Object.keys(other))
    if (!(key in first)) faults.push(`${here}: “${key}” is missing`);
});
if (faults.length > 0) {
  console.error(faults.join("\n"));
  process.exit(1);
}

await compile({
  project: "./project.inlang",
  outdir: "./src/paraglide",
  strategy: ["localStorage", "preferredLanguage", "baseLocale"],
  localStorageKey: "tertulia.locale",
});
