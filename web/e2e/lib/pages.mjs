// Every page of identity, each by the way that a person takes to it, without any script.
import { createHmac, randomBytes } from "node:crypto";
import { consentAddress, REDIRECT, requestAddress } from "./consent.mjs";
import { PASSWORD } from "./server.mjs";
import { throughItsForms } from "./upstream.mjs";

const NEW = "four-quiet-lamps-by-the-quay";

/**
 * Walks through all pages as a new person called `name`, and yields the name of each when it is
 * shown.
 */
export async function* everyPage({ page, server, name }) {
  const walk = new Walk(page, server, name);
  yield* walk.signUp();
  yield* walk.account();
  yield* walk.secondStep();
  yield* walk.apps();
  yield* walk.recovery();
  yield* walk.providers();
  yield* walk.errors();
}

/** The code that an authenticator app shows, so many steps of 30 s from now. */
export function codeOf(key, steps = 0) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const mac = createHmac("sha1", fromBase32(key)).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

function fromBase32(text) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...text.replaceAll(" ", "")]
    .map((letter) => letters.indexOf(letter).toString(2).padStart(5, "0"))
    .join("");
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

class Walk {
  constructor(page, server, name) {
    Object.assign(this, { page, server, name });
    this.email = `${name}@example.org`;
  }

  async open(path) {
    await this.page.goto(path.startsWith("http") ? path : `${this.server.url}/id${path}`);
    await this.page.locator("main h1").waitFor();
  }

  /** Fills in a form and sends it. */
  async send(form, fields = {}) {
    const chosen = this.page.locator(`main form[method=post]${form}`).first();
    for (const [field, value] of Object.entries(fields)) {
      await chosen.locator(`input[name=${field}]`).fill(value);
    }
    await chosen.locator("button[type=submit]").first().click();
    await this.page.waitForLoadState();
  }

  signIn(password) {
    return this.send("[action*='/login']", { username: this.name, password });
  }

  async *signUp() {
    await this.open("/signup");
    yield "sign-up";
    const { email, name } = this;
    await this.send("", { email, username: "x", display_name: "Nora Vidal", password: "short" });
    yield "sign-up-refused";
    const rest = { username: name, password: PASSWORD };
    await this.send("", { email, display_name: "Nora Vidal", ...rest });
    await this.page.getByText(email).first().waitFor();
    yield "check-mail";
    await this.open(await this.server.mailedLink(email, "/verify/"));
    yield "verify";
    await this.send("");
    await this.open("/account");
  }

  async *account() {
    yield "account";
    await this.send("[action$='/profile']", { display_name: "Nora Vidal Soto" });
    yield "account-saved";
    await this.send("[action$='/password']", { current_password: "wrong", password: NEW });
    yield "account-refused";
    const tabs = this.page.locator("nav.tabs a");
    const paths = await tabs.evaluateAll((all) => all.map((tab) => tab.getAttribute("href")));
    for (const path of paths) {
      await this.open(this.server.url + path);
      yield `tab-${path.split("/").pop()}`;
    }
    yield* this.address();
    await this.open("/account/security/passkeys");
    yield "passkey-new";
    await this.open("/account/security/totp");
    yield "authenticator";
    this.key = await this.page.locator("code.key").textContent();
    await this.send("", { code: "000000" });
    yield "authenticator-refused";
    // The code of now, and below the next one: one that is old already may be too old on arrival.
    await this.send("", { code: codeOf(this.key) });
    await this.page.locator("ol.codes li").first().waitFor();
    yield "recovery-codes";
    this.recoveryCode = await this.page.locator("ol.codes code").first().textContent();
    await this.open("/account/security");
    yield "security";
  }

  /** Another address, which is asked for and neither confirmed nor taken back. */
  async *address() {
    await this.open("/account/email");
    yield "address";
    await this.send("", { email: this.email });
    yield "address-refused";
    const other = `${this.name}@new.example`;
    await this.send("", { email: other });
    yield "address-asked";
    await this.open(await this.server.mailedLink(other, "/address/"));
    yield "address-confirm";
    await this.open(await this.server.mailedLink(this.email, "/address/undo/"));
    yield "address-undo";
  }

  async *secondStep() {
    await this.open("/account");
    await this.send("[action$='/logout']");
    yield "signed-out";
    await this.open("/login");
    yield "sign-in";
    await this.signIn("not the passphrase");
    yield "sign-in-refused";
    await this.signIn(PASSWORD);
    await this.page.locator("input[name=code]").waitFor();
    yield "second-step";
    await this.send("", { code: "000000" });
    yield "second-step-refused";
    await this.page.locator("main a[href*='/login/2fa/recovery']").click();
    yield "second-step-recovery";
    await this.send("", { code: this.recoveryCode });
    await this.open("/account");
  }

  async *apps() {
    await this.open(`${await consentAddress(this.server)}&response_mode=form_post`);
    yield "consent";
    // The app answers with nothing, so the page that posts to it stays.
    await this.page.route(`${REDIRECT}**`, (route) => route.fulfill({ status: 204 }));
    await this.page.locator("main button[value=allow]").click();
    await this.page.locator(`form[action^="${REDIRECT}"]`).waitFor();
    yield "form-post";
    await this.open("/account/developer/new");
    yield "app-new";
    await this.send("[action$='/new']");
    yield "app-refused";
    await this.page.locator("main details summary").click();
    for (const name of ["redirect_uris", "post_logout_uris"])
      await this.page.locator(`textarea[name=${name}]`).fill(REDIRECT);
    await this.send("[action$='/new']", { name: "Calendario" });
    await this.page.locator("#secret-title").waitFor();
    yield "app";
    const app = await this.page.locator("dd code").first().innerText();
    const links = this.page.locator("main a[href$='/edit'], main a[href$='/delete']");
    const paths = await links.evaluateAll((all) => all.map((link) => link.getAttribute("href")));
    for (const path of paths) {
      await this.open(this.server.url + path);
      yield `app-${path.split("/").pop()}`;
    }
    await this.open("/device");
    yield "device";
    await this.send("[action$='/device']", { user_code: "BCDF-GHJK" });
    yield "device-refused";
    await this.open("/oauth/logout");
    yield "logout";
    const back = new URLSearchParams({ client_id: app, post_logout_redirect_uri: REDIRECT });
    await this.open(`/oauth/logout?${back}`);
    yield "logout-asked";
    await this.send("");
    yield "logout-done";
    await this.open(`${await requestAddress(this.server, app)}&max_age=x`);
    yield "misled";
  }

  async *recovery() {
    await this.open("/recover");
    yield "recover";
    await this.send("", { email: "nonsense" });
    yield "recover-refused";
    await this.send("", { email: this.email });
    yield "recover-sent";
    const link = await this.server.mailedLink(this.email, "/reset/");
    await this.open(link);
    yield "reset";
    await this.send("", { password: "short" });
    yield "reset-refused";
    await this.send("", { password: NEW });
    yield "reset-done";
    await this.open(link);
    yield "link-over";
  }

  /** By another provider: as somebody new, and as somebody whose address is known here. */
  async *providers() {
    await this.arrive(`guest-${this.name}`);
    yield "arrival";
    await this.send("[action*='/arrival/']", { username: "x" });
    yield "arrival-refused";
    const guest = { username: `guest-${this.name}`, display_name: "Gil Vidal" };
    await this.send("[action*='/arrival/']", guest);
    await this.open("/account");
    await this.page.context().clearCookies();
    await this.arrive(this.name);
    yield "arrival-known";
    await this.page.locator("main a.primary").click();
    await this.signIn(NEW);
    await this.page.locator("input[name=code]").waitFor();
    await this.send("", { code: codeOf(this.key, 1) });
    await this.page.locator("main dl.facts").waitFor();
    yield "link";
    await this.send("[action*='/account/providers/']");
    await this.page.locator("form[action$='/unlink']").waitFor();
    yield "providers-linked";
    await this.open("/federation/npm/callback?error=access_denied&state=nobody");
    yield "federation-failed";
    await this.page.context().clearCookies();
  }

  async arrive(login) {
    await this.open("/login");
    await this.page.locator("a[href*='/federation/npm/start']").click();
    await throughItsForms(this.page, login);
    await this.page.locator("main h1").waitFor();
  }

  async *errors() {
    await this.open("/nowhere");
    yield "not-found";
    await this.open("/oauth/authorize?client_id=nobody");
    yield "unknown-app";
    await this.open(`/login?ix=019ab000-0000-7000-8000-000000000000`);
    yield "expired";
    await this.page.context().clearCookies();
    await this.send("[action*='/login']", { username: this.name, password: "x" });
    yield "forged";
    const nobody = randomBytes(8).toString("hex");
    await this.open("/login");
    for (let misses = 0; misses < 6; misses += 1) {
      await this.send("[action*='/login']", { username: nobody, password: "wrong" });
    }
    yield "throttled";
  }
}
