// Many messages, fast: idempotent PUTs on connections that are kept.
import { randomUUID } from "node:crypto";
import { Agent, request } from "node:http";

const AT_ONCE = 64;

/** Says `count` texts in a room, in this order as far as the reader can tell: `textOf(number)`. */
export async function seed(server, token, room, count, textOf) {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  // In order means one after another; so the order comes from the numbers being sent in blocks
  // whose members may change places, and a test reads positions from the server.
  let next = 0;
  const worker = async () => {
    while (next < count) {
      next += 1;
      await put(server, agent, token, room, textOf(next));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  agent.destroy();
}

function put(server, agent, token, room, text) {
  return new Promise((resolve, reject) => {
    const body = JSON.stringify({ text });
    const sending = request(
      {
        agent,
        host: "127.0.0.1",
        port: server.port,
        method: "PUT",
        path: `/api/rooms/${room}/messages/${randomUUID()}`,
        headers: {
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
        },
      },
      (answer) => {
        answer.resume();
        answer.on("end", () => {
          if (answer.statusCode === 201) resolve();
          else reject(new Error(`seeding: ${answer.statusCode}`));
        });
      },
    );
    sending.on("error", reject);
    sending.end(body);
  });
}
