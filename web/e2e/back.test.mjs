// "Back" takes away what covers the page before it leaves the page; closing leaves nothing behind.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, profile } from "./lib/browser.mjs";
import { Person } from "./lib/person.mjs";
import { png } from "./lib/pictures.mjs";
import { Server } from "./lib/server.mjs";
import { fillTown } from "./lib/town.mjs";
import { until } from "./lib/wait.mjs";

let server;
let browser;
let town;

before(async () => {
  server = await Server.start();
  browser = await launch();
  town = await fillTown(server);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function ana(options) {
  const person = new Person(server, await profile(browser, options), "ana");
  await person.signIn();
  return person;
}

const path = ({ page }) => new URL(page.url()).pathname;
const gone = (locator) => locator.waitFor({ state: "detached" });
const isAt = (person, wanted) => until(`the page is ${wanted}`, () => path(person) === wanted);
/** Every entry that closing took away has been left. */
const settled = ({ page }) =>
  until("no entry is left over", () => page.evaluate(() => !history.state?.over));

/** From the list into the room, so that exactly one step back leads to the list. */
async function enter(person, name = "despliegues") {
  await person.page.goto(server.url);
  await person.roomLink(name).click();
  await person.page.locator("article.message").first().waitFor();
}

async function showPicture(person) {
  const { page } = person;
  const buffer = png(400, 240);
  const file = { name: "plano.png", mimeType: "image/png", buffer };
  await page.locator(".composer input[type=file]").setInputFiles([file]);
  await page.locator(".tray li.ready").waitFor();
  await page.locator("button.send").click();
}

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

test("on a phone, back closes pictures, sheets, dialogs, members and threads", async () => {
  const person = await ana(phone);
  const { page } = person;
  const room = `/r/${town.rooms.despliegues}`;
  const dialog = page.getByRole("dialog");
  const panel = page.locator(".panel");
  await enter(person);
  await showPicture(person);
  const picture = page.locator("article.message .picture").last();
  await picture.waitFor();
  const covers = [
    ["the picture", () => picture.press("Enter"), dialog],
    ["the sheet", () => page.locator("article.message").last().press("Enter"), dialog],
    ["the dialog", () => page.getByTitle(person.word("room_settings")).tap(), dialog],
    ["the members", () => page.locator(".members-btn").tap(), panel],
    ["the thread", () => page.locator(".thread-button").first().press("Enter"), panel],
  ];
  for (const [name, open, shown] of covers) {
    for (const close of [() => page.goBack(), () => shown.locator("header .icon-btn").last().tap()]) {
      await open();
      await shown.waitFor();
      await close();
      await gone(shown);
      await settled(person);
      await isAt(person, room);
      assert.ok(await page.locator(".composer").isVisible(), `${name} is gone, the room is there`);
    }
  }
  await page.goBack();
  await isAt(person, "/");
  person.checkFaults();
  await page.context().close();
});

test("what leads elsewhere from a dialog takes its entry, and one step leads back", async () => {
  const person = await ana();
  const { page } = person;
  await enter(person);
  await person.command("profile");
  await isAt(person, "/you");
  await page.goBack();
  await isAt(person, `/r/${town.rooms.despliegues}`);
  assert.equal(await page.getByRole("dialog").count(), 0);

  // One dialog in the place of another, which Escape closes: nothing is left of either.
  await person.command("create_room");
  await page.getByRole("dialog").locator("fieldset.kinds").waitFor();
  await page.keyboard.press("Escape");
  await gone(page.getByRole("dialog"));
  await settled(person);
  await page.goBack();
  await isAt(person, "/");
  person.checkFaults();
  await page.context().close();
});

test("what is opened while the last one closes stays open, and so does nothing reloaded", async () => {
  const person = await ana();
  const { page } = person;
  await enter(person);
  for (let times = 0; times < 5; times += 1) {
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+/");
    const help = page.getByRole("dialog", { name: person.word("keyboard_help") });
    await help.waitFor();
    await until("it has its entry", () => page.evaluate(() => history.state?.over === 1));
    assert.ok(await help.isVisible());
    await page.keyboard.press("Escape");
    await gone(help);
  }
  await page.keyboard.press("Control+/");
  await page.getByRole("dialog").waitFor();
  await page.reload();
  await person.composer().waitFor();
  await settled(person);
  await page.goBack();
  await isAt(person, "/");
  person.checkFaults();
  await page.context().close();
});
