// What tells three people of what was said, and what keeps quiet: in the page, on the icon, in
// the numbers.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { lookAway } from "./lib/attention.mjs";
import { launch, profile } from "./lib/browser.mjs";
import { Person } from "./lib/person.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

/** Longer than whatever is in sight takes to count as read. */
const LONG_ENOUGH_MS = 1_500;

let server;
let browser;
let room;
let tokens;
let ana;
let leo;

before(async () => {
  server = await Server.start();
  browser = await launch();
  const names = { ana: "Ana Torres", leo: "Leo Martín", zoe: "Zoe Rivas" };
  tokens = {};
  for (const [name, shown] of Object.entries(names)) {
    tokens[name] = await server.account(name, shown);
    await server.api(tokens[name], "GET", "/api/me");
  }
  const made = { kind: "private", name: "obra" };
  room = (await server.api(tokens.ana, "POST", "/api/rooms", made)).id;
  for (const username of ["leo", "zoe"])
    await server.api(tokens.ana, "POST", `/api/rooms/${room}/members`, { username });
  [ana, leo] = await Promise.all([signedIn("ana"), signedIn("leo", "es")]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function signedIn(name, locale = "en") {
  const person = new Person(server, await profile(browser, { locale }), name, locale);
  await person.signIn();
  return person;
}

const said = (name, body, where = room) =>
  server.api(tokens[name], "PUT", `/api/rooms/${where}/messages/${crypto.randomUUID()}`, body);
const unread = (name) => server.api(tokens[name], "GET", "/api/unread");
const open = async (person, path) => {
  await person.page.goto(server.url + path);
  await person.page.locator(".side nav").waitFor();
};
const pause = ({ page }) =>
  page.evaluate((ms) => new Promise((resolve) => setTimeout(resolve, ms)), LONG_ENOUGH_MS);

test("a thread that stays open where nobody looks is unread until somebody does", async () => {
  const root = await said("leo", { text: "¿Quién abre mañana?" });
  await said("ana", { text: "Yo, a las ocho", thread: root.id });
  await open(leo, `/r/${room}/t/${root.id}`);
  const panel = leo.page.locator(".thread-panel");
  await panel.getByText("Yo, a las ocho").waitFor();
  await until("what is looked at is read", async () => (await unread("leo")).threads === 0);

  const back = await lookAway(leo);
  await said("ana", { text: "Mejor a las nueve", thread: root.id });
  await panel.getByText("Mejor a las nueve").waitFor();
  await pause(leo);
  const { threads, mentions } = await unread("leo");
  assert.deepEqual({ threads, mentions }, { threads: 1, mentions: 1 }, "it waits for its reader");
  await back();
  await until("it is read when they are back", async () => {
    const now = await unread("leo");
    return now.threads === 0 && now.mentions === 0;
  });
  leo.checkFaults();
});
