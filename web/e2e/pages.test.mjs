// Every page of identity: no violation that axe-core can find, nothing wider than the narrowest
// phone, nothing that the policy had to refuse; and the whole way with scripts switched off.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { violations } from "./lib/axe.mjs";
import { launch, profile } from "./lib/browser.mjs";
import { everyPage } from "./lib/pages.mjs";
import { serverWithProvider } from "./lib/upstream.mjs";

const NARROW = { width: 320, height: 640 };
const WIDE = { width: 1280, height: 800 };
/** Fewer would mean that the walk has stopped somewhere. */
const PAGES_MIN = 47;

let server;
let stop;
let browser;

before(async () => {
  ({ server, stop } = await serverWithProvider());
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await stop?.();
});

/** What sticks out at the side. */
const tooWide = (page) =>
  page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const wide = (element) => element.getBoundingClientRect().right > width + 0.5;
    const all = [...document.querySelectorAll("body *")].filter(wide);
    return all.slice(-3).map((element) => element.outerHTML);
  });

/** All that axe-core finds, in the light and in the dark. */
async function violationsInEachScheme(page) {
  const found = [];
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    found.push(...(await violations(page)).map((violation) => ({ ...violation, colorScheme })));
  }
  return found;
}

/** Walks through all pages; answers what `inspect` finds, by page. */
async function walk(name, options, inspect) {
  const page = await profile(browser, { ...options, viewport: WIDE });
  const faults = [];
  const seen = [];
  for await (const shown of everyPage({ page, server, name })) {
    seen.push(shown);
    const lang = await page.locator("html").getAttribute("lang");
    if (lang !== options.locale) faults.push({ shown, lang });
    for (const viewport of [NARROW, WIDE]) {
      await page.setViewportSize(viewport);
      const found = await inspect(page);
      if (found.length > 0) faults.push({ shown, width: viewport.width, found });
    }
  }
  if (page.faults.length > 0) faults.push(page.faults);
  await page.context().close();
  assert.deepEqual(faults, []);
  assert.ok(seen.length >= PAGES_MIN, `${seen.length}: ${seen}`);
}

const locales = ["en", "es"];

// One walk alone mostly waits, for its server or for its browser.
describe("every page of identity", { concurrency: 2 * locales.length }, () => {
  for (const locale of locales) {
    test(`is for everybody (${locale})`, async () => {
      const options = { locale, reducedMotion: "reduce" };
      await walk(`nora-${locale}`, options, violationsInEachScheme);
    });
    test(`works without scripts and at 320 px (${locale})`, async () => {
      await walk(`nadia-${locale}`, { locale, javaScriptEnabled: false }, tooWide);
    });
  }
});
