// Firefox, as far as it is installed.
import { existsSync } from "node:fs";
import puppeteer from "puppeteer-core";
import { PATIENCE_MS, variable } from "./environment.mjs";
import { PASSWORD } from "./server.mjs";

function program() {
  const known = ["/usr/bin/firefox-esr", "/usr/bin/firefox"];
  const found = variable(
    "FIREFOX",
    known.find((path) => existsSync(path)),
  );
  if (!found) throw new Error("no Firefox: apt-get install firefox-esr, or set FIREFOX");
  return found;
}

export const launchFirefox = (preferences = {}) =>
  puppeteer.launch({
    browser: "firefox",
    executablePath: program(),
    headless: true,
    protocolTimeout: 4 * PATIENCE_MS,
    extraPrefsFirefox: preferences,
  });

/** A page of the chat; who is not signed in yet does it as `username`. */
export async function openSignedIn(browser, server, username, path, selector) {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.setViewport({ width: 1280, height: 900 });
  return signedIn(page, server, username, path, selector);
}

/** The same in a page that is there, of either browser. */
export async function signedIn(page, server, username, path, selector) {
  await page.goto(`${server.url}/auth/login?return_to=${path}`);
  await page.waitForSelector(`input[name=password], ${selector}`);
  if (await page.$("input[name=password]")) {
    await page.type("input[name=username]", username);
    await page.type("input[name=password]", PASSWORD);
    await page.click("main form[method=post] button[type=submit]");
  }
  await page.waitForSelector(selector);
  return page;
}
