// A thousand messages over a network that loses every fifth acknowledgement, written in two tabs
// of one browser that are reloaded in the middle of it: none is lost, none is there twice.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, profile } from "./lib/browser.mjs";
import { Losses } from "./lib/losses.mjs";
import { Person } from "./lib/person.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const EACH = 500;
const BATCH = 20;
const SHARE = 0.2;
/** A thousand messages one after another take longer than one condition may. */
const SENDING_MS = 240_000;

let server;
let browser;
let token;
let room;

before(async () => {
  server = await Server.start();
  browser = await launch();
  token = await server.account("ana");
  const made = { kind: "private", name: "Túnel" };
  room = (await server.api(token, "POST", "/api/rooms", made)).id;
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Writes texts into the composer and presses Enter after each, as fast as the page takes it. */
const write = async (texts) => {
  const area = document.querySelector("#composer");
  const { set } = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value");
  const turn = () => new Promise((done) => setTimeout(done));
  for (const text of texts) {
    set.call(area, text);
    area.dispatchEvent(new InputEvent("input", { bubbles: true }));
    await turn();
    area.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
    while (area.value !== "") await turn();
  }
};

const unsent = (tab) => tab.page.locator("article.message.pending").count();

/** Writes everything, and reloads the page after some batches. Answers what reloads met. */
async function talk(tab, texts, reloads) {
  let met = 0;
  for (let at = 0; at < texts.length; at += BATCH) {
    await tab.composer().waitFor();
    await tab.page.evaluate(write, texts.slice(at, at + BATCH));
    if (reloads.includes(at / BATCH)) {
      met += await unsent(tab);
      await tab.page.reload();
    } else await until("most is sent", async () => (await unsent(tab)) < BATCH / 3, SENDING_MS);
  }
  return met;
}

/** Every text in the room, in its order. */
async function stored() {
  const texts = [];
  let after = 0;
  for (let more = true; more; ) {
    const path = `/api/rooms/${room}/messages?limit=200&after=${after}`;
    const { items, has_newer } = await server.api(token, "GET", path);
    texts.push(...items.map(({ text }) => text));
    after = items.at(-1)?.seq;
    more = has_newer;
  }
  return texts;
}

const ofTab = (name, texts) => texts.filter((text) => text.startsWith(`${name} `));

test("of 1,000 messages none is lost and none is twice when acknowledgements are", async () => {
  const losses = new Losses(SHARE);
  const page = await profile(browser, { viewport: { width: 800, height: 500 } });
  const ana = new Person(server, page, "ana");
  await ana.signIn();
  await losses.between(page.context());
  const tabs = [ana, new Person(server, await page.context().newPage(), "ana")];
  for (const tab of tabs) await tab.page.goto(`${server.url}/r/${room}`);
  const names = ["one", "two"];
  const texts = names.map((name) => Array.from({ length: EACH }, (_, at) => `${name} ${at}`));

  const reloads = [[4, 15], [9]];
  const met = await Promise.all(tabs.map((tab, at) => talk(tab, texts[at], reloads[at])));
  assert.ok(met[0] + met[1] > 0, "no reload met a message on its way");
  for (const tab of tabs)
    await until("all is sent", async () => (await unsent(tab)) === 0, SENDING_MS);

  const found = await stored();
  for (const [at, name] of names.entries())
    assert.deepEqual(ofTab(name, found), texts[at], "each once, in the order of writing");
  assert.equal(found.length, 2 * EACH);
  const { acknowledgements, lost, cut, repeated } = losses;
  const told = `${lost} of ${acknowledgements} acknowledgements lost, ${cut} with the connection`;
  console.log(`${told}; ${repeated} messages went more than once; reloads met ${met}`);
  assert.ok(lost > 0.15 * acknowledgements && lost >= 150 && cut >= 5 && repeated >= 5, told);

  losses.end();
  for (const tab of tabs) {
    await tab.page.reload();
    await tab.composer().waitFor();
    await until("the end of the room is in sight", async () => {
      return (await tab.texts()).at(-1) === found.at(-1);
    });
    const shown = await tab.texts();
    assert.deepEqual(shown, found.slice(-shown.length), "shown as the server has it");
  }
  assert.equal((await stored()).length, 2 * EACH, "nothing is sent again after a reload");
  ana.checkFaults();
});
