// The same page in two browsers: what is common to the pages of both drivers is enough here.
import { launch, profile } from "./browser.mjs";
import { PATIENCE_MS } from "./environment.mjs";
import { launchFirefox } from "./firefox.mjs";

const inChromium = async () => {
  const browser = await launch();
  return { page: () => profile(browser), close: () => browser.close() };
};

const inFirefox = async () => {
  const browser = await launchFirefox();
  const page = async () => {
    const page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    await page.setViewport({ width: 1280, height: 900 });
    return page;
  };
  return { page, close: () => browser.close() };
};

export const engines = [
  ["Chromium", inChromium],
  ["Firefox", inFirefox],
];
