// Who reacted to what one wrote: told at once, read by looking, by keyboard and on a phone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, profile } from "./lib/browser.mjs";
import { Person } from "./lib/person.mjs";
import { seed } from "./lib/seed.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

/** A page of the list has so many. */
const PAGE = 50;
const emojis = [..."😀😁😂😃😄😅😆😉😊😋😎😍😘😗😙😚🙂🤗"];

let server;
let browser;
let room;
let tokens;
let ana;

before(async () => {
  server = await Server.start();
  browser = await launch();
  tokens = { ana: await server.account("ana", "Ana"), leo: await server.account("leo", "Leo") };
  for (const token of Object.values(tokens)) await server.api(token, "GET", "/api/me");
  const made = { kind: "private", name: "Cocina" };
  room = (await server.api(tokens.ana, "POST", "/api/rooms", made)).id;
  await server.api(tokens.ana, "POST", `/api/rooms/${room}/members`, { username: "leo" });
  ana = new Person(server, await profile(browser), "ana");
  await ana.signIn();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const say = (text) => {
  const path = `/api/rooms/${room}/messages/${crypto.randomUUID()}`;
  return server.api(tokens.ana, "PUT", path, { text });
};
const react = ({ id }, emoji, method = "PUT") => {
  const path = `/api/rooms/${room}/messages/${id}/reactions/${encodeURIComponent(emoji)}`;
  return server.api(tokens.leo, method, path);
};
const rows = (person) => person.page.locator(".inbox-row");
const badge = (person) => person.page.locator("#inbox-reactions .count");
const unseen = async () => (await server.api(tokens.ana, "GET", "/api/unread")).reactions;

const isShown = (person, { id }) =>
  until("the message is in the middle, and has the focus", () =>
    person.page.evaluate((id) => {
      const article = document.getElementById(`m-${id}`);
      if (!article) return false;
      const frame = article.closest(".timeline").getBoundingClientRect();
      const box = article.getBoundingClientRect();
      const middle = (box.top + box.bottom) / 2 - frame.top;
      const centred = middle > frame.height / 4 && middle < (frame.height * 3) / 4;
      return centred && document.activeElement === article;
    }, id),
  );

test("a reaction is told at once, read by looking, and leads to its message by keyboard", async () => {
  const { page } = ana;
  await seed(server, tokens.ana, room, 60, (number) => `antes ${number}`);
  const message = await say("¿Quién trae el **pan**?");
  await seed(server, tokens.ana, room, 60, (number) => `después ${number}`);
  await page.goto(`${server.url}/inbox`);
  await page.locator("#inbox-all").focus();
  assert.equal(await badge(ana).count(), 0);
  await react(message, "🎉");
  await until("the tab says that one is new", async () => {
    return (await badge(ana).allTextContents())[0]?.startsWith("1");
  });
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  const first = rows(ana).first();
  await first.getByText("¿Quién trae el pan?").waitFor();
  await first.getByText(ana.word("reacted_with", { emoji: "🎉" })).waitFor();
  assert.equal(new URL(page.url()).pathname, "/inbox/reactions");
  await until("the server knows that it was looked at", async () => (await unseen()) === 0);
  await until("the number is gone", async () => (await badge(ana).count()) === 0);
  assert.equal(await page.locator(".inbox-row.unread").count(), 1, "it stays marked meanwhile");

  await react(message, "🚀");
  await first.getByText(ana.word("reacted_with", { emoji: "🚀" })).waitFor();
  assert.equal(await rows(ana).count(), 2);
  await react(message, "🎉", "DELETE");
  await until("what was taken back is gone", async () => (await rows(ana).count()) === 1);
  await until("Tab reaches the row", async () => {
    await page.keyboard.press("Tab");
    return first.evaluate((row) => document.activeElement === row);
  });
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/r/${room}/m/${message.id}`);
  await isShown(ana, message);
  ana.checkFaults();
});

test("on a phone, in Spanish, page after page", async () => {
  const small = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const phone = new Person(server, await profile(browser, { ...small, locale: "es" }), "ana", "es");
  await phone.signIn();
  const messages = [await say("uno"), await say("dos"), await say("tres")];
  for (const message of messages) for (const emoji of emojis) await react(message, emoji);
  await phone.page.goto(`${server.url}/inbox/reactions`);
  await until("one page is shown", async () => (await rows(phone).count()) === PAGE);
  await phone.button("show_more").click();
  const all = emojis.length * messages.length + 1;
  await until("all are shown", async () => (await rows(phone).count()) === all);
  const wide = await phone.page.evaluate(() => document.documentElement.scrollWidth);
  assert.equal(wide, small.viewport.width, "nothing sticks out");
  await rows(phone).last().getByRole("button").tap();
  await phone.page.waitForURL(`**/r/${room}/m/*`);
  phone.checkFaults();
  await phone.page.context().close();
});
