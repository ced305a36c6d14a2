// A mail about an unread message: its links lead to the message, to the end of such mails, and the
// settings choose when.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { attacks } from "./lib/attacks.mjs";
import { violations } from "./lib/axe.mjs";
import { launch, profile } from "./lib/browser.mjs";
import { MailServer } from "./lib/mail-server.mjs";
import { Person } from "./lib/person.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

/** So many messages stand before the one that is looked for, and after it. */
const AROUND = 60;
const SECRET = "a-secret-of-this-test";
/** So many messages are in one mail. */
const ITEMS = 20;

let mails;
let server;
let browser;
let room;
let tokens;

before(async () => {
  mails = await MailServer.start();
  server = await Server.start("127.0.0.1", [
    mails.setting,
    "chat.mail.after_s=0",
    `functions.secret=${SECRET}`,
  ]);
  tokens = { ana: await server.account("ana", "Ana"), leo: await server.account("leo", "Leo") };
  const made = { kind: "private", name: "Cocina" };
  room = (await server.api(tokens.leo, "POST", "/api/rooms", made)).id;
  await server.api(tokens.ana, "GET", "/api/me");
  await server.api(tokens.leo, "POST", `/api/rooms/${room}/members`, { username: "ana" });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await mails?.stop();
});

const say = (text) => {
  const path = `/api/rooms/${room}/messages/${crypto.randomUUID()}`;
  return server.api(tokens.leo, "PUT", path, { text });
};

/** The mail to somebody with these words, once it is there. */
const mailed = (words, name = "ana") =>
  until(`a mail with ${words}`, () => mails.to(`${name}@example.org`, words)[0]);

const linkOf = (mail, part) =>
  [...mail.html.matchAll(/href="([^"]+)"/g)].map(([, link]) => link).find((l) => l.includes(part));

test("the mail's link lands on the message, after signing in, too", async () => {
  for (let number = 0; number < AROUND; number += 1) await say(`antes ${number}`);
  const { id } = await say("hola @ana, ¿vienes?");
  for (let number = 0; number < AROUND; number += 1) await say(`después ${number}`);
  const mail = await mailed("¿vienes?");
  assert.equal(mail.subject, "Leo wrote to you in Cocina");
  assert.equal(mail.from.text, '"Tertulia" <tertulia@localhost>');
  assert.equal(mail.headers.get("auto-submitted"), "auto-generated");
  assert.equal(mail.headers.get("list").unsubscribe.url, linkOf(mail, "/unsubscribe/"));
  const ana = new Person(server, await profile(browser), "ana");
  await ana.page.goto(linkOf(mail, "/m/"));
  await ana.page.getByRole("link", { name: ana.word("sign_in"), exact: true }).click();
  await ana.fillSignIn();
  await ana.page.waitForURL(`${server.url}/r/${room}/m/${id}`);
  const message = ana.page.locator(`#m-${id}`);
  await until("it is highlighted, in the middle of the timeline", () =>
    message.evaluate((article) => {
      const box = article.getBoundingClientRect();
      const frame = article.closest(".timeline").getBoundingClientRect();
      const middle = (box.top + box.bottom) / 2 - frame.top;
      const centred = middle > frame.height / 4 && middle < (frame.height * 3) / 4;
      return centred && article.classList.contains("target");
    }),
  );
  ana.checkFaults();
  await ana.page.context().close();
});

test("the settings choose when, and the link of a mail ends it without signing in", async () => {
  const ana = new Person(server, await profile(browser), "ana");
  await ana.signIn();
  const { page } = ana;
  await page.goto(`${server.url}/you`);
  const choices = page.getByRole("group", { name: ana.word("mail_title") });
  const choice = (key, values) => choices.getByRole("radio", { name: ana.word(key, values) });
  await until("soon is chosen", () => choice("mail_soon", { minutes: "1" }).isChecked());
  // The page shows a choice a moment after the click, so it is not checked at once.
  await choice("mail_hourly").press("Space");
  const pace = async () => (await server.api(tokens.ana, "GET", "/api/me/notices/mail")).pace;
  await until("the server knows", async () => (await pace()) === "hourly");
  await choice("mail_soon", { minutes: "1" }).press("Space");
  await until("the server knows", async () => (await pace()) === "soon");
  await until("and so does the page", () => choice("mail_soon", { minutes: "1" }).isChecked());
  await say("@ana, otra cosa");
  const link = linkOf(await mailed("otra cosa"), "/unsubscribe/");

  for (const locale of ["es", "en"]) {
    for (const colorScheme of ["light", "dark"]) {
      const anybody = await profile(browser, { locale, colorScheme });
      await anybody.goto(link);
      assert.deepEqual(await violations(anybody), []);
      assert.equal(await pace(), "soon", "looking at the page ends nothing");
      await anybody.getByRole("button").click();
      await until("the server knows", async () => (await pace()) === "never");
      assert.deepEqual(await violations(anybody), []);
      assert.deepEqual(anybody.faults, []);
      await server.api(tokens.ana, "PUT", "/api/me/notices/mail", { pace: "soon" });
      await anybody.context().close();
    }
  }
  const anybody = await profile(browser, { javaScriptEnabled: false });
  await anybody.goto(link);
  await anybody.getByRole("button", { name: "No more of these mails" }).click();
  await anybody.getByRole("heading", { name: "We will write no more" }).waitFor();
  await until("the open settings show it", () => choice("mail_never").isChecked());
  await anybody.goto(`${link}x`);
  await anybody.getByRole("heading", { name: "This link is not valid" }).waitFor();
  await anybody.context().close();
  ana.checkFaults();
  await page.context().close();
});

test("who chose so in the settings is told who and where, and not what", async () => {
  const ana = new Person(server, await profile(browser), "ana");
  await ana.signIn();
  await server.api(tokens.ana, "PUT", "/api/me/notices/mail", { pace: "soon" });
  await ana.page.goto(`${server.url}/you`);
  const choices = ana.page.getByRole("group", { name: ana.word("mail_text") });
  await choices.getByRole("radio", { name: ana.word("mail_text_off") }).press("Space");
  await until("the server knows", async () => {
    return !(await server.api(tokens.ana, "GET", "/api/me/notices/mail")).show_text;
  });
  const { id } = await say("@ana, en secreto");
  const mail = await mailed(id);
  assert.equal(mail.subject, "Leo wrote to you in Cocina");
  assert.ok(!`${mail.html}${mail.text}`.includes("secreto"), mail.text);
  ana.checkFaults();
  await ana.page.context().close();
});

test("who signed up in Spanish is written to in Spanish", async () => {
  server.mailedLink = async (address, part) => {
    const mail = await until(`a mail to ${address}`, () => mails.to(address, part)[0]);
    return linkOf(mail, part);
  };
  const zoe = new Person(server, await profile(browser, { locale: "es" }), "zoe", "es");
  await zoe.signUp();
  await server.api(tokens.leo, "POST", `/api/rooms/${room}/members`, { username: "zoe" });
  await say("@zoe, ¿y tú?");
  const mail = await mailed("¿y tú?", "zoe");
  assert.equal(mail.subject, "Leo te escribió en Cocina");
  assert.match(mail.text, /^Hola, zoe:/);
  await zoe.page.goto(linkOf(mail, "/unsubscribe/"));
  assert.equal(await zoe.page.locator("html").getAttribute("lang"), "es");
  await zoe.page.getByRole("button", { name: "No más de estos correos" }).click();
  await zoe.page.getByRole("heading", { name: "Ya no te escribiremos" }).waitFor();
  zoe.checkFaults();
  await zoe.page.context().close();
});

/** Has the function mail these texts, as the chat does. */
async function notify(texts, id) {
  const url = `${server.url}/r/1/m/2`;
  const body = JSON.stringify({
    id: `${id}@example.org`,
    to: "eve@example.org",
    language: "es",
    name: texts[0].slice(0, 80),
    items: texts.map((text) => ({ sender: text, room: text, text, url })),
    inbox_url: url,
    settings_url: url,
    unsubscribe_url: url,
  });
  const at = Date.now();
  const signed = createHmac("sha256", SECRET).update(`${at}\nnotify\n${body}`).digest("hex");
  const headers = { "tertulia-signature": `t=${at},v1=${signed}` };
  const answer = await fetch(`${server.url}/fn/notify`, { method: "POST", headers, body });
  assert.equal(answer.status, 204, await answer.text());
}

test("a text that would be a page is a text in the mail", async () => {
  const page = await (await browser.newContext()).newPage();
  const asked = [];
  let ran = 0;
  await page.exposeFunction("pwned", () => (ran += 1));
  page.on("dialog", () => (ran += 1));
  page.on("request", (request) => asked.push(request.url()));
  for (let from = 0; from < attacks.length; from += ITEMS) {
    const texts = attacks.slice(from, from + ITEMS);
    await notify(texts, from);
    const mail = mails.taken.at(-1);
    await page.setContent(mail.html, { waitUntil: "load" });
    const shown = await page.locator(".item p:nth-of-type(2)").evaluateAll((all) =>
      all.map((one) => one.textContent),
    );
    assert.deepEqual(shown, texts);
    assert.equal(await page.locator("script, img, svg, iframe, form, input, base").count(), 0);
  }
  assert.deepEqual({ ran, asked }, { ran: 0, asked: [] });
  await page.context().close();
});
