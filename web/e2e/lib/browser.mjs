// Chromium, and people who each have a profile of their own in it.
import { chromium as driver } from "playwright-core";
import { chromium, PATIENCE_MS } from "./environment.mjs";

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const launch = () =>
  driver.launch({ executablePath: chromium(), headless: true, args: flags });

/**
 * A fresh profile with a page. What goes wrong in it is kept in `page.faults`: refusals of the
 * content security policy and errors that nobody caught.
 */
export async function profile(browser, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: "en",
    ...options,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  page.faults = [];
  const note = (fault) => page.faults.push(fault);
  page.on("pageerror", (error) => note(`uncaught: ${error.stack ?? error}`));
  page.on("console", (message) => {
    if (/content security policy|trusted ?types/i.test(message.text())) note(message.text());
  });
  await page.exposeFunction("noteRefusal", (text) => note(text));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) =>
      window.noteRefusal(`refused by ${event.violatedDirective}: ${event.blockedURI}`),
    );
  });
  return page;
}
