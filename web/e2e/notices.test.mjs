// What tells three people of what was said, and what keeps quiet: in the page, on the icon, in
// the numbers.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { lookAway } from "./lib/attention.mjs";
import { launch, profile } from "./lib/browser.mjs";
import { Gate } from "./lib/gate.mjs";
import { Person } from "./lib/person.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

/** Longer than whatever is in sight takes to count as read. */
const LONG_ENOUGH_MS = 1_500;

let gate;
let server;
let browser;
let room;
let tokens;
let ana;
let leo;

before(async () => {
  gate = await Gate.open();
  server = await Server.start("127.0.0.1", [], gate);
  browser = await launch();
  const names = { ana: "Ana Torres", leo: "Leo Martín", zoe: "Zoe Rivas" };
  tokens = {};
  for (const [name, shown] of Object.entries(names)) {
    tokens[name] = await server.account(name, shown);
    await server.api(tokens[name], "GET", "/api/me");
  }
  const made = { kind: "private", name: "obra" };
  room = (await server.api(tokens.ana, "POST", "/api/rooms", made)).id;
  for (const username of ["leo", "zoe"])
    await server.api(tokens.ana, "POST", `/api/rooms/${room}/members`, { username });
  [ana, leo] = await Promise.all([signedIn("ana"), signedIn("leo", "es")]);
});
after(async () => {
  await browser?.close();
  gate?.close();
  await server?.stop();
});

async function signedIn(name, locale = "en") {
  const person = new Person(server, await profile(browser, { locale }), name, locale);
  await person.signIn();
  return person;
}

const said = (name, body, where = room) =>
  server.api(tokens[name], "PUT", `/api/rooms/${where}/messages/${crypto.randomUUID()}`, body);
const unread = (name) => server.api(tokens[name], "GET", "/api/unread");
const open = async (person, path) => {
  await person.page.goto(server.url + path);
  await person.page.locator(".side nav").waitFor();
};
const pause = ({ page }) =>
  page.evaluate((ms) => new Promise((resolve) => setTimeout(resolve, ms)), LONG_ENOUGH_MS);

test("who looks on while somebody speaks without a pause reads it all the same", async () => {
  await open(ana, `/r/${room}`);
  await ana.composer().waitFor();
  let heads = 0;
  let unreadNow = 0;
  // Each comes long before the one before it has been looked at for long enough.
  do {
    heads += 1;
    await said("leo", { text: `sin pausa ${heads}` });
    await new Promise((resolve) => setTimeout(resolve, 100));
    unreadNow = (await server.api(tokens.ana, "GET", `/api/rooms/${room}`)).unread;
  } while (heads < 60 && heads - unreadNow < 5);
  assert.ok(heads - unreadNow >= 5, `of ${heads} all but ${unreadNow} were read`);
});

test("a thread that stays open where nobody looks is unread until somebody does", async () => {
  const root = await said("leo", { text: "¿Quién abre mañana?" });
  await said("ana", { text: "Yo, a las ocho", thread: root.id });
  await open(leo, `/r/${room}/t/${root.id}`);
  const panel = leo.page.locator(".thread-panel");
  await panel.getByText("Yo, a las ocho").waitFor();
  await until("what is looked at is read", async () => (await unread("leo")).threads === 0);

  const back = await lookAway(leo);
  await said("ana", { text: "Mejor a las nueve", thread: root.id });
  await panel.getByText("Mejor a las nueve").waitFor();
  await pause(leo);
  const { threads, mentions } = await unread("leo");
  assert.deepEqual({ threads, mentions }, { threads: 1, mentions: 1 }, "it waits for its reader");
  await back();
  await until("it is read when they are back", async () => {
    const now = await unread("leo");
    return now.threads === 0 && now.mentions === 0;
  });
  leo.checkFaults();
});

/** From now on the page keeps the words of every notice that it shows. */
const listen = ({ page }) =>
  page.evaluate(() => {
    window.heard = [];
    const keep = (node) => window.heard.push(node.querySelector("div").textContent);
    const region = document.querySelector(".toasts");
    new MutationObserver((changes) =>
      changes.forEach(({ addedNodes }) => addedNodes.forEach(keep)),
    ).observe(region, { childList: true });
  });
const heard = ({ page }) => page.evaluate(() => window.heard);
const hears = (person, text) =>
  until(`${person.name} is told “${text}”`, async () => (await heard(person)).includes(text));
const choose = (name, choice, where) => {
  const path = where ? `/api/rooms/${where}/notices` : "/api/me/notices";
  return server.api(tokens[name], "PUT", path, choice);
};

test("what calls somebody elsewhere in the page is told once, and leads to its message", async () => {
  const { page } = leo;
  const own = await said("leo", { text: "Mi hilo" });
  const followed = await said("ana", { text: "¿Pintura?" });
  await said("leo", { text: "Blanca", thread: followed.id });
  const other = await said("ana", { text: "¿Tejas?" });
  await open(leo, "/browse");
  await listen(leo);

  await said("ana", { text: "Nada para nadie" });
  await said("zoe", { text: "Rojas", thread: other.id });
  await said("ana", { text: "@room mañana no se trabaja" });
  await said("zoe", { text: "O gris", thread: followed.id });
  const answer = await said("ana", { text: "Una respuesta", thread: own.id });
  await said("ana", { text: "y tú, @leo" });
  const direct = await server.api(tokens.ana, "POST", "/api/direct", { username: "leo" });
  await said("ana", { text: "entre nosotros" }, direct.id);
  const expected = [
    "Ana Torres en obra: @room mañana no se trabaja",
    "Zoe Rivas en un hilo de obra: O gris",
    "Ana Torres en un hilo de obra: Una respuesta",
    "Ana Torres en obra: y tú, @leo",
    "Ana Torres: entre nosotros",
  ];
  for (const text of expected) await hears(leo, text);
  const toast = page.locator(".toast", { hasText: "Una respuesta" });
  await toast.hover(); // None goes away while somebody is at them, however long this takes.
  await pause(leo);
  assert.deepEqual((await heard(leo)).toSorted(), expected.toSorted(), "each once, and no other");

  await toast.getByRole("button", { name: leo.word("go_to_message") }).click();
  await page.waitForURL(`**/r/${room}/t/${own.id}/m/${answer.id}`);
  await page.locator(".thread-panel").getByText("Una respuesta").waitFor();

  await listen(leo);
  await said("ana", { text: "@leo, ¿lo ves?", thread: own.id });
  await page.locator(".thread-panel").getByText("¿lo ves?").waitFor();
  await said("ana", { text: "@leo, ¿y esto?" });
  await page.locator(".timeline").getByText("¿y esto?").waitFor();
  await pause(leo);
  assert.deepEqual(await heard(leo), [], "what is on the screen is not told besides");
  leo.checkFaults();
});

test("a room of which somebody wants every message tells every message", async () => {
  await choose("leo", { level: "all" }, room);
  await open(leo, "/browse");
  await listen(leo);
  await said("zoe", { text: "Ya llegó la arena" });
  await hears(leo, "Zoe Rivas en obra: Ya llegó la arena");
  await choose("leo", {}, room);
  await said("zoe", { text: "Y la grava" });
  await said("zoe", { text: "@leo, ven" });
  await hears(leo, "Zoe Rivas en obra: @leo, ven");
  assert.ok(!(await heard(leo)).join().includes("grava"), "the choice counts at once");
});

test("what is chosen and said before the page is connected counts, and is told", async (t) => {
  t.after(() => gate.release());
  gate.hold(/^\/socket\.io\//);
  await open(leo, "/browse");
  await listen(leo);
  // Its own choices are here already, and are asked for once.
  await leo.page.waitForLoadState("networkidle");
  await choose("leo", { level: "all" }, room);
  await said("zoe", { text: "Ya llegó el cemento" });
  assert.deepEqual(await heard(leo), [], "nobody told the page yet");
  gate.release();
  await hears(leo, "Zoe Rivas en obra: Ya llegó el cemento");
  await choose("leo", {}, room);
  leo.checkFaults();
});

test("what calls somebody while the page is not connected is told once it is", async (t) => {
  t.after(() => gate.release());
  // On another device of theirs, Leo is here all the time.
  const device = await signedIn("leo", "es");
  await open(device, "/browse");
  await listen(device);
  await said("ana", { text: "@leo, ¿estás?" });
  await hears(device, "Ana Torres en obra: @leo, ¿estás?");
  const own = await said("leo", { text: "¿Quién trae la escalera?" });
  const other = await said("ana", { text: "¿Y la lona?" });
  const follow = (thread, following) =>
    server.api(tokens.leo, following ? "PUT" : "DELETE", `/api/rooms/${room}/threads/${thread}/follow`);
  await follow(own.id, false);

  gate.hold(/^\/socket\.io\//);
  await open(leo, "/browse");
  await listen(leo);
  await leo.page.waitForLoadState("networkidle");
  await said("ana", { text: "@here llueve" });
  await said("zoe", { text: "Yo la traigo", thread: own.id });
  assert.deepEqual(await heard(leo), [], "nobody told the page yet");
  gate.release();
  const first = ["Ana Torres en obra: @here llueve", "Zoe Rivas en un hilo de obra: Yo la traigo"];
  for (const text of first) await hears(leo, text);

  await said("zoe", { text: "La azul", thread: other.id });
  await said("ana", { text: "@leo, ¿sigues?" });
  await hears(leo, "Ana Torres en obra: @leo, ¿sigues?");
  gate.hold(/^\/socket\.io\//);
  // The network came back as another one: what hung on the old one is gone.
  await leo.page.evaluate(() => window.dispatchEvent(new Event("online")));
  await until("the page tries to connect", () => gate.late > 0);
  await said("ana", { text: "@here escampa" });
  await said("zoe", { text: "¿O la otra?", thread: own.id });
  await follow(other.id, true);
  await said("zoe", { text: "La verde", thread: other.id });
  gate.release();
  const second = [
    "Ana Torres en obra: @here escampa",
    "Zoe Rivas en un hilo de obra: ¿O la otra?",
    "Zoe Rivas en un hilo de obra: La verde",
  ];
  for (const text of second) await hears(leo, text);
  await pause(leo);
  const expected = [...first, "Ana Torres en obra: @leo, ¿sigues?", ...second];
  assert.deepEqual((await heard(leo)).toSorted(), expected.toSorted(), "each once, and no other");
  leo.checkFaults();
});

test("a page that connects asks what called somebody only where something did", async (t) => {
  t.after(() => gate.release());
  await said("ana", { text: "@leo, de antes" });
  const asked = [];
  const note = (request) => request.url().includes("/api/mentions") && asked.push(request.url());
  leo.page.on("request", note);
  t.after(() => leo.page.off("request", note));
  await open(leo, "/browse");
  await listen(leo);
  await leo.page.locator(".me .presence.live").waitFor();
  await leo.page.waitForLoadState("networkidle");

  gate.hold(/^\/socket\.io\//);
  await leo.page.evaluate(() => window.dispatchEvent(new Event("online")));
  await until("the page tries to connect", () => gate.late > 0);
  await said("ana", { text: "@here, otra vez" });
  assert.deepEqual(asked, [], "nothing was there to know");
  gate.release();
  await hears(leo, "Ana Torres en obra: @here, otra vez");
  assert.equal(asked.length, 1);
  leo.checkFaults();
});

test("a mute and quiet hours keep the page quiet, and the numbers and the icon tell still", async () => {
  const { page } = leo;
  const icon = () => page.locator("link[rel=icon]").getAttribute("href");
  await server.api(tokens.leo, "POST", "/api/mentions/read");
  for (const { id, head } of (await server.api(tokens.leo, "GET", "/api/rooms")).items)
    await server.api(tokens.leo, "PUT", `/api/rooms/${id}/read`, { seq: head });
  await open(leo, "/browse");
  await until("nothing is new", async () => (await page.title()) === "Tertulia");
  assert.equal(await icon(), "/icon.svg");
  await listen(leo);

  await choose("leo", { muted_for_s: 3600 }, room);
  await said("ana", { text: "@leo, en silencio" });
  await until("the icon is marked", async () => (await icon()) === "/icon-called.svg");
  await until("the title has a number", async () => /^\(1\) /.test(await page.title()));
  await page.locator(".side nav a[href='/inbox'] .badge", { hasText: "1" }).waitFor();
  await choose("leo", {}, room);
  const minute = new Date().getUTCHours() * 60 + new Date().getUTCMinutes();
  const around = { from_minute: (minute + 1380) % 1440, to_minute: (minute + 60) % 1440 };
  const quiet = { level: "mentions", quiet_hours: { ...around, time_zone: "UTC" } };
  await choose("leo", quiet);
  await said("ana", { text: "@leo, de noche" });
  await until("the title counts on", async () => /^\(2\) /.test(await page.title()));
  await choose("leo", { level: "mentions" });
  await said("ana", { text: "@leo, de día" });
  await hears(leo, "Ana Torres en obra: @leo, de día");
  assert.deepEqual(await heard(leo), ["Ana Torres en obra: @leo, de día"]);

  await page.getByRole("button", { name: leo.word("go_to_message") }).click();
  await page.locator(".timeline").getByText("de día").waitFor();
  await until("what is read marks nothing", async () => {
    return (await icon()) === "/icon.svg" && !/^\(/.test(await page.title());
  });
  leo.checkFaults();
});

test("a choice that is not here yet says so, and one that cannot be had is asked for again", async () => {
  const { page } = ana;
  const titles = ["push_title", "mail_title", "presence_title"].map((key) => ana.word(key));
  const choice = (title) => page.locator(".asked", { hasText: title });
  const asked = /\/api\/me\/(push|notices\/mail|presence)$/;
  let fail;
  const failing = new Promise((resolve) => (fail = resolve));
  await page.route(asked, (route) => failing.then(() => route.abort()));
  await open(ana, "/you");
  for (const title of titles) {
    const waits = choice(title).getByRole("status").getByText(ana.word("loading"));
    await waits.waitFor({ state: "attached" });
  }
  fail();
  for (const title of titles) await choice(title).getByRole("alert").waitFor();
  await page.unroute(asked);
  for (const title of titles)
    await choice(title).getByRole("button", { name: ana.word("retry") }).click();
  for (const title of titles) await choice(title).waitFor({ state: "detached" });
  for (const title of titles) await page.getByText(title, { exact: true }).waitFor();
  ana.checkFaults();
});
