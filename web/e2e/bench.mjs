// What the web client weighs and how fast it is: `cargo xtask bench web`. Writes a table to
// target/bench/web.md and fails where an aim is missed.
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { launch, profile } from "./lib/browser.mjs";
import { root, variable } from "./lib/environment.mjs";
import { collectedHeap, landedMs, processorMs, typedMs } from "./lib/meters.mjs";
import { Person } from "./lib/person.mjs";
import { seed } from "./lib/seed.mjs";
import { Server } from "./lib/server.mjs";

const LENGTH = 500;
const LOADS = 5;
const PER_SECOND = 20;
// A room keeps its 2,000 newest messages, which are there before the second half begins.
const SOAK_S = Number(variable("TERTULIA_BENCH_SOAK_S", "240"));
const folder = join(root, "target/bench");

const rows = [];
const note = (what, aim, measured, met) => rows.push({ what, aim, measured, met });

function weigh() {
  const script = join(root, "web/scripts/size.mjs");
  const out = execFileSync(process.execPath, [script], { encoding: "utf8" });
  for (const [, page, kilobytes, limit] of out.matchAll(/^(\w+): ([\d.]+) KB of (\d+) KB$/gm)) {
    const what = `${page}: scripts and styles of the first load, gzip`;
    note(what, `≤ ${limit} kB`, `${kilobytes} kB`, Number(kilobytes) <= Number(limit));
  }
}

const ARCHIVE = Number(variable("TERTULIA_BENCH_ARCHIVE", "1000000"));
const JUMPS = 5;

const filler = "words that take their place on the screen ";
const text = (number) => `${number} **bold** \`code\` ${filler.repeat(number % 5)}`.trim();

async function load(person, address) {
  const times = [];
  for (let at = 0; at < LOADS; at += 1) {
    await person.page.goto(`${person.server.url}/health`); // The same process of the browser.
    times.push(
      await processorMs(person.page, async () => {
        await person.page.goto(address);
        await person.page.locator(".timeline article.message").first().waitFor();
        await person.composer().waitFor();
      }),
    );
  }
  const median = times.toSorted((one, other) => one - other)[Math.floor(LOADS / 2)];
  const what = `processor time until a room of ${LENGTH} messages is there, median of ${LOADS}`;
  note(what, "≤ 250 ms", `${median.toFixed(0)} ms`, median <= 250);
}

/** A room in which leo called ana before a million others were said. */
async function archive({ server, tokens }) {
  const made = { kind: "private", name: "archivo" };
  const room = await server.api(tokens.ana, "POST", "/api/rooms", made);
  await server.api(tokens.ana, "POST", `/api/rooms/${room.id}/members`, { username: "leo" });
  await seed(server, tokens.leo, room.id, 30, text);
  const call = { text: "@ana, ¿lo ves?" };
  const place = `/api/rooms/${room.id}/messages/${randomUUID()}`;
  const message = await server.api(tokens.leo, "PUT", place, call);
  await seed(server, tokens.leo, room.id, 30, text);
  await server.kill9();
  const script = join(root, "web/e2e/lib/archive.py");
  const database = join(server.dataDir, "chat.db");
  execFileSync("python3", [script, database, room.id, message.sender.id, String(ARCHIVE)]);
  await server.restart();
  return message.id;
}

/** From the click in the inbox until the message is drawn, in the middle of the screen. */
async function jump(person, message) {
  const times = [];
  for (let at = 0; at < JUMPS; at += 1) {
    await person.page.goto(`${person.server.url}/inbox`);
    const hasText = person.word("go_to_message");
    const button = person.page.locator(".inbox-row button", { hasText });
    await button.first().waitFor();
    times.push(await button.first().evaluate(landedMs, `m-${message}`));
  }
  const median = times.toSorted((one, other) => one - other)[Math.floor(JUMPS / 2)];
  const room = `a room of ${ARCHIVE.toLocaleString("en")}`;
  const what = `from the click in the inbox to its message, in ${room}, median of ${JUMPS}`;
  note(what, "≤ 500 ms", `${median.toFixed(0)} ms`, median <= 500);
}

/** Somebody else says so many messages a second until `work` is done. */
async function whileOthersTalk({ server, token, room }, work) {
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
  const answer = await work();
  talking = false;
  await others;
  return { answer, said, rate: (said * 1000) / (Date.now() - begun) };
}

async function type(person, company) {
  await person.composer().focus();
  const { answer: times, rate } = await whileOthersTalk(company, () => typedMs(person.page, 300));
  const sorted = times.toSorted((one, other) => one - other);
  const p50 = sorted[Math.floor(sorted.length / 2)];
  const p95 = sorted[Math.floor(sorted.length * 0.95)];
  const what = `from a key to its picture while ${rate.toFixed(0)} messages a second arrive, p95`;
  note(what, "≤ 32 ms", `${p95.toFixed(1)} ms (p50 ${p50.toFixed(1)})`, p95 <= 32);
}

async function soak(person, company) {
  const marks = [];
  const { said } = await whileOthersTalk(company, async () => {
    for (let part = 0; part < 4; part += 1) {
      await person.page.waitForTimeout((SOAK_S * 1000) / 4);
      marks.push(await collectedHeap(person.page));
    }
  });
  const growth = (100 * (marks[3] - marks[1])) / marks[1];
  const shown = marks.map((bytes) => (bytes / 1e6).toFixed(1)).join(", ");
  const what = `heap after each quarter of ${SOAK_S} s, in which ${said} messages came`;
  note(`${what}; growth of the second half`, "≤ 5 %", `${shown} MB; ${growth.toFixed(1)} %`, growth <= 5);
}

function report() {
  const load = loadavg().map((one) => one.toFixed(1)).join(", ");
  const lines = [
    `${new Date().toISOString().slice(0, 10)}; load average at the end ${load}.`,
    "",
    "| what | aim | measured | |",
    "| --- | ---: | ---: | --- |",
    ...rows.map(({ what, aim, measured, met }) => `| ${what} | ${aim} | ${measured} | ${met ? "✓" : "missed"} |`),
  ];
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "web.md"), `${lines.join("\n")}\n`);
  console.log(lines.join("\n"));
}

weigh();
const server = await Server.start();
const browser = await launch();
try {
  const tokens = {};
  for (const name of ["ana", "leo"]) {
    tokens[name] = await server.account(name);
    await server.api(tokens[name], "GET", "/api/me");
  }
  const made = { kind: "private", name: "plaza" };
  const room = (await server.api(tokens.ana, "POST", "/api/rooms", made)).id;
  await server.api(tokens.ana, "POST", `/api/rooms/${room}/members`, { username: "leo" });
  await seed(server, tokens.leo, room, LENGTH, text);
  await server.api(tokens.ana, "PUT", `/api/rooms/${room}/read`, { seq: LENGTH });
  const ana = new Person(server, await profile(browser), "ana");
  const called = await archive({ server, tokens });
  await ana.signIn();
  await jump(ana, called);
  await load(ana, `${server.url}/r/${room}`);
  await type(ana, { server, token: tokens.leo, room });
  await soak(ana, { server, token: tokens.leo, room });
} finally {
  await browser.close();
  await server.stop();
}
report();
process.exit(rows.every(({ met }) => met) ? 0 : 1);
