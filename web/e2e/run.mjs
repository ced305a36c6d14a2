// Runs the browser tests: `npm run e2e [-- filter]`.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = dirname(fileURLToPath(import.meta.url));
const tests = readdirSync(folder).filter((name) => name.endsWith(".test.mjs")).sort();
// A test that fails may leave a server or a listener behind, which must not hold up the rest.
const args = ["--test", "--test-force-exit", "--test-concurrency=1", "--test-reporter=spec"];
const [filter] = process.argv.slice(2);
if (filter) args.push(`--test-name-pattern=${filter}`);
args.push(...tests.map((name) => join(folder, name)));
const { status } = spawnSync(process.execPath, args, { stdio: "inherit" });
process.exit(status ?? 1);
