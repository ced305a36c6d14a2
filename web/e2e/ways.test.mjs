// The whole way through a conversation: once by the keyboard alone, once on a phone.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, profile } from "./lib/browser.mjs";
import { Person } from "./lib/person.mjs";
import { png } from "./lib/pictures.mjs";
import { PASSWORD, Server } from "./lib/server.mjs";
import { voice } from "./lib/voice.mjs";
import { until } from "./lib/wait.mjs";

/** So long that nothing has ended by itself before it is paused. */
const CLIP_S = 60;

let folder;
let server;
let browser;
let room;
let token;
let leo;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "tertulia-ways-"));
  const speaks = `functions.speak.program=${voice(folder, CLIP_S)}`;
  server = await Server.start("127.0.0.1", [speaks]);
  browser = await launch();
  token = await server.account("ana", "Ana Torres");
  leo = await server.account("leo", "Leo Martín");
  await server.api(leo, "GET", "/api/me");
  const made = { kind: "private", name: "taller" };
  room = (await server.api(token, "POST", "/api/rooms", made)).id;
  await server.api(token, "POST", `/api/rooms/${room}/members`, { username: "leo" });
  await say("¿Quién abre mañana?");
  await say("@ana, ¿puedes tú?");
});
after(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const said = (who, body) =>
  server.api(who, "PUT", `/api/rooms/${room}/messages/${randomUUID()}`, body);
const say = (text) => said(leo, { text });
const change = ({ id }, text) =>
  server.api(token, "PATCH", `/api/rooms/${room}/messages/${id}`, { text });

async function ana(options = {}) {
  const person = new Person(server, await profile(browser, options), "ana");
  await person.signIn();
  return person;
}

const focused = (page, selector) =>
  until(`${selector} has the focus`, () =>
    page.evaluate((wanted) => document.activeElement?.matches(wanted), selector),
  );

/** The middle of an element that is on the screen and has not moved for a while. */
async function restingPlace(element) {
  await element.waitFor();
  let before;
  let rests = 0;
  return until("it rests", async () => {
    const { x, y, width, height } = await element.boundingBox();
    const middle = { x: x + width / 2, y: y + height / 2 };
    rests = before?.x === middle.x && before.y === middle.y ? rests + 1 : 0;
    before = middle;
    return rests >= 20 && middle;
  });
}

/** Presses a key until what has the focus is what is wanted. */
async function pressUntil(page, key, wanted, value) {
  for (let presses = 0; presses <= 25; presses += 1) {
    if (await page.evaluate(wanted, value)) return;
    await page.keyboard.press(key);
  }
  assert.fail(`25 times ${key} did not lead to ${value}`);
}

const isNamed = (name) => {
  const { activeElement: it } = document;
  return it?.name === name || it?.textContent.trim() === name;
};
const isLabelled = (label) => document.activeElement?.ariaLabel === label;
const isLike = (selector) => document.activeElement?.matches(selector) === true;

/** By the switcher, which has rooms, people and actions. */
async function goTo(page, words) {
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.type(words);
  await page.getByRole("menuitem", { name: words }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor({ state: "detached" });
}

test("by the keyboard alone: sign in, write, change, take back, send a file, choose", async () => {
  const person = new Person(server, await profile(browser, {}), "ana");
  const { page } = person;
  const { keyboard } = page;
  await page.goto(server.url);
  await page.getByRole("link", { name: person.word("sign_in"), exact: true }).waitFor();
  await pressUntil(page, "Tab", isNamed, person.word("sign_in"));
  await keyboard.press("Enter");
  await page.locator("input[name=username]").waitFor();
  await pressUntil(page, "Tab", isNamed, "username");
  await keyboard.type("ana");
  await pressUntil(page, "Tab", isNamed, "password");
  await keyboard.type(PASSWORD);
  await keyboard.press("Enter");
  await page.locator(".app").waitFor();

  await goTo(page, "taller");
  await person.composer().waitFor();
  await pressUntil(page, "F6", isLike, "#composer");
  await keyboard.type("Abro yo");
  await keyboard.press("Enter");
  await page.locator("article.message:not(.pending)", { hasText: "Abro yo" }).waitFor();
  await keyboard.press("ArrowUp");
  await focused(page, "article.message textarea");
  await keyboard.press("End");
  await keyboard.type(", a las ocho");
  await keyboard.press("Enter");
  const mine = page.locator("article.message", { hasText: "Abro yo, a las ocho" });
  await mine.waitFor();
  await focused(page, "#composer");

  await pressUntil(page, "F6", isLike, "article.message");
  await keyboard.press("End");
  await until("the last message has the focus", () =>
    page.evaluate(() => document.activeElement.textContent.includes("a las ocho")),
  );
  await keyboard.press("Delete");
  await mine.waitFor({ state: "detached" });
  await keyboard.press("F8");
  await until("the focus is on the way back", () => page.evaluate(isNamed, person.word("undo")));
  await keyboard.press("Enter");
  await mine.waitFor();

  // Listened for early: a key is faster than the browser learns to hand over its chooser.
  const chooser = page.waitForEvent("filechooser");
  await pressUntil(page, "F6", isLike, "#composer");
  await keyboard.press("Control+u");
  const choice = await chooser;
  await choice.setFiles({ name: "llave.png", mimeType: "image/png", buffer: png(300, 200) });
  await page.locator(".tray li.ready").waitFor();
  await focused(page, "#composer");
  await keyboard.press("Enter");
  await page.locator("article.message .picture").waitFor();

  await goTo(page, person.word("profile"));
  await page.locator(".settings").waitFor();
  await pressUntil(page, "Tab", isLike, "input[type=radio]");
  const level = async () => (await server.api(token, "GET", "/api/me/notices")).everywhere.level;
  const before = await level();
  await keyboard.press("ArrowRight");
  await until("another choice is kept", async () => (await level()) !== before);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("by the keyboard alone: find, read, answer, react, call, open the inbox", async () => {
  const person = await ana();
  const { page } = person;
  const { keyboard } = page;

  await keyboard.press("Control+Shift+m");
  await page.locator(".inbox-row").first().waitFor();
  for (let presses = 0; presses < 25; presses += 1) {
    if (await page.evaluate(() => document.activeElement?.matches(".inbox-row"))) break;
    await keyboard.press("Tab");
  }
  await focused(page, ".inbox-row");
  await keyboard.press("Enter");
  await focused(page, "article.message");
  const here = () => page.evaluate(() => document.activeElement.textContent);
  assert.match(await here(), /puedes tú/);

  await keyboard.press("ArrowUp");
  await until("the message above has the focus", async () => /Quién abre/.test(await here()));
  await keyboard.press("t");
  await focused(page, "#thread-composer");
  await keyboard.type("Yo");
  await keyboard.press("Enter");
  await page.locator(".thread-panel article", { hasText: "Yo" }).waitFor();
  await keyboard.press("Escape");
  await page.locator(".thread-panel").waitFor({ state: "detached" });
  await page.locator(".thread-button").waitFor();

  await keyboard.press("Shift+Tab");
  for (let presses = 0; presses < 12; presses += 1) {
    if (await page.evaluate(() => document.activeElement?.matches("article.message"))) break;
    await keyboard.press("F6");
  }
  await focused(page, "article.message");
  await keyboard.press("+");
  await focused(page, ".emoji-picker input");
  await keyboard.type("tada");
  await page.locator(".emoji-picker [data-active]", { hasText: "🎉" }).waitFor();
  await keyboard.press("Enter");
  await page.locator(".reaction", { hasText: "🎉" }).waitFor();

  await focused(page, "article.message");
  await keyboard.press("r");
  await focused(page, "#composer");
  await page.locator(".quoting").waitFor();
  await keyboard.type("@le");
  await page.getByRole("option", { name: "Leo Martín" }).waitFor();
  await keyboard.press("Enter");
  await keyboard.type("hecho");
  await keyboard.press("Enter");
  const answer = page.locator("article.message", { hasText: "hecho" });
  await answer.locator(".quote-card").waitFor();
  await answer.locator(".mention", { hasText: "@Leo Martín" }).waitFor();
  await keyboard.press("Control+/");
  await page.getByRole("dialog", { name: person.word("keyboard_help") }).waitFor();
  await keyboard.press("Escape");
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("by the keyboard alone: hear a message, see what it said before, find a thread", async () => {
  const root = await said(token, { text: "Falta la cola" });
  await change(root, "Falta la cola blanca");
  await said(leo, { text: "La compro yo", thread: root.id });
  const person = await ana();
  const { page } = person;
  const { keyboard } = page;
  await goTo(page, "taller");
  const row = page.locator("article.message", { hasText: "Falta la cola blanca" });
  await row.waitFor(); // One can write there before there is anything to read.
  await pressUntil(page, "F6", isLike, "article.message");
  await keyboard.press("End");
  await until("it has the focus", () => row.evaluate((one) => one === document.activeElement));
  await keyboard.press("p");
  await row.locator(".player").getByRole("slider").waitFor();
  await keyboard.press("p");
  await row.getByRole("button", { name: person.word("speech_go_on") }).waitFor();
  await pressUntil(page, "Tab", isLabelled, person.word("speech_stop"));
  await keyboard.press("Enter");
  await row.locator(".player").waitFor({ state: "detached" });

  await pressUntil(page, "F6", isLike, "article.message");
  await pressUntil(page, "Tab", isLabelled, person.word("more_actions"));
  await keyboard.press("Enter");
  await page.getByRole("menu").waitFor();
  await pressUntil(page, "ArrowDown", isNamed, person.word("action_history"));
  await keyboard.press("Enter");
  const history = page.getByRole("dialog", { name: person.word("edit_history") });
  await history.getByText("Falta la cola", { exact: true }).waitFor();
  await keyboard.press("Escape");
  await history.waitFor({ state: "detached" });

  await keyboard.press("Control+Shift+m");
  await page.getByRole("tab", { name: person.word("inbox_all") }).waitFor();
  await pressUntil(page, "Tab", isLike, "[role=tab]");
  await keyboard.press("ArrowLeft");
  await page.waitForURL("**/threads");
  await page.locator(".inbox-row", { hasText: "Falta la cola blanca" }).waitFor();
  await pressUntil(page, "Tab", isLike, ".inbox-row");
  await keyboard.press("Enter");
  await page.locator(".thread-panel article", { hasText: "La compro yo" }).waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** One of the tabs, by its beginning: a number of what is unread may follow. */
const tab = (person, key) =>
  person.page.locator(".tabbar > *", { hasText: new RegExp(`^${person.word(key)}`) });

/** Holds a message until its actions are there. */
async function held(person, row) {
  await row.dispatchEvent("pointerdown", { pointerType: "touch", bubbles: true });
  const sheet = person.page.getByRole("dialog", { name: person.word("message_actions") });
  await sheet.waitFor();
  await row.dispatchEvent("pointerup", { pointerType: "touch", bubbles: true });
  return sheet;
}

/** What of the open dialog cannot be brought into it, or is below a notice. */
function outOfReach() {
  const boxOf = (element) => element.getBoundingClientRect();
  const dialog = document.querySelector("[role=dialog]");
  const ground = boxOf(dialog.closest(".modal"));
  const [highest, lowest] = [Math.max(0, ground.top), Math.min(innerHeight, ground.bottom)];
  const notices = [...document.querySelectorAll(".toast")].map(boxOf);
  return [...dialog.querySelectorAll("button")]
    .filter((button) => {
      button.scrollIntoView({ block: "nearest" });
      const { top, bottom } = boxOf(button);
      const outside = top < highest || bottom > lowest;
      return outside || notices.some((notice) => notice.top < bottom && notice.bottom > top);
    })
    .map((button) => button.ariaLabel ?? button.textContent);
}

/** Holds a message, and chooses one of its actions. */
async function chooseOf(person, row, action) {
  const sheet = await held(person, row);
  await sheet.getByRole("button", { name: person.word(action), exact: true }).tap();
  await sheet.waitFor({ state: "detached" });
}

test("on a phone: holding a name opens the actions, and not the menu of its link", async () => {
  await said(token, { text: "¿Qué sobra?" });
  const mine = await said(leo, { text: "Sobra madera, véase https://example.org/madera" });
  const person = await ana(PHONE);
  const { page } = person;
  await page.goto(`${server.url}/r/${room}`);
  const row = page.locator(`#m-${mine.id}`);
  const name = row.locator(".by a");
  const touch = await page.context().newCDPSession(page);
  const touchPoints = [await restingPlace(name)];
  await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints });
  await page.getByRole("dialog", { name: person.word("message_actions") }).waitFor();
  // Here no browser asks for its menu when it is held, as those of phones do.
  const menuOf = (link) =>
    link.evaluate((element) => {
      const init = { pointerType: "touch", bubbles: true, cancelable: true };
      return element.dispatchEvent(new PointerEvent("contextmenu", init));
    });
  assert.equal(await menuOf(name), false, "it would cover the actions");
  assert.equal(await menuOf(row.locator(".text a")), true, "an address is copied from its menu");
  await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  assert.ok(page.url().endsWith(room), "it is no way to the person");
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("on a phone: letting go of a held message chooses no action below the finger", async () => {
  const last = await said(leo, { text: "Mañana, entonces" });
  const person = await ana(PHONE);
  const { page } = person;
  await page.goto(`${server.url}/r/${room}`);
  const place = await restingPlace(page.locator(`#m-${last.id} .text`));
  const touch = await page.context().newCDPSession(page);
  const touchPoints = [place];
  await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints });
  const isAction = ({ x, y }) =>
    Boolean(document.elementFromPoint(x, y)?.closest(".sheet-actions button"));
  await until("an action is there", () => page.evaluate(isAction, place));
  await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  const sheet = page.getByRole("dialog", { name: person.word("message_actions") });
  await sheet.getByRole("button", { name: person.word("close") }).tap();
  await sheet.waitFor({ state: "detached" });
  assert.equal(await page.locator(".toast, .quoting, .player, .thread-panel").count(), 0);
  person.checkFaults();
  await page.context().close();
});

test("on a phone: hear, edit, see what was said before, delete", async () => {
  const mine = await said(token, { text: "Traigo clavos" });
  const person = await ana(PHONE);
  const { page } = person;
  await page.goto(`${server.url}/r/${room}`);
  const row = page.locator(`#m-${mine.id}`);
  await row.waitFor();
  await chooseOf(person, row, "action_play");
  await row.locator(".player").getByRole("slider").waitFor();
  await row.getByRole("button", { name: person.word("speech_pause") }).tap();
  await row.getByRole("button", { name: person.word("speech_go_on") }).waitFor();
  await row.getByRole("button", { name: person.word("speech_stop") }).tap();
  await row.locator(".player").waitFor({ state: "detached" });

  await chooseOf(person, row, "action_edit");
  await row.getByRole("textbox").fill("Traigo");
  await row.getByRole("textbox").press("End");
  await row.getByRole("textbox").press("Enter");
  await page.keyboard.type("tornillos");
  await row.getByRole("button", { name: person.word("save"), exact: true }).tap();
  await row.locator(".edited").waitFor();
  await chooseOf(person, row, "action_history");
  const history = page.getByRole("dialog", { name: person.word("edit_history") });
  await history.getByText("Traigo clavos").waitFor();
  await history.getByRole("button", { name: person.word("close") }).tap();
  await history.waitFor({ state: "detached" });
  await chooseOf(person, row, "action_delete");
  await row.locator(".text").waitFor({ state: "detached" });
  await person.button("undo").tap();
  assert.equal(await row.locator(".text").innerText(), "Traigo\ntornillos edited");
  person.checkFaults();
  await page.context().close();
});

test("on a phone: no notice lies over the actions of a message, and both are pressed", async () => {
  const last = await said(leo, { text: "Sobra pintura" });
  const person = await ana(PHONE);
  const { page } = person;
  await page.goto(`${server.url}/r/${room}`);
  const row = page.locator(`#m-${last.id}`);
  await row.waitFor();
  await chooseOf(person, row, "action_save");
  // None goes away while somebody is at them, however long this takes.
  await page.locator(".toast").dispatchEvent("pointerover", { bubbles: true });
  await chooseOf(person, row, "action_unsave");
  await until("there are two notices", async () => (await page.locator(".toast").count()) === 2);
  await page.locator(".toast").first().dispatchEvent("pointerover", { bubbles: true });
  await held(person, row);
  for (const height of [844, 568, 360]) {
    await page.setViewportSize({ width: 390, height });
    await until("all is there to be pressed", async () => {
      const found = await page.evaluate(outOfReach);
      return found.length === 0;
    });
  }
  assert.equal(await page.locator(".toast").count(), 2);
  const hidden = page.locator(":is([inert], [aria-hidden=true]) [aria-live]:not([aria-live=off])");
  assert.equal(await hidden.count(), 0, "what is said aloud is heard beside a dialog");
  await person.button("undo").tap();
  await row.locator(".kept").waitFor({ state: "attached" });
  assert.ok(await page.getByRole("dialog").isVisible(), "the actions are still there");
  person.checkFaults();
  await page.context().close();
});

test("on a phone: what one is told of, and the tabs from place to place", async () => {
  const person = await ana(PHONE);
  const { page } = person;
  await tab(person, "tab_you").tap();
  const group = page.getByRole("group", { name: person.word("notices_of"), exact: true });
  const level = async () => (await server.api(token, "GET", "/api/me/notices")).everywhere.level;
  for (const [choice, kept] of [["notices_all", "all"], ["notices_none", "none"]]) {
    await group.locator("label", { hasText: person.word(choice) }).tap();
    await until("the choice is kept", async () => (await level()) === kept);
    await group.getByRole("radio", { name: person.word(choice), checked: true }).waitFor();
  }
  await tab(person, "inbox").tap();
  await page.getByRole("tab", { name: person.word("inbox_all") }).waitFor();
  await tab(person, "tab_search").tap();
  await page.getByRole("dialog").locator("input").fill("taller");
  await page.getByRole("menuitem", { name: "taller" }).first().tap();
  await person.composer().waitFor();
  await page.locator(".back").tap();
  await tab(person, "rooms").tap();
  await person.roomLink("taller").tap();
  await person.composer().waitFor();
  person.checkFaults();
  await page.context().close();
});

test("on a phone: tabs, holding a message, a thread that fills the screen, and back", async () => {
  await say("@ana, ¿lo ves en el móvil?");
  const person = await ana(PHONE);
  const { page } = person;
  await tab(person, "inbox").tap();
  const entry = page.locator(".inbox-row", { hasText: "en el móvil" });
  await entry.getByRole("button", { name: person.word("go_to_message") }).tap();
  // The answer quotes it, below.
  const called = page.locator("article.message", { hasText: "en el móvil" }).first();
  await called.waitFor();
  assert.equal(await page.locator(".tabbar").isVisible(), false, "the composer has the place");

  await chooseOf(person, called, "action_thread");
  const panel = page.locator(".thread-panel");
  await panel.waitFor();
  const box = await panel.boundingBox();
  assert.deepEqual([box.x, box.width], [0, 390], "the thread fills the screen");
  await page.locator("#thread-composer").fill("Sí, bien");
  await panel.getByRole("button", { name: person.word("send") }).tap();
  await panel.locator("article", { hasText: "Sí, bien" }).waitFor();
  await page.goBack();
  await panel.waitFor({ state: "detached" });
  await page.locator(".thread-button").first().waitFor();

  await chooseOf(person, called, "action_reply");
  await page.locator(".quoting").waitFor();
  await page.locator("#composer").fill("Respondo");
  await page.locator(".composer .send").first().tap();
  await page.locator("article.message", { hasText: "Respondo" }).locator(".quote-card").waitFor();
  await chooseOf(person, called, "action_react");
  await page.locator(".emoji-picker input").fill("tada");
  await page.locator(".emoji-picker").getByText("🎉").first().tap();
  await called.locator(".reaction", { hasText: "🎉" }).waitFor();
  await page.locator(".composer input[type=file]").setInputFiles({
    name: "llave.png",
    mimeType: "image/png",
    buffer: png(300, 200),
  });
  await page.locator(".tray li.ready").waitFor();
  await page.locator("#composer").fill("@le");
  await page.getByRole("option", { name: "Leo Martín" }).tap();
  await page.locator(".composer .send").first().tap();
  const sent = page.locator("article.message", { has: page.locator(".picture") }).last();
  await sent.locator(".mention", { hasText: "@Leo Martín" }).waitFor();
  await sent.locator(".picture").tap();
  await page.getByRole("dialog").getByRole("img", { name: "llave.png" }).waitFor();
  await page.getByRole("dialog").getByRole("button", { name: person.word("close") }).tap();
  await page.getByRole("dialog").waitFor({ state: "detached" });

  await page.locator(".back").tap();
  await tab(person, "tab_you").tap();
  await page.locator(".settings").waitFor();
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  assert.equal(overflow, 0);
  person.checkFaults();
});

test("on a phone a room is entered at its heading, and a linked message before it", async () => {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const { id } = await say("Esto queda anotado");
  const person = await ana(phone);
  const { page } = person;
  await page.goto(server.url);
  await page.locator(`a[href='/r/${room}']:visible`).first().tap();
  await page.locator("#composer").waitFor();
  await focused(page, "h1");
  await page.reload();
  await page.locator("#composer").waitFor();
  await focused(page, "h1");

  await page.goto(`${server.url}/r/${room}/m/${id}`);
  await focused(page, `#m-${id}`);
  await page.goto(`${server.url}/r/${room}/t/${id}`);
  const panel = page.locator(".thread-panel");
  await panel.getByRole("button", { name: person.word("close") }).tap();
  await panel.waitFor({ state: "detached" });
  await focused(page, "h1");
  person.checkFaults();
});
