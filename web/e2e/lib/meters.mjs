// Measuring a page from the outside, by the protocol of the browser's own tools.

async function session(page, work) {
  const cdp = await page.context().newCDPSession(page);
  try {
    return await work(cdp);
  } finally {
    await cdp.detach();
  }
}

/** Milliseconds of the processor that the page's main thread takes while `work` is done. */
export const processorMs = (page, work) =>
  session(page, async (cdp) => {
    await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
    const taken = async () => {
      const { metrics } = await cdp.send("Performance.getMetrics");
      return metrics.find(({ name }) => name === "TaskDuration").value * 1000;
    };
    const before = await taken();
    await work();
    return (await taken()) - before;
  });

/** Bytes of JavaScript that are left when everything that is not needed was collected. */
export const collectedHeap = (page) =>
  session(page, async (cdp) => {
    await cdp.send("HeapProfiler.enable");
    for (let turn = 0; turn < 3; turn += 1) await cdp.send("HeapProfiler.collectGarbage");
    const { usedSize } = await cdp.send("Runtime.getHeapUsage");
    return usedSize;
  });

/** For each of `count` letters, typed by ten a second: from the key to the next picture. */
export async function typedMs(page, count) {
  await page.evaluate(() => {
    window.typed = [];
    document.querySelector("#composer").addEventListener("keydown", ({ timeStamp }) => {
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => window.typed.push(performance.now() - timeStamp);
        port2.postMessage(undefined);
      });
    });
  });
  for (let letter = 0; letter < count; letter += 1) {
    await page.keyboard.press(letter % 6 === 5 ? "Space" : "a");
    await page.waitForTimeout(100);
  }
  return page.evaluate(() => window.typed);
}

/**
 * In the page, at a button that leads to a message: milliseconds from its click until the whole
 * message is in sight of the timeline and drawn.
 */
export const landedMs = (button, id) =>
  new Promise((resolve) => {
    const begun = performance.now();
    const inSight = () => {
      const box = document.getElementById(id)?.getBoundingClientRect();
      const frame = document.querySelector(".timeline")?.getBoundingClientRect();
      return box && frame && box.top >= frame.top && box.bottom <= frame.bottom;
    };
    const look = () => {
      // The frame after the one in which it is there: then it was drawn.
      const drawn = () => resolve(performance.now() - begun);
      requestAnimationFrame(inSight() ? drawn : look);
    };
    button.click();
    look();
  });
