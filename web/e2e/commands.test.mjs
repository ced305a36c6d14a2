// Commands: offered as people are, run instead of being sent, and no text is lost by one.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, profile } from "./lib/browser.mjs";
import { Person } from "./lib/person.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

let server;
let browser;
let mine;
let room;
let ana;

before(async () => {
  server = await Server.start();
  browser = await launch();
  mine = await server.account("ana", "Ana Torres");
  const leo = await server.account("leo", "Leo Martín");
  await server.api(leo, "GET", "/api/me");
  room = (await server.api(mine, "POST", "/api/rooms", { kind: "private", name: "taller" })).id;
  ana = new Person(server, await profile(browser), "ana");
  await ana.signIn();
  await ana.openRoom("taller");
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const said = async () => {
  const { items } = await server.api(mine, "GET", `/api/rooms/${room}/messages`);
  return items.map(({ text }) => text);
};
const line = () => ana.page.locator(".command-line");
const enter = async (text) => {
  await ana.composer().fill(text);
  await ana.composer().press("Enter");
};
const empty = () =>
  until("the composer is empty", async () => (await ana.composer().inputValue()) === "");

test("a command is offered by its beginning, chosen by keys, and done", async () => {
  const { page } = ana;
  await ana.composer().focus();
  await page.keyboard.type("/");
  await page.getByRole("option", { name: "/mute" }).waitFor();
  await page.keyboard.type("to");
  await page.getByRole("option", { name: "/topic" }).waitFor();
  await page.keyboard.press("Enter");
  assert.equal(await ana.composer().inputValue(), "/topic ");
  await page.keyboard.type("Lo de hoy");
  await line().getByText(ana.word("command_known", { name: "topic" })).waitFor();
  await page.keyboard.press("Enter");
  await page.locator(".page-header .topic").getByText("Lo de hoy").waitFor();
  await empty();
  assert.deepEqual(await said(), []);
  ana.checkFaults();
});

test("members are invited, and the room is muted and heard again", async () => {
  await enter("/invite @leo");
  await ana.page.getByText(ana.word("invited_joined", { name: "Leo Martín" })).first().waitFor();
  const muted = ana.roomLink("taller").getByText(ana.word("muted"));
  await enter("/mute 8h");
  await muted.waitFor();
  await enter("/unmute");
  await muted.waitFor({ state: "detached" });
  await empty();
  await enter("/leave");
  await ana.page.getByRole("alertdialog").waitFor();
  await ana.page.keyboard.press("Escape");
  assert.deepEqual(await said(), []);
});

test("what cannot be run is explained and stays, and two slashes send it", async () => {
  await enter("/nada de esto");
  await line().getByText(ana.word("command_unknown", { name: "nada" })).waitFor();
  assert.equal(await ana.composer().inputValue(), "/nada de esto");
  await enter("/mute mucho");
  await line().getByText(ana.word("command_needs_time")).waitFor();
  assert.equal(await ana.composer().inputValue(), "/mute mucho");
  await enter("/invite @nadie y otro");
  await line().getByText(ana.word("command_needs_name")).waitFor();
  assert.deepEqual(await said(), []);

  await ana.composer().fill("//nada de esto");
  await line().getByText(ana.word("command_escaped", { text: "/nada" })).waitFor();
  await ana.composer().press("Enter");
  await ana.sees("/nada de esto");
  await ana.say("/etc/hosts no está");
  await ana.allSent();
  assert.deepEqual((await said()).toSorted(), ["/etc/hosts no está", "/nada de esto"]);
  ana.checkFaults();
});

test("a command that the server refuses says so, and its text stays", async () => {
  await enter(`/topic ${"x".repeat(251)}`);
  await ana.page.getByText(ana.word("problem_invalid")).first().waitFor();
  assert.match(await ana.composer().inputValue(), /^\/topic x+$/);
  await ana.composer().fill("");
});
