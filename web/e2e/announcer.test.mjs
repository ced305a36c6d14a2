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
let other;
let token;
let leo;

before(async () => {
  server = await Server.start();
  browser = await launch();
  token = await server.account("ana", "Ana Torres");
  await server.api(token, "GET", "/api/me");
  await server.api(await server.account("leo", "Leo Martín"), "GET", "/api/me");
  [room, other] = await Promise.all(["obra", "oficina"].map(roomOfBoth));
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

async function roomOfBoth(name) {
  const { id } = await server.api(token, "POST", "/api/rooms", { kind: "private", name });
  await server.api(token, "POST", `/api/rooms/${id}/members`, { username: "leo" });
  return id;
}

/** Keeps all that is said aloud, by how it is said. */
function listen() {
  window.aloud = { polite: [], assertive: [] };
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const element = target instanceof Element ? target : target.parentElement;
      const region = element?.closest("[aria-live]");
      const words = region?.textContent.trim();
      // What is in the list of messages itself is not said: it has a region that is off.
      if (words) window.aloud[region.ariaLive]?.push(words);
    }
  }).observe(document, { subtree: true, characterData: true, childList: true });
}

const aloud = (how = "polite") => leo.page.evaluate((how) => window.aloud[how], how);
const say = (text, where = room) =>
  server.api(token, "PUT", `/api/rooms/${where}/messages/${crypto.randomUUID()}`, { text });
const sayAll = (texts) => Promise.all(texts.map((text) => say(text)));
/** Longer than what is heard waits for more. */
const longEnough = () => leo.page.waitForTimeout(2_500);

/** Chooses how much is read out, and is back in the room. */
async function prefer(choice) {
  await leo.page.goto(`${server.url}/you`);
  const group = leo.page.getByRole("group", { name: leo.word("spoken"), exact: true });
  await group.getByRole("radio", { name: leo.word(choice), exact: true }).press("Space");
  await leo.page.goto(`${server.url}/r/${room}`);
  await leo.page.locator("article.message").last().waitFor();
  await leo.composer().focus();
}

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

test("up to three messages are said in one breath, and of more only their number", async () => {
  const [words, ...more] = await saidAloud(() => sayAll(["uno", "dos", "tres"]));
  const lines = ["Ana Torres: dos", "Ana Torres: tres", "Ana Torres: uno"];
  assert.deepEqual(words.split(". ").toSorted(), lines);
  assert.deepEqual(more, []);
  const many = await saidAloud(() => sayAll(["uno", "dos", "tres", "cuatro"]));
  assert.deepEqual(many, [leo.word("announce_many", { count: 4, room: "obra" })]);
});

test("of other rooms nothing is said, nor of the room where one is not", async () => {
  const words = await saidAloud(async () => {
    await say("en otra parte", other);
    await leo.roomLink("oficina").locator(".count").waitFor();
    await say("aquí");
  });
  assert.deepEqual(words, ["Ana Torres: aquí"]);
});

test("how many there are to choose from is said, and again when it changes", async () => {
  const options = (count) => leo.word("options_count", { count });
  await leo.composer().focus();
  const words = await saidAloud(async () => {
    await leo.page.keyboard.type("#o");
    await until("both rooms are offered", async () => {
      return (await leo.page.getByRole("option").count()) === 2;
    });
    await leo.page.keyboard.type("b");
    await until("one is left", async () => (await leo.page.getByRole("option").count()) === 1);
    await until("it is said", async () => (await aloud()).includes(options(1)));
  });
  assert.deepEqual(words, [options(2), options(1)]);
  await leo.composer().fill("");
});

test("who wants to hear only what is for them, or nothing, hears no more than that", async () => {
  await prefer("spoken_mentions");
  const words = await saidAloud(async () => {
    await say("para nadie");
    await leo.sees("para nadie");
    await say("@leo, para ti");
  });
  assert.deepEqual(words, ["Ana Torres: @leo, para ti"]);
  await prefer("spoken_off");
  await say("@leo, y esto");
  await leo.page.locator("article.message", { hasText: "y esto" }).waitFor();
  await longEnough();
  assert.deepEqual(await aloud(), []);
  await prefer("spoken_all");
  assert.deepEqual(await saidAloud(() => say("de nuevo")), ["Ana Torres: de nuevo"]);
});

test("while somebody writes, only what calls them is said", async () => {
  await leo.composer().fill("estoy escri");
  const words = await saidAloud(async () => {
    await say("nada para leo");
    await leo.sees("nada para leo");
    await say("@leo ¿vienes?");
  });
  assert.deepEqual(words, ["Ana Torres: @leo ¿vienes?"]);
  await leo.composer().fill("");
});

test("that the connection is lost interrupts", async () => {
  await leo.page.context().setOffline(true);
  const lost = leo.word("connection_lost");
  await until("it is said", async () => (await aloud("assertive")).includes(lost));
  await leo.page.context().setOffline(false);
  await leo.page.locator(".me .presence.live").waitFor();
  await leo.page.locator(".strip").waitFor({ state: "detached" });
  assert.deepEqual(await aloud("assertive"), [lost], "once, until it is back");
});

test("that a message was not accepted interrupts", async () => {
  const { page } = leo;
  const { id } = JSON.parse((await leo.fetch("/api/me")).text).person;
  await page.context().setOffline(true);
  await leo.composer().fill("llego tarde");
  await leo.composer().press("Enter");
  await page.locator("article.message.pending").waitFor();
  await server.api(token, "DELETE", `/api/rooms/${room}/members/${id}`);
  await page.context().setOffline(false);
  const rejected = leo.word("rejected");
  await until("it is said", async () => (await aloud("assertive")).includes(rejected));
  const interrupted = (await aloud("assertive")).filter((words) => words === rejected);
  assert.equal(interrupted.length, 1, "once");
  leo.checkFaults();
});
