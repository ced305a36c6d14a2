// Nothing that is being read moves, in two browsers, while pictures and previews come late.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { launch, profile } from "./lib/browser.mjs";
import { engines } from "./lib/engines.mjs";
import { signedIn } from "./lib/firefox.mjs";
import { Gate } from "./lib/gate.mjs";
import { jpeg, png, sayWith, upload } from "./lib/pictures.mjs";
import { atEnd, checkStill, offCentre, pictures, rest, scroll } from "./lib/reading.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const LENGTH = 180;
const LINKS = 120;
const THUMBNAIL = /\/thumbnail$/;
const PREVIEW = /\/preview$/;
const ROW = ".timeline article.message";
const REPLIES = ".replies";
const REPLY = `${REPLIES} article.message`;

let gate;
let server;
let site;
let ana;
let leo;
/** A room with pictures, and what was said in it. */
let album;

before(async () => {
  site = createServer((_, answer) => {
    answer.setHeader("content-type", "text/html");
    answer.end("<title>Pan</title><meta name=description content='Harina, agua y sal.'>");
  });
  await new Promise((resolve) => site.listen(0, "127.0.0.1", resolve));
  gate = await Gate.open();
  const previews = ["chat.previews.enabled=true", 'chat.egress.allow=["127.0.0.1"]'];
  server = await Server.start("127.0.0.1", previews, gate);
  ana = await server.account("ana");
  leo = await server.account("leo");
  for (const token of [ana, leo]) await server.api(token, "GET", "/api/me");
  album = await room("álbum", sayPictures);
});
after(async () => {
  gate?.close();
  site?.close();
  await server?.stop();
});

/** A room of both, and what is said in it. */
async function room(name, say) {
  const { id } = await server.api(ana, "POST", "/api/rooms", { kind: "private", name });
  await server.api(ana, "POST", `/api/rooms/${id}/members`, { username: "leo" });
  return { id, said: await say(id) };
}

const filler = (number) => `${number} ${"palabras que ocupan su lugar ".repeat(number % 7)}`.trim();

/** Every third message has pictures: of all shapes, of both kinds, one or two of them. */
async function sayPictures(room) {
  const browser = await launch();
  const page = await profile(browser);
  const made = [];
  for (const [width, height] of [[320, 200], [900, 300], [200, 700], [64, 48], [1000, 800]]) {
    made.push(["a.png", png(width, height)], ["b.jpg", await jpeg(page, height, width)]);
  }
  await browser.close();
  const said = [];
  for (let number = 0; number < LENGTH; number += 1) {
    const files = [];
    for (let left = number % 3 === 0 ? 1 + (number % 2) : 0; left > 0; left -= 1) {
      const [name, bytes] = made[(number + left) % made.length];
      files.push(await upload(server, leo, room, name, bytes));
    }
    said.push(await sayWith(server, leo, room, filler(number), files));
  }
  return said;
}

/** Every fourth text has a link; what is behind it is known when somebody has asked for it. */
const withLinks = (number) => {
  const link = `http://127.0.0.1:${site.address().port}/pan?${number}`;
  return number % 4 === 0 ? `${filler(number)} ${link}` : filler(number);
};

async function sayLinks(room) {
  const said = [];
  for (let number = 0; number < LINKS; number += 1)
    said.push(await sayWith(server, leo, room, withLinks(number)));
  return said;
}

/** Has the server know what is behind the links of a room. */
async function askForCards({ id, said }) {
  for (const message of said.filter(({ text }) => text.includes("://")))
    await server.api(ana, "GET", `/api/rooms/${id}/messages/${message.id}/preview`);
}

/** How many of the messages with a link are there, with their card and without. */
const linking = (page, all) =>
  page.evaluate((all) => {
    const rows = [...document.querySelectorAll(all)];
    const links = rows.filter((row) => row.querySelector('.text a[href^="http"]'));
    const bare = links.filter((row) => !row.querySelector(".link-card")).length;
    return { bare, shown: links.length - bare };
  }, all);

/** One message, and what is answered to it. */
async function answerLinks(room) {
  const { id: thread } = await sayWith(server, leo, room, "¿Qué leemos?");
  const said = [];
  for (let number = 1; number <= 48; number += 1)
    said.push(await answer(room, thread, withLinks(number)));
  return said;
}

const answer = (room, thread, text) =>
  server.api(leo, "PUT", `/api/rooms/${room}/messages/${randomUUID()}`, { text, thread });

for (const [name, open] of engines) {
  test(`in ${name}`, async (t) => {
    const browser = await open();
    t.after(() => browser.close());
    t.afterEach(() => gate.release());
    const page = await browser.page();
    const go = async (room, rest = "", shown = ROW) => {
      const { head } = await server.api(ana, "GET", `/api/rooms/${room.id}`);
      await server.api(ana, "PUT", `/api/rooms/${room.id}/read`, { seq: head });
      await signedIn(page, server, "ana", `/r/${room.id}${rest}`, shown);
    };
    const cards = (all) =>
      page.evaluate((all) => document.querySelectorAll(`${all} .link-card`).length, all);
    const links = await room(`enlaces para ${name}`, sayLinks);
    const answers = await room(`respuestas para ${name}`, answerLinks);
    await signedIn(page, server, "ana", "/you", ".app");

    await t.test("pictures that come late move nothing", async () => {
      gate.hold(THUMBNAIL);
      await go(album);
      await atEnd(page);
      // The first step leaves the end.
      await page.evaluate(scroll, [3, -40]);
      const { worst, seen } = await page.evaluate(scroll, [40, -40]);
      assert.ok(seen > 5, `it hardly moved: ${seen} messages`);
      assert.equal(worst, 0, "drifted in one step");
      await rest(page);
      assert.ok((await pictures(page)).missing > 0, "they are late");
      gate.release();
      await until("they are there", async () => (await pictures(page)).missing === 0);
      assert.ok((await pictures(page)).there > 0);
      await checkStill(page);
    });

    await t.test("pictures and earlier pages that come while scrolling move nothing", async () => {
      gate.delay(THUMBNAIL, 150);
      await go(album);
      await atEnd(page);
      await page.evaluate(scroll, [3, -40]);
      const { worst, seen } = await page.evaluate(scroll, [200, -40]);
      assert.ok(seen > 40, `it hardly moved: ${seen} messages`);
      assert.equal(worst, 0, "drifted in one step");
      await rest(page);
      await until("they are there", async () => (await pictures(page)).missing === 0);
      await checkStill(page);
    });

    await t.test("pictures that others send move nothing while one reads above", async () => {
      await go(album);
      await atEnd(page);
      await page.evaluate(scroll, [30, -40]);
      await rest(page);
      gate.hold(THUMBNAIL);
      for (let number = 1; number <= 3; number += 1) {
        const file = await upload(server, leo, album.id, "c.png", png(300, 200 * number));
        await sayWith(server, leo, album.id, "", [file]);
      }
      const counted = () => document.querySelector(".edge.bottom .pill")?.textContent.includes("3");
      await until("the button counts them", () => page.evaluate(counted));
      gate.release();
      await checkStill(page);
    });

    await t.test("a link to a message shows it, whenever pictures come", async () => {
      const target = `m-${album.said[90].id}`;
      assert.equal(album.said[90].files.length, 1);
      gate.hold(THUMBNAIL);
      await go(album, `/m/${album.said[90].id}`);
      await until("it is there", async () => (await offCentre(page, target)) < 2);
      await rest(page);
      assert.ok((await pictures(page)).missing > 1, "they are late");
      gate.release();
      await until("they are there", async () => (await pictures(page)).missing === 0);
      await checkStill(page);
      assert.ok((await offCentre(page, target)) < 2, "it is still in the middle");
    });

    await t.test("what is behind links comes where nobody reads", async () => {
      const target = `m-${links.said[60].id}`;
      gate.hold(PREVIEW);
      await go(links, `/m/${links.said[60].id}`);
      await until("it is there", async () => (await offCentre(page, target)) < 2);
      await rest(page);
      assert.equal(await cards(ROW), 0, "they are late");
      gate.release();
      await until("some are there", async () => (await cards(ROW)) > 2);
      await checkStill(page);
      assert.equal(await cards(`#${target}`), 0);
      const { worst } = await page.evaluate(scroll, [60, -40]);
      await page.evaluate(scroll, [60, 40]);
      assert.equal(worst, 0, "drifted in one step");
      await until("it has its card", async () => (await cards(`#${target}`)) === 1);
    });

    await t.test("what is known of links comes with its message, however far up", async () => {
      await askForCards(links);
      gate.hold(PREVIEW);
      const late = gate.late;
      await go(links, `/m/${links.said[60].id}`);
      await until("it is there", async () => (await offCentre(page, `m-${links.said[60].id}`)) < 2);
      assert.equal(await cards(`#m-${links.said[60].id}`), 1, "in the middle of what one reads");
      await go(links);
      await atEnd(page);
      await page.evaluate(scroll, [3, -40]);
      const { worst, seen } = await page.evaluate(scroll, [200, -40]);
      assert.ok(seen > 40, `it hardly moved: ${seen} messages`);
      assert.equal(worst, 0, "drifted in one step");
      await rest(page);
      const { bare, shown } = await linking(page, ROW);
      assert.ok(bare === 0 && shown > 2, `${bare} have no card, ${shown} have`);
      assert.equal(gate.late, late, "none was asked for");
    });

    await t.test("in a thread, too", async () => {
      const { id, thread } = answers.said[23];
      gate.hold(PREVIEW);
      await go(answers, `/t/${thread}/m/${id}`, REPLY);
      await until("it is there", async () => (await offCentre(page, `t-${id}`, REPLIES)) < 2);
      await rest(page, REPLIES);
      assert.equal(await cards(REPLY), 0, "they are late");
      gate.release();
      await until("some are there", async () => (await cards(REPLY)) > 2);
      await checkStill(page);
      assert.equal(await cards(`#t-${id}`), 0);
      const { worst, seen } = await page.evaluate(scroll, [30, -40, REPLIES]);
      assert.ok(seen > 5, `it hardly moved: ${seen} replies`);
      await page.evaluate(scroll, [30, 40, REPLIES]);
      assert.equal(worst, 0, "drifted in one step");
      await until("it has its card", async () => (await cards(`#t-${id}`)) === 1);
    });

    await t.test("who follows a thread to its end stays there when a card comes", async () => {
      const last = answers.said.at(-1);
      await go(answers, `/t/${last.thread}`, `#t-${last.id} .link-card`);
      await atEnd(page, REPLIES);
      gate.hold(PREVIEW);
      const { id } = await answer(answers.id, last.thread, withLinks(LENGTH * 4));
      await until("the new one is there", async () => (await page.$(`#t-${id}`)) !== null);
      await atEnd(page, REPLIES);
      assert.equal(await cards(`#t-${id}`), 0, "it is late");
      gate.release();
      await until("it has its card", async () => (await cards(`#t-${id}`)) === 1);
      await atEnd(page, REPLIES);
    });
  });
}
