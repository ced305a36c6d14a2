// Messages kept for later: the same on every device, by menu and by key, and what is shown when
// there are none, when a message or its room is gone, and without an answer or a network.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { tooWide, violations } from "./lib/axe.mjs";
import { launch, profile } from "./lib/browser.mjs";
import { Person } from "./lib/person.mjs";
import { Server } from "./lib/server.mjs";
import { refuseForGood } from "./lib/stage.mjs";
import { until } from "./lib/wait.mjs";

const small = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const key = "La llave está arriba";
const oven = "El horno, a las ocho";
const bread = "¿Quién trae el pan?";

let server;
let browser;
let ana;
let leo;
let room;
let desk;
let phone;
/** By their texts. */
const said = {};

async function say(text) {
  const path = `/api/rooms/${room}/messages/${randomUUID()}`;
  const message = await server.api(leo, "PUT", path, { text });
  said[text.replaceAll("*", "")] = message;
}

before(async () => {
  server = await Server.start();
  browser = await launch();
  ana = await server.account("ana", "Ana Torres");
  leo = await server.account("leo", "Leo Martín");
  await server.api(ana, "GET", "/api/me");
  const made = { kind: "private", name: "taller" };
  room = (await server.api(leo, "POST", "/api/rooms", made)).id;
  await server.api(leo, "POST", `/api/rooms/${room}/members`, { username: "ana" });
  for (const text of ["La llave está **arriba**", oven, bread]) await say(text);
  desk = new Person(server, await profile(browser), "ana");
  phone = new Person(server, await profile(browser, { ...small, locale: "es" }), "ana", "es");
  await desk.signIn();
  await phone.signIn();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const open = (person) => person.page.goto(`${server.url}/saved`);
const row = ({ page }, text) => page.locator(".saved .inbox-row", { hasText: text });
const remover = (person, text) =>
  row(person, text).getByRole("button", { name: person.word("action_unsave") });
const mark = ({ page }, text) => page.locator(`#m-${said[text].id} .kept`);
const toast = ({ page }, text) => page.locator(".toast", { hasText: text });

/** Takes the notices away, so that the next one is the newest. */
async function dismissAll(person) {
  const toasts = person.page.locator(".toast");
  while ((await toasts.count()) > 0)
    await toasts.last().getByRole("button", { name: person.word("dismiss") }).click();
}

/** Waits until the rows are these, in this order. */
const lists = ({ page }, ...wanted) =>
  until(`the list is ${wanted}`, async () => {
    const rows = await page.locator(".saved .inbox-row :is(.text, .gone)").allTextContents();
    const shown = rows.map((text) => text.trim()).join("|");
    return shown === wanted.join("|");
  });

const hasFocus = (what, locator) =>
  until(`${what} has the focus`, () =>
    locator.evaluate((element) => element === document.activeElement),
  );

test("a message is saved by the menu and by S, and every device lists the last first", async () => {
  await open(phone);
  await phone.page.getByRole("heading", { name: phone.word("saved_empty_title") }).waitFor();
  await desk.openRoom("taller");
  const first = desk.page.locator(`#m-${said[key].id}`);
  await first.hover();
  await first.getByRole("button", { name: desk.word("more_actions") }).click();
  await desk.page.getByRole("menuitem", { name: desk.word("action_save") }).click();
  await mark(desk, key).waitFor();
  await lists(phone, key);
  for (const text of [bread, oven]) {
    await desk.page.locator(`#m-${said[text].id}`).focus();
    await desk.page.keyboard.press("s");
    await toast(desk, desk.word("saved_done")).first().waitFor();
    await mark(desk, text).waitFor();
  }
  await lists(phone, oven, bread, key);
  assert.equal((await mark(desk, oven).textContent()).trim(), desk.word("saved_done"));
  await row(phone, oven).getByText("Leo Martín").waitFor();
  await row(phone, oven).getByText("taller").waitFor();
  assert.deepEqual(await violations(phone.page), []);
  assert.deepEqual(await tooWide(phone.page), []);
  await desk.page.locator(".side").getByRole("link", { name: desk.word("saved_messages") }).click();
  await lists(desk, oven, bread, key);
  assert.deepEqual(await violations(desk.page), []);
  const { items } = await server.api(leo, "GET", "/api/saved");
  assert.deepEqual(items, [], "it is nobody else's");
});

test("a row leads to its message, which has its mark after a reload, too", async () => {
  await row(phone, key).getByRole("button", { name: phone.word("go_to_message") }).tap();
  await phone.page.waitForURL(`**/r/${room}/m/${said[key].id}`);
  await mark(phone, key).waitFor();
  await phone.page.reload();
  await mark(phone, key).waitFor();
  assert.equal((await mark(phone, key).textContent()).trim(), phone.word("saved_done"));
  await phone.page.locator(`#m-${said[key].id}`).press("s");
  await mark(phone, key).waitFor({ state: "detached" });
  await lists(desk, oven, bread);
  await phone.page.locator(`#m-${said[key].id}`).press("s");
  await lists(desk, key, oven, bread);
});

test("what is removed is gone everywhere and can be undone", async () => {
  await remover(desk, key).click();
  await lists(desk, oven, bread);
  await mark(phone, key).waitFor({ state: "detached" });
  await toast(desk, desk.word("saved_removed")).getByText(desk.word("undo")).click();
  await lists(desk, key, oven, bread);
  await mark(phone, key).waitFor();
  await remover(desk, oven).click();
  await lists(desk, key, bread);
  await toast(desk, desk.word("saved_removed")).getByText(desk.word("undo")).click();
  await lists(desk, key, oven, bread);
  await desk.page.reload();
  await lists(desk, key, oven, bread);
});

test("by keys: S removes a row, the next has the focus, and Enter goes to that", async () => {
  const { page } = desk;
  await row(desk, key).focus();
  await page.keyboard.press("s");
  await lists(desk, oven, bread);
  await hasFocus("the next row", row(desk, oven));
  await until("Tab comes back to it", async () =>
    (await row(desk, oven).getAttribute("tabindex")) === "0");
  await page.keyboard.press("ArrowDown");
  await hasFocus("the last row", row(desk, bread));
  await page.keyboard.press("s");
  await lists(desk, oven);
  await hasFocus("the row before it", row(desk, oven));
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/r/${room}/m/${said[oven].id}`);
  await page.goBack();
  await dismissAll(desk);
  await row(desk, oven).focus();
  await page.keyboard.press("s");
  await page.getByRole("heading", { name: desk.word("saved_empty_title") }).waitFor();
  await toast(desk, desk.word("saved_removed")).waitFor();
  await page.keyboard.press("F8");
  await page.keyboard.press("Enter");
  await lists(desk, oven);
  for (const text of [bread, key]) {
    const path = `/api/rooms/${room}/messages/${said[text].id}/saved`;
    await server.api(ana, "PUT", path);
  }
  await lists(desk, key, bread, oven);
});

test("what another device did while this one had no network is known when it is back", async () => {
  await mark(phone, oven).waitFor();
  await phone.page.context().setOffline(true);
  await phone.page.locator(".strip", { hasText: phone.word("offline") }).waitFor();
  await remover(desk, oven).click();
  await lists(desk, key, bread);
  assert.equal(await mark(phone, oven).count(), 1, "it cannot know yet");
  await phone.page.context().setOffline(false);
  await mark(phone, oven).waitFor({ state: "detached" });
  await mark(phone, key).waitFor();
});

test("without a network or an answer it is said, and shown is only what was done", async () => {
  const { page } = desk;
  await page.context().setOffline(true);
  await page.locator(".saved .notice", { hasText: desk.word("offline") }).waitFor();
  await remover(desk, key).click();
  await toast(desk, desk.word("problem_unreachable")).waitFor();
  await lists(desk, key, bread);
  await page.context().setOffline(false);
  await page.locator(".saved .notice").waitFor({ state: "detached" });
  await refuseForGood(page, "**/api/saved*");
  await open(desk);
  await page.locator("main [role=alert]", { hasText: desk.word("saved_failed") }).waitFor();
  await page.unroute("**/api/saved*");
  await desk.button("retry").click();
  await lists(desk, key, bread);
});

test("what was edited or deleted is shown so, and of a room that was left nothing", async () => {
  const path = `/api/rooms/${room}/messages/${said[bread].id}`;
  await server.api(leo, "PATCH", path, { text: "¿Quién trae la sal?" });
  await lists(desk, key, "¿Quién trae la sal?");
  await server.api(leo, "DELETE", path);
  await lists(desk, key, desk.word("message_deleted"));
  await remover(desk, desk.word("message_deleted")).click();
  await lists(desk, key);
  const members = `/api/rooms/${room}/members`;
  const me = (await server.api(ana, "GET", "/api/me")).person.id;
  await server.api(leo, "DELETE", `${members}/${me}`);
  await desk.page.getByRole("heading", { name: desk.word("saved_empty_title") }).waitFor();
  const other = (await server.api(leo, "POST", "/api/rooms", { kind: "private", name: "otra" })).id;
  await server.api(leo, "POST", `/api/rooms/${other}/members`, { username: "ana" });
  const salt = `/api/rooms/${other}/messages/${randomUUID()}`;
  const { id } = await server.api(leo, "PUT", salt, { text: "Comprar sal" });
  await server.api(ana, "PUT", `/api/rooms/${other}/messages/${id}/saved`);
  await lists(desk, "Comprar sal");
  await server.api(leo, "POST", members, { username: "ana" });
  await lists(desk, "Comprar sal", key);
  desk.checkFaults();
  phone.checkFaults();
});
