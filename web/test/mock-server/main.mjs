// node test/mock-server/main.mjs [port]: the built client over an invented workspace.
import { fileURLToPath } from "node:url";
import { startMockServer } from "./server.mjs";
import { fillTown } from "./town.mjs";

const dist = fileURLToPath(new URL("../../dist", import.meta.url));
const server = await startMockServer({ port: Number(process.argv[2] ?? 5180), dist });
const { people, general } = fillTown(server.world);
if (process.argv.includes("--long")) {
  for (let at = 0; at < 100_000; at += 1) {
    const text = `Line ${at}: ${"lorem ipsum dolor sit amet ".repeat(1 + (at % 9))}`;
    const id = `00000000-0000-7000-8000-${at.toString().padStart(12, "0")}`;
    const message = { id, key: id, room: general.id, seq: general.events.length + 1, sender: at % 3 ? people.ana : people.ben, text, time: new Date(Date.now() - (100_000 - at) * 60_000).toISOString(), client_message_id: id, revision: 1, deleted: false };
    message.created_at = message.time;
    general.messages.set(id, message);
    general.events.push({ type: "message", ...message });
  }
}
console.log(`${server.url}/auth/login?as=rodolfo&return_to=/`);
