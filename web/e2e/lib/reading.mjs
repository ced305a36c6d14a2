// What a reader of a list of messages sees, of the timeline unless another is named: functions for
// the page, whichever browser it is in.
import assert from "node:assert/strict";
import { until } from "./wait.mjs";

/** Scrolls by steps of `step` px; the worst error of one of them, and how many rows were seen. */
export const scroll = async ([steps, step, list = ".timeline"]) => {
  const timeline = document.querySelector(list);
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const inSight = () => {
    const { top, height } = timeline.getBoundingClientRect();
    return [...timeline.querySelectorAll("article")].find((article) => {
      const offset = article.getBoundingClientRect().top - top;
      return offset > 80 && offset < height - 120;
    });
  };
  let worst = 0;
  const seen = new Set();
  for (let turn = 0; turn < steps; turn += 1) {
    const { scrollTop, scrollHeight, clientHeight } = timeline;
    const room = step < 0 ? scrollTop : scrollHeight - scrollTop - clientHeight;
    if (room <= Math.abs(step)) break;
    const row = inSight();
    const before = row?.getBoundingClientRect().top;
    timeline.scrollTop += step;
    await frame();
    await frame();
    if (!row) continue;
    seen.add(row.id);
    const after = document.getElementById(row.id)?.getBoundingClientRect().top ?? Infinity;
    worst = Math.max(worst, Math.abs(after - before + step));
  }
  return { worst, seen: seen.size };
};

/** From now on each frame is looked at: how far has anything moved that is in sight now? */
const beginWatching = (list) => {
  const timeline = document.querySelector(list);
  const frame = timeline.getBoundingClientRect();
  const first = new Map();
  for (const row of timeline.querySelectorAll("article.message")) {
    const { top, bottom } = row.getBoundingClientRect();
    if (bottom > frame.top && top < frame.bottom) first.set(row.id, top);
  }
  const seen = { worst: 0, frames: 0, rows: first.size };
  window.watched = seen;
  const look = () => {
    for (const [id, top] of first) {
      const now = document.getElementById(id)?.getBoundingClientRect().top ?? Infinity;
      seen.worst = Math.max(seen.worst, Math.abs(now - top));
    }
    seen.frames += 1;
    if (window.watched === seen) requestAnimationFrame(look);
  };
  look();
};

const watched = (page) => page.evaluate(() => window.watched);

/** Waits until nothing has moved for 40 frames; it is watched from then on. */
export async function rest(page, list = ".timeline") {
  await page.evaluate(beginWatching, list);
  await until("the list comes to rest", async () => {
    const { worst, frames, rows } = await watched(page);
    if (worst > 0 || rows === 0) await page.evaluate(beginWatching, list);
    return worst === 0 && rows > 0 && frames > 40;
  });
}

/** Nothing has moved since it came to rest, nor does it in the next 40 frames. */
export async function checkStill(page) {
  const { frames } = await watched(page);
  const now = await until("more frames", async () => {
    const now = await watched(page);
    return now.frames > frames + 40 && now;
  });
  assert.equal(now.worst, 0, `moved by ${now.worst} px`);
}

/** How many pictures in sight have not come, and how many have. */
export const pictures = (page) =>
  page.evaluate(() => {
    const frame = document.querySelector(".timeline").getBoundingClientRect();
    const count = { missing: 0, there: 0 };
    for (const image of document.querySelectorAll(".timeline .picture img")) {
      const { top, bottom } = image.getBoundingClientRect();
      if (bottom <= frame.top || top >= frame.bottom) continue;
      count[image.complete && image.naturalWidth > 0 ? "there" : "missing"] += 1;
    }
    return count;
  });

/** How far the middle of a row is from the middle of the list; undefined if it is not there. */
export const offCentre = (page, id, list = ".timeline") =>
  page.evaluate(([id, list]) => {
    const middle = (element) => {
      const { top, bottom } = element.getBoundingClientRect();
      return (top + bottom) / 2;
    };
    const row = document.getElementById(id);
    if (row) return Math.abs(middle(row) - middle(document.querySelector(list)));
    return undefined;
  }, [id, list]);

/** Waits until the newest message is in sight. */
export const atEnd = (page, list = ".timeline") =>
  until("the newest message is in sight", () =>
    page.evaluate((list) => {
      const { scrollTop, clientHeight, scrollHeight } = document.querySelector(list);
      return scrollHeight - scrollTop - clientHeight <= 2 && scrollTop > 0;
    }, list),
  );
