// Every screen into docs/src/screenshots: `npm run screenshots [-- name]`; a state only by its name.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import UPNG from "upng-js";
import { launch, profile } from "./lib/browser.mjs";
import { consentAddress } from "./lib/consent.mjs";
import { root } from "./lib/environment.mjs";
import { everyPage } from "./lib/pages.mjs";
import { Person } from "./lib/person.mjs";
import { inside, outside, reconnecting, tidy, withCodes, withPasskeys } from "./lib/screens.mjs";
import { Server } from "./lib/server.mjs";
import { states } from "./lib/states.mjs";
import { fillTown } from "./lib/town.mjs";
import { serverWithProvider } from "./lib/upstream.mjs";

const folder = join(root, "docs/src/screenshots");
const [only] = process.argv.slice(2);
const sizes = {
  wide: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
};

/** What slides in has come to rest, also on a slow machine. */
const SETTLE_MS = 1_500;

/** At most 128 colours, which these flat pages hardly need more than. */
function small(png) {
  const image = UPNG.decode(png);
  return Buffer.from(UPNG.encode(UPNG.toRGBA8(image), image.width, image.height, 128));
}

async function shoot(person, screens, town, suffix) {
  for (const [screen, open] of screens) {
    if (only && screen !== only) continue;
    await open(person, town);
    await keep(person.page, `${screen}-${suffix}`);
    await tidy(person);
  }
}

/** Every page of identity; each name begins with `identity-`. */
async function walk(page, server, suffix) {
  for await (const shown of everyPage({ page, server, name: "nora" })) {
    const screen = `identity-${shown}`;
    if (!only || only === screen || only === "identity") await keep(page, `${screen}-${suffix}`);
  }
}

async function keep(page, name) {
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(SETTLE_MS);
  const png = small(await page.screenshot({ animations: "disabled", caret: "hide" }));
  writeFileSync(join(folder, `${name}.png`), png);
}

mkdirSync(folder, { recursive: true });
const browser = await launch();
let turn = 0;
for (const [size, device] of Object.entries(sizes)) {
  for (const scheme of ["light", "dark"]) {
    const server = await Server.start();
    const town = await fillTown(server);
    const options = { ...device, colorScheme: scheme, locale: "es", reducedMotion: "reduce" };
    const suffix = `${size}-${scheme}`;
    const nobody = new Person(server, await profile(browser, options), "nobody", "es");
    nobody.unique = "nora";
    await shoot(nobody, outside, town, suffix);
    const ana = new Person(server, await profile(browser, options), "ana", "es");
    ana.consent = await consentAddress(server);
    await ana.signIn();
    await shoot(ana, only ? [...inside, ...states] : inside, town, suffix);
    await shoot(ana, [reconnecting], town, suffix);
    await server.stop();
    const domain = await Server.start("localhost");
    await domain.account("ana", "Ana Torres");
    const keys = new Person(domain, await profile(browser, options), "ana", "es");
    await keys.signIn();
    await shoot(keys, withPasskeys, town, suffix);
    await domain.account("carla", "Carla Ruiz");
    const codes = new Person(domain, await profile(browser, options), "carla", "es");
    codes.number = "600111222";
    await codes.signIn();
    await shoot(codes, withCodes, town, suffix);
    await domain.stop();
    const { server: issuer, stop } = await serverWithProvider();
    await walk(await profile(browser, options), issuer, suffix);
    await stop();
    turn += 1;
    console.log(`${turn} of 4: ${suffix}`);
  }
}
await browser.close();
