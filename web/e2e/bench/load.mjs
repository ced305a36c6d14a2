// What a room of many messages costs the page: when it is opened, while all of them are read
// back, and when the room with all of them is shown again.
import { processorMs } from "../lib/meters.mjs";
import { median, note } from "./table.mjs";

const TURNS = 5;
const WHEEL_PX = -600;

const shown = (person) => person.page.locator(".timeline article.message");
const start = (person) => person.page.locator(".timeline .room-start");

/** The page is opened at the room: its newest messages are asked for and drawn. */
export async function load(person, { address, length }) {
  const times = [];
  for (let turn = 0; turn < TURNS; turn += 1) {
    await person.page.goto(`${person.server.url}/health`); // The same process of the browser.
    times.push(
      await processorMs(person.page, async () => {
        await person.page.goto(address);
        await shown(person).first().waitFor();
        await person.composer().waitFor();
      }),
    );
  }
  const what = `processor time until a room of ${length} messages is there, its newest page`;
  note(`${what}; median of ${TURNS}`, "≤ 250 ms", `${median(times).toFixed(0)} ms`, median(times) <= 250);
}

/** Turns the wheel until the first message of the room is there, and with it every other. */
export async function readBack(person, { address, length }) {
  await person.page.goto(address);
  await shown(person).first().waitFor();
  const asked = listenForPages(person.page);
  await toTheEnd(person);
  const box = await person.page.locator(".timeline").boundingBox();
  await person.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  let turns = 0;
  const spent = await processorMs(person.page, async () => {
    while (!(await start(person).isVisible())) {
      await person.page.mouse.wheel(0, WHEEL_PX);
      await person.page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
      turns += 1;
    }
  });
  const read = `${spent.toFixed(0)} ms in ${turns} turns of the wheel, ${asked.count} pages`;
  note(`processor time of reading back to the first of ${length} messages`, "–", read, true);
}

/** With all messages in the page: to another room, and back. */
export async function comeBack(person, { name, other, length }) {
  const asked = listenForPages(person.page);
  const times = [];
  for (let turn = 0; turn < TURNS; turn += 1) {
    await person.openRoom(other);
    times.push(
      await processorMs(person.page, async () => {
        await person.openRoom(name);
        await shown(person).first().waitFor();
      }),
    );
  }
  if (asked.of(person.page.url()) > 0) throw new Error("the room was asked for once more");
  const what = `processor time of showing a room again, all ${length} messages in the page`;
  note(`${what}; median of ${TURNS}`, "≤ 250 ms", `${median(times).toFixed(0)} ms`, median(times) <= 250);
}

/** Where a room is opened depends on what was read: at its end the measuring begins. */
async function toTheEnd(person) {
  await person.page.locator(".timeline").evaluate((timeline) => {
    timeline.scrollTop = timeline.scrollHeight;
  });
}

/** Counts the pages of messages that are asked for from now on. */
function listenForPages(page) {
  const paths = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (/^\/api\/rooms\/[^/]+\/messages$/.test(pathname)) paths.push(pathname);
  });
  return {
    get count() {
      return paths.length;
    },
    of: (address) => {
      const [, room] = new URL(address).pathname.match(/^\/r\/([^/]+)/);
      return paths.filter((path) => path.includes(room)).length;
    },
  };
}
