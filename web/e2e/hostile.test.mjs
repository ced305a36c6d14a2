// Texts, names and topics of somebody with bad intentions: shown as they were written, and inert.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { attacks } from "./lib/attacks.mjs";
import { launch, profile } from "./lib/browser.mjs";
import { Person } from "./lib/person.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const name = `<img src=x onerror="window.pwned(1)">`;
let server;
let browser;
let room;

before(async () => {
  server = await Server.start();
  browser = await launch();
  const ana = await server.account("ana", "Ana");
  const eve = await server.account("eve", name);
  const made = { kind: "public", name, topic: `<script>window.pwned(1)</script>` };
  room = (await server.api(eve, "POST", "/api/rooms", made)).id;
  await server.api(ana, "POST", `/api/rooms/${room}/join`);
  for (const text of attacks)
    await server.api(eve, "PUT", `/api/rooms/${room}/messages/${randomUUID()}`, { text });
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Elements and attributes that no message may become, in everything that is mounted. */
const suspicious = () => {
  const found = [];
  const kinds = "script, img, iframe, object, embed, video, audio, style, link, form, input, base";
  for (const row of document.querySelectorAll("article.message")) {
    for (const element of row.querySelectorAll(`:is(${kinds}, math, template, [popover])`))
      found.push(element.outerHTML);
    for (const element of row.querySelectorAll("*")) {
      for (const { name } of element.attributes)
        if (name.startsWith("on")) found.push(element.outerHTML);
      const href = element.getAttribute("href");
      if (href !== null && !/^(https?:\/\/|mailto:|\/(r|people)\/)/.test(href))
        found.push(element.outerHTML);
      const outside = element.tagName === "A" && !href?.startsWith("/");
      if (outside && !/noopener/.test(element.rel)) found.push(element.outerHTML);
    }
  }
  return found;
};

test("no text, name or topic runs a script, and the policy has nothing to refuse", async () => {
  const page = await profile(browser, { viewport: { width: 1280, height: 8000 } });
  let pwned = 0;
  await page.exposeFunction("pwned", () => (pwned += 1));
  const ana = new Person(server, page, "ana");
  await ana.signIn();
  await page.goto(`${server.url}/r/${room}`);
  await page.locator("article.message").first().waitFor();
  await until("all of them are shown", async () => {
    return (await page.locator("article.message").count()) === attacks.length;
  });
  assert.deepEqual(await page.evaluate(suspicious), []);
  assert.equal(await page.locator(".page-header h1 .name").textContent(), name);

  // Whatever can be pressed there leads nowhere but to another page, in another tab.
  await page.route(/a\.example|evil\.example/, (route) => route.abort());
  for (const link of await page.locator("article.message .text a").all()) {
    const [opened] = await Promise.all([
      page.context().waitForEvent("page"),
      link.click({ noWaitAfter: true }),
    ]);
    await opened.close();
  }
  for (const row of await page.locator("article.message").all()) await row.hover();
  await page.locator(".members-btn").click();
  await page.locator(".panel .member").first().waitFor();
  await page.goto(`${server.url}/browse`);
  await page.locator(".directory, .empty").first().waitFor();
  assert.equal(pwned, 0);
  ana.checkFaults();
});
