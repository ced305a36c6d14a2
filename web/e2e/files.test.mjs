// Files between two people: chosen, pasted, sent, shown in their place, and named by attackers.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { attacks } from "./lib/attacks.mjs";
import { launch, profile } from "./lib/browser.mjs";
import { Gate } from "./lib/gate.mjs";
import { Person } from "./lib/person.mjs";
import { png } from "./lib/pictures.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

let gate;
let server;
let browser;
let room;
let ana;
let leo;

before(async () => {
  gate = await Gate.open();
  server = await Server.start("127.0.0.1", ["chat.files.bytes_max=3000000"], gate);
  browser = await launch();
  const tokens = {};
  for (const name of ["ana", "leo"]) {
    tokens[name] = await server.account(name);
    await server.api(tokens[name], "GET", "/api/me");
  }
  const made = { kind: "private", name: "obra", topic: "" };
  room = (await server.api(tokens.ana, "POST", "/api/rooms", made)).id;
  await server.api(tokens.ana, "POST", `/api/rooms/${room}/members`, { username: "leo" });
  await server.api(tokens.ana, "POST", "/api/rooms", { ...made, name: "patio" });
  [ana, leo] = await Promise.all([signedIn("ana"), signedIn("leo", "es")]);
});
after(async () => {
  await browser?.close();
  gate?.close();
  await server?.stop();
});

async function signedIn(name, locale = "en") {
  const person = new Person(server, await profile(browser, { locale }), name, locale);
  await person.signIn();
  await person.page.goto(`${server.url}/r/${room}`);
  await person.composer().waitFor();
  return person;
}

const chooser = (person) => person.page.locator(".composer input[type=file]");
const tray = (person) => person.page.locator(".tray li");
const pictures = (person) => person.page.locator("article.message .picture");

const ready = (person, count) =>
  until(`${count} files are there`, async () => {
    return (await person.page.locator(".tray li.ready").count()) === count;
  });

/** What the server says of an upload. */
const status = (place) =>
  ana.page.evaluate(async (place) => {
    const headers = { "Tus-Resumable": "1.0.0" };
    return (await fetch(place, { method: "HEAD", headers })).status;
  }, place);

/** Takes a file back that is not whole; the server may need a moment to see that no more comes. */
async function takeBack(name, place) {
  const gone = ana.page.waitForResponse(
    (answer) => answer.request().method() === "DELETE" && answer.status() === 204,
  );
  await ana.button("file_remove", { name }).click();
  assert.equal(await tray(ana).count(), 0);
  await gone;
  assert.equal(await status(place), 404);
}

test("a picture and a document reach the other, who looks at them by keyboard", async () => {
  // Listened for early: a key is faster than the browser learns to hand over its chooser.
  const chooser = ana.page.waitForEvent("filechooser");
  await ana.composer().focus();
  await ana.composer().press("Control+u");
  const choice = await chooser;
  await choice.setFiles([
    { name: "plano.png", mimeType: "image/png", buffer: png(1000, 500) },
    { name: "vista.png", mimeType: "image/png", buffer: png(300, 600) },
    { name: "notas.txt", mimeType: "text/plain", buffer: Buffer.from("hola") },
  ]);
  await ready(ana, 3);
  await ana.composer().fill("the plan");
  await ana.composer().press("Enter");
  await leo.sees("the plan");
  await until("two pictures", async () => (await pictures(leo).count()) === 2);
  const size = (at) => pictures(leo).nth(at).evaluate((it) => [it.offsetWidth, it.offsetHeight]);
  assert.deepEqual(await size(0), [400, 200]);
  assert.deepEqual(await size(1), [150, 300]);
  await until("they are loaded", () =>
    leo.page.evaluate(() =>
      [...document.querySelectorAll(".picture img")].every((img) => img.naturalWidth > 0),
    ),
  );
  assert.deepEqual(await size(0), [400, 200], "nothing moved");
  const card = leo.page.locator(".file-card");
  assert.match(await card.textContent(), /notas\.txt/);
  const [download] = await Promise.all([leo.page.waitForEvent("download"), card.click()]);
  assert.equal(download.suggestedFilename(), "notas.txt");

  await pictures(leo).first().press("Enter");
  const dialog = leo.page.getByRole("dialog");
  await dialog.getByRole("img", { name: "plano.png" }).waitFor();
  await leo.page.keyboard.press("Tab");
  await leo.page.keyboard.press("ArrowRight");
  await dialog.getByRole("img", { name: "vista.png" }).waitFor();
  await leo.page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  assert.equal(await tray(ana).count(), 0);
});

test("Enter sends as soon as the rest is there, and a pasted picture alone is a message", async () => {
  const count = await pictures(leo).count();
  const pasted = [...png(200, 100)];
  await ana.composer().focus();
  await ana.page.evaluate((bytes) => {
    const clipboardData = new DataTransfer();
    clipboardData.items.add(
      new File([new Uint8Array(bytes)], "pasted.png", { type: "image/png" }),
    );
    const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
    document.querySelector("#composer").dispatchEvent(event);
  }, pasted);
  await tray(ana).first().waitFor();
  await ana.composer().press("Enter");
  await until("leo sees it", async () => (await pictures(leo).count()) === count + 1);
  await until("the tray is empty", async () => (await tray(ana).count()) === 0);
});

test("a message that waits for its files goes, whatever room is looked at", async () => {
  const count = await pictures(leo).count();
  let asked = 0;
  let release;
  const released = new Promise((resolve) => (release = resolve));
  const parts = (url) => url.pathname.startsWith("/api/uploads/");
  await ana.page.route(parts, async (route) => {
    asked += 1;
    // Another tab sends, too: the first is told that these are too many at a time.
    if (asked === 1) return route.fulfill({ status: 429, json: { kind: "rate_limited" } });
    await released;
    return route.continue();
  });
  const files = [1, 2, 3, 4, 5, 6].map((at) => ({
    name: `tarde-${at}.png`,
    mimeType: "image/png",
    buffer: png(120 + at, 60),
  }));
  await chooser(ana).setInputFiles(files);
  await ana.composer().fill("when they are there");
  await ana.composer().press("Enter");
  await ana.page.getByText("The message goes when its files are there").waitFor();
  await until("four are on their way, one of them again", () => asked === 5);
  await ana.openRoom("patio");
  assert.equal(asked, 5, "the others wait");
  release();
  await leo.sees("when they are there");
  await until("leo sees them", async () => (await pictures(leo).count()) === count + 6);
  await ana.page.unroute(parts);
  await ana.openRoom("obra");
  assert.equal(await tray(ana).count(), 0);
  assert.equal(await ana.composer().inputValue(), "");
});

/** Drops a picture; answers, by event, whether the browser would act on it by itself. */
const drop = (person, on) =>
  person.page.evaluate(
    ([bytes, on]) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(
        new File([new Uint8Array(bytes)], "dropped.png", { type: "image/png" }),
      );
      const init = { dataTransfer, bubbles: true, cancelable: true };
      const happens = (type) =>
        document.querySelector(on).dispatchEvent(new DragEvent(type, init));
      return ["dragenter", "dragover", "drop"].map(happens);
    },
    [[...png(220, 110)], on],
  );

test("what is dropped on the composer is sent with the text", async () => {
  const count = await pictures(leo).count();
  const during = await drop(ana, ".composer");
  // What is not prevented would have the browser leave the page for the file.
  assert.deepEqual(during.slice(1), [false, false]);
  await ready(ana, 1);
  await ana.composer().fill("dropped here");
  await ana.composer().press("Enter");
  await leo.sees("dropped here");
  assert.equal(await pictures(leo).count(), count + 1);
});

test("what is dropped on the messages is taken, too, and in a thread it is for the thread", async () => {
  assert.deepEqual((await drop(ana, ".timeline")).slice(1), [false, false]);
  await ready(ana, 1);
  await ana.button("file_remove", { name: "dropped.png" }).click();
  await ana.page.locator(".timeline article").last().focus();
  await ana.page.keyboard.press("t");
  const panel = ana.page.locator(".thread-panel");
  await panel.locator("article").first().waitFor();
  assert.deepEqual((await drop(ana, ".thread-panel article")).slice(1), [false, false]);
  await panel.locator(".tray li.ready").waitFor();
  await ana.button("file_remove", { name: "dropped.png" }).click();
  assert.equal(await tray(ana).count(), 0);
  await panel.getByRole("button", { name: ana.word("close"), exact: true }).click();
  await panel.waitFor({ state: "detached" });
});

test("words of a word processor are pasted as words, not as their picture", async () => {
  const paste = (types) =>
    ana.composer().evaluate((area, types) => {
      const clipboardData = new DataTransfer();
      for (const type of types) clipboardData.setData(type, "hola");
      clipboardData.items.add(new File(["x"], "image.png", { type: "image/png" }));
      const init = { clipboardData, bubbles: true, cancelable: true };
      return area.dispatchEvent(new ClipboardEvent("paste", init));
    }, types);
  assert.equal(await paste(["text/plain", "text/html", "text/rtf"]), true, "the browser pastes");
  assert.equal(await tray(ana).count(), 0);
  assert.equal(await paste(["text/html"]), false, "a picture of a page is one");
  await ana.button("file_remove", { name: "image.png" }).click();
});

test("without a network a file waits for one, and its message for the file", async () => {
  const { page } = ana;
  await page.context().setOffline(true);
  const file = { mimeType: "text/plain", buffer: Buffer.from("hola") };
  await chooser(ana).setInputFiles({ ...file, name: "offline.txt" });
  await ana.composer().fill("with its file");
  await ana.composer().press("Enter");
  await page.getByText(ana.word("files_waiting")).waitFor();
  await page.context().setOffline(false);
  const sent = leo.page.locator("article.message", { hasText: "with its file" });
  await sent.getByText("offline.txt").waitFor();
  await ana.allSent();
  assert.equal(await tray(ana).count(), 0);
});

test("what is on its way can be taken back, and the server keeps nothing of it", async () => {
  const { page } = ana;
  gate.cutAfter(900_000);
  const [asked] = await Promise.all([
    page.waitForRequest((request) => request.method() === "PATCH"),
    chooser(ana).setInputFiles({
      name: "long.txt",
      mimeType: "text/plain",
      buffer: Buffer.alloc(2_200_000, "x"),
    }),
  ]);
  await until("a part is sent", () =>
    page.evaluate(() => document.querySelector(".tray progress")?.value > 800_000),
  );
  gate.release();
  await takeBack("long.txt", new URL(asked.url()).pathname);
});

test("what is taken back before the server has named it takes no space there", async () => {
  const { page } = ana;
  gate.hold(/\/uploads$/);
  const { late } = gate;
  await chooser(ana).setInputFiles({
    name: "early.txt",
    mimeType: "text/plain",
    buffer: Buffer.from("hola"),
  });
  await until("the server is about to be asked", () => gate.late > late);
  await ana.button("file_remove", { name: "early.txt" }).click();
  assert.equal(await tray(ana).count(), 0);
  const named = page.waitForResponse((answer) => answer.status() === 201);
  const gone = page.waitForResponse(
    (answer) => answer.request().method() === "DELETE" && answer.status() === 204,
  );
  gate.release();
  const place = (await named).headers().location;
  await gone;
  assert.equal(await status(place), 404);
});

test("a file that is refused says why, and does not keep the text back", async () => {
  await chooser(ana).setInputFiles([
    { name: "huge.bin", mimeType: "", buffer: Buffer.alloc(3_000_001) },
    { name: "broken.png", mimeType: "image/png", buffer: png(50, 50).subarray(0, 60) },
    { name: "nothing.txt", mimeType: "text/plain", buffer: Buffer.alloc(0) },
  ]);
  await until("all are refused", async () => {
    return (await ana.page.locator(".tray li.failed").count()) === 3;
  });
  const said = await tray(ana).allTextContents();
  assert.ok(said[0].includes(ana.word("file_too_large")), said[0]);
  assert.ok(said[1].includes(ana.word("file_bad_picture")), said[1]);
  assert.ok(said[2].includes(ana.word("file_empty")), said[2]);
  assert.equal(await ana.page.locator(".tray li.failed img").count(), 0, "no empty frame");
  await ana.composer().fill("without them");
  await ana.composer().press("Enter");
  await leo.sees("without them");
  await ana.button("file_remove", { name: "huge.bin" }).click();
  await ana.button("file_remove", { name: "broken.png" }).click();
  await ana.button("file_remove", { name: "nothing.txt" }).click();
  assert.equal(await tray(ana).count(), 0);
});

test("a picture of one's own is seen by oneself at once, and by others", async () => {
  await ana.page.goto(`${server.url}/you`);
  const choose = async (buffer) => {
    const [choice] = await Promise.all([
      ana.page.waitForEvent("filechooser"),
      ana.button("picture_change").click(),
    ]);
    await choice.setFiles({ name: "me.png", mimeType: "image/png", buffer });
  };
  await choose(png(50, 50).subarray(0, 60));
  await ana.page.locator(".toast").getByText(ana.word("file_bad_picture")).waitFor();
  await choose(png(600, 300));
  const loaded = (person, place) =>
    person.page.evaluate((selector) => {
      const images = [...document.querySelectorAll(selector)];
      return images.length > 0 && images.every((image) => image.naturalWidth === 256);
    }, `${place} .avatar img`);
  await until("ana sees it", () => loaded(ana, ".own-picture"));
  await until("leo sees it without loading the page again", () => loaded(leo, "article.message"));
  await leo.page.reload();
  await leo.composer().waitFor();
  await until("leo sees it still", () => loaded(leo, "article.message"));
  await ana.button("picture_remove").click();
  for (const person of [ana, leo])
    await until("it is gone", async () => (await person.page.locator(".avatar img").count()) === 0);
  await ana.page.goto(`${server.url}/r/${room}`);
  await ana.composer().waitFor();
});

test("no name of a file runs a script", async () => {
  let pwned = 0;
  await leo.page.exposeFunction("pwned", () => (pwned += 1));
  const names = attacks.slice(0, 10);
  await chooser(ana).setInputFiles(
    names.map((name) => ({
      name: name.replaceAll("/", ""),
      mimeType: "text/html",
      buffer: Buffer.from("<script>window.pwned(1)</script>"),
    })),
  );
  await ready(ana, 10);
  const cards = leo.page.locator(".file-card");
  const before = await cards.count();
  await ana.composer().press("Enter");
  await until("all are shown", async () => (await cards.count()) === names.length + before);
  const strange = await leo.page.evaluate(
    () => document.querySelectorAll(".file-card :is(script, img, iframe, object, style)").length,
  );
  assert.equal(strange, 0);
  const href = await cards.last().getAttribute("href");
  const { status } = await leo.fetch(href);
  assert.equal(status, 200);
  const shown = await leo.page.context().newPage();
  await shown.goto(server.url + href).catch(() => undefined); // It is a download.
  await shown.close();
  assert.equal(pwned, 0);
  ana.checkFaults();
  leo.checkFaults();
});

test("a reload keeps what waits: a whole file is there, and a cut one goes on", async () => {
  const { page } = ana;
  const parts = [];
  page.on("request", (request) => {
    if (request.method() === "PATCH") parts.push(Number(request.headers()["upload-offset"]));
  });
  const whole = join(server.folder, "mapa.png");
  const long = join(server.folder, "acta.txt");
  writeFileSync(whole, png(600, 300));
  writeFileSync(long, "de acuerdo\n".repeat(200_000));
  await ana.composer().fill("the minutes");
  await chooser(ana).setInputFiles(whole);
  await ready(ana, 1);
  gate.cutAfter(900_000);
  await chooser(ana).setInputFiles(long);
  await until("a part is sent", () =>
    page.evaluate(() => document.querySelector(".tray progress")?.value > 800_000),
  );
  await page.reload();
  await ana.composer().waitFor();
  gate.release();
  assert.equal(await ana.composer().inputValue(), "the minutes");
  await ready(ana, 1);
  await until("its picture is there", () =>
    page.evaluate(() => document.querySelector(".tray li.ready img").naturalWidth > 0),
  );
  const cut = page.locator(".tray li.cut");
  await until("it says where it was cut", async () => /Cut off at [1-9]/.test(await cut.innerText()));
  const said = ana.word("files_cut", { count: 1 });
  await page.locator("[aria-live=polite]", { hasText: said }).waitFor({ state: "attached" });

  parts.length = 0;
  const [choice] = await Promise.all([
    page.waitForEvent("filechooser"),
    ana.button("file_choose_again").click(),
  ]);
  await choice.setFiles(long);
  await ready(ana, 2);
  assert.equal(parts.length, 1);
  assert.ok(parts[0] > 0, `it began again at ${parts[0]}`);
  const [seen, cards] = [await pictures(leo).count(), await leo.page.locator(".file-card").count()];
  await ana.composer().press("Enter");
  await leo.sees("the minutes");
  // What is far from the end is drawn a little later than what came.
  await until("one picture more", async () => (await pictures(leo).count()) === seen + 1);
  const card = leo.page.locator(".file-card", { hasText: "acta.txt" });
  await until("one card more", async () => {
    return (await leo.page.locator(".file-card").count()) === cards + 1;
  });
  const { text } = await leo.fetch(await card.getAttribute("href"));
  assert.equal(text.length, 2_200_000);
  await page.reload();
  await ana.composer().waitFor();
  assert.equal(await tray(ana).count(), 0);
  assert.equal(await ana.composer().inputValue(), "");
  ana.checkFaults();
});

test("no space left and too many waiting are told apart from too large", async (t) => {
  const small = await Server.start("127.0.0.1", ["chat.files.quota_bytes=100000"]);
  t.after(() => small.stop());
  const token = await small.account("zoe");
  const { id } = await small.api(token, "POST", "/api/rooms", { kind: "private", name: "poco" });
  const zoe = new Person(small, await profile(browser, { locale: "es" }), "zoe", "es");
  await zoe.signIn();
  await zoe.page.goto(`${small.url}/r/${id}`);
  const offer = async (bytes, why) => {
    await chooser(zoe).setInputFiles({ name: "a.bin", mimeType: "", buffer: Buffer.alloc(bytes) });
    await tray(zoe).getByText(zoe.word(why)).waitFor();
    await zoe.button("file_remove", { name: "a.bin" }).click();
  };
  await offer(100_001, "file_over_quota");
  for (let count = 0; count < 100; count += 1) {
    const headers = { "Tus-Resumable": "1.0.0", "Upload-Length": "1" };
    const upload = { method: "POST", headers: { ...headers, authorization: `Bearer ${token}` } };
    const { status } = await fetch(`${small.direct}/api/rooms/${id}/uploads`, upload);
    assert.equal(status, 201);
  }
  await offer(1, "file_too_many");
  zoe.checkFaults();
  await zoe.page.context().close();
});

test("of what was cut, nothing is kept when it is taken back", async () => {
  const { page } = ana;
  const long = join(server.folder, "acta.txt");
  gate.cutAfter(900_000);
  const [asked] = await Promise.all([
    page.waitForRequest((request) => request.method() === "PATCH"),
    chooser(ana).setInputFiles(long),
  ]);
  await tray(ana).first().waitFor();
  await page.reload();
  await page.locator(".tray li.cut").waitFor();
  gate.release();
  const place = new URL(asked.url()).pathname;
  await until("the server still has it", async () => (await status(place)) === 200);
  await takeBack("acta.txt", place);
  await page.reload();
  await ana.composer().waitFor();
  assert.equal(await tray(ana).count(), 0);
});
