// The first sound of a message that nobody has heard yet.
import { randomUUID } from "node:crypto";
import { noteTimes } from "./table.mjs";

const CLIPS = 20;
const CHARS = 200;
const words = {
  es: "mañana nos vemos en la cocina grande para hablar de lo que falta y de quién trae el pan",
  en: "tomorrow we meet in the large kitchen to talk about what is missing and who brings bread",
};

/** Different every time, half of them in each language. */
function text(number) {
  const sentence = words[number % 2 ? "es" : "en"];
  return `${number} ${sentence}, ${sentence}, ${sentence}`.slice(0, CHARS);
}

/** Notes when a press came and when a sound began: the clock of both is that of the page. */
function listen() {
  window.pressed = 0;
  addEventListener("click", ({ timeStamp }) => (window.pressed = timeStamp), { capture: true });
  const { play } = HTMLMediaElement.prototype;
  HTMLMediaElement.prototype.play = function () {
    const sounds = () => (window.sounded = performance.now());
    this.addEventListener("playing", sounds, { once: true });
    return play.call(this);
  };
}

/** From the press on a message of 200 characters until its sound begins. */
export async function firstSound(person, { server, token, room }) {
  const { page } = person;
  await page.addInitScript(listen);
  await page.goto(`${server.url}/r/${room}`);
  await person.composer().waitFor();
  const times = [];
  for (let clip = 1; clip <= CLIPS; clip += 1) {
    const place = `/api/rooms/${room}/messages/${randomUUID()}`;
    const { id } = await server.api(token, "PUT", place, { text: text(clip) });
    const row = page.locator(`#m-${id}`);
    await row.hover();
    await page.evaluate(() => (window.sounded = 0));
    await row.getByRole("button", { name: person.word("action_play"), exact: true }).click();
    await page.waitForFunction(() => window.sounded > 0);
    times.push(await page.evaluate(() => window.sounded - window.pressed));
    await row.getByRole("button", { name: person.word("speech_stop") }).click();
  }
  noteTimes(`from the press to the first sound of ${CHARS} characters not said before`, times, 1000);
}
