// What one began to write, and what was not sent: listed, found again, and never lost.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { launch, profile } from "./lib/browser.mjs";
import { focusOn } from "./lib/focus.mjs";
import { Person } from "./lib/person.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

let server;
let browser;
let leo;
let ana;
let room;
let kitchen;

before(async () => {
  server = await Server.start();
  browser = await launch();
  const mine = await server.account("ana", "Ana Torres");
  leo = await server.account("leo", "Leo Martín");
  const hers = { kind: "private", name: "cocina" };
  kitchen = (await server.api(mine, "POST", "/api/rooms", hers)).id;
  const made = { kind: "private", name: "taller" };
  room = (await server.api(leo, "POST", "/api/rooms", made)).id;
  await server.api(leo, "POST", `/api/rooms/${room}/members`, { username: "ana" });
  const said = `/api/rooms/${room}/messages/${randomUUID()}`;
  await server.api(leo, "PUT", said, { text: "¿Quién abre?" });
  ana = new Person(server, await profile(browser), "ana");
  await ana.signIn();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const entry = () => ana.page.locator(".side a[href='/drafts']");
const row = (text) => ana.page.locator(".drafts li", { hasText: text });
const counts = (number) =>
  until(`${number} are counted`, async () => {
    const count = entry().locator(".count");
    return number === 0
      ? (await count.count()) === 0
      : (await count.count()) === 1 && (await count.textContent()) === String(number);
  });
const focused = (id) =>
  until(`${id} has the focus`, () =>
    ana.page.evaluate((id) => document.activeElement?.id === id, id),
  );

test("drafts of rooms and threads are listed, lead to their composer, and can be undone", async () => {
  const { page } = ana;
  await ana.openRoom("taller");
  await ana.composer().fill("medio dicho");
  await counts(0);
  await focusOn(page.locator("article.message").first());
  await page.keyboard.press("t");
  await page.locator("#thread-composer").fill("en el hilo");
  await entry().click();
  await counts(2);
  await row("medio dicho").waitFor();
  const texts = await page.locator(".drafts .line").allTextContents();
  assert.deepEqual(texts, ["en el hilo", "medio dicho"], "the one written last is first");

  const goOn = ana.word("draft_go_on_in", { room: "taller" });
  await row("en el hilo").getByRole("button", { name: goOn }).press("Enter");
  await focused("thread-composer");
  assert.equal(await page.locator("#thread-composer").inputValue(), "en el hilo");
  await page.goBack();
  await row("medio dicho").getByRole("button", { name: goOn }).press("Enter");
  await focused("composer");
  assert.equal(await ana.composer().inputValue(), "medio dicho");
  await page.goBack();

  const discard = ana.word("draft_discard_in", { room: "taller" });
  await row("medio dicho").getByRole("button", { name: discard }).click();
  await row("medio dicho").waitFor({ state: "detached" });
  await counts(1);
  await page.keyboard.press("F8");
  await page.keyboard.press("Enter");
  await row("medio dicho").waitFor();
  await page.reload();
  await row("medio dicho").waitFor();
  assert.deepEqual(await page.locator(".drafts .line").allTextContents(), texts);
  ana.checkFaults();
});

test("what is on its way is not counted as unsent, unless there is no network", async () => {
  const person = new Person(server, await profile(browser), "ana");
  const { page } = person;
  await person.signIn();
  await person.openRoom("cocina");
  const before = await page.locator(".side a[href='/drafts']").textContent();
  await page.evaluate(() => {
    const link = document.querySelector(".side a[href='/drafts']");
    globalThis.seen = new Set();
    const look = () => globalThis.seen.add(link.textContent);
    const whole = { subtree: true, childList: true, characterData: true };
    new MutationObserver(look).observe(link, whole);
  });
  const seen = () => page.evaluate(() => [...globalThis.seen]);
  await person.say("ya sale");
  await person.sees("ya sale");
  await until("it is sent", async () => (await page.locator(".message.pending").count()) === 0);
  assert.deepEqual(await seen(), [], "nothing blinks while it is sent");

  await page.context().setOffline(true);
  await person.say("sin red");
  await until("it is counted", async () => (await seen()).some((text) => text !== before));
  await page.context().setOffline(false);
  await until("it is sent", async () => (await page.locator(".message.pending").count()) === 0);
  await page.context().close();
});

test("what was written last is kept over a reload, also if the server was not told", async () => {
  const mine = await server.operator("token", "create", "--user", "ana", "--ttl", "3600");
  const atServer = async () => {
    const { items } = await server.api(mine, "GET", "/api/drafts");
    return items.find(({ room }) => room === kitchen)?.text ?? "";
  };
  const person = new Person(server, await profile(browser), "ana");
  const { page } = person;
  await person.signIn();
  await person.openRoom("cocina");
  await person.composer().fill("pan");
  await until("the server has it", async () => (await atServer()) === "pan");

  const untold = "**/api/rooms/*/draft";
  const reloaded = async () => {
    const listed = page.waitForResponse((answer) => answer.url().endsWith("/api/drafts"));
    await page.reload();
    await (await listed).finished();
    await person.composer().waitFor();
  };
  for (const newer of ["pan y queso", ""]) {
    await page.route(untold, (route) => route.abort());
    await person.composer().fill(newer);
    await reloaded();
    await page.unroute(untold);
    assert.equal(await person.composer().inputValue(), newer);
    await reloaded();
    await until("the server is told", async () => (await atServer()) === newer);
    assert.equal(await person.composer().inputValue(), newer);
  }
  person.checkFaults();
  await page.context().close();
});

test("a page that cannot be loaded says so, and the rest stays", async () => {
  const person = new Person(server, await profile(browser), "ana");
  const { page } = person;
  let cut = true;
  const cutOff = (route) => (cut ? route.abort() : route.continue());
  await page.route(/\/assets\/(InboxPage|PeoplePage)/, cutOff);
  await person.signIn();
  await person.openRoom("taller");
  const failure = page.getByRole("alert").getByText(person.word("page_failed"));
  await page.keyboard.press("Control+Shift+m");
  await failure.waitFor();
  await person.openRoom("taller");
  cut = false;
  await page.keyboard.press("Control+Shift+m");
  await page.getByRole("heading", { name: person.word("inbox") }).waitFor();
  cut = true;
  await page.goto(`${server.url}/people`);
  await failure.waitFor();
  cut = false;
  await person.button("retry").click();
  await page.getByRole("heading", { name: person.word("people") }).waitFor();
  person.checkFaults();
  await page.context().close();
});

test("what cannot be loaded at all says so, and comes when it is tried again", async () => {
  const person = new Person(server, await profile(browser), "ana");
  const { page } = person;
  const failure = page.getByRole("alert").getByText(person.word("page_failed"));
  const toast = page.locator(".toast").getByText(person.word("page_failed"));
  let cut = true;
  const cutOff = (route) => (cut ? route.abort() : route.continue());
  await page.route(/\/assets\/(Welcome|App|ProfilePopover|Menu)-/, cutOff);
  const tried = async () => {
    cut = true;
    await page.goto(server.url);
    await failure.waitFor();
    cut = false;
    await person.button("retry").click();
  };
  await tried();
  await page.getByRole("link", { name: person.word("sign_in"), exact: true }).waitFor();
  await person.signIn();
  await tried();
  await person.openRoom("taller");

  const message = page.locator("article.message").first();
  const menu = message.getByRole("button", { name: person.word("more_actions"), exact: true });
  const openers = [
    [page.locator("button.me"), page.getByRole("dialog", { name: person.word("profile") })],
    [menu, page.getByRole("menu", { name: person.word("more_actions") })],
  ];
  for (const [opener, opened] of openers) {
    cut = true;
    await message.hover();
    await opener.click();
    await toast.waitFor();
    await page.locator(".toast").getByRole("button", { name: person.word("dismiss") }).click();
    await toast.waitFor({ state: "detached" });
    cut = false;
    await message.hover();
    await opener.click();
    await opened.waitFor();
    await page.keyboard.press("Escape");
    await opened.waitFor({ state: "detached" });
  }
  person.checkFaults();
  await page.context().close();
});

test("a panel that cannot be loaded or breaks says so, and the room stays", async () => {
  const person = new Person(server, await profile(browser), "ana");
  const { page } = person;
  const panel = (key) => page.getByRole("complementary", { name: person.word(key) });
  const failed = (key) => panel(key).getByRole("alert").getByText(person.word("page_failed"));
  const press = (key, button) =>
    panel(key).getByRole("button", { name: person.word(button), exact: true }).click();

  await page.route("**/assets/ThreadPanel*", (route) => route.abort());
  await person.signIn();
  await person.openRoom("taller");
  await focusOn(page.locator("article.message").first());
  await page.keyboard.press("t");
  await failed("thread").waitFor();
  await person.composer().fill("sigo en la sala");
  await page.unroute("**/assets/ThreadPanel*");
  await press("thread", "retry");
  await page.locator("#thread-composer").waitFor();
  await press("thread", "close");

  await page.route("**/api/rooms/*/members*", (route) => route.fulfill({ json: { items: [{}] } }));
  await page.locator(".members-btn").click();
  await failed("members").waitFor();
  assert.equal(await person.composer().inputValue(), "sigo en la sala");
  await press("members", "close");
  await panel("members").waitFor({ state: "detached" });
  await page.locator(".members-btn").click();
  await failed("members").waitFor();
  await page.unroute("**/api/rooms/*/members*");
  await press("members", "retry");
  await panel("members").getByText("@leo").waitFor();
  await person.composer().fill("");
  person.checkFaults();
  await page.context().close();
});

test("what could not be sent says why, and is sent when it is tried again", async () => {
  const { page } = ana;
  const { id } = JSON.parse((await ana.fetch("/api/me")).text).person;
  await ana.openRoom("taller");
  await page.context().setOffline(true);
  await ana.composer().fill("esto va en serio");
  await ana.composer().press("Enter");
  await entry().click();
  await row("esto va en serio").getByText(ana.word("delivery_queued")).waitFor();

  await server.api(leo, "DELETE", `/api/rooms/${room}/members/${id}`);
  await page.context().setOffline(false);
  await row("esto va en serio").getByText(ana.word("rejected_no_room")).waitFor();
  await entry().getByText(ana.word("drafts_rejected")).waitFor();
  await row("esto va en serio").getByRole("button", { name: ana.word("discard") }).click();
  await row("esto va en serio").waitFor({ state: "detached" });
  await ana.button("undo").click();
  await row("esto va en serio").getByText(ana.word("rejected_no_room")).waitFor();

  await server.api(leo, "POST", `/api/rooms/${room}/members`, { username: "ana" });
  await ana.roomLink("taller").waitFor();
  await row("esto va en serio").getByRole("button", { name: ana.word("retry") }).click();
  await row("esto va en serio").waitFor({ state: "detached" });
  const { items } = await server.api(leo, "GET", `/api/rooms/${room}/messages`);
  assert.equal(items.filter(({ text }) => text === "esto va en serio").length, 1);
  ana.checkFaults();
});

test("who is called in a draft is called under a new name, too, though the page was reloaded", async () => {
  const { page } = ana;
  const mine = await server.operator("token", "create", "--user", "ana", "--ttl", "3600");
  const mia = await server.account("mia", "Mía Paz");
  const { person } = await server.api(mia, "GET", "/api/me");
  await server.api(mine, "POST", `/api/rooms/${kitchen}/members`, { username: "mia" });
  await ana.openRoom("cocina");
  await ana.composer().focus();
  await page.keyboard.type("te toca, @mi");
  await page.getByRole("option", { name: "Mía Paz" }).waitFor();
  await page.keyboard.press("Tab");
  // She has said nothing, so no message tells who that is.
  await page.reload();
  await ana.composer().waitFor();
  assert.equal(await ana.composer().inputValue(), "te toca, @mia ");
  await ana.composer().press("Enter");
  await ana.allSent();
  const { items } = await server.api(mia, "GET", `/api/rooms/${kitchen}/messages`);
  const sent = items.find(({ text }) => text.startsWith("te toca"));
  assert.equal(sent.text, `te toca, <@${person.id}>`);

  const renamed = new Person(server, await profile(browser), "mia");
  await renamed.signIn();
  await renamed.page.goto(`${server.url}/id/account`);
  const form = renamed.page.locator("form[action$='/profile']");
  await form.locator("input[name=display_name]").fill("Mía Paz Soto");
  await form.locator("button[type=submit]").click();
  await renamed.page.goto(`${server.url}/auth/login?return_to=/`);
  await renamed.arrive();
  await page.reload();
  const called = page.locator("article.message", { hasText: "te toca" }).locator(".mention");
  await called.filter({ hasText: "@Mía Paz Soto" }).waitFor();
  for (const one of [ana, renamed]) one.checkFaults();
  await renamed.page.context().close();
});
