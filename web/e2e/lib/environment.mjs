// What the environment tells the browser tests.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the source tree. */
export const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");

/** The longest that any condition may take to become true on a busy machine. */
export const PATIENCE_MS = 30_000;

/** A variable that is there and not empty, or what is used instead. */
export const variable = (name, instead) => process.env[name] || instead;

/** The program under test. */
export const program = variable("TERTULIA_BIN", join(root, "target/debug/tertulia"));

/** Chromium or Chrome, wherever it is. */
export function chromium() {
  const known = ["/usr/bin/chromium", "/usr/bin/google-chrome", "/usr/bin/chromium-browser"];
  const found = variable("CHROMIUM", known.find((path) => existsSync(path)));
  if (!found) throw new Error("no Chromium: apt-get install chromium, or set CHROMIUM");
  return found;
}
