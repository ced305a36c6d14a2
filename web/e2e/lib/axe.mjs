// What axe-core finds wrong with a page.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core"), "utf8");

/** Violations of WCAG 2.2 AA and of good practice, each with the first few elements. */
export async function violations(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    // Behind a modal dialog the page is hidden, with its heading and its landmarks.
    const modal = document.querySelector("[role=dialog]") !== null;
    const ofPage = ["landmark-one-main", "page-has-heading-one"];
    const { violations } = await window.axe.run(document, {
      rules: modal ? Object.fromEntries(ofPage.map((rule) => [rule, { enabled: false }])) : {},
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
    return violations.map(({ id, nodes }) => ({
      id,
      nodes: nodes.slice(0, 3).map(({ html, failureSummary }) => `${html}\n${failureSummary}`),
    }));
  });
}
