// What a screen reader is told of the room that is open: each message once, never more than one
// can listen to, and nothing while one writes, apart from one's own name.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, profile } from "./lib/browser.mjs";
import { Person } from "./lib/person.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

let server;
let browser;
let room;
let token;
let leo;

before(async () => {
  server = await Server.start();
  browser = await launch();
  token = await server.account("ana", "Ana Torres");
  await server.api(token, "GET", "/api/me");
  await server.api(await server.account("leo", "Leo Martín"), "GET", "/api/me");
  room = (await server.api(token, "POST", "/api/rooms", { kind: "private", name: "obra" })).id;
  await server.api(token, "POST", `/api/rooms/${room}/members`, { username: "leo" });
  for (let number = 0; number < 30; number += 1) await say(`de antes ${number}`);
  leo = new Person(server, await profile(browser, { locale: "es" }), "leo", "es");
  // From the first moment of each page, so that nothing of its beginning is missed.
  await leo.page.addInitScript(listen);
  await leo.signIn();
  await leo.page.goto(`${server.url}/r/${room}`);
  await leo.composer().waitFor();
  await leo.sees("de antes 29");
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Keeps all that is said aloud, by how it is said. */
function listen() {
  window.aloud = { polite: [], assertive: [] };
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const element = target instanceof Element ? target : target.parentElement;
      const region = element?.closest("[aria-live]");
      const words = region?.textContent.trim();
      if (words) window.aloud[region.ariaLive].push(words);
    }
  }).observe(document, { subtree: true, characterData: true, childList: true });
}

const aloud = (how = "polite") => leo.page.evaluate((how) => window.aloud[how], how);
const say = (text) =>
  server.api(token, "PUT", `/api/rooms/${room}/messages/${crypto.randomUUID()}`, { text });

/** What is said aloud, once something was. */
async function saidAloud(what) {
  await leo.page.evaluate(() => {
    window.aloud.polite = [];
  });
  await what();
  return until("something is said aloud", async () => {
    const words = await aloud();
    return words.length > 0 && words;
  });
}

test("a message is said once, and nothing of what was there before", async () => {
  assert.deepEqual(await aloud(), [], "what was there is not read out");
  assert.deepEqual(await saidAloud(() => say("buenos días")), ["Ana Torres: buenos días"]);
  const answer = await saidAloud(() => say("el tejado está listo"));
  assert.deepEqual(answer, ["Ana Torres: el tejado está listo"], "each message once");
});

test("of many messages only their number is said", async () => {
  const many = ["uno", "dos", "tres", "cuatro", "cinco"];
  const words = await saidAloud(() => Promise.all(many.map(say)));
  assert.deepEqual(words, [leo.word("announce_many", { count: 5, room: "obra" })]);
});

test("while somebody writes, only what calls them is said", async () => {
  await leo.composer().fill("estoy escri");
  const words = await saidAloud(async () => {
    await say("nada para leo");
    await leo.sees("nada para leo");
    await say("@leo ¿vienes?");
  });
  assert.equal(words.length, 1);
  assert.match(words[0], /^Ana Torres: .*¿vienes\?$/);
  await leo.composer().fill("");
});

test("that the connection is lost interrupts", async () => {
  await leo.page.context().setOffline(true);
  const lost = leo.word("connection_lost");
  await until("it is said", async () => (await aloud("assertive")).includes(lost));
  await leo.page.context().setOffline(false);
  assert.deepEqual(await aloud("assertive"), [lost], "once");
});
