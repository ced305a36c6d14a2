// What is behind a link: asked by the server and not by the reader, and shown as text.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { launch, profile } from "./lib/browser.mjs";
import { Person } from "./lib/person.mjs";
import { seed } from "./lib/seed.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const HOSTILE = '<img src=x onerror="document.title=1">';

let browser;
let site;
let agents;

before(async () => {
  browser = await launch();
  agents = [];
  site = createServer((request, answer) => {
    agents.push(request.headers["user-agent"]);
    answer.setHeader("content-type", "text/html; charset=utf-8");
    const escaped = HOSTILE.replaceAll("<", "&lt;").replaceAll('"', "&quot;");
    answer.end(`<!doctype html><title>Pan ${escaped}</title>
      <meta name="description" content="Harina, agua y sal.">
      <meta property="og:site_name" content="La panadería">`);
  });
  await new Promise((resolve) => site.listen(0, "127.0.0.1", resolve));
});
after(async () => {
  site.close();
  await browser?.close();
});

/** Leo in a room of Ana's with many messages, which he has read. */
async function room(settings) {
  const server = await Server.start("127.0.0.1", ['chat.egress.allow=["127.0.0.1"]', ...settings]);
  const ana = await server.account("ana", "Ana Torres");
  const token = await server.account("leo", "Leo Martín");
  for (const who of [ana, token]) await server.api(who, "GET", "/api/me");
  const made = { kind: "private", name: "obra", topic: "" };
  const { id } = await server.api(ana, "POST", "/api/rooms", made);
  await server.api(ana, "POST", `/api/rooms/${id}/members`, { username: "leo" });
  await seed(server, ana, id, 80, (number) => `mensaje ${number}`);
  const { items } = await server.api(token, "GET", `/api/rooms/${id}/messages?limit=1`);
  await server.api(token, "PUT", `/api/rooms/${id}/read`, { seq: items[0].seq });
  const leo = new Person(server, await profile(browser, { locale: "es" }), "leo", "es");
  await leo.signIn();
  await leo.page.goto(`${server.url}/r/${id}`);
  await leo.composer().waitFor();
  const say = (text) =>
    server.api(ana, "PUT", `/api/rooms/${id}/messages/${crypto.randomUUID()}`, { text });
  return { server, leo, say, ana, id };
}

/** Waits until the message with this text has its card, both within the screen. */
async function cardInSight({ page, name }, text) {
  const look = (element, text) => {
    const box = element.getBoundingClientRect();
    const rows = [...element.querySelectorAll("article.message:not(.pending)")];
    const row = rows.find((one) => one.textContent.includes(text));
    const card = row?.querySelector(".link-card")?.getBoundingClientRect();
    return card !== undefined && card.bottom <= box.bottom && card.top >= box.top;
  };
  const timeline = page.locator(".timeline");
  await until(`${name} sees the card of ${text}`, () => timeline.evaluate(look, text));
}

const link = () => `http://127.0.0.1:${site.address().port}/pan`;

test("the page behind a link is shown below its message, as text, and at the end", async () => {
  const { server, leo, say } = await room(["chat.previews.enabled=true"]);
  await say(`¿Lo leíste? ${link()}`);
  const card = leo.page.locator(".link-card");
  await card.waitFor();
  assert.equal(await card.innerText(), `La panadería\nPan ${HOSTILE}\nHarina, agua y sal.`);
  assert.equal(await card.getAttribute("href"), link());
  assert.match(agents.join(), /^Tertulia\/\S+ \(link preview\)$/, "by the server, once");
  assert.notEqual(await leo.page.title(), "1");
  // Who follows the end still sees it when the card has come.
  await cardInSight(leo, "¿Lo leíste?");
  leo.checkFaults();
  await server.stop();
});

test("what one sends is in sight, card and all, wherever one read before", async () => {
  const { server, leo, ana, id } = await room(["chat.previews.enabled=true"]);
  const { items } = await server.api(ana, "GET", `/api/rooms/${id}/messages?limit=60`);
  await leo.page.goto(`${server.url}/r/${id}/m/${items[0].id}`);
  await leo.page.locator(`#m-${items[0].id}`).waitFor();
  await leo.composer().fill(`mira ${link()}`);
  await leo.composer().press("Enter");
  await cardInSight(leo, link());
  leo.checkFaults();
  await server.stop();
});

test("nobody is asked unless it is turned on", async () => {
  agents.length = 0;
  const { server, leo, say } = await room([]);
  const { id } = await say(`mira ${link()}`);
  await leo.page.locator(`#m-${id}`).waitFor();
  const { text } = await leo.fetch("/api/previews");
  assert.deepEqual(JSON.parse(text), { enabled: false });
  assert.equal(await leo.page.locator(".link-card").count(), 0);
  assert.equal(agents.length, 0);
  await server.stop();
});
