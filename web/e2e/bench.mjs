// What the web client weighs and how fast it is: `cargo xtask bench web [part …]`. Writes a table
// to target/bench/web.md and fails where an aim is missed.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { soak, type } from "./bench/company.mjs";
import { archive, jump } from "./bench/jump.mjs";
import { comeBack, load, readBack } from "./bench/load.mjs";
import { markers } from "./bench/markers.mjs";
import { firstSound } from "./bench/speech.mjs";
import { note, report } from "./bench/table.mjs";
import { launch, profile } from "./lib/browser.mjs";
import { root } from "./lib/environment.mjs";
import { Person } from "./lib/person.mjs";
import { seed } from "./lib/seed.mjs";
import { Server } from "./lib/server.mjs";

const LENGTH = 500;
const PARTS = ["size", "jump", "load", "type", "speech", "markers", "soak"];
const asked = process.argv.slice(2);
const unknown = asked.find((part) => !PARTS.includes(part));
if (unknown) throw new Error(`no part ${unknown}; there are ${PARTS.join(", ")}`);
const wants = (part) => asked.length === 0 || asked.includes(part);

const filler = "words that take their place on the screen ";
const text = (number) => `${number} **bold** \`code\` ${filler.repeat(number % 5)}`.trim();

function weigh() {
  const script = join(root, "web/scripts/size.mjs");
  const out = execFileSync(process.execPath, [script], { encoding: "utf8" });
  for (const [, page, kilobytes, limit] of out.matchAll(/^(\w+): ([\d.]+) KB of (\d+) KB$/gm)) {
    const what = `${page}: scripts and styles of the first load, gzip`;
    note(what, `≤ ${limit} kB`, `${kilobytes} kB`, Number(kilobytes) <= Number(limit));
  }
}

/** A room of ana's in which leo is. */
async function makeRoom({ server, tokens }, name) {
  const { id } = await server.api(tokens.ana, "POST", "/api/rooms", { kind: "private", name });
  await server.api(tokens.ana, "POST", `/api/rooms/${id}/members`, { username: "leo" });
  return id;
}

async function opened({ address }, ana) {
  const plaza = { address, name: "plaza", other: "patio", length: LENGTH };
  await load(ana, plaza);
  await readBack(ana, plaza);
  await comeBack(ana, plaza);
}

async function inBrowsers(server, browser) {
  const tokens = {};
  for (const name of ["ana", "leo"]) {
    tokens[name] = await server.account(name);
    await server.api(tokens[name], "GET", "/api/me");
  }
  const place = { server, tokens, token: tokens.leo, text };
  place.room = await makeRoom(place, "plaza");
  place.address = `${server.url}/r/${place.room}`;
  const yard = await makeRoom(place, "patio");
  await seed(server, tokens.leo, place.room, LENGTH, text);
  await server.api(tokens.ana, "PUT", `/api/rooms/${place.room}/read`, { seq: LENGTH });
  const called = wants("jump") && (await archive(place));
  const device = async () => new Person(server, await profile(browser), "ana");
  const ana = await device();
  await ana.signIn();
  if (wants("jump")) await jump(ana, called);
  if (wants("load")) await opened(place, ana);
  await ana.page.goto(place.address);
  await ana.composer().waitFor();
  if (wants("type")) await type(ana, place);
  if (wants("soak")) await soak(ana, place);
  if (wants("speech")) await firstSound(ana, { ...place, room: yard });
  if (wants("markers")) {
    const other = await device();
    await other.signIn();
    await markers({ looking: ana, other }, { ...place, room: yard });
  }
}

if (wants("size")) weigh();
if (asked.length !== 1 || asked[0] !== "size") {
  const server = await Server.start();
  const browser = await launch();
  try {
    await inBrowsers(server, browser);
  } finally {
    await browser.close();
    await server.stop();
  }
}
process.exit(report() ? 0 : 1);
