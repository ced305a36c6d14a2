// The keys that the map promises, each pressed: from room to room, over messages, in the
// composer, in the inbox.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, profile } from "./lib/browser.mjs";
import { focusOn } from "./lib/focus.mjs";
import { Person } from "./lib/person.mjs";
import { rest } from "./lib/reading.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const MANY = 40;

let server;
let browser;
let ana;
let page;
const tokens = {};
const rooms = {};

before(async () => {
  server = await Server.start();
  browser = await launch();
  for (const name of ["ana", "leo"]) {
    tokens[name] = await server.account(name);
    await server.api(tokens[name], "GET", "/api/me");
  }
  for (const name of ["arena", "barro", "cal", "yeso"]) {
    const made = { kind: "private", name };
    rooms[name] = (await server.api(tokens.leo, "POST", "/api/rooms", made)).id;
    const members = `/api/rooms/${rooms[name]}/members`;
    await server.api(tokens.leo, "POST", members, { username: "ana" });
  }
  for (let number = 0; number < MANY; number += 1) await say("yeso", `saco ${number}.`);
  await server.api(tokens.ana, "PUT", `/api/rooms/${rooms.yeso}/read`, await headOf("yeso"));
  page = await profile(browser);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  ana = new Person(server, page, "ana");
  await ana.signIn();
  await ana.roomLink("yeso").waitFor();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const ofRoom = (name) => server.api(tokens.ana, "GET", `/api/rooms/${rooms[name]}`);
const headOf = async (name) => ({ seq: (await ofRoom(name)).head });
const say = (name, text) => {
  const path = `/api/rooms/${rooms[name]}/messages/${crypto.randomUUID()}`;
  return server.api(tokens.leo, "PUT", path, { text });
};
const press = async (...keys) => {
  for (const key of keys) await page.keyboard.press(key);
};
const isIn = (name) => page.locator(".page-header h1").getByText(name, { exact: true }).waitFor();
const isRead = async (name) => {
  await until(`${name} is read`, async () => (await ofRoom(name)).unread === 0);
  await ana.roomLink(name).locator(".count").waitFor({ state: "detached" });
};
const written = () => ana.composer().inputValue();
/** What has the focus, if it is a message or a row. */
const here = () => page.evaluate(() => document.activeElement.textContent);
const isHere = (text) =>
  until(`“${text}” has the focus`, async () => (await here()).includes(text));
const inSight = () =>
  page.evaluate(() => {
    const { top, bottom } = document.activeElement.closest("article").getBoundingClientRect();
    const frame = document.activeElement.closest(".timeline").getBoundingClientRect();
    return top >= frame.top - 1 && bottom <= frame.bottom + 1;
  });
const prefer = async (what, choice) => {
  const back = page.url();
  await page.goto(`${server.url}/you`);
  const group = page.getByRole("group", { name: ana.word(what), exact: true });
  await group.getByRole("radio", { name: ana.word(choice), exact: true }).press("Space");
  await page.goto(back);
  await ana.composer().waitFor();
};

test("Alt and the arrows go through the list of rooms, round its ends", async () => {
  await page.goto(`${server.url}/inbox`);
  await ana.roomLink("yeso").waitFor();
  await press("Alt+ArrowUp");
  await isIn("yeso");
  await press("Alt+ArrowDown");
  await isIn("arena");
  await press("Alt+ArrowDown");
  await isIn("barro");
  await press("Alt+ArrowUp");
  await isIn("arena");
  await page.goto(`${server.url}/inbox`);
  await ana.roomLink("yeso").waitFor();
  await press("Alt+ArrowDown");
  await isIn("arena");
});

test("with Shift they go to what is unread alone", async () => {
  await say("barro", "hay agua");
  await say("yeso", "hay polvo");
  for (const name of ["barro", "yeso"]) await ana.roomLink(name).locator(".count").waitFor();
  await press("Alt+Shift+ArrowUp");
  await isIn("yeso");
  await isRead("yeso");
  await say("arena", "hay sol");
  await ana.roomLink("arena").locator(".count").waitFor();
  for (const name of ["arena", "barro"]) {
    await press("Alt+Shift+ArrowDown");
    await isIn(name);
    await isRead(name);
  }
  await press("Alt+Shift+ArrowDown", "Alt+ArrowDown");
  await isIn("cal");
});

test("page keys move by a page of messages, the arrows by one, Home and End to the ends", async () => {
  const at = async () => Number((await here()).match(/saco (\d+)\./)?.[1]);
  await ana.openRoom("yeso");
  await ana.sees("hay polvo");
  await focusOn(page.locator("article.message").last());
  await press("ArrowUp");
  await isHere(`saco ${MANY - 1}.`);
  await press("PageUp");
  await until("a page further up", async () => MANY - 1 - (await at()) > 4);
  const up = await at();
  await until("it is in sight", inSight);
  await press("PageUp");
  await until("another page further up", async () => up - (await at()) > 4);
  await until("that is in sight, too", inSight);
  await press("PageDown");
  await isHere(`saco ${up}.`);
  await press("Home");
  await isHere("saco 0.");
  await until("the first is in sight", inSight);
  await press("End");
  await isHere("hay polvo");
  await until("the last is in sight", inSight);

  // Quicker than the screen: where the list is after the first key, it knows only in its next frame.
  await press("ArrowUp", "PageUp", "PageUp");
  await until("two pages up is in sight", inSight);
  await page.evaluate(async () => {
    for (const key of ["Home", "End"]) {
      const pressed = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
      document.activeElement.dispatchEvent(pressed);
      for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
    }
  });
  await isHere("hay polvo");
  await until("the last is in sight after two keys in a frame", inSight);

  // Until then the list goes on looking for where the keys sent it.
  await rest(page);
  await page.locator(".timeline").hover();
  await page.mouse.wheel(0, -3000);
  await until("the last is out of sight", async () => !(await inSight()));
  await press("End");
  await until("it is in sight again", inSight);

  await press("End");
  const other = page.locator("article.message", { hasText: `saco ${MANY - 1}.` });
  await focusOn(other);
  await page.evaluate(() => new Promise((drawn) => setTimeout(drawn, 500)));
  await isHere(`saco ${MANY - 1}.`);
});

test("letters act on the message that has the focus, unless they are switched off", async () => {
  await ana.openRoom("cal");
  await ana.composer().fill("una **cal** apagada");
  await ana.composer().press("Enter");
  const mine = page.locator("article.message:not(.pending)", { hasText: "apagada" });
  await mine.waitFor();
  await mine.focus();
  await press("c");
  await until("its text is copied", async () => {
    const text = await page.evaluate(() => navigator.clipboard.readText());
    return text === "una **cal** apagada";
  });
  await mine.focus();
  await press("e");
  const editor = page.getByRole("textbox", { name: ana.word("edit_message") });
  await editor.waitFor();
  await page.keyboard.type(" ya");
  await press("Enter");
  // The editor holds the same words until they are saved.
  await editor.waitFor({ state: "detached" });
  await page.locator("article.message", { hasText: "apagada ya" }).waitFor();
  await mine.focus();
  await press("e");
  await editor.waitFor();
  await press("Escape");
  await editor.waitFor({ state: "detached" });

  await prefer("letters", "off");
  await mine.focus();
  await press("e", "r", "t", "+");
  assert.equal(await editor.count(), 0);
  assert.equal(await page.locator(".quoting, .thread-panel, .emoji-picker").count(), 0);
  await press("Delete");
  await mine.waitFor({ state: "detached" });
  await ana.button("undo").click();
  await mine.waitFor();
  await prefer("letters", "on");
});

test("Shift Enter begins a line, and the keys for marks put them and take them away", async () => {
  await ana.openRoom("cal");
  await ana.composer().focus();
  await page.keyboard.type("dos");
  for (const [keys, marked] of [
    ["Control+i", "_dos_"],
    ["Control+e", "`dos`"],
    ["Control+Shift+Digit8", "- dos"],
    ["Control+Shift+Digit9", "> dos"],
  ]) {
    await press("Control+a", keys);
    assert.equal(await written(), marked, keys);
    await press("Control+a", keys);
    assert.equal(await written(), "dos", `${keys} once more`);
  }
  await press("End", "Shift+Enter");
  await page.keyboard.type("líneas");
  assert.equal(await written(), "dos\nlíneas");
  await press("Enter");
  const sent = page.locator("article.message:not(.pending) .text", { hasText: "líneas" });
  await sent.waitFor();
  assert.equal((await sent.innerText()).trim(), "dos\nlíneas");
  assert.equal(await written(), "");

  await prefer("send_key", "send_key_ctrl");
  await ana.composer().focus();
  await page.keyboard.type("otras");
  await press("Enter");
  await page.keyboard.type("tres");
  assert.equal(await written(), "otras\ntres");
  await press("Control+Enter");
  await page.locator("article.message:not(.pending)", { hasText: "otras" }).waitFor();
  await press("Control+/");
  const help = page.getByRole("dialog", { name: ana.word("keyboard_help") });
  const pair = help.locator(".pair", { hasText: ana.word("help_newline") });
  assert.equal(await pair.locator("kbd").innerText(), "Enter", "the map tells the keys as they are");
  await press("Escape");
  await prefer("send_key", "send_key_enter");
});

test("# offers rooms, and the room that is called is one key away", async () => {
  await ana.openRoom("cal");
  await ana.composer().focus();
  await page.keyboard.type("está en #are");
  await page.getByRole("option", { name: "arena" }).waitFor();
  assert.equal(await page.getByRole("option").count(), 1);
  await press("Enter");
  assert.equal(await written(), "está en #arena ");
  await page.keyboard.type("y en #b");
  await page.getByRole("option", { name: "barro" }).waitFor();
  await press("Escape");
  await page.getByRole("option").waitFor({ state: "detached" });
  assert.equal(await written(), "está en #arena y en #b", "Escape leaves the text as it is");
  await press("Enter");
  const link = page.locator("article.message:not(.pending)").getByRole("link", { name: "#arena" });
  await link.focus();
  await press("Enter");
  await isIn("arena");
});

test("Escape in the composer reads the room and goes to its end; a quotation goes first", async () => {
  await ana.openRoom("yeso");
  await focusOn(page.locator("article.message").last());
  await press("Home");
  await isHere("saco 0.");
  await press("u");
  await until("the room is unread", async () => (await ofRoom("yeso")).unread > MANY);
  await press("r");
  await page.locator(".quoting").waitFor();
  await page.keyboard.type("a medias");
  await press("Escape");
  await page.locator(".quoting").waitFor({ state: "detached" });
  assert.ok((await ofRoom("yeso")).unread > MANY, "only the quotation is gone");
  await press("Escape");
  await until("the room is read", async () => (await ofRoom("yeso")).unread === 0);
  await until("the end is in sight", () =>
    page.getByText("hay polvo").evaluate((element) => {
      const { bottom } = element.getBoundingClientRect();
      return bottom <= element.closest(".timeline").getBoundingClientRect().bottom + 1;
    }),
  );
  assert.equal(await written(), "a medias");
  await ana.composer().fill("");
});

test("in the inbox j and k move, and e marks as read", async () => {
  for (const text of ["@ana, uno", "@ana, dos", "@ana, tres"]) await say("barro", text);
  const rows = page.locator(".inbox-row");
  const unread = async () => (await server.api(tokens.ana, "GET", "/api/unread")).mentions;
  await press("Control+Shift+m");
  await until("three call her", async () => (await rows.count()) === 3);
  assert.equal(await unread(), 3);
  await until("Tab reaches the first", async () => {
    await press("Tab");
    return page.evaluate(() => document.activeElement.matches(".inbox-row"));
  });
  await isHere("tres");
  await press("j");
  await isHere("dos");
  await press("j", "k");
  await isHere("dos");
  await press("e");
  await until("one is read", async () => (await unread()) === 2);
  await until("it looks so", async () => (await page.locator(".inbox-row.unread").count()) === 2);
  await isHere("dos");
  assert.ok(!(await rows.nth(1).getAttribute("class")).includes("unread"), "that one");
  await press("k", "k");
  await isHere("tres");
  ana.checkFaults();
});

test("without single letters the inbox is walked through by the arrows", async () => {
  const letters = (choice) =>
    page.locator("fieldset", { hasText: ana.word("letters") }).locator(`input[value=${choice}]`);
  const rows = page.locator(".inbox-row");
  const unread = async () => (await server.api(tokens.ana, "GET", "/api/unread")).mentions;
  await page.goto(`${server.url}/you`);
  await letters("off").press("Space");
  await press("Control+Shift+m");
  await until("three call her", async () => (await rows.count()) === 3);
  const before = await unread();
  await rows.first().focus();
  await press("j", "e");
  await isHere("tres");
  await press("ArrowDown");
  await isHere("dos");
  await press("k", "ArrowUp");
  await isHere("tres");
  assert.equal(await unread(), before);
  assert.equal(await page.locator(".keys-line", { hasText: "J" }).count(), 0);
  await page.goto(`${server.url}/you`);
  await letters("on").press("Space");
  ana.checkFaults();
});

test("all rooms are read, and unread again, also at a server that slows one down", async () => {
  const names = Object.keys(rooms);
  const counts = async () => Promise.all(names.map(async (name) => (await ofRoom(name)).unread));
  const areMarked = async () => {
    for (const name of names) await ana.roomLink(name).locator(".count, .badge").first().waitFor();
  };
  await page.goto(`${server.url}/browse`);
  for (const name of names) await say(name, "otra cosa");
  const before = await counts();
  assert.ok(before.every((count) => count > 0));
  server.settings = ["chat.limits.changes_burst=2", "chat.limits.changes_per_s=1"];
  await server.kill9();
  await server.restart();
  await page.reload();
  await areMarked();

  await press("Shift+Escape");
  await page.getByText(ana.word("all_read", { count: names.length })).first().waitFor();
  assert.deepEqual(await counts(), names.map(() => 0));
  await ana.button("undo").click();
  await until("all are unread again", async () => String(await counts()) === String(before));
  await areMarked();
  ana.checkFaults();
});
