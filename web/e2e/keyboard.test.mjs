// The keyboard alone: from room to room, writing, editing, closing.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { launch, profile } from "./lib/browser.mjs";
import { focusOn } from "./lib/focus.mjs";
import { Person } from "./lib/person.mjs";
import { Server } from "./lib/server.mjs";
import { fillTown } from "./lib/town.mjs";
import { until } from "./lib/wait.mjs";

let server;
let browser;
let ana;

before(async () => {
  server = await Server.start();
  browser = await launch();
  await fillTown(server);
  ana = new Person(server, await profile(browser), "ana");
  await ana.signIn();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

test("Ctrl K goes to a room by a few letters, without the mouse", async () => {
  const { page } = ana;
  for (const [letters, name] of [["gene", "general"], ["disen", "diseño"]]) {
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.type(letters);
    await page.getByRole("menuitem", { name }).first().waitFor();
    await page.keyboard.press("Enter");
    await page.locator(".page-header h1").getByText(name).waitFor();
    await until("the composer has the focus", () =>
      page.evaluate(() => document.activeElement?.id === "composer"),
    );
  }
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
});

test("arrow up in the empty composer edits the last message of one's own", async () => {
  const { page } = ana;
  await ana.openRoom("diseño");
  await ana.composer().focus();
  await page.keyboard.type("un bozeto");
  await page.keyboard.press("Enter");
  await ana.sees("un bozeto");
  await ana.allSent();
  await page.keyboard.press("ArrowUp");
  const editor = page.getByRole("textbox", { name: ana.word("edit_message") });
  await editor.waitFor();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("un boceto");
  await page.keyboard.press("Enter");
  await ana.sees("un boceto");
  assert.equal(await ana.message("un bozeto").count(), 0);
  await until("the composer has the focus again", () =>
    page.evaluate(() => document.activeElement?.id === "composer"),
  );
});

test("arrow up waits for the message on its way, and never edits one before it", async () => {
  const { page } = ana;
  const waiting = [];
  let held = false;
  await page.routeWebSocket(/\/socket\.io\//, (socket) => {
    const onward = socket.connectToServer();
    onward.onMessage((frame) => {
      // Acknowledgements and news; the rest keeps the connection.
      if (held && /^4[23]/.test(String(frame))) waiting.push(() => socket.send(frame));
      else socket.send(frame);
    });
  });
  await page.reload();
  await ana.sees("un boceto");
  const editor = page.getByRole("textbox", { name: ana.word("edit_message") });
  for (const [place, list] of [["#composer", ".timeline"], ["#thread-composer", ".replies"]]) {
    const pending = page.locator(`${list} article.pending`);
    await page.locator(place).fill("la de antes");
    await page.locator(place).press("Enter");
    await page.locator(`${list} article:not(.pending)`, { hasText: "la de antes" }).waitFor();
    held = true;
    await page.locator(place).fill("la ultima");
    await page.locator(place).press("Enter");
    await pending.waitFor();
    await page.keyboard.press("ArrowUp");
    assert.equal(await editor.count(), 0, "the one before is not meant");
    held = false;
    for (const go of waiting.splice(0)) go();
    await editor.waitFor();
    assert.equal(await editor.inputValue(), "la ultima");
    await page.keyboard.press("Escape");
    await editor.waitFor({ state: "detached" });

    held = true;
    await page.locator(place).fill("otra");
    await page.locator(place).press("Enter");
    await pending.waitFor();
    await page.keyboard.press("ArrowUp");
    await page.keyboard.type("y ya sigo");
    held = false;
    for (const go of waiting.splice(0)) go();
    await pending.waitFor({ state: "detached" });
    await page.keyboard.type(" aquí");
    assert.equal(await page.locator(place).inputValue(), "y ya sigo aquí", "who writes is let");
    assert.equal(await editor.count(), 0);
    await page.locator(place).fill("");
    if (list === ".replies") break;
    await focusOn(page.locator(".timeline article", { hasText: "la ultima" }));
    await page.keyboard.press("t");
    await page.locator(".no-replies").waitFor();
  }
  await page.locator("#thread-composer").press("Escape");
  await page.locator(".thread-panel").waitFor({ state: "detached" });
});

test("Escape leads from a message to the composer", async () => {
  const { page } = ana;
  const here = () => page.evaluate(() => document.activeElement?.id);
  await focusOn(ana.message("un boceto").locator("xpath=ancestor::article"));
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowDown");
  await until("a message has the focus", async () => (await here())?.startsWith("m-"));
  await page.keyboard.press("Escape");
  assert.equal(await here(), "composer");
});

test("a draft waits in its room, and Escape never discards it", async () => {
  const { page } = ana;
  await ana.openRoom("diseño");
  await ana.composer().fill("medio dicho");
  await page.keyboard.press("Escape");
  await ana.openRoom("general");
  assert.equal(await ana.composer().inputValue(), "");
  await ana.openRoom("diseño");
  assert.equal(await ana.composer().inputValue(), "medio dicho");
  await page.reload();
  await ana.composer().waitFor();
  await until("the draft is there after a reload", async () => {
    return (await ana.composer().inputValue()) === "medio dicho";
  });
  await ana.composer().fill("");
});

test("a file taken back leaves the focus at the next one, and then where one writes", async () => {
  const { page } = ana;
  await ana.openRoom("diseño");
  const root = page.locator(".timeline article.message:not(.pending)").last();
  const isAt = (what, selector) =>
    until(what, () => page.evaluate((one) => document.activeElement.matches(one), selector));
  const named = (name) => `[aria-label="${ana.word("file_remove", { name })}"]`;
  for (const place of ["#composer", "#thread-composer"]) {
    const form = page.locator("form", { has: page.locator(place) });
    const files = ["uno", "dos", "tres"].map((name) => ({
      name: `${name}.txt`,
      mimeType: "text/plain",
      buffer: Buffer.from(name),
    }));
    await form.locator("input[type=file]").setInputFiles(files);
    await form.locator(".tray li.ready").nth(2).waitFor();
    await form.locator(named("dos.txt")).press("Enter");
    await isAt("the next file has the focus", named("tres.txt"));
    await page.keyboard.press("Enter");
    await isAt("the one before has it, for there is no next", named("uno.txt"));
    await page.keyboard.press("Enter");
    await isAt("one writes on", place);
    await page.keyboard.press("Escape");
    if (place === "#thread-composer") break;
    await focusOn(root);
    await page.keyboard.press("t");
    await page.locator("#thread-composer").waitFor();
  }
  await page.locator(".thread-panel").waitFor({ state: "detached" });
  await focusOn(root);
  await page.keyboard.press("r");
  await page.locator(".quoting button").press("Enter");
  await isAt("without what it answers one writes on, too", "#composer");
});

test("a thread that is not there has nowhere to write, and Escape leaves it", async () => {
  const { page } = ana;
  const room = page.url();
  await page.goto(`${room}/t/${randomUUID()}`);
  const panel = page.locator(".thread-panel");
  await panel.getByText(ana.word("problem_not_found")).waitFor();
  assert.equal(await panel.locator("textarea").count(), 0);
  await page.keyboard.press("Escape");
  await panel.waitFor({ state: "detached" });
  assert.equal(page.url(), room);
});

test("language and appearance change at once and stay", async () => {
  const { page } = ana;
  await page.locator("button.me").click();
  await page.getByRole("radio", { name: "Español" }).press("Space");
  ana.locale = "es";
  await page.locator(".side").getByRole("button", { name: ana.word("create_room") }).waitFor();
  await page.keyboard.press("Escape");
  await page.reload();
  await page.locator(".side").getByRole("button", { name: ana.word("create_room") }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), "es");
  ana.checkFaults();
});
