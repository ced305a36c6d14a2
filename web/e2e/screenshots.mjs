// Every screen, or those named: `npm run screenshots [-- name …]`. What the book shows goes into
// docs/src/screenshots, the rest to be looked at into target/screenshots.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
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

const book = join(root, "docs/src/screenshots");
const rest = join(root, "target/screenshots");
const chapters = readdirSync(join(root, "docs/src"), { recursive: true })
  .filter((path) => path.endsWith(".md"))
  .map((path) => join("docs/src", path));
const shown = new Set(
  ["README.md", ...chapters].flatMap(
    (page) => readFileSync(join(root, page), "utf8").match(/[\w-]+(?=\.png\))/g) ?? [],
  ),
);
const only = process.argv.slice(2);
const wants = (screen) => only.length === 0 || only.includes(screen);
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
    if (!wants(screen)) continue;
    await open(person, town);
    await keep(person.page, `${screen}-${suffix}`);
    await tidy(person);
  }
}

/** Every page of identity; each name begins with `identity-`. */
async function walk(page, server, suffix) {
  for await (const shown of everyPage({ page, server, name: "nora" })) {
    const screen = `identity-${shown}`;
    if (wants(screen) || only.includes("identity")) await keep(page, `${screen}-${suffix}`);
  }
}

async function keep(page, name) {
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(SETTLE_MS);
  const png = small(await page.screenshot({ animations: "disabled", caret: "hide" }));
  writeFileSync(join(shown.has(name) ? book : rest, `${name}.png`), png);
}

for (const folder of [book, rest]) mkdirSync(folder, { recursive: true });
const browser = await launch();
let turn = 0;
for (const [size, device] of Object.entries(sizes)) {
  for (const scheme of ["light", "dark"]) {
    const server = await Server.start();
    const town = await fillTown(server);
    // Somebody who shares no room with Ana.
    await server.api(await server.account("zoe", "Zoe Rivas"), "GET", "/api/me");
    const options = { ...device, colorScheme: scheme, locale: "es", reducedMotion: "reduce" };
    const suffix = `${size}-${scheme}`;
    const nobody = new Person(server, await profile(browser, options), "nobody", "es");
    nobody.unique = "nora";
    await shoot(nobody, outside, town, suffix);
    const ana = new Person(server, await profile(browser, options), "ana", "es");
    ana.consent = await consentAddress(server);
    await ana.signIn();
    await shoot(ana, [...inside, ...states], town, suffix);
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
