// People who are named are shown by name to every reader, wherever the text stands: also to who
// has met nobody of them, after a reload, in quotations and in what was said before.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, profile } from "./lib/browser.mjs";
import { Person } from "./lib/person.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

let server;
let browser;
let tokens;
let room;

before(async () => {
  server = await Server.start();
  browser = await launch();
  const names = { ana: "Ana Torres", leo: "Leo Martín", zoe: "Zoe Rivas", eva: "Eva Sol" };
  tokens = {};
  for (const [name, shown] of Object.entries(names)) {
    tokens[name] = await server.account(name, shown);
    await server.api(tokens[name], "GET", "/api/me");
  }
  const made = { kind: "private", name: "obra" };
  room = (await server.api(tokens.ana, "POST", "/api/rooms", made)).id;
  for (const username of ["leo", "zoe"])
    await server.api(tokens.ana, "POST", `/api/rooms/${room}/members`, { username });
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const said = (name, body) =>
  server.api(tokens[name], "PUT", `/api/rooms/${room}/messages/${crypto.randomUUID()}`, body);
const idOf = async (name) => (await server.api(tokens[name], "GET", "/api/me")).person.id;

async function signedIn(name) {
  const person = new Person(server, await profile(browser), name);
  await person.signIn();
  return person;
}

test("who is not in the room, or was named before an edit, has a name for everybody", async () => {
  const ana = await signedIn("ana");
  await ana.page.goto(`${server.url}/r/${room}`);
  await ana.composer().focus();
  await ana.page.keyboard.type("¿Y @ev");
  await ana.page.getByRole("option", { name: "Eva Sol" }).click();
  await ana.page.keyboard.type("tampoco viene?");
  await ana.page.keyboard.press("Enter");
  await ana.allSent();
  const [first] = (await server.api(tokens.ana, "GET", `/api/rooms/${room}/messages`)).items;
  assert.match(first.text, /<@/, "kept by the person");
  await said("ana", { text: "Se lo pregunto", quote: first.id });

  const leo = await signedIn("leo");
  await leo.page.goto(`${server.url}/r/${room}`);
  const row = (text) => leo.page.locator("article.message", { hasText: text });
  await row("tampoco viene").first().locator(".mention", { hasText: "@Eva Sol" }).waitFor();
  await row("Se lo pregunto").locator(".quote-card", { hasText: "@Eva Sol" }).waitFor();

  const path = `/api/rooms/${room}/messages/${first.id}`;
  await server.api(tokens.ana, "PATCH", path, { text: "¿Y ella tampoco viene?" });
  await leo.page.reload();
  await row("Y ella").first().locator(".edited").click();
  const history = leo.page.getByRole("dialog", { name: leo.word("edit_history") });
  await history.locator(".mention", { hasText: "@Eva Sol" }).waitFor();
  ana.checkFaults();
  leo.checkFaults();
});

test("a quotation in a thread leads to the reply, which the room does not show", async () => {
  const root = await said("ana", { text: "¿Quién trae la sierra?" });
  const reply = await said("leo", { text: "La traigo yo", thread: root.id });
  const naming = `<@${await idOf("eva")}>, gracias`;
  const quoted = await said("ana", { text: naming, thread: root.id, quote: reply.id });
  const zoe = await signedIn("zoe");
  await zoe.page.goto(`${server.url}/r/${room}/t/${root.id}`);
  const panel = zoe.page.locator(".thread-panel");
  const card = panel.locator(`#t-${quoted.id} .quote-card`);
  await panel.locator(`#t-${quoted.id} .mention`, { hasText: "@Eva Sol" }).waitFor();
  await card.click();
  await zoe.page.waitForURL(`**/r/${room}/t/${root.id}/m/${reply.id}`);
  await until("the reply has the focus", () =>
    panel.locator(`#t-${reply.id}`).evaluate((one) => one === document.activeElement),
  );
  zoe.checkFaults();
});

test("the number of threads follows new replies and those that are gone", async () => {
  const root = await said("ana", { text: "¿Pintamos?" });
  await said("zoe", { text: "El lunes", thread: root.id });
  const zoe = await signedIn("zoe");
  await zoe.page.goto(`${server.url}/browse`);
  const threads = zoe.page.locator(".side nav a[href='/threads'] .count");
  const others = await server.api(tokens.zoe, "GET", "/api/unread");
  const shows = (count) =>
    until(`${count} threads have something`, async () => {
      const shown = await threads.first().textContent({ timeout: 500 }).catch(() => "0");
      return Number.parseInt(shown, 10) === count;
    });
  await zoe.page.locator(".side nav").waitFor();
  assert.equal(others.threads, 0);
  await zoe.page.waitForLoadState("networkidle");
  const reply = await said("leo", { text: "Mejor el martes", thread: root.id });
  await shows(1);
  await server.api(tokens.leo, "DELETE", `/api/rooms/${room}/messages/${reply.id}`);
  await shows(0);
  zoe.checkFaults();
});
