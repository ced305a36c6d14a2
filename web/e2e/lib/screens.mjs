// Every screen and state there is, each with the way to it.
import { REDIRECT, requestAddress } from "./consent.mjs";
import { shownCode, typeCode } from "./device.mjs";
import { focusOn } from "./focus.mjs";
import { makePasskey, openSignIn, plugAuthenticator, signOut } from "./passkeys.mjs";
import { PASSWORD } from "./server.mjs";
import { hold, refuse, room } from "./stage.mjs";
import { until } from "./wait.mjs";

/** So long that it does not end while a busy machine gets to its pause. */
const CLIP_S = 75;

/** A clip of silence, at once. */
function answerClip(page, url) {
  const wav = Buffer.alloc(44 + CLIP_S * 16_000);
  wav.write("RIFF", 0);
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.write("WAVEfmt ", 8);
  [[16, 4], [1, 2], [1, 2], [8_000, 4], [16_000, 4], [2, 2], [16, 2]].reduce(
    (at, [value, bytes]) => wav.writeUIntLE(value, at, bytes),
    16,
  );
  wav.write("data", 36);
  wav.writeUInt32LE(wav.length - 44, 40);
  const answerWav = (route) => route.fulfill({ contentType: "audio/wav", body: wav });
  return Promise.all([
    page.route("**/media/clip.wav", answerWav),
    page.route("**/messages/*/speech", (route) => {
      const [, roomId, message] = /rooms\/([^/]+)\/messages\/([^/]+)/.exec(route.request().url());
      const place = { room: roomId, message, revision: 1, duration_ms: CLIP_S * 1_000 };
      return route.fulfill({ json: { ...place, state: "ready", url: `${url}/media/clip.wav` } });
    }),
  ]);
}

/** Ana saves some messages of three rooms. */
async function saveSome({ server }, { tokens, rooms }) {
  for (const name of ["general", "leo", "despliegues"]) {
    const path = `/api/rooms/${rooms[name]}/messages`;
    const { items } = await server.api(tokens.ana, "GET", `${path}?limit=4`);
    for (const { id } of items.slice(0, 3))
      await server.api(tokens.ana, "PUT", `${path}/${id}/saved`);
  }
}

/** Plays the last message of the room. */
async function play(person, town) {
  await room(person, town);
  await focusOn(person.page.locator("article.message").last());
  await person.page.keyboard.press("p");
  return person.page.locator(".player");
}

const main = (page) => page.locator("main").first().waitFor();
const form = (page, field) => page.locator(`main input[name=${field}]`).waitFor();

/** Agrees to what an app asks for; where it would be sent back to, nobody is. */
async function agree(page, address) {
  await page.route(`${REDIRECT}**`, (route) => route.fulfill({ status: 200, body: "" }));
  await page.goto(address);
  await page.locator("main button[value=allow]").click();
  await page.waitForURL(`${REDIRECT}**`);
}

/** Registers an app by the form of the page for developers. */
async function registerApp({ page, server }) {
  await page.goto(`${server.url}/id/account/developer/new`);
  await page.locator("input[name=name]").fill("Calendario del equipo");
  await page.locator("textarea[name=redirect_uris]").fill(REDIRECT);
  await page.locator("input[name=email]").check();
  await page.locator("main form button[type=submit]").click();
  await page.locator("#secret").waitFor();
  return page.locator("dd code").first().innerText();
}

/** Screens of somebody who is not signed in. */
export const outside = [
  ["welcome", async ({ page, server }) => {
    await page.goto(server.url);
    await page.locator(".welcome").waitFor();
  }],
  ["welcome-invited", async ({ page, server }, town) => {
    await page.goto(server.url + town.invite);
    await page.locator(".welcome").waitFor();
  }],
  ["welcome-failed", async ({ page, server }) => {
    await page.goto(`${server.url}/?sign_in=failed`);
    await page.locator(".welcome .notice").waitFor();
  }],
  ["unreachable", async ({ page, server }) => {
    await refuse(page, "**/api/me");
    await page.goto(server.url);
    await page.getByRole("alert").waitFor();
  }],
  ["sign-up", async ({ page, server }) => {
    await page.goto(`${server.url}/auth/login?return_to=/&hint=signup`);
    await form(page, "display_name");
  }],
  ["sign-up-refused", async ({ page, server }) => {
    await page.goto(`${server.url}/auth/login?return_to=/&hint=signup`);
    await page.locator("input[name=username]").fill("x");
    await page.locator("input[name=password]").fill("short");
    await page.locator("main form button[type=submit]").click();
    await page.locator(".error").first().waitFor();
  }],
  ["sign-in", async ({ page, server }) => {
    await page.goto(`${server.url}/auth/login?return_to=/`);
    await form(page, "password");
  }],
  ["sign-in-refused", async ({ page, server }) => {
    await page.goto(`${server.url}/auth/login?return_to=/`);
    await page.locator("input[name=username]").fill("ana");
    await page.locator("input[name=password]").fill("not the passphrase");
    await page.locator("main form button[type=submit]").click();
    await page.getByRole("alert").waitFor();
  }],
  ["recover", async ({ page, server }) => {
    await page.goto(`${server.url}/id/recover`);
    await form(page, "email");
  }],
  ["check-mail", async ({ page, server, unique }) => {
    await page.goto(`${server.url}/auth/login?return_to=/&hint=signup`);
    await page.locator("input[name=email]").fill(`${unique}@example.org`);
    await page.locator("input[name=username]").fill(unique);
    await page.locator("input[name=display_name]").fill("Nora Vidal");
    await page.locator("input[name=password]").fill(PASSWORD);
    await page.locator("main form button[type=submit]").click();
    await page.getByText(`${unique}@example.org`).waitFor();
  }],
  ["verify", async (person, town) => {
    const address = `${person.unique}v@example.org`;
    await outsideByName("check-mail")({ ...person, unique: `${person.unique}v` }, town);
    await person.page.goto(await person.server.mailedLink(address, "/verify/"));
    await main(person.page);
  }],
  ["verify-elsewhere", async (person, town) => {
    const unique = `${person.unique}w`;
    await outsideByName("check-mail")({ ...person, unique }, town);
    const link = await person.server.mailedLink(`${unique}@example.org`, "/verify/");
    await person.page.context().clearCookies();
    await person.page.goto(link);
    await main(person.page);
  }],
  ["unsubscribe-unknown", async ({ page, server }) => {
    await page.goto(`${server.url}/unsubscribe/nonsense`);
    await main(page);
  }],
  ["not-an-invitation", async ({ page, server }) => {
    await page.goto(`${server.url}/id/verify/nonsense`);
    await main(page);
  }],
];

const outsideByName = (name) => outside.find(([known]) => known === name)[1];

/** The page of no room, which is loaded when it is shown. */
async function atHome({ page, server }) {
  await page.goto(server.url);
  await page.locator(".app h1").first().waitFor({ state: "attached" });
}

/** Screens of Ana, who is signed in. */
export const inside = [
  // First, because adding a factor wants a sign-in that is a few minutes old at most.
  ["authenticator", async ({ page, server }) => {
    await page.goto(`${server.url}/id/account/security/totp`);
    await page.locator("img.qr").waitFor();
  }],
  ["security", async ({ page, server }) => {
    await page.goto(`${server.url}/id/account/security`);
    await main(page);
  }],
  ["home", atHome],
  ["room", async (person, town) => room(person, town)],
  ["room-empty", async (person, town) => room(person, town, "finanzas")],
  ["thread", async (person, town) => {
    await room(person, town);
    // By the keyboard: a pointer may miss what moves while the room settles.
    await person.page.locator(".thread-button").first().press("Enter");
    await person.page.locator(".thread-panel article").nth(2).waitFor();
  }],
  ["inbox", async ({ page, server }) => {
    await page.goto(`${server.url}/inbox`);
    await page.locator(".inbox-row").first().waitFor();
  }],
  ["threads", async ({ page, server }) => {
    await page.goto(`${server.url}/threads`);
    await page.locator(".inbox-row").first().waitFor();
  }],
  ["saved", async (person, town) => {
    await saveSome(person, town);
    await person.page.goto(`${person.server.url}/saved`);
    await person.page.locator(".saved .inbox-row").nth(5).waitFor();
  }],
  ["edit-history", async (person, town) => {
    await room(person, town);
    await person.page.locator(".edited").first().press("Enter");
    await person.page.locator(".revisions li").first().waitFor();
  }],
  ["emoji", async (person, town) => {
    await room(person, town);
    await person.page.locator(".composer .adding button").nth(1).click();
    await person.page.locator(".emoji-row button:visible").first().waitFor();
  }],
  ["mention", async (person, town) => {
    await room(person, town);
    await person.composer().pressSequentially("Gracias @ma");
    await person.page.locator(".suggestions-box .option").first().waitFor();
  }],
  ["settings", async ({ page, server }) => {
    await page.goto(`${server.url}/you`);
    await page.locator(".settings").waitFor();
  }],
  ["members", async (person, town) => {
    await room(person, town, "finanzas");
    await person.openMembers();
    await person.page.locator(".panel .member").first().waitFor();
  }],
  ["create-room", async (person) => {
    await atHome(person);
    await person.command("create_room");
    await person.page.getByRole("dialog").locator("fieldset.kinds").waitFor();
  }],
  ["browse", async ({ page, server }) => {
    await page.goto(`${server.url}/browse`);
    await page.getByText("música para trabajar").first().waitFor();
  }],
  ["people", async ({ page, server }) => {
    await page.goto(`${server.url}/people`);
    await page.locator(".person-row").nth(3).waitFor();
  }],
  ["person", async ({ page, server }) => {
    await page.goto(`${server.url}/people`);
    await page.locator(".person-row a", { hasText: "Francisca" }).click();
    await page.locator(".person li a").first().waitFor();
  }],
  ["invitation", async ({ page, server }, town) => {
    await page.goto(server.url + town.invite);
    await page.getByText("finanzas").last().waitFor();
  }],
  ["switcher", async (person, town) => {
    await room(person, town);
    await person.page.keyboard.press("Control+k");
    await person.page.getByRole("dialog").waitFor();
    await person.page.keyboard.type("d");
    await person.page.getByRole("menuitem").first().waitFor();
  }],
  ["keyboard-help", async (person, town) => {
    await room(person, town);
    await person.page.keyboard.press("Control+/");
    await person.page.getByRole("dialog").waitFor();
  }],
  ["profile", async (person) => {
    const { page, server } = person;
    await atHome(person);
    const me = page.locator("button.me");
    if (await me.isVisible()) {
      await me.click();
      await page.locator(".profile").waitFor();
    } else {
      await page.goto(`${server.url}/you`);
      await page.locator(".settings").waitFor();
    }
  }],
  ["account", async ({ page, server }) => {
    await page.goto(`${server.url}/id/account`);
    await main(page);
  }],
  ["consent", async ({ page, server, consent }) => {
    await page.goto(server.url);
    await page.goto(consent);
    await page.locator("main form").first().waitFor();
  }],
  ["device", async ({ page, server }) => {
    await page.goto(`${server.url}/id/device`);
    await form(page, "user_code");
  }],
  ["device-wrong", async (person) => {
    await typeCode(person, "bbbb-bbbb");
    await person.page.getByRole("alert").waitFor();
  }],
  ["device-confirm", async (person) => {
    await typeCode(person, await shownCode(person.server));
    await person.page.locator("main button[value=allow]").waitFor();
  }],
  ["device-connected", async (person) => {
    await typeCode(person, await shownCode(person.server));
    await person.page.locator("main button[value=allow]").click();
    await person.page.locator("main button[value=allow]").waitFor({ state: "detached" });
    await main(person.page);
  }],
  ["apps", async ({ page, server, consent }) => {
    await agree(page, consent);
    await page.goto(`${server.url}/id/account/apps`);
    await page.locator("main form[action$=revoke]").first().waitFor();
  }],
  ["developer-new", async ({ page, server }) => {
    await page.goto(`${server.url}/id/account/developer/new`);
    await page.locator("details summary").click();
    await form(page, "name");
  }],
  ["developer-refused", async ({ page, server }) => {
    await page.goto(`${server.url}/id/account/developer/new`);
    await page.locator("textarea[name=redirect_uris]").fill("http://app.example/callback");
    await page.locator("main form button[type=submit]").click();
    await page.locator(".error").first().waitFor();
  }],
  ["developer-app", async (person) => {
    person.app = await registerApp(person);
  }],
  ["developer", async ({ page, server }) => {
    await page.goto(`${server.url}/id/account/developer`);
    await main(page);
  }],
  ["consent-unverified", async (person) => {
    const app = person.app ?? (await registerApp(person));
    await person.page.goto(await requestAddress(person.server, app));
    await person.page.locator(".chip.warn").waitFor();
  }],
  ["player", async (person, town) => {
    await answerClip(person.page, person.server.url);
    const player = await play(person, town);
    // By the keyboard: a pointer may miss what moves while the room settles.
    await player.getByRole("button", { name: person.word("speech_pause") }).press("Enter");
    await player.getByRole("button", { name: person.word("speech_go_on") }).waitFor();
    await player.getByRole("slider").focus();
    await person.page.keyboard.press("Home");
  }],
  ["player-elsewhere", async (person, town) => {
    await answerClip(person.page, person.server.url);
    await play(person, town);
    await person.page.keyboard.press("Control+Shift+m");
    const player = person.page.locator(".elsewhere");
    await player.getByRole("button", { name: person.word("speech_pause") }).press("Enter");
    await player.getByRole("button", { name: person.word("speech_go_on") }).waitFor();
  }],
  ["player-preparing", async (person, town) => {
    await hold(person.page, "**/messages/*/speech");
    await (await play(person, town)).getByText(person.word("speech_preparing")).waitFor();
  }],
  ["player-failed", async (person, town) => {
    await refuse(person.page, "**/messages/*/speech");
    await (await play(person, town)).getByText(person.word("speech_failed")).waitFor();
  }],
  ["loading", async (person, town) => {
    await hold(person.page, "**/api/rooms/*/messages*");
    await person.page.goto(`${person.server.url}/r/${town.rooms.despliegues}`);
    await person.page.locator(".skeletons").last().waitFor();
  }],
  ["error", async (person, town) => {
    await refuse(person.page, "**/api/rooms/*/messages*");
    await person.page.goto(`${person.server.url}/r/${town.rooms.despliegues}`);
    await person.page.getByRole("alert").first().waitFor();
  }],
  ["not-found", async ({ page, server }) => {
    await page.goto(`${server.url}/r/019ab000-0000-7000-8000-000000000000`);
    await page.locator(".empty").waitFor();
  }],
  ["offline", async (person, town) => {
    await room(person, town);
    await person.page.context().setOffline(true);
    await person.page.locator(".strip").waitFor();
    await person.composer().fill("Esto se enviará cuando vuelva la conexión.");
    await person.page.locator("button.send").click();
    await person.page.locator("article.message.pending").first().waitFor();
  }],
];

/** Screens with passkeys, which need a server with a domain; Ana is signed in there. */
export const withPasskeys = [
  ["passkey-new", async ({ page, server }) => {
    await page.goto(`${server.url}/id/account/security/passkeys`);
    await page.locator("form[data-passkey=enrol] button").waitFor();
  }],
  ["recovery-codes", async (person) => {
    person.authenticator = await plugAuthenticator(person.page);
    await makePasskey(person, person.authenticator, "Portátil de Ana");
  }],
  ["security-passkey", async ({ page, server }) => {
    await page.goto(`${server.url}/id/account/security`);
    await page.locator(".factor").first().waitFor();
  }],
  ["sign-in-passkey", async (person) => {
    await signOut(person);
    await openSignIn(person);
  }],
  ["second-passkey", async (person) => {
    await openSignIn(person);
    await person.fillSignIn();
    await person.page.locator("form[data-passkey=second] button").waitFor();
  }],
];

/** Screens with codes by mail and SMS, of somebody who is signed in and has no second step. */
export const withCodes = [
  ["code-mail-new", async ({ page, server }) => {
    await page.goto(`${server.url}/id/account/security/mail`);
    await main(page);
  }],
  ["phone-refused", async ({ page, server }) => {
    await page.goto(`${server.url}/id/account/security/phone`);
    await page.locator("select[name=country]").selectOption("ES");
    await page.locator("input[name=number]").fill("12");
    await page.locator("main form button[type=submit]").click();
    await page.locator(".error").waitFor();
  }],
  ["phone-code", async ({ page, number }) => {
    await page.locator("input[name=number]").fill(number);
    await page.locator("main form button[type=submit]").click();
    await form(page, "code");
  }],
  ["security-phone", async ({ page, server, number }) => {
    await page.locator("input[name=code]").fill(await server.textedCode(`+34${number}`));
    await page.locator("main form button.primary").click();
    await page.locator("ol.codes li").first().waitFor();
    await page.goto(`${server.url}/id/account/security`);
    await page.locator(".factor").first().waitFor();
  }],
  ["second-sms", async (person) => {
    await signOut(person);
    await person.page.goto(`${person.server.url}/id/login`);
    await person.fillSignIn();
    await form(person.page, "code");
  }],
  ["second-sms-wrong", async ({ page }) => {
    await page.locator("input[name=code]").fill("12345");
    await page.locator("main form button.primary").click();
    await page.getByRole("alert").waitFor();
  }],
];

/** Loses the server; only for the end, since nothing else works then. */
export const reconnecting = ["reconnecting", async (person, town) => {
  await room(person, town);
  await person.server.kill9();
  await until("the strip is shown", () => person.page.locator(".strip").isVisible());
}];

/** Undoes what a screen did to its page. */
export async function tidy(person) {
  await person.page.unrouteAll({ behavior: "ignoreErrors" });
  await person.page.context().setOffline(false);
}
