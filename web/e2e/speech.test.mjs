// Messages that are heard: by button and by key, one at a time; on a page of another origin; when
// the voice is down, and where there is none.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, profile } from "./lib/browser.mjs";
import { program } from "./lib/environment.mjs";
import { focusOn } from "./lib/focus.mjs";
import { Person } from "./lib/person.mjs";
import { Server } from "./lib/server.mjs";
import { voice } from "./lib/voice.mjs";
import { until } from "./lib/wait.mjs";

const SECRET = "a-secret-that-both-have";
const SECONDS = 20;
/** Some times as long as what a browser fetches ahead, and a place beyond that. */
const LONG_S = 240;
const FAR_S = 200;

let folder;
let browser;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "tertulia-voice-"));
  browser = await launch();
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The setting for a voice that is long enough to be paused. */
const speaks = (seconds = SECONDS) => `functions.speak.program=${voice(folder, seconds)}`;

/** A server, and Leo in a room where Ana said two things. */
async function room(settings) {
  const server = await Server.start("127.0.0.1", settings);
  const ana = await server.account("ana", "Ana Torres");
  const token = await server.account("leo", "Leo Martín");
  for (const who of [ana, token]) await server.api(who, "GET", "/api/me");
  const made = { kind: "private", name: "obra", topic: "" };
  const { id } = await server.api(ana, "POST", "/api/rooms", made);
  await server.api(ana, "POST", `/api/rooms/${id}/members`, { username: "leo" });
  const texts = ["Buenos días a todas", "Nos vemos en la cocina"];
  const messages = [];
  for (const text of texts) {
    const path = `/api/rooms/${id}/messages/${crypto.randomUUID()}`;
    messages.push(await server.api(ana, "PUT", path, { text }));
  }
  const leo = new Person(server, await profile(browser, { locale: "es" }), "leo", "es");
  await leo.signIn();
  await leo.page.goto(`${server.url}/r/${id}`);
  await leo.composer().waitFor();
  const rows = texts.map((text) => leo.page.locator("article.message").filter({ hasText: text }));
  leo.token = token;
  return { server, room: id, messages, ana, token, leo, rows };
}

const player = (row) => row.locator(".player");
const place = async (row) => Number(await player(row).locator("input[type=range]").inputValue());

async function press(leo, row) {
  await row.hover();
  await row.getByRole("button", { name: leo.word("action_play"), exact: true }).click();
}

test("a message is played, paused, moved and hastened, and only one at a time", async () => {
  const { server, leo, rows, messages } = await room([speaks()]);
  const [first, second] = rows;
  await press(leo, first);
  await player(first).getByRole("slider").waitFor();
  await until("it is heard", async () => (await place(first)) > 0);
  await player(first).getByRole("button", { name: leo.word("speech_pause") }).click();
  await player(first).getByRole("button", { name: leo.word("speech_go_on") }).waitFor();
  const slider = player(first).getByRole("slider");
  await slider.focus();
  await leo.page.keyboard.press("End");
  assert.equal(await slider.getAttribute("aria-valuetext"), "0:20 de 0:20");
  await leo.page.keyboard.press("Home");
  for (const key of ["ArrowRight", "ArrowRight", "ArrowLeft"]) await leo.page.keyboard.press(key);
  assert.equal(await slider.getAttribute("aria-valuetext"), "0:05 de 0:20");
  await leo.page.keyboard.press(" ");
  await player(first).getByRole("button", { name: leo.word("speech_pause") }).waitFor();
  await leo.page.keyboard.press(" ");
  await player(first).getByRole("button", { name: leo.word("speech_go_on") }).waitFor();
  await player(first).getByRole("button", { name: leo.word("speech_rate", { rate: "1" }) }).click();
  await player(first).getByText("1.25×").waitFor();
  // By key, on the row that has the focus; the other one ends.
  await focusOn(leo.page.locator(`#m-${messages[1].id}`));
  await leo.page.keyboard.press("p");
  await player(second).getByRole("slider").waitFor();
  await player(first).waitFor({ state: "detached" });
  await until("it is heard, too", async () => (await place(second)) > 0);
  await leo.page.keyboard.press("p");
  await player(second).getByRole("button", { name: leo.word("speech_go_on") }).waitFor();
  await player(second).getByRole("button", { name: leo.word("speech_stop") }).click();
  await player(second).waitFor({ state: "detached" });
  await server.stop();
});

test("what is heard goes on on another page, where it can be ended, and ends with the membership", async () => {
  const { server, room: id, ana, leo, rows } = await room([speaks(60)]);
  const { page } = leo;
  const bar = page.locator(".elsewhere");
  const pause = bar.getByRole("button", { name: leo.word("speech_pause") });
  await press(leo, rows[0]);
  await until("it is heard", async () => (await place(rows[0])) > 0);
  assert.equal(await bar.count(), 0, "one player is enough");
  await page.keyboard.press("Control+Shift+m");
  await page.waitForURL(/inbox/);
  await pause.waitFor();
  // Also on a phone it hides no tab.
  const desk = page.viewportSize();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("tab", { name: leo.word("inbox_unread") }).click();
  await page.getByRole("tab", { name: leo.word("inbox_all") }).click();
  await page.setViewportSize(desk);
  const link = bar.getByRole("link");
  assert.match(await link.textContent(), /Ana Torres\s+obra/);
  await pause.click();
  await bar.getByRole("button", { name: leo.word("speech_go_on") }).click();
  await pause.waitFor();
  await link.click();
  await player(rows[0]).getByRole("slider").waitFor();
  assert.equal(await bar.count(), 0);
  await page.keyboard.press("Control+Shift+m");
  await pause.waitFor();
  // Nothing else on the page says whether a sound is heard.
  const state = () => page.evaluate(() => navigator.mediaSession.playbackState);
  assert.equal(await state(), "playing");
  const me = (await server.api(leo.token, "GET", "/api/me")).person.id;
  await server.api(ana, "DELETE", `/api/rooms/${id}/members/${me}`);
  await bar.waitFor({ state: "detached" });
  assert.equal(await state(), "none");
  await server.stop();
});

test("whoever paused until the link ended goes on where they were", async () => {
  const { server, leo, rows } = await room([speaks(LONG_S)]);
  const { page } = leo;
  const links = [];
  let ended;
  await page.route("**/media/clips/**", (route) => {
    const url = route.request().url();
    if (!links.includes(url)) links.push(url);
    return url === ended ? route.fulfill({ status: 404 }) : route.continue();
  });
  await press(leo, rows[0]);
  await until("it is heard", async () => (await place(rows[0])) > 0);
  await player(rows[0]).getByRole("button", { name: leo.word("speech_pause") }).click();
  [ended] = links;
  // So far from what has come that it is asked for.
  await player(rows[0]).getByRole("slider").fill(String(FAR_S));
  await player(rows[0]).getByRole("button", { name: leo.word("speech_go_on") }).click();
  await until("it goes on there", async () => (await place(rows[0])) > FAR_S);
  assert.equal(links.length, 2);
  await server.stop();
});

test("a thread is heard from its beginning to its end, without what is deleted", async () => {
  const { server, room: id, messages, token, leo } = await room([speaks(0.6)]);
  const thread = messages[0].id;
  const replies = [];
  for (const text of ["Yo llevo pan", "No, mejor no", "Y yo vino"]) {
    const path = `/api/rooms/${id}/messages/${crypto.randomUUID()}`;
    replies.push(await server.api(token, "PUT", path, { text, thread }));
  }
  await server.api(token, "DELETE", `/api/rooms/${id}/messages/${replies[1].id}`);
  await leo.page.goto(`${server.url}/r/${id}/t/${thread}`);
  const panel = leo.page.locator(".thread-panel");
  await panel.getByText("Y yo vino").waitFor();
  await leo.page.evaluate(() => {
    globalThis.heard = [];
    const note = () => {
      const row = document.querySelector(".thread-panel .player.sound")?.closest("article");
      if (row && globalThis.heard.at(-1) !== row.id) globalThis.heard.push(row.id);
    };
    new MutationObserver(note).observe(document.body, { subtree: true, childList: true });
  });
  await panel.getByRole("button", { name: leo.word("speech_thread") }).click();
  await until("all of it was heard", async () => {
    const heard = await leo.page.evaluate(() => globalThis.heard);
    const silent = (await panel.locator(".player").count()) === 0;
    return heard.length === 3 && silent;
  });
  const heard = await leo.page.evaluate(() => globalThis.heard);
  const expected = [thread, replies[0].id, replies[2].id];
  assert.deepEqual(heard.map((row) => row.slice(-36)), expected);
  await server.stop();
});

test("a page of another origin fetches and plays the clip", async () => {
  const { server, room: id, messages, token } = await room([speaks()]);
  const path = `/api/rooms/${id}/messages/${messages[0].id}/speech`;
  const clip = await until("the clip is ready", async () => {
    const now = await server.api(token, "POST", path);
    return now.state === "ready" && now;
  });
  const elsewhere = createServer((_, answer) => {
    answer.setHeader("content-type", "text/html");
    answer.end("<!doctype html><title>elsewhere</title>");
  });
  await new Promise((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
  const page = await profile(browser, {});
  await page.goto(`http://127.0.0.1:${elsewhere.address().port}/`);
  const heard = await page.evaluate(async (url) => {
    const fetched = await (await fetch(url)).arrayBuffer();
    const audio = new Audio();
    audio.crossOrigin = "anonymous";
    audio.src = url;
    const ready = new Promise((resolve, reject) => {
      audio.addEventListener("canplaythrough", resolve);
      audio.addEventListener("error", () => reject(new Error(audio.error?.message)));
    });
    audio.load();
    await ready;
    const decoded = await new OfflineAudioContext(1, 1, 22_050).decodeAudioData(fetched);
    const loudest = decoded.getChannelData(0).reduce((most, one) => Math.max(most, one), 0);
    return { duration: audio.duration, loudest };
  }, clip.url);
  assert.ok(Math.abs(heard.duration - SECONDS) < 0.1, `${heard.duration} s`);
  assert.ok(heard.loudest > 0.1, "it is not silent");
  await page.context().close();
  elsewhere.close();
  await server.stop();
});

test("a voice that is down is told, and heard when it is back; where there is none, it is said", async () => {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  const at = [`chat.functions.url=http://127.0.0.1:${port}`, `chat.functions.secret=${SECRET}`];
  const { server, leo, rows } = await room(at);
  await press(leo, rows[0]);
  await player(rows[0]).getByText(leo.word("speech_delayed")).waitFor();
  const words = ["functions", "--listen", `127.0.0.1:${port}`];
  for (const set of [`functions.secret=${SECRET}`, speaks()])
    words.push("--set", set);
  const functions = spawn(program, words, { stdio: "ignore" });
  await player(rows[0]).getByRole("slider").waitFor();
  functions.kill();
  await server.stop();

  const silent = await room(["functions.speak.program=/nowhere/speak"]);
  const name = `${silent.leo.word("action_play")}: ${silent.leo.word("speech_not_offered")}`;
  const button = silent.rows[0].getByRole("button", { name, exact: true });
  await until("the button says why", async () => {
    await silent.rows[0].hover();
    return (await button.getAttribute("aria-disabled").catch(() => null)) === "true";
  });
  await silent.server.stop();
});
