// A conversation of three: formatting, calls by name, threads, reactions, quotations, history,
// the inbox and its numbers on two devices, drafts, and what is deleted.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { launch, profile } from "./lib/browser.mjs";
import { focusOn } from "./lib/focus.mjs";
import { Person } from "./lib/person.mjs";
import { rest } from "./lib/reading.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

let server;
let browser;
let room;
let ana;
let leo;
let zoe;

before(async () => {
  server = await Server.start();
  browser = await launch();
  const tokens = {};
  for (const [name, shown] of [
    ["ana", "Ana Torres"],
    ["leo", "Leo Martín"],
    ["zoe", "Zoe Rivas"],
  ]) {
    tokens[name] = await server.account(name, shown);
    await server.api(tokens[name], "GET", "/api/me");
  }
  const made = { kind: "private", name: "obra", topic: "" };
  room = (await server.api(tokens.ana, "POST", "/api/rooms", made)).id;
  for (const username of ["leo", "zoe"])
    await server.api(tokens.ana, "POST", `/api/rooms/${room}/members`, { username });
  [ana, leo, zoe] = await Promise.all([signedIn("ana"), signedIn("leo", "es"), signedIn("zoe")]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function signedIn(name, locale = "en") {
  const person = new Person(server, await profile(browser, { locale }), name, locale);
  await person.signIn();
  await person.page.goto(`${server.url}/r/${room}`);
  await person.composer().waitFor();
  return person;
}

const row = (person, text) => person.page.locator("article.message").filter({ hasText: text });
const panel = (person) => person.page.locator(".thread-panel");
const threadComposer = (person) => person.page.locator("#thread-composer");

/** Types as a person does, so that what is called is offered. */
async function write(person, words) {
  await person.composer().focus();
  await person.page.keyboard.type(words);
}

test("marks become words in bold, code and lists; the keys for them work", async () => {
  await write(ana, "plan");
  await ana.page.keyboard.press("Control+a");
  await ana.page.keyboard.press("Control+b");
  assert.equal(await ana.composer().inputValue(), "**plan**");
  await ana.page.keyboard.press("End");
  await ana.page.keyboard.type(" `x = 1`");
  await ana.page.keyboard.press("Enter");
  const said = row(leo, "plan").first();
  await said.locator("strong", { hasText: "plan" }).waitFor();
  await said.locator("code", { hasText: "x = 1" }).waitFor();
  const code = Array.from({ length: 40 }, (_, at) => `let line${at} = ${at};`).join("\n");
  await ana.composer().fill(`\`\`\`rust\n${code}\n\`\`\``);
  await ana.page.keyboard.press("Enter");
  const block = row(leo, "let line0").locator(".code-block");
  await block.locator(".hljs-keyword").first().waitFor();
  assert.equal(await block.getByText("line39").count(), 0, "long code is shown in part");
  await block.getByRole("button", { name: leo.word("show_all_lines", { count: 40 }) }).click();
  await block.getByText("line39").waitFor();
});

test("somebody called by name is offered, told, and finds it in the inbox on every device", async () => {
  const second = await signedIn("leo");
  await second.page.goto(`${server.url}/browse`);
  await second.page.locator(".side nav").waitFor();
  await leo.page.goto(`${server.url}/browse`);
  await leo.page.locator(".side nav").waitFor();

  await write(ana, "hola @le");
  await ana.page.getByRole("option", { name: "Leo Martín" }).waitFor();
  await ana.page.keyboard.press("Tab");
  assert.equal(await ana.composer().inputValue(), "hola @leo ");
  await ana.page.keyboard.type("¿vienes?");
  await ana.page.keyboard.press("Enter");
  await row(zoe, "¿vienes?").locator(".mention", { hasText: "@Leo Martín" }).waitFor();
  assert.equal(await row(zoe, "¿vienes?").locator(".mention.you").count(), 0);

  const inbox = (person) => person.page.locator(".side nav a[href='/inbox']");
  for (const device of [leo, second])
    await until("the inbox says that one is new", async () =>
      (
        await inbox(device)
          .locator(".badge")
          .textContent()
          .catch(() => "")
      )?.startsWith("1"),
    );
  await inbox(leo).click();
  const entry = leo.page.locator(".inbox-row").first();
  await entry.getByText("¿vienes?").waitFor();
  await entry.focus();
  await leo.page.keyboard.press("Enter");
  const called = row(leo, "¿vienes?");
  await called.waitFor();
  await until("the message has the focus", () =>
    called.evaluate((element) => document.activeElement === element),
  );
  assert.ok(await called.locator(".mention.you").isVisible());
  for (const device of [leo, second])
    await until("it is read on every device", async () => {
      return (await inbox(device).locator(".badge").count()) === 0;
    });
  await second.page.context().close();
});

test("a thread has its own place, is told to its followers, and counts below its root", async () => {
  await ana.say("¿Cerramos el viernes?");
  await focusOn(row(leo, "¿Cerramos el viernes?").first());
  await leo.page.keyboard.press("t");
  await panel(leo).waitFor();
  await threadComposer(leo).waitFor();
  await threadComposer(leo).fill("Por mí sí");
  await threadComposer(leo).press("Enter");
  await panel(leo).locator("article", { hasText: "Por mí sí" }).waitFor();

  const button = row(ana, "¿Cerramos el viernes?").locator(".thread-button");
  await button.waitFor();
  assert.equal(await row(ana, "Por mí sí").count(), 0, "a reply stays out of the room");
  await button.click();
  await panel(ana).locator("article", { hasText: "Por mí sí" }).waitFor();
  await panel(ana).getByLabel(ana.word("also_to_room")).check();
  await threadComposer(ana).fill("Entonces cerrado");
  await threadComposer(ana).press("Enter");
  await zoe.page.locator(".timeline article", { hasText: "Entonces cerrado" }).waitFor();
  await panel(leo).locator("article", { hasText: "Entonces cerrado" }).waitFor();
  await zoe.page.getByRole("link", { name: zoe.word("replies_count", { count: 2 }) }).waitFor();
  await ana.page.keyboard.press("Escape");
  await panel(ana).waitFor({ state: "detached" });
  await leo.page.keyboard.press("Escape");
});

test("in a thread, arrow up edits the last reply of one's own, and Escape leaves the list", async () => {
  const { page } = leo;
  await leo.say("¿Vemos el techo?");
  await leo.allSent();
  await focusOn(row(leo, "¿Vemos el techo?").first());
  await page.keyboard.press("t");
  await threadComposer(leo).waitFor();
  for (const text of ["Claro", "El lunez"]) {
    await threadComposer(leo).fill(text);
    await threadComposer(leo).press("Enter");
    await panel(leo).locator("article:not(.pending)", { hasText: text }).waitFor();
  }
  await page.keyboard.press("ArrowUp");
  const editor = panel(leo).getByRole("textbox", { name: leo.word("edit_message") });
  await editor.waitFor();
  assert.equal(await editor.inputValue(), "El lunez");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("El lunes");
  await page.keyboard.press("Enter");
  await panel(leo).locator("article", { hasText: "El lunes" }).waitFor();
  const here = () => page.evaluate(() => document.activeElement?.id);
  await until("the composer has the focus again", async () => (await here()) === "thread-composer");
  await focusOn(panel(leo).locator("article", { hasText: "Claro" }));
  await page.keyboard.press("Escape");
  assert.equal(await here(), "thread-composer");
  assert.equal(await panel(leo).count(), 1, "the thread stays");
  await page.keyboard.press("Escape");
  await panel(leo).waitFor({ state: "detached" });
});

test("who writes is told to the others, until the message is there", async () => {
  const line = (person) => person.page.locator(".typing", { hasText: "Leo Martín" });
  await write(leo, "v");
  const told = ana.page.getByText(ana.word("typing_one", { name: "Leo Martín" }));
  await until("ana is told while leo goes on", async () => {
    await leo.page.keyboard.type("o");
    return told.isVisible();
  });
  await line(zoe).waitFor();
  assert.equal(await line(leo).count(), 0);
  await leo.page.keyboard.press("Enter");
  await ana.page.locator("article.message .text").filter({ hasText: /^vo+$/ }).waitFor();
  for (const person of [ana, zoe]) await line(person).waitFor({ state: "detached" });
});

test("who is here is told beside the members, but not of who hides it", async () => {
  await ana.openMembers();
  const member = (name) => ana.page.locator("li.member", { hasText: `@${name}` });
  const online = ana.word("presence_online");
  for (const name of ["leo", "zoe"]) await member(name).getByText(online).waitFor();

  await leo.page.goto(`${server.url}/you`);
  const choice = leo.page.getByRole("group", { name: leo.word("presence_title") });
  const radio = (key) => choice.getByRole("radio", { name: leo.word(key), exact: true });
  await until("everyone is seen at first", () => radio("on").isChecked());
  await radio("off").press("Space");
  await member("leo").locator(".dot").waitFor({ state: "detached" });
  assert.equal(await member("zoe").getByText(online).count(), 1);
  await leo.page.reload();
  await until("it is kept", () => radio("off").isChecked());
  await radio("on").press("Space");
  await member("leo").getByText(online).waitFor();
  await leo.page.goto(`${server.url}/r/${room}`);
  await leo.composer().waitFor();
  await ana.page.locator(".members-btn").click();
});

test("everyone is called by whom the room lets, and is offered to nobody else", async () => {
  const option = (person, name) => person.page.getByRole("option", { name });
  await leo.say("@room no se puede");
  const calls = (text) => row(zoe, text).locator(".mention.you").count();
  await row(zoe, "no se puede").waitFor();
  assert.equal(await calls("no se puede"), 0, "what calls nobody does not look as if it did");
  await write(leo, "@");
  await option(leo, "Ana Torres").waitFor();
  assert.equal(await option(leo, "@room").count(), 0);
  await write(ana, "@");
  await option(ana, "@room").waitFor();
  await option(ana, "@here").waitFor();
  await ana.composer().fill("");

  await ana.page.locator(".page-header").getByRole("button", { name: ana.word("room_settings") }).click();
  const dialog = ana.page.getByRole("dialog");
  const who = dialog.getByRole("group", { name: ana.word("everyone_role") });
  const radio = (key) => who.getByRole("radio", { name: ana.word(key), exact: true });
  assert.ok(await radio("everyone_moderators").isChecked());
  await radio("everyone_members").press("Space");
  await dialog.getByRole("button", { name: ana.word("save"), exact: true }).click();
  await dialog.waitFor({ state: "detached" });
  await option(leo, "@room").waitFor();
  await leo.page.keyboard.type("roo");
  await option(leo, "@here").waitFor({ state: "detached" });
  await leo.page.keyboard.press("Tab");
  await leo.page.keyboard.type("hay café");
  await leo.page.keyboard.press("Enter");
  await zoe.page.locator("article.message.you", { hasText: "hay café" }).waitFor();
  assert.equal(await calls("hay café"), 1);
});

test("reactions are counted once for each person, by mouse and by keyboard", async () => {
  await ana.say("Funciona");
  const said = (person) => row(person, "Funciona").first();
  await focusOn(said(leo));
  await leo.page.keyboard.press("+");
  await leo.page.getByRole("dialog").waitFor();
  await leo.page.locator(".emoji-picker .frequent button").first().click();
  const reaction = (person) => said(person).locator(".reaction").first();
  await reaction(ana).waitFor();
  await reaction(ana).click();
  for (const person of [ana, leo, zoe])
    await until(`${person.name} sees two`, async () => {
      return (
        (await reaction(person)
          .locator(".num")
          .textContent()
          .catch(() => "")) === "2"
      );
    });
  assert.equal(await reaction(ana).getAttribute("aria-pressed"), "true");
  assert.equal(await reaction(zoe).getAttribute("aria-pressed"), "false");
  await reaction(ana).click();
  await until(
    "one is left",
    async () => (await reaction(zoe).locator(".num").textContent()) === "1",
  );
});

test("a quotation shows what it answers, and forgets what was deleted", async () => {
  await leo.say("El plan B es secreto");
  await focusOn(row(ana, "El plan B es secreto").first());
  await ana.page.keyboard.press("r");
  await ana.page.locator(".quoting").waitFor();
  await ana.page.keyboard.type("De acuerdo");
  await ana.page.keyboard.press("Enter");
  const card = row(zoe, "De acuerdo").locator(".quote-card");
  await card.getByText("El plan B es secreto").waitFor();
  const original = leo.page
    .locator(".timeline article", { hasText: "El plan B es secreto" })
    .first();
  await focusOn(original);
  await leo.page.keyboard.press("Delete");
  await leo.page.getByRole("button", { name: leo.word("dismiss") }).click();
  await card.getByText(zoe.word("message_deleted")).waitFor();
  assert.ok(!(await zoe.page.content()).includes("El plan B es secreto"), "at once");
  await zoe.page.reload();
  await card.getByText(zoe.word("message_deleted")).waitFor();
  assert.ok(!(await zoe.page.content()).includes("El plan B es secreto"));
});

test("a deletion can be undone by keyboard, and is meant when the page is left", async () => {
  await leo.say("dicho sin pensar");
  await row(ana, "dicho sin pensar").first().waitFor();
  const mine = leo.page.locator(".timeline article", { hasText: "dicho sin pensar" }).first();
  const id = await mine.getAttribute("id");
  const gone = (person) =>
    person.page.locator(`#${id}`).getByText(person.word("message_deleted"), { exact: true });
  await focusOn(mine);
  await leo.page.keyboard.press("Delete");
  await gone(leo).waitFor();
  await leo.page.keyboard.press("F8");
  await until("the focus is on what undoes it", () =>
    leo.button("undo").evaluate((button) => document.activeElement === button),
  );
  await leo.page.keyboard.press("Enter");
  await mine.getByText("dicho sin pensar").waitFor();
  assert.ok(await mine.evaluate((article) => article.contains(document.activeElement)));
  await ana.say("¿seguro?");
  await row(leo, "¿seguro?").first().waitFor();
  assert.equal(await gone(ana).count(), 0, "nobody else was told of it");

  await leo.page.keyboard.press("Delete");
  await gone(leo).waitFor();
  assert.equal(await gone(ana).count(), 0);
  await leo.page.reload();
  await gone(ana).waitFor();
  await gone(leo).waitFor();
});

test("keys for letters that are put together neither send nor close; too long is said", async () => {
  await ana.say("かな");
  // As Safari tells of the key that ends it: composing is over by then.
  const compose = (area, key) =>
    area.evaluate((element, key) => {
      const init = { key, keyCode: 229, bubbles: true, cancelable: true };
      return element.dispatchEvent(new KeyboardEvent("keydown", init));
    }, key);
  await ana.composer().fill("漢");
  assert.equal(await compose(ana.composer(), "Enter"), true);
  assert.equal(await ana.composer().inputValue(), "漢");
  await ana.composer().fill("");
  await ana.allSent();
  await ana.composer().press("ArrowUp");
  const editor = ana.page.locator(".editor textarea");
  await compose(editor, "Escape");
  await editor.fill("x".repeat(16_385));
  await ana.page.getByText(ana.word("bytes_over", { count: 1 })).waitFor();
  assert.equal(await ana.button("save").isDisabled(), true);
  await editor.fill("かな");
  await editor.press("Escape");
  await editor.waitFor({ state: "detached" });
  await ana.sees("かな");
});

test("what a message said before can be read by everybody", async () => {
  await ana.say("a las diez");
  await ana.allSent();
  await ana.page.keyboard.press("ArrowUp");
  const editor = ana.page.getByRole("textbox", { name: ana.word("edit_message") });
  await editor.fill("a las once");
  await editor.press("Enter");
  await row(zoe, "a las once").locator(".edited").click();
  const dialog = zoe.page.getByRole("dialog");
  await dialog.getByText("a las diez").waitFor();
  await dialog.getByText("a las once").waitFor();
  await zoe.page.keyboard.press("Escape");
});

test("an emoji is written by its name, in the language of the page", async () => {
  await write(leo, "fiesta :confeti");
  await leo.page.getByRole("option").first().waitFor();
  await leo.page.keyboard.press("Enter");
  await leo.page.keyboard.press("Enter");
  await row(ana, "fiesta").first().waitFor();
  assert.match(await row(ana, "fiesta").first().locator(".text").textContent(), /\p{Emoji}/u);
  await write(ana, ":tada:");
  await until(
    "the name became a picture",
    async () => (await ana.composer().inputValue()) === "🎉",
  );
  await ana.composer().fill("");
});

test("a draft follows its writer to another device", async () => {
  const second = await signedIn("ana");
  await write(ana, "medio dicho");
  await until("the other device has it", async () => {
    return (await second.composer().inputValue()) === "medio dicho";
  });
  await ana.composer().fill("");
  await until(
    "and it is gone there, too",
    async () => (await second.composer().inputValue()) === "",
  );
  await second.page.context().close();
});

test("a room can be unread again from a message on", async () => {
  await ana.say("léelo luego");
  await focusOn(row(zoe, "léelo luego").first());
  await zoe.page.keyboard.press("u");
  await until("the list says that one is unread", async () => {
    return (await zoe.roomLink("obra").locator(".count, .badge").count()) === 1;
  });
  await zoe.page.keyboard.press("Shift+Escape");
  await zoe.page.getByRole("button", { name: zoe.word("undo") }).waitFor();
  await until("all is read", async () => {
    return (await zoe.roomLink("obra").locator(".count, .badge").count()) === 0;
  });
});

test("the address of a message leads to it in the same page", async () => {
  const said = leo.page.locator("article.message", { hasText: "léelo luego" });
  const path = `/r/${room}/m/${(await said.getAttribute("id")).slice(2)}`;
  await ana.say(`Está en ${server.url}${path}.`);
  await leo.page.evaluate(() => (window.same = true));
  await leo.page.getByRole("link", { name: path }).waitFor();
  await rest(leo.page);
  await leo.page.getByRole("link", { name: path }).click();
  await leo.page.waitForURL(`${server.url}${path}`);
  await leo.page.locator("article.target", { hasText: "léelo luego" }).waitFor();
  assert.equal(await leo.page.evaluate(() => window.same), true);
});

test("what is not in a room takes nobody out of it: a link, and an answer to nothing", async () => {
  const nowhere = randomUUID();
  await leo.page.goto(`${server.url}/r/${room}/m/${nowhere}`);
  await leo.page.getByText(leo.word("history_failed_title")).waitFor();
  await leo.button("retry").click();
  await leo.sees("léelo luego");
  await leo.page.goto(`${server.url}/r/${room}/t/${nowhere}`);
  await leo.page.getByText(leo.word("thread_failed")).waitFor();
  // One can write there only before it is known that nothing is there.
  await leo.page.route("**/threads/*", () => undefined);
  await leo.page.reload();
  await threadComposer(leo).fill("¿Hay alguien?");
  await threadComposer(leo).press("Enter");
  await leo.page.getByRole("link", { name: leo.word("drafts") }).click();
  await leo.page.getByText(leo.word("rejected_gone")).waitFor();
  await leo.openRoom("obra");
  const told = leo.page.getByText(leo.word("removed_from_room", { room: "obra" }));
  assert.equal(await told.count(), 0);
});

test("an address that no message can have leads to as little as one that none has", async () => {
  const { page } = ana;
  for (const path of ["m/xyz", "t/xyz", `t/${randomUUID()}/m/xyz`, "m/%00"]) {
    await page.goto(`${server.url}/r/${room}/${path}`);
    await page.getByRole("alert").getByText(ana.word("problem_not_found")).waitFor();
  }
  await page.goto(`${server.url}/people/xyz`);
  await page.getByRole("alert").getByText(ana.word("problem_not_found")).waitFor();
});

test("nothing in all of this was refused by the policy", () => {
  for (const person of [ana, leo, zoe]) person.checkFaults();
});
