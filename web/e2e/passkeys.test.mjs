// Passkeys in a real browser: made on the account's page, used by the button, from the name field
// and as the second step.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, profile } from "./lib/browser.mjs";
import { makePasskey, openSignIn, plugAuthenticator, signOut } from "./lib/passkeys.mjs";
import { Person } from "./lib/person.mjs";
import { Server } from "./lib/server.mjs";

let server;
let browser;
let ana;
let authenticator;

before(async () => {
  server = await Server.start("localhost");
  browser = await launch();
  await server.account("ana", "Ana Torres");
  ana = new Person(server, await profile(browser), "ana");
  authenticator = await plugAuthenticator(ana.page);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const inChat = () => ana.page.locator(".app").waitFor();

/** Presses the button with a finger on the authenticator. */
const press = (done) =>
  authenticator.touch(async () => {
    await ana.page.locator("form[data-passkey] button").click();
    await done();
  });

test("a passkey is made on the account's page", async () => {
  await ana.signIn();
  await makePasskey(ana, authenticator, "Ana's laptop");
  await ana.page.goto(`${server.url}/id/account/security`);
  await ana.page.getByRole("heading", { name: "Ana's laptop" }).waitFor();
  const [kept, ...others] = await authenticator.credentials();
  assert.deepEqual(others, []);
  assert.equal(kept.rpId, "localhost");
  assert.ok(kept.isResidentCredential);
});

test("it signs in by the button, without name or password", async () => {
  await signOut(ana);
  await openSignIn(ana);
  await press(inChat);
});

test("the name field offers it", async () => {
  await signOut(ana);
  await authenticator.touch(async () => {
    await ana.page.goto(`${server.url}/auth/login?return_to=/`);
    await inChat();
  });
});

test("it is the second step after the password", async () => {
  await signOut(ana);
  await openSignIn(ana);
  await ana.fillSignIn();
  await ana.page.waitForURL((url) => url.pathname === "/id/login/2fa/passkey");
  await press(inChat);
});

test("one that was removed is refused on the page, which stays usable", async () => {
  await ana.page.goto(`${server.url}/id/account/security`);
  await ana.page.locator("form[action$='/remove'] button").first().click();
  await ana.page.getByRole("status").waitFor();
  await signOut(ana);
  await openSignIn(ana);
  await press(() => ana.page.getByRole("alert").waitFor());
  await ana.fillSignIn();
  await inChat();
  ana.checkFaults();
});
