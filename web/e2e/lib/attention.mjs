// Looking at another tab, and back. Playwright lets every page believe that it has the focus.

/** The person looks at another tab of theirs; answers with what brings them back. */
export async function lookAway({ page }) {
  const tools = await page.context().newCDPSession(page);
  const believe = (enabled) => tools.send("Emulation.setFocusEmulationEnabled", { enabled });
  await believe(false);
  const other = await page.context().newPage();
  await other.bringToFront();
  await page.waitForFunction(() => !document.hasFocus());
  return async () => {
    await other.close();
    await page.bringToFront();
    await page.waitForFunction(() => document.hasFocus());
    await believe(true);
    await tools.detach();
  };
}
