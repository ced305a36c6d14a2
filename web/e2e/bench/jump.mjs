// A click in the inbox that leads into a room of a million messages.
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { root, variable } from "../lib/environment.mjs";
import { landedMs } from "../lib/meters.mjs";
import { seed } from "../lib/seed.mjs";
import { median, note } from "./table.mjs";

const ARCHIVE = Number(variable("TERTULIA_BENCH_ARCHIVE", "1000000"));
const JUMPS = 5;

/** A room in which leo called ana before a million others were said; answers the call. */
export async function archive({ server, tokens, text }) {
  const made = { kind: "private", name: "archivo" };
  const room = await server.api(tokens.ana, "POST", "/api/rooms", made);
  await server.api(tokens.ana, "POST", `/api/rooms/${room.id}/members`, { username: "leo" });
  await seed(server, tokens.leo, room.id, 30, text);
  const call = { text: "@ana, ¿lo ves?" };
  const place = `/api/rooms/${room.id}/messages/${randomUUID()}`;
  const message = await server.api(tokens.leo, "PUT", place, call);
  await seed(server, tokens.leo, room.id, 30, text);
  await server.kill9();
  const script = join(root, "web/e2e/lib/archive.py");
  const database = join(server.dataDir, "chat.db");
  execFileSync("python3", [script, database, room.id, message.sender.id, String(ARCHIVE)]);
  await server.restart();
  return message.id;
}

/** From the click in the inbox until the message is drawn, in the middle of the screen. */
export async function jump(person, message) {
  const times = [];
  for (let at = 0; at < JUMPS; at += 1) {
    await person.page.goto(`${person.server.url}/inbox`);
    const hasText = person.word("go_to_message");
    const button = person.page.locator(".inbox-row button", { hasText });
    await button.first().waitFor();
    times.push(await button.first().evaluate(landedMs, `m-${message}`));
  }
  const room = `a room of ${ARCHIVE.toLocaleString("en")}`;
  const what = `from the click in the inbox to its message, in ${room}, median of ${JUMPS}`;
  note(what, "≤ 500 ms", `${median(times).toFixed(0)} ms`, median(times) <= 500);
}
