// Two people in two browsers, and a third who must see nothing of it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, profile } from "./lib/browser.mjs";
import { Person } from "./lib/person.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const tall = { viewport: { width: 1280, height: 6000 } };
let server;
let browser;

before(async () => {
  server = await Server.start();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function signedUp(name, locale) {
  const person = new Person(server, await profile(browser, { ...tall, locale }), name, locale);
  await person.signUp();
  return person;
}

/** Both sides show exactly these texts; the order is the same as the server's. */
async function agree(people, sent, room) {
  for (const person of people) {
    await person.allSent();
    await until(`${person.name} sees all ${sent.length}`, async () => {
      const texts = await person.texts();
      return sent.every((text) => texts.includes(text));
    });
  }
  const { text } = await people[0].fetch(`/api/rooms/${room}/messages?limit=200`);
  const stored = JSON.parse(text).items.filter((message) => !message.deleted);
  const order = stored.map((message) => message.text);
  assert.deepEqual([...order].sort(), [...sent].sort(), "each once, none lost");
  for (const person of people) {
    await until(`${person.name} has the order of the server`, async () => {
      return JSON.stringify(await person.texts()) === JSON.stringify(order);
    }).catch(async () => assert.deepEqual(await person.texts(), order, person.name));
  }
}

test("nothing is lost or doubled between two people, offline and over kill -9", async () => {
  const ana = await signedUp("ana", "es");
  const leo = await signedUp("leo", "en");
  const people = [ana, leo];
  const sent = [];
  const say = async (person, text) => {
    sent.push(text);
    await person.say(text);
  };

  await ana.createRoom("Cocina", "private");
  const room = new URL(ana.page.url()).pathname.split("/")[2];
  await ana.invite("leo");
  await leo.openRoom("Cocina");
  for (let number = 1; number <= 4; number += 1) {
    await say(ana, `hola ${number}`);
    await say(leo, `hello ${number}`);
  }
  await leo.sees("hola 4");
  await ana.sees("hello 4");
  await agree(people, sent, room);

  // Arrow up edits the last message of one's own.
  await ana.composer().focus();
  await ana.page.keyboard.press("ArrowUp");
  const editor = ana.page.getByRole("textbox", { name: ana.word("edit_message") });
  await editor.fill("hola corregido");
  await editor.press("Enter");
  sent[sent.indexOf("hola 4")] = "hola corregido";
  await leo.sees("hola corregido");
  await agree(people, sent, room);

  // Offline, writing on, and back.
  await leo.page.context().setOffline(true);
  await leo.page.getByText(leo.word("offline").split(".")[0]).first().waitFor();
  for (let number = 1; number <= 3; number += 1) {
    await say(leo, `written offline ${number}`);
    await say(ana, `mientras tanto ${number}`);
  }
  assert.equal(await leo.message("mientras tanto 3").count(), 0, "it really was offline");
  await leo.page.context().setOffline(false);
  await ana.sees("written offline 3");
  await leo.sees("mientras tanto 3");
  await agree(people, sent, room);

  // The server is killed in the middle of it; both go on writing; it comes back.
  let killed = false;
  const talk = async (person, word) => {
    for (let number = 1; number <= 12; number += 1) {
      await say(person, `${word} ${number}`);
      if (number === 5 && !killed) {
        killed = true;
        await server.kill9();
      }
    }
  };
  await Promise.all([talk(ana, "durante"), talk(leo, "during")]);
  assert.ok(killed);
  await server.restart();
  await agree(people, sent, room);
  await say(ana, "seguimos");
  await leo.sees("seguimos");
  await agree(people, sent, room);

  // A reload shows the same again.
  await leo.page.reload();
  await leo.composer().waitFor();
  await agree(people, sent, room);
  for (const person of people) person.checkFaults();

  await thirdPerson(room, sent);
});

/** Somebody else finds neither the room nor its messages nor its events. */
async function thirdPerson(room, sent) {
  const eve = await signedUp("eve", "en");
  assert.equal(await eve.roomLink("Cocina").count(), 0);
  for (const path of ["", "/messages", "/events?after=0", "/members"]) {
    const answer = await eve.fetch(`/api/rooms/${room}${path}`);
    assert.equal(answer.status, 404, path);
    for (const text of sent) assert.ok(!answer.text.includes(text), `${path} tells ${text}`);
  }
  await eve.page.goto(`${server.url}/r/${room}`);
  await eve.page.getByText(eve.word("room_not_found_title")).first().waitFor();
  await eve.page.goto(`${server.url}/browse`);
  await eve.page.getByText(eve.word("no_public_rooms")).first().waitFor();
  assert.ok(!(await eve.page.content()).includes("Cocina"));
  eve.checkFaults();
}
