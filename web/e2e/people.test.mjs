// The people here: found by name, whether they are around, what is shared with them, and writing
// to them; without a hand at the mouse, and without a network.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { violations } from "./lib/axe.mjs";
import { launch, profile } from "./lib/browser.mjs";
import { focusOn } from "./lib/focus.mjs";
import { Person } from "./lib/person.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

let server;
let browser;
let ana;
let leo;

before(async () => {
  server = await Server.start();
  browser = await launch();
  const mine = await server.account("ana", "Ana Torres");
  const his = await server.account("leo", "Leo Martín");
  const hers = await server.account("zoe", "Ángela Núñez");
  for (const token of [his, hers]) await server.api(token, "GET", "/api/me");
  const shared = await server.api(mine, "POST", "/api/rooms", { kind: "private", name: "taller" });
  await server.api(mine, "POST", `/api/rooms/${shared.id}/members`, { username: "leo" });
  await server.api(his, "POST", "/api/rooms", { kind: "private", name: "sótano" });
  ana = new Person(server, await profile(browser), "ana");
  leo = new Person(server, await profile(browser), "leo");
  await ana.signIn();
  await leo.signIn();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const rows = () => ana.page.locator(".person-row");
const row = (name) => ana.page.locator(".person-row", { hasText: name });
const search = () => ana.page.locator("main input[type=search]");
const are = (names) =>
  until(`the people are ${names}`, async () => {
    const shown = await rows().locator("b").allTextContents();
    return shown.join() === names.join();
  });
async function openPeople() {
  await ana.page.locator(".side a[href='/people']").click();
  await rows().first().waitFor();
}

test("everybody is listed by name, who is around is told, and a name is found without accents", async () => {
  await openPeople();
  await are(["Ana Torres", "Ángela Núñez", "Leo Martín"]);
  await row("Leo").locator(".dot.online").waitFor();
  assert.equal(await row("Ángela").locator(".dot").count(), 0, "nothing is shared with her");
  assert.equal(await row("Ana").getByRole("button").count(), 0, "nobody writes to themselves");
  await search().fill("nunez");
  await are(["Ángela Núñez"]);
  await search().fill("nadie así");
  await ana.page.getByText(ana.word("people_no_match", { query: "nadie así" })).waitFor();
  await search().fill("");
  await are(["Ana Torres", "Ángela Núñez", "Leo Martín"]);
});

test("by keys: to somebody, to what is shared with them and no further, and to writing", async () => {
  const { page } = ana;
  await openPeople();
  await search().press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.locator(".page-header h1", { hasText: "Leo Martín" }).waitFor();
  await page.locator(".person .around", { hasText: ana.word("presence_online") }).waitFor();
  await page.locator(".person li a").first().waitFor();
  const shared = await page.locator(".person li a").allTextContents();
  assert.equal(shared.length, 1, shared.join());
  assert.match(shared[0], /taller$/);
  await ana.button("write_to", { name: "Leo Martín" }).press("Enter");
  await page.locator(".page-header h1", { hasText: "Leo Martín" }).waitFor();
  await ana.composer().waitFor();
  assert.match(page.url(), /\/r\/[0-9a-f-]{36}$/);
  await page.goBack();
  await page.locator(".person li a", { hasText: "taller" }).press("Enter");
  await page.locator(".page-header h1", { hasText: "taller" }).waitFor();
});

test("who wrote and who is in a room leads to who they are, by mouse and by keys", async () => {
  const { page } = ana;
  const atLeo = async () => {
    await page.locator(".page-header h1", { hasText: "Leo Martín" }).waitFor();
    await page.locator(".person .who", { hasText: "@leo" }).waitFor();
  };
  await leo.openRoom("taller");
  await leo.say("Hay barro nuevo");
  await leo.say("y esmalte");
  await ana.openRoom("taller");
  await ana.sees("y esmalte");
  const message = (text) => page.locator("article.message", { hasText: text });
  const link = message("Hay barro nuevo").getByRole("link", { name: "Leo Martín", exact: true });
  assert.equal(await message("y esmalte").getByRole("link").count(), 0, "it is said once a turn");
  await link.click();
  await atLeo();
  await page.goBack();
  await focusOn(message("y esmalte"));
  await page.keyboard.press("ArrowUp");
  await until("the one above has the focus", () =>
    message("Hay barro nuevo").evaluate((element) => element === document.activeElement),
  );
  await page.keyboard.press("Tab");
  await until("Tab goes to who wrote", () =>
    link.evaluate((element) => element === document.activeElement),
  );
  await page.keyboard.press("Enter");
  await atLeo();
  await page.goBack();
  await ana.openMembers();
  await page.locator(".panel .member").getByRole("link", { name: "Leo Martín" }).press("Enter");
  await atLeo();
  ana.checkFaults();
});

test("without a network it is said, and the people come when it is back", async () => {
  const { page } = ana;
  await openPeople();
  await page.context().setOffline(true);
  await search().fill("leo");
  await page.getByText(ana.word("offline_title")).waitFor();
  assert.equal(await rows().count(), 0, "the others are no answer to this question");
  await page.context().setOffline(false);
  await are(["Leo Martín"]);
  await search().fill("");
  await are(["Ana Torres", "Ángela Núñez", "Leo Martín"]);
});

test("what is no person is said to be none", async () => {
  const { page } = ana;
  await page.goto(`${server.url}/people/019ab000-0000-7000-8000-000000000000`);
  await page.locator("main [role=alert]", { hasText: ana.word("person_failed") }).waitFor();
  await page.getByRole("link", { name: ana.word("back_to_people") }).click();
  await rows().first().waitFor();
});

test("who is on the screen is watched, and not who is further down a list", async () => {
  const { page } = ana;
  const mine = await server.operator("token", "create", "--user", "ana", "--ttl", "3600");
  const room = await server.api(mine, "POST", "/api/rooms", { kind: "private", name: "patio" });
  const members = ["leo", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "zoe"];
  for (const username of members) {
    if (username.startsWith("m")) {
      const token = await server.account(username);
      await server.api(token, "GET", "/api/me");
    }
    await server.api(mine, "POST", `/api/rooms/${room.id}/members`, { username });
  }
  const zoe = new Person(server, await profile(browser), "zoe");
  await zoe.signIn();
  const { id } = await server.api(mine, "GET", `/api/rooms/${room.id}/members`).then(
    ({ items }) => items.map(({ person }) => person).find(({ username }) => username === "zoe"),
  );
  await page.setViewportSize({ width: 1100, height: 420 });
  const asked = [];
  page.on("websocket", (socket) =>
    socket.on("framesent", ({ payload }) => {
      if (String(payload).includes("watchPresence")) asked.push(String(payload));
    }),
  );
  await page.goto(`${server.url}/r/${room.id}`);
  await ana.openMembers();
  const rows = page.locator(".panel .member");
  await until("all are listed", async () => (await rows.count()) === members.length + 1);
  await until("those at the top are watched", () => asked.length > 0);
  await rows.nth(1).locator(".dot.online").waitFor();
  assert.ok(!asked.some((frame) => frame.includes(id)), "she is not on the screen");
  await rows.last().scrollIntoViewIfNeeded();
  await rows.last().locator(".dot.online").waitFor();
  await rows.first().scrollIntoViewIfNeeded();
  await until("she is watched no more", () => !asked.at(-1).includes(id));
  await zoe.close?.();
});

test("a member of the room is found without accents, by keys, and nobody is said to be nobody", async () => {
  const { page } = ana;
  const mine = await server.operator("token", "create", "--user", "ana", "--ttl", "3600");
  const made = { kind: "private", name: "jardín" };
  const room = await server.api(mine, "POST", "/api/rooms", made);
  for (const username of ["leo", "zoe"])
    await server.api(mine, "POST", `/api/rooms/${room.id}/members`, { username });
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(`${server.url}/r/${room.id}`);
  await ana.openMembers();
  const panel = page.locator(".panel");
  const field = panel.getByRole("searchbox", { name: ana.word("search_members") });
  const names = (...wanted) =>
    until(`the members are ${wanted}`, async () => {
      const shown = await panel.locator(".member b a").allTextContents();
      return shown.join() === wanted.join();
    });
  await names("Ana Torres", "Leo Martín", "Ángela Núñez");
  await field.fill("nunez");
  await names("Ángela Núñez");
  const told = panel.getByRole("status");
  await told.getByText(ana.word("members_found", { count: 1 })).waitFor({ state: "attached" });
  await field.press("ArrowDown");
  await until("she has the focus", () =>
    panel
      .getByRole("link", { name: "Ángela Núñez" })
      .evaluate((element) => element === document.activeElement),
  );
  await field.fill("nadie así");
  await told.getByText(ana.word("people_no_match", { query: "nadie así" })).waitFor();
  await names();
  assert.deepEqual(await violations(page), []);
  await field.fill("");
  await names("Ana Torres", "Leo Martín", "Ángela Núñez");
  assert.equal((await told.textContent()).trim(), "", "all are not found, but there");
  ana.checkFaults();
});

test("nobody writes to who is blocked, what was written stays, and then one writes again", async () => {
  const { page } = ana;
  const mine = await server.operator("token", "create", "--user", "ana", "--ttl", "3600");
  const direct = await server.api(mine, "POST", "/api/direct", { username: "zoe" });
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(`${server.url}/r/${direct.id}`);
  await ana.say("Te dejé el esmalte");
  const closed = page.locator("#composer", {
    hasText: ana.word("direct_closed", { name: "Ángela Núñez" }),
  });
  const message = page.locator("article.message", { hasText: "Te dejé el esmalte" });
  const action = (key) => message.getByRole("button", { name: ana.word(key), exact: true });
  await message.hover();
  await action("action_edit").waitFor();

  await server.operator("user", "block", "zoe", "--reason", "spam");
  await closed.waitFor();
  assert.equal(await page.locator("main textarea").count(), 0, "there is nowhere to write");
  await until("the line that says so has the focus that the composer had", () =>
    closed.evaluate((element) => element === document.activeElement),
  );
  assert.deepEqual(await violations(page), []);
  await message.hover();
  await action("action_thread").waitFor();
  for (const key of ["action_react", "action_edit", "action_reply"])
    assert.equal(await action(key).count(), 0, "what was written stays as it is");
  await page.reload();
  await closed.waitFor();
  await message.waitFor();

  await server.operator("user", "unblock", "zoe");
  await page.locator("textarea#composer").waitFor();
  await ana.say("¿Lo viste?");
  await ana.sees("¿Lo viste?");
  ana.checkFaults();
});

test("where nobody writes any more, reactions are read, and one's own can be taken back", async () => {
  const { page } = ana;
  const tokenOf = (name) => server.operator("token", "create", "--user", name, "--ttl", "3600");
  const [mine, hers] = [await tokenOf("ana"), await tokenOf("zoe")];
  const direct = await server.api(mine, "POST", "/api/direct", { username: "zoe" });
  const messages = `/api/rooms/${direct.id}/messages`;
  const text = "¿Sirve el barniz?";
  const { id } = await server.api(mine, "PUT", `${messages}/${randomUUID()}`, { text });
  const react = (who, emoji) =>
    server.api(who, "PUT", `${messages}/${id}/reactions/${encodeURIComponent(emoji)}`);
  await react(hers, "👍");
  await react(mine, "🎉");
  await page.goto(`${server.url}/r/${direct.id}`);
  const group = page.locator(`#m-${id} .reactions`);
  const chip = (emoji, count) =>
    group.getByRole("button", { name: ana.word("reaction_count", { emoji, count }) });
  const add = group.getByRole("button", { name: ana.word("action_react") });
  await add.waitFor();
  const asked = [];
  page.on("request", (request) => {
    if (request.url().includes("/reactions/")) asked.push(request.method());
  });

  await server.operator("user", "block", "zoe", "--reason", "spam");
  await page.locator("#composer.closed").waitFor();
  assert.ok(await chip("👍", 1).isDisabled(), "it would be refused");
  assert.equal(await add.count(), 0);
  await chip("👍", 1).click({ force: true });
  assert.equal(await chip("👍", 1).getAttribute("aria-pressed"), "false");
  assert.deepEqual(await violations(page), []);
  await chip("🎉", 1).click();
  await chip("🎉", 1).waitFor({ state: "detached" });
  await until("it is taken back", () => asked.length > 0);
  assert.deepEqual(asked, ["DELETE"]);

  await server.operator("user", "unblock", "zoe");
  await add.waitFor();
  await chip("👍", 1).click();
  await chip("👍", 2).waitFor();
  ana.checkFaults();
});
