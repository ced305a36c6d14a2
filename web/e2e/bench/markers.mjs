// Two devices of one person and somebody else who writes: how soon both devices count alike.
import { randomUUID } from "node:crypto";
import { noteTimes } from "./table.mjs";

const ROUNDS = 100;

/** Notes when the page tells the server what it has read. */
function noteMarks() {
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (frame) {
    const marks = typeof frame === "string" && frame.includes('"markRead"');
    if (marks) window.marked = performance.timeOrigin + performance.now();
    return send.call(this, frame);
  };
}

/** In the page: when the room's number in the list is drawn as `wanted`. */
const counted = ([room, wanted]) =>
  new Promise((resolve) => {
    const now = () => {
      const count = document.querySelector(`.side nav a[href$="/r/${room}"] .num`);
      return Number.parseInt(count?.textContent ?? "0", 10);
    };
    const look = () => {
      if (now() !== wanted) return requestAnimationFrame(look);
      resolve(performance.timeOrigin + performance.now());
    };
    look();
  });

/**
 * One device looks at the room, the other at something else. The clock of both pages and of this
 * program is that of the machine.
 */
export async function markers({ looking, other }, { server, token, room }) {
  await looking.page.addInitScript(noteMarks);
  await looking.page.goto(`${server.url}/r/${room}`);
  await looking.composer().waitFor();
  await other.page.goto(`${server.url}/inbox`);
  await other.page.evaluate(counted, [room, 0]);
  const [risen, fallen] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    await looking.page.evaluate(() => (window.marked = 0));
    const rise = other.page.evaluate(counted, [room, 1]);
    const said = performance.timeOrigin + performance.now();
    const place = `/api/rooms/${room}/messages/${randomUUID()}`;
    await server.api(token, "PUT", place, { text: `ronda ${round}` });
    risen.push((await rise) - said);
    const zero = await other.page.evaluate(counted, [room, 0]);
    await looking.page.waitForFunction(() => window.marked > 0);
    fallen.push(zero - (await looking.page.evaluate(() => window.marked)));
  }
  noteTimes("from a message to its count on a device that looks elsewhere", risen, 1000);
  noteTimes("from the marker of one device to the count of the other", fallen, 1000);
}
