// What axe-core finds wrong with a page.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// Without its comments half as much has to reach every page.
const { resolve } = createRequire(import.meta.url);
const axe = readFileSync(resolve("axe-core/axe.min.js"), "utf8");

const standards = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Violations of WCAG 2.2 AA and of good practice, each with the first few elements. */
export async function violations(page) {
  // A page that was looked at before has it.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
  return run(page, standards);
}

/** The same, and what of it is about colours in the other scheme, too. */
export async function violationsInBothSchemes(page, scheme) {
  const found = await violations(page);
  const other = scheme === "dark" ? "light" : "dark";
  await page.emulateMedia({ colorScheme: other });
  const there = await run(page, ["color-contrast", "link-in-text-block"]);
  await page.emulateMedia({ colorScheme: scheme });
  return [...found, ...there.map((violation) => ({ ...violation, scheme: other }))];
}

/** Text with less than 7:1, or 4.5:1 where it is large (WCAG 1.4.6); after `violations`. */
export const enhanced = (page) => run(page, { type: "rule", values: ["color-contrast-enhanced"] });

const run = (page, runOnly) =>
  page.evaluate(async (runOnly) => {
    // Behind a modal dialog the page is hidden, with its heading and its landmarks.
    const modal = document.querySelector("[role=dialog], [role=alertdialog]") !== null;
    const ofPage = Array.isArray(runOnly) && runOnly.includes("best-practice") && modal;
    const hidden = ofPage ? ["landmark-one-main", "page-has-heading-one"] : [];
    const { violations } = await window.axe.run(document, {
      rules: Object.fromEntries(hidden.map((rule) => [rule, { enabled: false }])),
      runOnly,
      // Where the elements are that pass, nobody asks.
      resultTypes: ["violations"],
      selectors: false,
    });
    return violations.map(({ id, nodes }) => ({
      id,
      nodes: nodes.slice(0, 3).map(({ html, failureSummary }) => `${html}\n${failureSummary}`),
    }));
  }, runOnly);

/** Whether a page has to be scrolled sideways on the narrowest of phones (WCAG 1.4.10). */
export async function tooWide(page) {
  const usual = page.viewportSize();
  // What floats was placed for the usual size, and would itself keep a phone's page that wide.
  await page.evaluate(() => {
    for (const floating of document.querySelectorAll("[style*=--trigger-anchor-point]"))
      floating.style.display = "none";
  });
  await page.setViewportSize({ width: 320, height: usual.height });
  const found = await page.evaluate(async () => {
    const page = document.documentElement;
    // What floats finds its place a moment after the page has its size.
    for (let left = 60; left > 0 && page.scrollWidth > page.clientWidth; left -= 1)
      await new Promise(requestAnimationFrame);
    return { scrollWidth: page.scrollWidth, clientWidth: page.clientWidth };
  });
  await page.setViewportSize(usual);
  return found.scrollWidth > found.clientWidth ? [{ id: "reflow", ...found }] : [];
}
