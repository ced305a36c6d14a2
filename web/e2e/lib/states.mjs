// The states of the chat's screens that no guide shows, each with the way to it.
import { png } from "./pictures.mjs";
import { hold, newest, refuseForGood, room } from "./stage.mjs";

/** Opens a page of the chat. */
const open = ({ page, server }, path, shown) =>
  page.goto(server.url + path).then(() => page.locator(shown).first().waitFor());

const dialog = (person) => person.page.getByRole("dialog");

/** Presses a key at the newest message. */
async function press(person, town, key, name) {
  await newest(person, town, name);
  await person.page.keyboard.press(key);
}

/** Says something by the button, since Enter makes a line on a phone. */
async function say(person, text) {
  await person.composer().fill(text);
  await person.page.locator("button.send").click();
  await person.sees(text);
  await person.allSent();
}

/** A page whose part of the API says no. */
const failing = (name, pattern, path) => [name, async (person) => {
  await refuseForGood(person.page, pattern);
  await open(person, path, "main [role=alert]");
}];

const picture = (name) => ({ name, mimeType: "image/png", buffer: png(400, 240) });

/** Puts files beside the draft of a room. */
async function attach(person, town, files) {
  await room(person, town, "diseño");
  // What waited there before is there again.
  const left = person.page.locator(".tray li .icon-btn");
  while ((await left.count()) > 0) await left.first().click();
  await person.page.locator(".composer input[type=file]").setInputFiles(files);
}

/** Answers for the pages behind links, which nobody asks here. */
async function answerPreviews(page) {
  await page.route("**/api/previews", (route) => route.fulfill({ json: { enabled: true } }));
  await page.route("**/messages/*/preview", (route) =>
    route.fulfill({
      json: {
        url: "https://runbook.example.org/despliegues?v=1.4.0",
        site: "runbook.example.org",
        title: "Despliegues, paso a paso",
        description: "Qué mirar antes, qué mirar después, y cómo volver atrás.",
      },
    }),
  );
}

const files = [
  ["tray-sending", async (person, town) => {
    await hold(person.page, "**/uploads*");
    await attach(person, town, [picture("plano.png")]);
    await person.page.locator(".tray li.sending progress").waitFor();
  }],
  ["tray-cut", async (person, town) => {
    const isPart = (request) => request.method() === "PATCH";
    await person.page.route("**/uploads/*", (route) =>
      isPart(route.request()) ? new Promise(() => {}) : route.fallback(),
    );
    const sending = person.page.waitForRequest(isPart);
    await attach(person, town, [picture("plano.png")]);
    await sending;
    await room(person, town, "diseño");
    await person.page.locator(".tray li.cut").waitFor();
  }],
  ["tray-refused", async (person, town) => {
    const broken = { ...picture("roto.png"), buffer: png(50, 50).subarray(0, 60) };
    await attach(person, town, [broken]);
    await person.page.locator(".tray li.failed").waitFor();
  }],
  ["files", async (person, town) => {
    const notes = { name: "notas.txt", mimeType: "text/plain", buffer: Buffer.from("hola") };
    await attach(person, town, [picture("plano.png"), picture("vista.png"), notes]);
    await person.page.locator(".tray li.ready").nth(2).waitFor();
    await say(person, "Plano, vista y notas.");
    await person.page.locator("article.message .file-card").last().waitFor();
  }],
  ["viewer", async (person, town) => {
    await room(person, town, "diseño");
    await person.page.locator("article.message .picture").last().press("Enter");
    await dialog(person).getByRole("img").waitFor();
  }],
  ["settings-picture", async (person) => {
    await open(person, "/you", ".settings");
    await person.page.locator(".own-picture input[type=file]").setInputFiles([picture("yo.png")]);
    await person.page.locator(".own-picture .avatar img").waitFor();
  }],
];

const messages = [
  ["commands", async (person, town) => {
    await room(person, town);
    await person.composer().fill("");
    await person.composer().pressSequentially("/");
    await person.page.locator(".suggestions-box .option").first().waitFor();
  }],
  ["command-unknown", async (person, town) => {
    await room(person, town);
    await person.composer().fill("/nada de esto");
    await person.page.locator(".command-line:not(:empty)").waitFor();
    await person.page.locator("button.send").click();
    await person.page.locator(".command-line.bad").waitFor();
  }],
  ["link-card", async (person, town) => {
    await answerPreviews(person.page);
    await room(person, town);
    await person.page.locator(".link-card").first().scrollIntoViewIfNeeded();
  }],
  ["message-actions", async (person, town) => {
    await press(person, town, "Enter");
    await dialog(person).getByRole("button").nth(3).waitFor();
  }],
  ["message-menu", async (person, town) => {
    const message = await newest(person, town);
    const menu = message.locator(".tools [aria-haspopup=menu]");
    // Without a pointer that hovers all actions are in one sheet.
    if (!(await menu.isVisible())) return;
    await menu.press("Enter");
    await person.page.getByRole("menuitem").first().waitFor();
  }],
  ["emoji-none", async (person, town) => {
    await press(person, town, "+");
    await person.page.locator(".emoji-row button:visible").first().waitFor();
    await person.page.keyboard.type("xyzzy");
    await person.page.getByText(person.word("no_matches")).first().waitFor();
  }],
  ["quoting", async (person, town) => {
    await press(person, town, "r");
    await person.page.locator(".quoting").waitFor();
  }],
  ["thread-new", async (person, town) => {
    await press(person, town, "t");
    await person.page.locator(".thread-panel .no-replies").waitFor();
  }],
  ["thread-failed", async (person, town) => {
    await refuseForGood(person.page, "**/threads/*");
    await press(person, town, "t");
    await person.page.locator(".thread-panel [role=alert]").waitFor();
  }],
  ["editing", async (person, town) => {
    await room(person, town, "general");
    await say(person, "Esto no iba aquí.");
    await press(person, town, "e", "general");
    await person.page.locator(".editor").waitFor();
  }],
  ["deleted", async (person, town) => {
    await press(person, town, "Delete", "general");
    await person.button("undo").waitFor();
  }],
  ["toast-problem", async (person, town) => {
    await refuseForGood(person.page, "**/reactions/*");
    await room(person, town);
    await person.page.locator(".reaction").first().press("Enter");
    await person.page.locator(".toast .request-id").waitFor();
  }],
  ["message-target", async (person, town) => {
    const { page, server } = person;
    const { id, room: where } = town.first;
    await page.goto(`${server.url}/r/${where}/m/${id}`);
    await page.locator(`#m-${id}`).waitFor();
  }],
  ["history-failed", async (person, town) => {
    await refuseForGood(person.page, "**/revisions*");
    await room(person, town);
    await person.page.locator(".edited").first().press("Enter");
    await dialog(person).getByRole("alert").waitFor();
  }],
];

const rooms = [
  ["drafts", async (person, town) => {
    await room(person, town, "finanzas");
    await person.composer().fill("Falta el cierre de octubre:\n- nóminas\n- alquiler");
    await room(person, town, "leo");
    await person.composer().fill("Sí, a las dos");
    // Without the network only what was loaded before can be opened.
    await open(person, "/drafts", ".drafts");
    const go = (path) =>
      person.page.evaluate((path) => {
        history.pushState(null, "", path);
        dispatchEvent(new PopStateEvent("popstate"));
      }, path);
    await person.page.context().setOffline(true);
    await go(`/r/${town.rooms.general}`);
    await person.composer().fill("Salimos a las 11.");
    await person.page.locator("button.send").click();
    await go("/drafts");
    await person.page.locator(".drafts li").nth(2).waitFor();
  }],
  ["drafts-rejected", async (person, town) => {
    const { server, page } = person;
    const { id } = await server.api(town.tokens.leo, "POST", "/api/rooms", {
      kind: "private",
      name: "sótano",
    });
    const members = `/api/rooms/${id}/members`;
    await server.api(town.tokens.leo, "POST", members, { username: "ana" });
    const me = (await server.api(town.tokens.ana, "GET", "/api/me")).person.id;
    await open(person, `/r/${id}`, ".room-start");
    await page.context().setOffline(true);
    await person.composer().fill("Esto ya no llega.");
    await page.locator("button.send").click();
    await page.locator("article.message.pending").waitFor();
    await server.api(town.tokens.leo, "DELETE", `${members}/${me}`);
    await page.context().setOffline(false);
    await open(person, "/drafts", ".drafts .more.bad");
  }],
  ["drafts-none", async (person) => {
    await open(person, "/drafts", ".drafts > *");
    // Also what other screens left.
    const left = person.page.locator(".drafts li .icon-btn");
    while ((await left.count()) > 0) await left.first().click();
    await person.page.locator("main .empty").waitFor();
  }],
  ["list-muted", async (person, town) => {
    for (const name of ["diseño", "general"]) {
      const path = `/api/rooms/${town.rooms[name]}/notices`;
      await person.server.api(town.tokens.ana, "PUT", path, { muted_for_s: 3600 });
    }
    await open(person, "/", ".silent");
  }],
  ["list-folded", async (person, town) => {
    await open(person, "/", ".fold");
    await person.page.locator(".fold").first().press("Enter");
    await person.page.locator(".fold[aria-expanded=false]").waitFor();
    for (const name of ["diseño", "general"]) {
      const path = `/api/rooms/${town.rooms[name]}/notices`;
      await person.server.api(town.tokens.ana, "PUT", path, {});
    }
    await person.page.locator(".silent").first().waitFor({ state: "detached" });
  }],
  ["list-unfolded", async (person) => {
    await person.page.locator(".fold").first().press("Enter");
    await person.page.locator(".fold[aria-expanded=false]").waitFor({ state: "detached" });
  }],
  ["direct", async (person, town) => {
    await room(person, town, "leo");
  }],
  ["direct-new", async (person) => {
    await open(person, "/", ".app");
    await person.command("new_direct");
    const field = dialog(person).locator("input").first();
    await field.fill("nadie-se-llama-asi");
    await dialog(person).locator("button[type=submit]").click();
    await dialog(person).getByRole("alert").waitFor();
  }],
  ["direct-suggestions", async (person) => {
    await open(person, "/", ".app");
    await person.command("new_direct");
    await dialog(person).locator("input").first().fill("fr");
    await person.page.getByRole("option").first().waitFor();
  }],
  ["not-a-member", (person, town) =>
    open(person, `/r/${town.rooms["música para trabajar"]}`, "main .empty")],
  ["invitation-over", (person) => open(person, "/invite/nonsense", "main .empty")],
  ["page-broken", async (person) => {
    await person.page.route("**/assets/BrowsePage*.js", (route) => route.abort());
    await open(person, "/browse", "main [role=alert]");
  }],
  ["room-settings", async (person, town) => {
    await room(person, town);
    await person.page.getByTitle(person.word("room_settings")).click();
    await dialog(person).locator("input").first().waitFor();
  }],
  ["room-notices", async (person, town) => {
    await room(person, town);
    await person.button("room_notices").click();
    await dialog(person).getByRole("radio").first().waitFor();
  }],
  ["member-menu", async (person, town) => {
    await room(person, town, "finanzas");
    await person.openMembers();
    await person.page.locator(".panel .member [aria-haspopup=menu]").last().click();
    await person.page.getByRole("menuitem").first().waitFor();
  }],
  ["members-failed", async (person, town) => {
    await refuseForGood(person.page, "**/api/rooms/*/members*");
    await room(person, town);
    await person.openMembers();
    await person.page.locator(".panel [role=alert]").waitFor();
  }],
  ["invite-link", async (person, town) => {
    await room(person, town, "finanzas");
    await person.openMembers();
    await person.button("create_link").click();
    await person.page.locator(".fresh-link").waitFor();
  }],
  ["leave-room", async (person, town) => {
    await room(person, town, "diseño");
    await person.page.getByTitle(person.word("room_settings")).click();
    await dialog(person).locator("button.danger").click();
    await person.page.getByRole("alertdialog").waitFor();
  }],
  ["sign-out", async (person) => {
    await open(person, "/", ".app");
    await person.command("sign_out");
    await person.page.getByRole("alertdialog").waitFor();
  }],
  ["switcher-none", async (person, town) => {
    await room(person, town);
    await person.page.keyboard.press("Control+k");
    await dialog(person).waitFor();
    await person.page.keyboard.type("xyzzy");
    await dialog(person).locator(".nothing").waitFor();
  }],
  ["browse-none", async (person) => {
    await open(person, "/browse", ".directory li");
    await person.page.locator("input[type=search]").fill("xyzzy");
    await person.page.locator("main .empty").waitFor();
  }],
  ["people-none", async (person) => {
    await open(person, "/people", ".person-row");
    await person.page.locator("main input[type=search]").fill("xyzzy");
    await person.page.locator("main .empty").waitFor();
  }],
  ["people-offline", async (person) => {
    await open(person, "/people", ".person-row");
    await person.page.context().setOffline(true);
    await person.page.locator("main input[type=search]").fill("leo");
    await person.page.locator("main .empty").waitFor();
  }],
  ["person-alone", async (person) => {
    await open(person, "/people", ".person-row");
    await person.page.locator(".person-row a", { hasText: "Zoe" }).click();
    await person.page.locator(".person .none").waitFor();
  }],
  failing("people-failed", "**/api/people?*", "/people"),
  failing("person-failed", "**/api/people/*", "/people/019ab000-0000-7000-8000-000000000000"),
  ["page-unknown", (person) => open(person, "/nowhere/at/all", ".empty")],
  failing("browse-failed", "**/rooms/directory*", "/browse"),
];

const inbox = [
  ["inbox-unread", (person) => open(person, "/inbox/unread", ".inbox-row, main .empty")],
  ["reactions", async (person, town) => {
    const { id, room: where } = town.ofAna;
    const path = `/api/rooms/${where}/messages/${id}/reactions/${encodeURIComponent("🙌")}`;
    await person.server.api(town.tokens.leo, "PUT", path);
    await open(person, "/inbox/reactions", ".inbox-row");
  }],
  ["inbox-offline", async (person) => {
    await open(person, "/inbox", ".inbox-row");
    await person.page.context().setOffline(true);
    await person.page.locator("#inbox-list .notice").waitFor();
  }],
  ["saved-offline", async (person) => {
    await open(person, "/saved", ".saved .inbox-row");
    await person.page.context().setOffline(true);
    await person.page.locator(".saved .notice").waitFor();
  }],
  failing("inbox-failed", "**/api/mentions*", "/inbox"),
  failing("reactions-failed", "**/api/reactions*", "/inbox/reactions"),
  failing("threads-failed", "**/api/threads*", "/threads"),
  failing("saved-failed", "**/api/saved*", "/saved"),
];

const settings = [
  ["settings-quiet", async (person) => {
    await open(person, "/you", ".settings");
    const hours = person.page.getByRole("group", { name: person.word("quiet_hours") });
    await hours.getByRole("radio").last().press("Space");
    await person.page.locator(".quiet input").first().waitFor();
  }],
  ["settings-no-mail", async (person) => {
    const none = { available: false, pace: "soon", soon_s: 600, daily_hour: 8 };
    await person.page.route("**/notices/mail", (route) => route.fulfill({ json: none }));
    await open(person, "/you", ".settings");
    await person.page.getByText(person.word("mail_unable")).waitFor();
  }],
  ["settings-failed", async (person) => {
    await refuseForGood(person.page, "**/api/me/notices");
    await open(person, "/you", ".settings [role=alert]");
  }],
];

/** Of Ana, who is signed in. */
export const states = [...files, ...messages, ...rooms, ...inbox, ...settings];

/** Of somebody who is in no room, and whom nobody calls. */
export const alone = [
  ["home-first", (person) => open(person, "/", ".app main .empty:visible, .side .nav-empty:visible")],
  ["inbox-empty", (person) => open(person, "/inbox", "#inbox-list .empty")],
  ["inbox-unread-empty", (person) => open(person, "/inbox/unread", "#inbox-list .empty")],
  ["reactions-empty", (person) => open(person, "/inbox/reactions", "#inbox-list .empty")],
  ["threads-empty", (person) => open(person, "/threads", "#inbox-list .empty")],
  ["saved-empty", (person) => open(person, "/saved", ".saved .empty")],
];
