// Every screen and every state in both languages and both schemes, wide and on a phone: no
// violation that axe-core can find, nothing that the content security policy had to refuse, and
// nothing wider than the narrowest phone.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { tooWide, violationsInBothSchemes } from "./lib/axe.mjs";
import { launch, profile } from "./lib/browser.mjs";
import { Person } from "./lib/person.mjs";
import { consentAddress } from "./lib/consent.mjs";
import { inside, outside, reconnecting, tidy, withCodes, withPasskeys } from "./lib/screens.mjs";
import { Server } from "./lib/server.mjs";
import { alone, states } from "./lib/states.mjs";
import { fillTown } from "./lib/town.mjs";

const towns = [];
let domain;
let browser;

before(async () => {
  domain = await Server.start("localhost");
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await domain?.stop();
  for (const server of towns) await server.stop();
});

/** A town of its own: what one look does in it, no other sees. */
async function settle() {
  const server = await Server.start();
  towns.push(server);
  const town = await fillTown(server);
  // Whoever was here once is among the people.
  await server.api(await server.account("zoe", "Zoe Rivas"), "GET", "/api/me");
  return { server, town };
}

/** A person on such a device, with such preferences. */
async function someone(name, { scheme, locale, phone }, at) {
  const options = { colorScheme: scheme, locale, reducedMotion: "reduce" };
  const small = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const page = await profile(browser, phone ? { ...options, ...small } : options);
  return new Person(at, page, name, locale);
}

/** Each with the colours of the other scheme, too. */
const looks = [
  { scheme: "light", locale: "en" },
  { scheme: "dark", locale: "es" },
  { scheme: "light", locale: "es", phone: true },
];

async function lookAtAll(at, look) {
  const { server, town } = await settle();
  const failures = [];
  const inspect = async (person, screens) => {
    for (const [screen, open] of screens) {
      try {
        await open(person, town);
        const found = await violationsInBothSchemes(person.page, look.scheme);
        if (look.phone) found.push(...(await tooWide(person.page)));
        if (found.length > 0) failures.push({ screen, found });
      } catch (error) {
        failures.push({ screen, error: String(error).split("\n").slice(0, 4).join(" ") });
      }
      await tidy(person);
    }
    const faults = person.page.faults.filter((fault) => !fault.includes("ERR_INTERNET"));
    if (faults.length > 0) failures.push({ faults });
  };
  const nobody = await someone("nobody", look, server);
  nobody.unique = `nora${at}`;
  await inspect(nobody, outside);
  const ana = await someone("ana", look, server);
  ana.consent = await consentAddress(server);
  await ana.signIn();
  await inspect(ana, [...inside, ...states]);
  const zoe = await someone("zoe", look, server);
  await zoe.signIn();
  await inspect(zoe, alone);
  if (at === looks.length - 1) {
    await inspect(ana, [reconnecting]);
  }
  // Somebody else for each look: whoever has a passkey is asked for it.
  await domain.account(`ana${at}`, "Ana Torres");
  const keys = await someone(`ana${at}`, look, domain);
  await keys.signIn();
  await inspect(keys, withPasskeys);
  await domain.account(`carla${at}`, "Carla Ruiz");
  const codes = await someone(`carla${at}`, look, domain);
  codes.number = `60011122${at}`;
  await codes.signIn();
  await inspect(codes, withCodes);
  assert.deepEqual(failures, []);
}

// One look alone mostly waits, for its server or for its browser.
const concurrency = looks.length;
describe("no screen has a violation of accessibility or of the policy", { concurrency }, () => {
  for (const [at, look] of looks.entries()) {
    const name = `${look.scheme}, ${look.locale}${look.phone ? ", phone" : ""}`;
    test(name, () => lookAtAll(at, look));
  }
});
