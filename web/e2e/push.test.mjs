// Told while no page is open: a real worker in Firefox, by way of a push service of our own.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, profile } from "./lib/browser.mjs";
import { launchFirefox, openSignedIn } from "./lib/firefox.mjs";
import { Person } from "./lib/person.mjs";
import { PushService } from "./lib/push-service.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

let server;
let service;
let firefox;
let chromium;
let room;
let tokens;

before(async () => {
  service = await PushService.start();
  server = await Server.start("127.0.0.1", ['chat.egress.allow=["127.0.0.1"]']);
  tokens = { ana: await server.account("ana", "Ana"), leo: await server.account("leo", "Leo") };
  const made = { kind: "private", name: "Cocina" };
  room = (await server.api(tokens.leo, "POST", "/api/rooms", made)).id;
  await server.api(tokens.ana, "GET", "/api/me");
  await server.api(tokens.leo, "POST", `/api/rooms/${room}/members`, { username: "ana" });
  firefox = await launchFirefox(service.preferences);
  chromium = await launch();
});
after(async () => {
  await firefox?.close();
  await chromium?.close();
  await server?.stop();
  service?.stop();
});

const say = (text, { thread, where = room } = {}) => {
  const path = `/api/rooms/${where}/messages/${crypto.randomUUID()}`;
  return server.api(tokens.leo, "PUT", path, { text, thread });
};
const devices = async () => (await server.api(tokens.ana, "GET", "/api/me/push")).devices;

test("with the tab closed, a call is shown by the worker, and leads to its message", async () => {
  const inbox = await openSignedIn(firefox, server, "ana", "/inbox", ".push-card");
  assert.deepEqual(await devices(), [], "nothing before a yes");
  assert.equal(service.received.length, 0);
  await inbox.click(".push-card .primary");
  await until("the server knows this browser", async () => (await devices()).length === 1);
  await until("the card has gone", async () => !(await inbox.$(".push-card")));
  await inbox.close();

  const { id } = await say("hola @ana, ¿vienes?");
  await say("esto no es para ella");
  await until("the worker has handled it", () => service.delivered === 1);
  const [{ body, headers }] = service.received;
  assert.equal(headers["content-encoding"], "aes128gcm");
  assert.ok(!body.includes("vienes"), "sealed");

  const you = await openSignedIn(firefox, server, "ana", "/you", ".settings");
  const shown = await you.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration("/");
    const all = await registration.getNotifications();
    return all.map(({ title, body, tag, data }) => ({ title, body, tag, url: data.url }));
  });
  const url = `/r/${room}/m/${id}`;
  const wanted = { title: "Leo · Cocina", body: "hola @ana, ¿vienes?", tag: id, url };
  assert.deepEqual(shown, [wanted]);
  assert.deepEqual(service.codes, [100]);
  await you.close();
});

test("a subscription that the browser made void is made anew, and is known as this one", async () => {
  const you = await openSignedIn(firefox, server, "ana", "/you", ".settings");
  const voided = () =>
    you.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration("/");
      await (await registration.pushManager.getSubscription()).unsubscribe();
    });
  const [former] = await devices();
  const keptDevice = () => you.evaluate(() => localStorage.getItem("tertulia.push").split(" ")[1]);
  assert.equal(await keptDevice(), former.id);
  await voided();
  await you.reload();
  await until("the server knows it under its new address alone", async () => {
    const [only, other] = await devices();
    return only !== undefined && only.id !== former.id && other === undefined;
  });
  assert.equal(await keptDevice(), (await devices())[0].id);
  await you.close();
});

test("turned off in the settings, the browser hears nothing more", async () => {
  const you = await openSignedIn(firefox, server, "ana", "/you", ".settings");
  const choice = "::-p-xpath(//fieldset[legend[contains(., 'no page is open')]]//input[@value='off'])";
  await (await you.waitForSelector(choice)).click();
  await until("the server has forgotten it", async () => (await devices()).length === 0);
  const before = service.received.length;
  await you.close();
  await say("@ana, nada");
  const sentinel = await fetch(`http://127.0.0.1:${service.port}/wpush/sentinel`, { method: "POST" });
  assert.equal(sentinel.status, 410);
  assert.equal(service.received.length, before + 1, "only the sentinel");
});

/** Ana in Chromium, where the worker is in place. */
async function withWorker() {
  const page = await profile(chromium);
  await page.context().grantPermissions(["notifications"]);
  const ana = new Person(server, page, "ana");
  await ana.signIn();
  await page.evaluate(async () => {
    const policy = trustedTypes.createPolicy("test", { createScriptURL: () => "/sw.js" });
    await navigator.serviceWorker.register(policy.createScriptURL(""));
    await navigator.serviceWorker.ready;
  });
  const [worker] = page.context().serviceWorkers();
  return { ana, page, worker };
}

/** In the worker: what a click on a notice about `url` would do; a made one may open no window. */
async function clicked(url) {
  let opened;
  self.clients.openWindow = async (wanted) => void (opened = wanted);
  await self.registration.showNotification("Leo", { data: { url } });
  const [notification] = await self.registration.getNotifications();
  self.addEventListener("error", (event) => event.preventDefault());
  self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
  for (let left = 50; left > 0 && !opened; left -= 1)
    await new Promise((resolve) => setTimeout(resolve, 20));
  return opened;
}

test("a click on a notice opens the message where no page is open", async () => {
  const { ana, page, worker } = await withWorker();
  const { id } = await say("¿hay alguien?");
  await page.goto(`${server.url}/id/account`);
  const opened = await worker.evaluate(clicked, `/r/${room}/m/${id}`);
  assert.equal(opened, `/r/${room}/m/${id}`);
  await page.goto(server.url + opened);
  await ana.sees("¿hay alguien?");
  ana.checkFaults();
  await page.context().close();
});

test("a click on a notice leads an open page to the message", async () => {
  const { ana, page, worker } = await withWorker();
  const { id } = await say("aquí te llamo");
  await worker.evaluate(async (url) => {
    await self.registration.showNotification("Leo", { data: { url } });
    const [notification] = await self.registration.getNotifications();
    // A made event may not be waited for; by then the handler has begun.
    self.addEventListener("error", (event) => event.preventDefault());
    self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
  }, `/r/${room}/m/${id}`);
  await page.waitForURL(`**/r/${room}/m/${id}`);
  await ana.sees("aquí te llamo");
  ana.checkFaults();
  await page.context().close();
});

test("what was read, here or elsewhere, is shown no more, and the rest is", async () => {
  const { ana, page, worker } = await withWorker();
  const direct = await server.api(tokens.leo, "POST", "/api/direct", { username: "ana" });
  const root = await say("¿Quién cocina?");
  const inThread = { thread: root.id };
  const told = {
    soup: await say("@ana, la sopa"),
    bread: await say("@ana, el pan", inThread),
    salt: await say("@ana, la sal", inThread),
    dessert: await say("@ana, el postre"),
    between: await say("entre nosotros", { where: direct.id }),
  };
  const notices = Object.entries(told).map(([name, { id, thread, room: where }]) => {
    const url = thread ? `/r/${where}/t/${thread}/m/${id}` : `/r/${where}/m/${id}`;
    return [name, { tag: id, data: { url } }];
  });
  await worker.evaluate(async (all) => {
    for (const [name, options] of all) await self.registration.showNotification(name, options);
  }, notices);
  const shown = () =>
    worker.evaluate(async () => {
      const all = await self.registration.getNotifications();
      return all.map(({ title }) => title);
    });
  const shows = (...names) =>
    until(`what is left is ${names}`, async () =>
      (await shown()).toSorted().join() === names.toSorted().join());
  const readAt = (path, body) => server.api(tokens.ana, "PUT", path, body);

  await readAt(`/api/mentions/${told.salt.id}/read`);
  await shows("soup", "bread", "dessert", "between");
  await readAt(`/api/rooms/${room}/read`, { seq: told.soup.seq });
  await shows("bread", "dessert", "between");
  await page.goto(`${server.url}/r/${direct.id}`);
  await shows("bread", "dessert");
  // While no page of the chat is open.
  await page.goto(`${server.url}/id/account`);
  await readAt(`/api/rooms/${room}/threads/${root.id}/read`, { seq: told.salt.seq });
  assert.deepEqual((await shown()).toSorted(), ["bread", "dessert"]);
  await page.goto(`${server.url}/you`);
  await shows("dessert");
  ana.checkFaults();
  await page.context().close();
});
