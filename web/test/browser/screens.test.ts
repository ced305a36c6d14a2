import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import en from "../../messages/en.json";
import es from "../../messages/es.json";
import { type Look, launch, openTown, type Town, visit } from "./open";

let browser: Browser;
let town: Town;

beforeAll(async () => {
  [browser, town] = await Promise.all([launch(), openTown()]);
});
afterAll(async () => {
  await browser?.close();
  await town?.close();
});

type Words = typeof en;
type Screen = [name: string, path: () => string, act?: (page: Page, words: Words) => Promise<void>];

const button = (page: Page, name: string) =>
  page.getByRole("button", { name, exact: true }).first();
const roomPath = () => `/r/${town.room.id}`;
const dialog = (page: Page) => page.getByRole("dialog").waitFor();

const screens: Screen[] = [
  ["home", () => "/"],
  ["room", roomPath, (page) => page.getByRole("article").first().waitFor()],
  ["members", roomPath, (page) => page.locator(".members-btn").click()],
  ["message actions", roomPath, (page) => page.getByRole("article").last().hover()],
  ["browse", () => "/browse", (page) => page.locator(".directory").waitFor()],
  ["you", () => "/you"],
  ["no such room", () => "/r/00000000-0000-7000-8000-000000000000"],
  ["invitation that ended", () => "/invite/none"],
  ["create room", () => "/", (page, words) => button(page, words.create_room).click()],
  ["settings", roomPath, (page, words) => button(page, words.room_settings).click()],
  ["direct", () => "/", (page, words) => button(page, words.new_direct).click()],
  [
    "switcher",
    () => "/",
    async (page) => {
      await page.locator(".side").waitFor();
      await page.keyboard.press("Control+k");
      await dialog(page);
      await page.keyboard.type("d");
    },
  ],
  [
    "help",
    () => "/",
    async (page) => {
      await page.locator(".side").waitFor();
      await page.keyboard.press("Control+/");
      await dialog(page);
    },
  ],
];

const looks: [string, Look, Words][] = [
  ["light, Spanish", { colorScheme: "light", locale: "es-CL" }, es as Words],
  ["dark, English", { colorScheme: "dark", locale: "en-US" }, en],
];

describe.each(looks)("%s", (_name, look, words) => {
  it.each(screens)("%s: no violation, no complaint of the policy", async (_screen, path, act) => {
    const { context, page, faults } = await visit(browser, town, path(), look);
    await page.locator("main").waitFor();
    await act?.(page, words);
    await page.waitForTimeout(400);
    expect(await violations(page)).toEqual([]);
    expect(faults.filter((fault) => !fault.includes("404"))).toEqual([]);
    await context.close();
  });

  it("welcome: no violation", async () => {
    const { colorScheme, locale } = look;
    const context = await browser.newContext({ colorScheme, locale });
    const page = await context.newPage();
    await page.goto(town.url);
    await page.getByRole("link", { name: words.sign_in }).waitFor();
    expect(await violations(page)).toEqual([]);
    await context.close();
  });
});

it.each([320, 390])("nothing is wider than a screen of %d px", async (width) => {
  const narrow: Look = { width, height: 720 };
  for (const path of ["/", roomPath(), "/browse", "/you"]) {
    const { context, page } = await visit(browser, town, path, narrow);
    await page.locator(".app").waitFor();
    await page.waitForTimeout(300);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow, path).toBe(0);
    await context.close();
  }
});

async function violations(page: Page): Promise<string[]> {
  // Evaluated by the debugger, which the page's policy does not bind.
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { violations: found } = await (globalThis as never as { axe: typeof axe }).axe.run(
      document,
      { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
    );
    return found.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => {
        const place = html.slice(0, 160);
        return `${id}: ${place} ${failureSummary?.slice(0, 200)}`;
      }),
    );
  });
}
