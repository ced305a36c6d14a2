// Other origins: where files of public rooms are kept, and where apps of others run.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, profile } from "./lib/browser.mjs";
import { root } from "./lib/environment.mjs";
import { Gate } from "./lib/gate.mjs";
import { Person } from "./lib/person.mjs";
import { png, sayWith, upload } from "./lib/pictures.mjs";
import { Server } from "./lib/server.mjs";
import { voice } from "./lib/voice.mjs";
import { until } from "./lib/wait.mjs";

/** In the place of a CDN, which asks the server for what it has not. */
let cdn;
let server;
let browser;
let folder;
let token;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "tertulia-voice-"));
  cdn = await Gate.open();
  const media = `http://127.0.0.1:${cdn.port}/media`;
  const speaks = `functions.speak.program=${voice(folder, 20)}`;
  server = await Server.start("127.0.0.1", [`chat.files.public_base_url=${media}`, speaks]);
  cdn.target = server.port;
  browser = await launch();
  token = await server.account("ana", "Ana Torres");
});
after(async () => {
  await browser?.close();
  cdn?.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const room = async (kind) =>
  (await server.api(token, "POST", "/api/rooms", { kind, name: `obra ${kind}` })).id;

test("what a CDN has is seen, heard and downloaded, and the page stays where it is", async () => {
  const id = await room("public");
  const files = [
    await upload(server, token, id, "plano.png", png(500, 300)),
    await upload(server, token, id, "notas.txt", Buffer.from("hola")),
  ];
  await sayWith(server, token, id, "El plano", files);
  const ana = new Person(server, await profile(browser, { locale: "es" }), "ana", "es");
  await ana.signIn();
  const { page } = ana;
  const there = `${server.url}/r/${id}`;
  await page.goto(there);
  const row = page.locator("article.message").filter({ hasText: "El plano" });
  const picture = row.locator(".picture img");
  await picture.waitFor();
  assert.ok((await picture.getAttribute("src")).startsWith(`http://127.0.0.1:${cdn.port}/media/`));
  const loaded = (image) => until("it is loaded", () => image.evaluate((it) => it.naturalWidth));
  assert.equal(await loaded(picture), 500);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    row.locator(".file-card").click(),
  ]);
  assert.equal(download.suggestedFilename(), "notas.txt");
  await row.locator(".picture").click();
  const dialog = page.getByRole("dialog");
  assert.equal(await loaded(dialog.getByRole("img", { name: "plano.png" })), 500);
  const [other] = await Promise.all([
    page.waitForEvent("popup"),
    dialog.getByRole("link", { name: ana.word("download") }).click(),
  ]);
  await other.close();
  assert.equal(new URL(page.url()).pathname, new URL(there).pathname);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await row.hover();
  await row.getByRole("button", { name: ana.word("action_play"), exact: true }).click();
  const slider = row.getByRole("slider");
  await slider.waitFor();
  await until("it is heard", async () => Number(await slider.inputValue()) > 0);
  ana.checkFaults();
});

/** What runs in the page of another origin: any client of the protocol, with a token. */
const send = ({ endpoint, token }) =>
  new Promise((resolve, reject) => {
    const sending = new globalThis.tus.Upload(new Blob(["de acuerdo"]), {
      endpoint,
      chunkSize: 4,
      headers: { authorization: `Bearer ${token}` },
      metadata: { filename: "acta.txt" },
      onSuccess: () => resolve(sending.url),
      onError: reject,
    });
    sending.start();
  });

test("a client of the tus protocol in a page of another origin sends a file in parts", async (t) => {
  const script = readFileSync(join(root, "web/node_modules/tus-js-client/dist/tus.min.js"));
  const elsewhere = createServer(({ url }, answer) => {
    answer.setHeader("content-type", url === "/tus.js" ? "text/javascript" : "text/html");
    answer.end(url === "/tus.js" ? script : "<!doctype html><script src=/tus.js></script>");
  });
  await new Promise((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
  t.after(() => elsewhere.close());
  const page = await profile(browser, {});
  await page.goto(`http://127.0.0.1:${elsewhere.address().port}/`);
  const id = await room("private");
  const endpoint = `${server.url}/api/rooms/${id}/uploads`;
  const place = await page.evaluate(send, { endpoint, token });
  const said = await sayWith(server, token, id, "", [place.split("/").pop()]);
  const { name, bytes, media_type } = said.files[0];
  assert.deepEqual([name, bytes, media_type], ["acta.txt", 10, "text/plain"]);
});
