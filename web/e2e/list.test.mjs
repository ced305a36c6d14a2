// The list of rooms: what is muted, what is folded, and in which order, without jumping.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { launch, profile } from "./lib/browser.mjs";
import { Person } from "./lib/person.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const NAMES = ["ajedrez", "bodega", "cocina", "diseño"];

let server;
let browser;
let ana;
let mine;
let leo;
const rooms = {};

before(async () => {
  server = await Server.start();
  browser = await launch();
  mine = await server.account("ana", "Ana Torres");
  leo = await server.account("leo", "Leo Martín");
  await server.api(leo, "GET", "/api/me");
  for (const name of NAMES) {
    rooms[name] = (await server.api(mine, "POST", "/api/rooms", { kind: "private", name })).id;
    const members = `/api/rooms/${rooms[name]}/members`;
    await server.api(mine, "POST", members, { username: "leo" });
  }
  ana = new Person(server, await profile(browser), "ana");
  await ana.signIn();
  await ana.roomLink("diseño").waitFor();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const say = (name, text) =>
  server.api(leo, "PUT", `/api/rooms/${rooms[name]}/messages/${randomUUID()}`, { text });

const mute = (name, choice) =>
  server.api(mine, "PUT", `/api/rooms/${rooms[name]}/notices`, choice);

const link = (name) => ana.roomLink(name);
const weight = (name) =>
  link(name)
    .locator(".name")
    .evaluate((element) => Number(getComputedStyle(element).fontWeight));
const names = () => ana.page.locator(".side .nav-link[href^='/r/'] .name").allTextContents();
const shows = (what, wanted) =>
  until(what, async () => JSON.stringify(await names()) === JSON.stringify(wanted));

test("a muted room is marked and never bold, and still says that it calls me", async () => {
  const { page } = ana;
  await mute("bodega", { muted_for_s: 3600 });
  const muted = link("bodega").getByText(ana.word("muted"));
  await muted.waitFor();
  await say("bodega", "uno");
  await say("cocina", "uno");
  await link("bodega").locator(".count").waitFor();
  await link("cocina").locator(".count").waitFor();
  assert.equal(await weight("bodega"), 400);
  assert.ok((await weight("cocina")) > 600, "the other one is bold");
  await say("bodega", "@ana, ¿vienes?");
  await link("bodega").locator(".badge").waitFor();
  assert.equal(await weight("bodega"), 400);
  await mute("bodega", {});
  await muted.waitFor({ state: "detached" });
  assert.ok((await weight("bodega")) > 600);
  assert.deepEqual(page.faults, []);
});

test("a folded part keeps what presses and the open room, also after a reload", async () => {
  const { page } = ana;
  await ana.openRoom("diseño");
  const part = page.locator(".side .fold").first();
  await part.focus();
  await page.keyboard.press("Enter");
  assert.equal(await part.getAttribute("aria-expanded"), "false");
  await shows("what presses and the open room are left", ["bodega", "cocina", "diseño"]);
  await page.reload();
  await shows("it is folded after a reload", ["bodega", "cocina", "diseño"]);
  await ana.composer().focus();
  // From the open room on, which is the last one: round to the first that is shown.
  await page.keyboard.press("Alt+ArrowDown");
  await page.locator(".page-header h1").getByText("bodega").waitFor();
  await say("ajedrez", "jaque");
  await link("ajedrez").waitFor();
  await part.focus();
  await page.keyboard.press("Enter");
  await shows("all are there again", NAMES);
  assert.equal(await part.getAttribute("aria-expanded"), "true");
});

test("by attention, nothing moves under the pointer, and all of it as soon as it leaves", async () => {
  const { page } = ana;
  await page.goto(`${server.url}/you`);
  await page.getByRole("radio", { name: ana.word("room_order_attention") }).press("Space");
  await ana.openRoom("ajedrez");
  await page.mouse.move(900, 400);
  await ana.composer().focus();
  await page.keyboard.press("Shift+Escape");
  await shows("the newest is first", ["ajedrez", "bodega", "cocina", "diseño"]);
  await link("cocina").hover();
  await say("diseño", "mira esto");
  await link("diseño").locator(".count").waitFor();
  assert.deepEqual(await names(), ["ajedrez", "bodega", "cocina", "diseño"]);
  await page.mouse.move(900, 400);
  await shows("what is unread is first now", ["diseño", "ajedrez", "bodega", "cocina"]);

  // The same for whoever is there by the keyboard.
  await link("bodega").focus();
  await say("cocina", "@ana, ¿y esto?");
  await link("cocina").locator(".badge").waitFor();
  assert.deepEqual(await names(), ["diseño", "ajedrez", "bodega", "cocina"]);
  await ana.composer().focus();
  await shows("what calls me is first now", ["cocina", "diseño", "ajedrez", "bodega"]);
  await page.reload();
  await shows("the choice is kept", ["cocina", "diseño", "ajedrez", "bodega"]);
  ana.checkFaults();
});
