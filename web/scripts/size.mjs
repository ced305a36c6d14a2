// Fails when a page's first load is over its limit: KB of gzip, scripts and styles.
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(await readFile(new URL(".vite/manifest.json", dist), "utf8"));

/** A chunk with everything it imports at once; what it imports later does not count. */
function filesOf(key, found = new Set()) {
  const chunk = manifest[key];
  if (!chunk || found.has(chunk.file)) return found;
  found.add(chunk.file);
  for (const css of chunk.css ?? []) found.add(css);
  for (const other of chunk.imports ?? []) filesOf(other, found);
  return found;
}

async function kilobytes(keys) {
  const files = new Set(keys.flatMap((key) => [...filesOf(key)]));
  let bytes = 0;
  for (const file of files) bytes += gzipSync(await readFile(new URL(file, dist))).length;
  return bytes / 1000;
}

const pages = [
  ["welcome", ["index.html", "src/sign-in/Welcome.tsx"], 110],
  ["room", ["index.html", "src/app/App.tsx"], 200],
];
let failed = false;
for (const [name, keys, limit] of pages) {
  const size = await kilobytes(keys);
  failed ||= size > limit;
  console.log(`${name}: ${size.toFixed(1)} KB of ${limit} KB`);
}
process.exit(failed ? 1 : 0);
