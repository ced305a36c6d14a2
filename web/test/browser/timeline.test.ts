import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { uuid } from "../mock-server/world.mjs";
import { composer, launch, openTown, say, type Town, visit } from "./open";

let browser: Browser;
let town: Town;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser?.close());
beforeEach(async () => {
  town = await openTown();
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  await town.close();
});

const path = () => `/r/${town.general.id}`;
const shown = (page: Page) => page.locator(".message .text").allTextContents();
const stored = (text: string) =>
  [...town.general.messages.values()].filter((message) => message.text === text).length;

function writeHistory(count: number) {
  const words = "lorem ipsum dolor sit amet ";
  for (let at = 0; at < count; at += 1)
    town.world.post(town.general, town.people.ana, uuid(), `${at}: ${words.repeat(1 + (at % 9))}`);
  town.general.read.set(town.people.rodolfo.id, town.general.events.length);
}

it("does not move what is read while earlier pages are loaded", async () => {
  writeHistory(1200);
  const { page } = await visit(browser, town, path());
  await page.getByRole("article").last().waitFor();
  await page.waitForTimeout(600);
  const worst = await page.evaluate(async () => {
    const timeline = document.querySelector<HTMLElement>(".timeline")!;
    // oxlint-disable-next-line unicorn/consistent-function-scoping -- runs inside the page
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const step = 24;
    timeline.scrollTop -= step;
    await frame();
    await frame();
    let error = 0;
    for (let turn = 0; turn < 600 && timeline.scrollTop > step; turn += 1) {
      const { top, height } = timeline.getBoundingClientRect();
      const row = [...timeline.querySelectorAll("article")].find((article) => {
        const offset = article.getBoundingClientRect().top - top;
        return offset > 80 && offset < height - 120;
      });
      if (!row) continue;
      const before = row.getBoundingClientRect().top;
      timeline.scrollTop -= step;
      await frame();
      await frame();
      // Found again by its name: the list may have made the element anew.
      const after = document.getElementById(row.id)?.getBoundingClientRect().top ?? Infinity;
      error = Math.max(error, Math.abs(after - before - step));
    }
    return error;
  });
  expect(worst).toBeLessThanOrEqual(1);
});

it("stays where it is while others write, and says how many", async () => {
  writeHistory(80);
  const { page } = await visit(browser, town, path());
  await page.getByRole("article").last().waitFor();
  await page.locator(".timeline").hover();
  await page.mouse.wheel(0, -600);
  await page.waitForTimeout(300);
  const top = () => page.locator(".timeline").evaluate((element) => element.scrollTop);
  const before = await top();
  for (let count = 0; count < 5; count += 1)
    town.world.post(town.general, town.people.ben, uuid(), `while you read ${count}`);
  await page.locator(".edge.bottom .pill", { hasText: "5" }).waitFor();
  expect(await top()).toBe(before);
  await page.locator(".edge.bottom .pill").click();
  await page.getByText("while you read 4").waitFor();
  await expect.poll(() => page.locator(".edge.bottom").count()).toBe(0);
});

it("opens a linked message in the middle, with the focus, and holds it", async () => {
  writeHistory(900);
  const message = [...town.general.messages.values()][300]!;
  const { page } = await visit(browser, town, `${path()}/m/${message.id}`);
  await page.waitForFunction((id) => document.activeElement?.id === id, `m-${message.id}`);
  await page.waitForTimeout(1500);
  const off = await page.evaluate(() => {
    const row = document.activeElement!.getBoundingClientRect();
    const host = document.querySelector(".timeline")!.getBoundingClientRect();
    return (row.top + row.bottom - host.top - host.bottom) / 2;
  });
  expect(Math.abs(off)).toBeLessThanOrEqual(2);
});

it("sends once although every answer is lost and the page is reloaded", async () => {
  const { page } = await visit(browser, town, path());
  await composer(page).waitFor();
  Object.assign(town.faults, { dropAcks: 1, dropEvents: 1, loseRequests: 1 });
  await say(page, "only once");
  await expect.poll(() => stored("only once")).toBe(1);
  await page.reload();
  Object.assign(town.faults, { dropAcks: 0, dropEvents: 0, loseRequests: 0 });
  await page.reload();
  await page.getByText("only once").waitFor();
  await expect.poll(() => page.locator(".delivery").count(), { timeout: 15_000 }).toBe(0);
  expect(stored("only once")).toBe(1);
  expect((await shown(page)).filter((text) => text === "only once")).toHaveLength(1);
});

it("sends what was written offline when the network is back, in order", async () => {
  const { page, context } = await visit(browser, town, path());
  await composer(page).waitFor();
  await context.setOffline(true);
  for (const text of ["first", "second", "third"]) await say(page, text);
  await page.locator(".strip").waitFor();
  expect(await page.locator(".delivery").count()).toBe(3);
  await context.setOffline(false);
  await expect.poll(() => page.locator(".delivery").count(), { timeout: 15_000 }).toBe(0);
  const texts = [...town.general.messages.values()].slice(-3).map(({ text }) => text);
  expect(texts).toEqual(["first", "second", "third"]);
});

it("keeps the draft of each room through a reload, and Escape keeps it too", async () => {
  const { page } = await visit(browser, town, path());
  await composer(page).fill("not yet");
  await composer(page).press("Escape");
  await page.waitForTimeout(500);
  await page.reload();
  await expect.poll(() => composer(page).inputValue()).toBe("not yet");
  await page.goto(`${town.url}/r/${town.room.id}`);
  await expect.poll(() => composer(page).inputValue()).toBe("");
});

it("edits my last message with arrow up, and deletes with a question", async () => {
  const { page } = await visit(browser, town, path());
  await say(page, "tpyo");
  await page.getByText("tpyo").waitFor();
  await composer(page).press("ArrowUp");
  const editor = page.locator(".editor textarea");
  await editor.fill("typo");
  await editor.press("Enter");
  await page.locator(".message", { hasText: "typo" }).locator(".edited").waitFor();
  await page.keyboard.press("Shift+Tab");
  await page.locator(".message", { hasText: "typo" }).focus();
  await page.keyboard.press("Delete");
  await page.getByRole("alertdialog").locator(".btn.danger").click();
  await expect.poll(() => page.getByText("typo").count()).toBe(0);
});
