// The timeline in another engine: nothing drifts while earlier pages come or others write.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchFirefox, openSignedIn } from "./lib/firefox.mjs";
import { atEnd, scroll } from "./lib/reading.mjs";
import { seed } from "./lib/seed.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const LENGTH = 600;
let server;
let browser;
let room;
let token;

before(async () => {
  server = await Server.start();
  await server.account("ana");
  token = await server.account("leo");
  const ana = await server.operator("token", "create", "--user", "ana", "--ttl", "3600");
  const made = { kind: "private", name: "Archivo" };
  room = (await server.api(ana, "POST", "/api/rooms", made)).id;
  await server.api(token, "GET", "/api/me");
  await server.api(ana, "POST", `/api/rooms/${room}/members`, { username: "leo" });
  const filler = "palabras que ocupan su lugar en la pantalla ";
  const textOf = (number) =>
    number % 9 === 0
      ? `**${number}**\n\n- una\n- dos\n\n\`\`\`\nlet x = ${number};\n\`\`\``
      : `${number} ${filler.repeat(number % 7)}`.trim();
  await seed(server, token, room, LENGTH, textOf);
  const { head } = await server.api(ana, "GET", `/api/rooms/${room}`);
  await server.api(ana, "PUT", `/api/rooms/${room}/read`, { seq: head });
  browser = await launchFirefox();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const openRoom = () =>
  openSignedIn(browser, server, "ana", `/r/${room}`, ".timeline article.message");

test("in Firefox, earlier pages that come while scrolling move nothing", async () => {
  const page = await openRoom();
  await atEnd(page);
  // The first step leaves the end.
  await page.evaluate(scroll, [3, -40]);
  const { worst, seen } = await page.evaluate(scroll, [200, -40]);
  assert.ok(seen > 60, `it hardly moved: ${seen} messages`);
  assert.equal(worst, 0, `drifted by ${worst} px in one step`);
  await page.close();
});

test("in Firefox, what others write moves nothing while one reads above", async () => {
  const page = await openRoom();
  await page.evaluate(scroll, [30, -40]);
  const place = (wanted) =>
    page.evaluate((id) => {
      const timeline = document.querySelector(".timeline");
      const frame = timeline.getBoundingClientRect();
      const middle = frame.top + frame.height / 2;
      const rows = [...timeline.querySelectorAll("article")];
      const row = rows.find((one) =>
        id ? one.id === id : one.getBoundingClientRect().top > middle,
      );
      return { id: row?.id, top: row?.getBoundingClientRect().top };
    }, wanted);
  let known = await place();
  let agreed = 0;
  await until("it has come to rest, and earlier pages are there", async () => {
    const next = await place();
    agreed = next.id === known.id && next.top === known.top ? agreed + 1 : 0;
    known = next;
    return agreed === 40;
  });
  for (let number = 0; number < 5; number += 1) {
    const path = `/api/rooms/${room}/messages/${crypto.randomUUID()}`;
    await server.api(token, "PUT", path, { text: `mientras lees ${number}` });
  }
  await until("the button counts them", () =>
    page.evaluate(() => document.querySelector(".edge.bottom .pill")?.textContent.includes("5")),
  );
  assert.deepEqual(await place(known.id), known);
  await page.close();
});
