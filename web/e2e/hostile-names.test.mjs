// Names of people, rooms and files, and what pages say of themselves, by somebody with bad
// intentions: all of them at once in each place that shows them, as they were written, and inert.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { attacks } from "./lib/attacks.mjs";
import { launch, profile } from "./lib/browser.mjs";
import { Person } from "./lib/person.mjs";
import { png, sayWith, upload } from "./lib/pictures.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const PREVIEWS = ["chat.previews.enabled=true", 'chat.egress.allow=["127.0.0.1"]'];
/** A name that is too long, or has a character that nobody sees, is refused. */
const names = attacks.filter((text) => text.length <= 80 && !/[\p{Cc}\p{Cf}]/u.test(text));
/** Of two rooms with one name, nobody can tell which is which; a name begins with no space. */
const roomNames = [...new Set(names.map((name) => name.trim()))];

let server;
let site;
let browser;
let tokens;
let ana;
let page;
let pwned = 0;

before(async () => {
  site = createServer((asked, answer) => {
    const said = escaped(attacks[Number(asked.url.slice(1))]);
    answer.setHeader("content-type", "text/html; charset=utf-8");
    answer.end(`<!doctype html><title>${said}</title><meta name="description" content="${said}">
      <meta property="og:site_name" content="${said}">`);
  });
  await new Promise((resolve) => site.listen(0, "127.0.0.1", resolve));
  server = await Server.start("127.0.0.1", PREVIEWS);
  browser = await launch();
  tokens = { ana: await server.account("ana", "Ana"), eve: await server.account("eve", names[0]) };
  page = await profile(browser, { viewport: { width: 1280, height: 6_000 } });
  await page.exposeFunction("pwned", () => (pwned += 1));
  ana = new Person(server, page, "ana");
  await ana.signIn();
});
after(async () => {
  await browser?.close();
  site?.close();
  await server?.stop();
});

const escaped = (text) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

const put = (token, room, text) =>
  server.api(token, "PUT", `/api/rooms/${room}/messages/${randomUUID()}`, { text });

/** A room of Eve's that Ana is in, too. */
async function room(name, topic = "") {
  const made = { kind: "public", name, topic };
  const { id } = await server.api(tokens.eve, "POST", "/api/rooms", made);
  await server.api(tokens.ana, "POST", `/api/rooms/${id}/join`);
  return id;
}

/** Does it for each of them, some at a time; answers in their order. */
async function each(all, work) {
  const results = [];
  const left = all.map((one, at) => [one, at]);
  const worker = async () => {
    for (let next = left.shift(); next; next = left.shift())
      results[next[1]] = await work(...next);
  };
  await Promise.all(Array.from({ length: 5 }, worker));
  return results;
}

/** What no name may become, wherever it is shown. */
const strange = () => {
  const kinds = "script, iframe, object, embed, base, meta, link, math, marquee, video";
  const found = [...document.querySelectorAll(`body :is(${kinds}, body, isindex, img[src=x])`)];
  for (const element of document.querySelectorAll("body, body *")) {
    const leads = ["href", "src", "action", "data"].map((name) => element.getAttribute(name) ?? "");
    const acts = [...element.attributes].some(({ name }) => name.startsWith("on"));
    if (acts || leads.some((to) => /^\s*(javascript|vbscript|data:text)/i.test(to)))
      found.push(element);
  }
  return found.map((element) => element.outerHTML.slice(0, 200));
};

/** All the texts are in these places; nothing has run, and nothing was refused. */
async function inert(selector, expected = []) {
  await page.locator(selector).first().waitFor();
  let missing;
  await until(`all are in ${selector}`, async () => {
    const there = new Set(await page.locator(selector).allTextContents());
    missing = expected.filter((text) => !there.has(text));
    return missing.length === 0;
  }).catch((error) => assert.deepEqual(missing, [], String(error)));
  assert.deepEqual(await page.evaluate(strange), []);
  assert.equal(pwned, 0);
  ana.checkFaults();
}

/** Shows every page of a list. */
async function showAll(within) {
  const more = page.locator(within).getByRole("button", { name: ana.word("show_more") });
  while ((await more.count()) > 0) {
    await more.click().catch(() => undefined);
    await page.waitForTimeout(50);
  }
}

test("people with such names", async () => {
  const id = await room("Plaza");
  const me = (await server.api(tokens.ana, "GET", "/api/me")).person.id;
  const people = await each(names, async (name, at) => {
    const token = await server.account(`eve${at}`, name);
    await server.api(token, "POST", `/api/rooms/${id}/join`);
    await put(token, id, `hola <@${me}>`);
    return (await server.api(token, "GET", "/api/me")).person;
  });
  assert.deepEqual(people.map((person) => person.display_name), names, "as they were written");
  const { id: called } = await put(tokens.ana, id, people.slice(0, 40).map(call).join(" "));
  await put(tokens.ana, id, people.slice(40).map(call).join(" "));
  await page.goto(`${server.url}/r/${id}`);
  await page.locator(`#m-${called}`).waitFor();
  await inert("article.message .said .by b", names);
  await inert("article.message .mention", names.map((name) => `@${name}`));
  await page.locator(`#m-${called}`).hover();
  await page.locator(".members-btn").click();
  await page.locator(".panel .member").first().waitFor();
  await showAll(".panel");
  await inert(".panel .member .about b", names);
  await ana.composer().fill("@eve");
  await inert(".suggestions-box .option b");
  await ana.composer().fill("");
  await page.goto(`${server.url}/inbox`);
  await inert(".where b", names.slice(-5));
});

const call = ({ id }) => `<@${id}>`;

test("rooms with such names and topics", async () => {
  const made = await each(roomNames, (name) => room(name, name));
  await page.goto(`${server.url}/browse`);
  await page.locator(".directory").waitFor();
  await showAll(".column");
  await inert(".directory .about b", roomNames);
  await inert(".directory .about p", roomNames);
  for (const at of [0, 4, roomNames.length - 1]) {
    await page.goto(`${server.url}/r/${made[at]}`);
    await inert(".page-header .name", [roomNames[at]]);
    await inert(".page-header .topic", [roomNames[at]]);
  }
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.type("script");
  await page.locator(".switcher mark").first().waitFor();
  await inert(".switcher .option b");
});

/** Eve says them, ten at a time; answers their names as the server took them. */
async function share(room, called, bytes) {
  const names = [];
  for (let at = 0; at < called.length; at += 10) {
    const ten = called.slice(at, at + 10);
    const files = await each(ten, (name) => upload(server, tokens.eve, room, name, bytes));
    const said = await sayWith(server, tokens.eve, room, "", files);
    names.push(...said.files.map(({ name }) => name));
  }
  return names;
}

test("files with such names", async () => {
  const id = await room("Archivo");
  const text = Buffer.from("<script>window.pwned(1)</script>");
  const files = await share(id, attacks, text);
  const pictures = await share(id, attacks, png(40, 30));
  await page.goto(`${server.url}/r/${id}`);
  await inert("article.message .file-card b", files);
  const shown = page.locator("article.message .picture");
  await until("all pictures", async () => (await shown.count()) === pictures.length);
  await shown.nth(4).click();
  await page.getByRole("dialog").getByText(pictures[4]).first().waitFor();
  await inert("[role=dialog] img");
});

test("pages that say such things of themselves", async () => {
  const id = await room("Enlaces");
  const at = `http://127.0.0.1:${site.address().port}`;
  const said = await each(attacks, (_, number) => put(tokens.eve, id, `${at}/${number}`));
  const cards = await each(said, (message) =>
    server.api(tokens.ana, "GET", `/api/rooms/${id}/messages/${message.id}/preview`),
  );
  await page.setViewportSize({ width: 1280, height: 12_000 });
  assert.ok(cards.every(({ title }) => /pwned|passwd|css|evil/.test(title)), "as it was written");
  await page.goto(`${server.url}/r/${id}`);
  const of = (name) => cards.map((card) => card[name]);
  await inert("article.message .link-card b", of("title"));
  await inert("article.message .link-card span", of("description"));
  await inert("article.message .link-card small", of("site"));
});
