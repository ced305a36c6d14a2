// What a person does in the pages, by the names that a person sees there.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./environment.mjs";
import { PASSWORD } from "./server.mjs";
import { until } from "./wait.mjs";

const catalogues = Object.fromEntries(
  ["en", "es"].map((locale) => {
    const file = join(root, `web/messages/${locale}.json`);
    return [locale, JSON.parse(readFileSync(file, "utf8"))];
  }),
);

export class Person {
  constructor(server, page, name, locale = "en") {
    Object.assign(this, { server, page, name, locale });
    this.email = `${name}@example.org`;
  }

  /** A word of the interface in this person's language. */
  word(key, values = {}) {
    let word = catalogues[this.locale][key];
    if (Array.isArray(word)) {
      const forms = word[0].match;
      word = values.count === 1 ? forms["plural=one"] : forms["plural=other"];
    }
    assert.equal(typeof word, "string", `no word ${key}`);
    return word.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  button(key, values) {
    return this.page.getByRole("button", { name: this.word(key, values), exact: true });
  }

  composer() {
    return this.page.locator("#composer");
  }

  /** From the welcome page through the form, the mail and its link, into the chat. */
  async signUp() {
    const { page } = this;
    await page.goto(this.server.url);
    await page.getByRole("link", { name: this.word("create_account") }).click();
    await page.locator("input[name=email]").fill(this.email);
    await page.locator("input[name=username]").fill(this.name);
    await page.locator("input[name=display_name]").fill(this.name);
    await page.locator("input[name=password]").fill(PASSWORD);
    await page.locator("main form button[type=submit]").click();
    await page.getByText(this.email).waitFor();
    await page.goto(await this.server.mailedLink(this.email, "/verify/"));
    await page.locator("main form button[type=submit]").click();
    await this.arrive();
  }

  async signIn() {
    const { page } = this;
    await page.goto(this.server.url);
    await page.getByRole("link", { name: this.word("sign_in"), exact: true }).click();
    await this.fillSignIn();
    await this.arrive();
  }

  async fillSignIn() {
    const { page } = this;
    await page.locator("input[name=username]").fill(this.name);
    await page.locator("input[name=password]").fill(PASSWORD);
    await page.locator("main form[method=post] button[type=submit]").click();
  }

  /** Waits for the chat; signs in first where that is still wanted. */
  async arrive() {
    const { page } = this;
    const here = page.locator(".app");
    const form = page.locator("input[name=password]");
    await here.or(form).first().waitFor();
    if (await form.isVisible()) {
      await this.fillSignIn();
      await here.waitFor();
    }
  }

  /** An action of the switcher, by its name. */
  async command(key) {
    await this.page.keyboard.press("Control+k");
    await this.page.getByRole("dialog").waitFor();
    await this.page.keyboard.type(this.word(key));
    await this.page
      .getByRole("menuitem", { name: this.word(key) })
      .first()
      .click();
  }

  async createRoom(name, kind) {
    const { page } = this;
    await page
      .locator(".side")
      .getByRole("button", { name: this.word("create_room") })
      .click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(this.word("room_name")).fill(name);
    // The input is not drawn, so a pointer would have to aim where its words may move from.
    await dialog.locator(`input[type=radio][value=${kind}]`).press("Space");
    await dialog.getByRole("button", { name: this.word("create_room") }).click();
    await page.locator(".page-header h1").getByText(name).waitFor();
    await this.composer().waitFor();
  }

  async openMembers() {
    await this.page.locator(".members-btn").click();
    await this.page.getByRole("complementary", { name: this.word("members") }).waitFor();
  }

  async invite(username) {
    await this.openMembers();
    const panel = this.page.getByRole("complementary", { name: this.word("members") });
    await panel.getByLabel(this.word("invite_by_name")).fill(username);
    await this.page.keyboard.press("Escape");
    await panel.getByRole("button", { name: this.word("invite"), exact: true }).click();
    await panel.getByText(`@${username}`).first().waitFor();
  }

  roomLink(name) {
    return this.page.locator(".side nav").getByRole("link", { name });
  }

  async openRoom(name) {
    await this.roomLink(name).click();
    await this.page.locator(".page-header h1").getByText(name).waitFor();
    await this.composer().waitFor();
  }

  async say(text) {
    await this.composer().fill(text);
    await this.composer().press("Enter");
    await this.message(text).first().waitFor();
  }

  message(text) {
    const plain = text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const whole = new RegExp(`^${plain}(\\s+${this.word("message_edited")})?$`);
    return this.page.locator("article.message .text").filter({ hasText: whole });
  }

  async sees(text) {
    await this.message(text).first().waitFor();
  }

  /** All texts in the page, in the order of the screen, without those still to be sent. */
  async texts() {
    const read = (all) =>
      all.map((p) => {
        const copy = p.cloneNode(true);
        for (const mark of copy.querySelectorAll(".edited")) mark.remove();
        return copy.textContent.trim();
      });
    return this.page.locator("article.message:not(.pending) .text").evaluateAll(read);
  }

  /** Waits until nothing is left to send. */
  async allSent() {
    await until(`${this.name} has sent everything`, async () => {
      return (await this.page.locator("article.message.pending").count()) === 0;
    });
  }

  /** A request of the page itself, with its cookie. */
  async fetch(path) {
    return this.page.evaluate(async (path) => {
      const answer = await fetch(path);
      return { status: answer.status, text: await answer.text() };
    }, path);
  }

  /** Nothing was refused by the policy, and no error was left uncaught. */
  checkFaults() {
    assert.deepEqual(this.page.faults, [], `faults in the page of ${this.name}`);
  }
}
