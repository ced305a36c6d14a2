// More contrast: chosen, or as the system asks. Text has 7:1, what bounds something 3:1; and with
// the system's own colours nothing is told by a colour alone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { enhanced, violations } from "./lib/axe.mjs";
import { launch, profile } from "./lib/browser.mjs";
import { Person } from "./lib/person.mjs";
import { inside, tidy } from "./lib/screens.mjs";
import { Server } from "./lib/server.mjs";
import { states } from "./lib/states.mjs";
import { fillTown } from "./lib/town.mjs";
import { until } from "./lib/wait.mjs";

const SCREENS = ["home", "room", "thread", "mention", "inbox", "settings", "members", "switcher"];
const STATES = ["list-muted", "message-actions", "room-settings", "quoting"];
const screens = [
  ...inside.filter(([name]) => SCREENS.includes(name)),
  ...states.filter(([name]) => STATES.includes(name)),
];

let server;
let browser;
let town;

before(async () => {
  server = await Server.start();
  browser = await launch();
  town = await fillTown(server);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function ana(options) {
  const page = await profile(browser, { reducedMotion: "reduce", ...options });
  const person = new Person(server, page, "ana");
  await person.signIn();
  return person;
}

const contrast = ({ page }) => page.evaluate(() => document.documentElement.dataset.contrast);

/** How much two colours of ours differ, by WCAG 2.2. */
const ratios = (page, pairs) =>
  page.evaluate((pairs) => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const probe = document.body.appendChild(document.createElement("i"));
    const luminance = (name) => {
      probe.style.color = `var(${name})`;
      canvas.fillStyle = getComputedStyle(probe).color;
      canvas.fillRect(0, 0, 1, 1);
      const [red, green, blue] = [...canvas.getImageData(0, 0, 1, 1).data].map((part) => {
        const value = part / 255;
        return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const found = pairs.map(([one, other]) => {
      const [low, high] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
      return [one, other, (high + 0.05) / (low + 0.05)];
    });
    probe.remove();
    return found;
  }, pairs);

const bounds = ["--line", "--line-strong", "--ctl"].flatMap((line) =>
  ["--sheet", "--canvas", "--raised", "--sunken"].map((ground) => [line, ground]),
);
const texts = ["--ink", "--ink2", "--ink3", "--teal", "--rose", "--amber", "--green", "--danger"]
  .flatMap((ink) =>
    ["--sheet", "--canvas", "--raised", "--sunken", "--hover"].map((ground) => [ink, ground]),
  );

test("with more contrast every text has 7:1 and every bound 3:1, light and dark", async () => {
  const person = await ana({ contrast: "more" });
  const { page } = person;
  assert.equal(await contrast(person), "more");
  const failures = [];
  for (const [screen, open] of screens) {
    await open(person, town);
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      const found = [...(await violations(page)), ...(await enhanced(page))];
      if (found.length > 0) failures.push({ screen, colorScheme, found });
    }
    await tidy(person);
  }
  assert.deepEqual(failures, []);
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    const weak = [
      ...(await ratios(page, bounds)).filter(([, , ratio]) => ratio < 3),
      ...(await ratios(page, texts)).filter(([, , ratio]) => ratio < 7),
    ];
    assert.deepEqual(weak, [], colorScheme);
  }
  person.checkFaults();
  await page.context().close();
});

test("it can be chosen without the system, and a choice of light or dark is the person's", async () => {
  const person = await ana({});
  const { page } = person;
  const choose = (key) => page.getByRole("radio", { name: person.word(key) }).press("Space");
  assert.equal(await contrast(person), undefined);
  await page.goto(`${server.url}/you`);
  await choose("theme_contrast");
  assert.equal(await contrast(person), "more");
  await page.reload();
  await page.locator(".settings").waitFor();
  assert.equal(await contrast(person), "more");
  await choose("theme_light");
  await page.emulateMedia({ contrast: "more" });
  assert.equal(await contrast(person), undefined);
  await choose("theme_system");
  assert.equal(await contrast(person), "more");
  await page.emulateMedia({ contrast: "no-preference" });
  await page.waitForFunction(() => !document.documentElement.dataset.contrast);
  person.checkFaults();
  await page.context().close();
});

test("with the colours of the system, where one is and what is chosen has an outline", async () => {
  const person = await ana({ forcedColors: "active" });
  const { page } = person;
  await person.openRoom("despliegues");
  const outline = (selector) =>
    page
      .locator(selector)
      .first()
      .evaluate((element) => getComputedStyle(element).outlineStyle);
  assert.equal(await outline(".nav-link[aria-current=page]"), "solid");
  await page.goto(`${server.url}/you`);
  await page.locator(".settings").waitFor();
  assert.equal(await outline(".segments input:checked + span"), "solid");
  await page.locator(".side .jump").focus();
  await page.keyboard.press("Tab");
  assert.equal(await outline(":focus-visible"), "solid");
  person.checkFaults();
  await page.context().close();
});

test("with the colours of the system, what has the focus and what is chosen are outlined", async () => {
  const person = await ana({ forcedColors: "active" });
  const { page } = person;
  await person.openRoom("despliegues");
  const outlined = (what, locator) =>
    until(`${what} is outlined`, () =>
      locator.evaluate((element) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        return outlineStyle === "solid" && outlineWidth === "2px";
      }),
    );
  const composer = page.locator(".composer");
  await page.locator(".side .jump").focus();
  assert.notEqual(await composer.evaluate((box) => getComputedStyle(box).outlineStyle), "solid");
  await person.composer().focus();
  await outlined("where one writes", composer);
  await person.composer().pressSequentially("@");
  await outlined("whom Enter calls", page.locator("[role=option][aria-selected=true]"));
  await person.composer().fill("");

  const message = page.locator("article.message").last();
  await message.focus();
  await outlined("a message", message);
  await page.keyboard.press("+");
  await page.locator(".emoji-row button:visible").first().waitFor();
  await page.keyboard.press("ArrowDown");
  await outlined("an emoji", page.locator(".emoji-picker [data-active]"));
  await page.keyboard.press("Escape");
  await message.getByRole("button", { name: person.word("more_actions") }).press("Enter");
  await outlined("an entry of a menu", page.getByRole("menuitem").and(page.locator(":focus")));
  await page.keyboard.press("Escape");
  await page.getByRole("menuitem").first().waitFor({ state: "detached" });

  await page.keyboard.press("Control+k");
  await outlined("where one looks for it", page.locator(".switcher .query"));
  await page.keyboard.type("p");
  await outlined("where Enter goes", page.locator(".switcher [role=menuitem][data-focused]"));
  await page.keyboard.press("Escape");
  await page.goto(`${server.url}/people`);
  await page.locator("main input[type=search]").focus();
  await outlined("a field", page.locator("main input[type=search]"));
  person.checkFaults();
  await page.context().close();
});
