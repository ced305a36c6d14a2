/** A development server that speaks the contract from memory, with faults on demand. */
import { createServer } from "node:http";
import { Server } from "socket.io";
import { find, sendFile } from "./http.mjs";
import { serveSockets } from "./sockets.mjs";
import { Refused, World } from "./world.mjs";

const cookieOf = (headers) => /tertulia-mock=([^;]+)/.exec(headers.cookie ?? "")?.[1];

async function bodyOf(request) {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text ? JSON.parse(text) : {};
}

/**
 * `faults` may be changed at any time: `dropAcks` and `dropEvents` are probabilities,
 * `down` refuses everything, `slowMs` delays HTTP.
 */
export async function startMockServer({ port = 0, dist = "", random = Math.random } = {}) {
  const world = new World();
  const faults = { dropAcks: 0, dropEvents: 0, down: false, slowMs: 0, loseRequests: 0 };
  const personOf = (headers) => world.byName(cookieOf(headers) ?? "");

  async function answer(request, response) {
    const url = new URL(request.url, `http://${request.headers.host}`);
    if (faults.down) return request.socket.destroy();
    if (url.pathname === "/auth/login") {
      const name = url.searchParams.get("as") ?? [...world.people.values()][0]?.username;
      const place = url.searchParams.get("return_to") ?? "/";
      const cookie = `tertulia-mock=${name}; Path=/; HttpOnly; SameSite=Lax`;
      return response.writeHead(302, { Location: place, "Set-Cookie": cookie }).end();
    }
    if (url.pathname === "/auth/logout") {
      const cookie = "tertulia-mock=; Path=/; Max-Age=0";
      const head = { "Content-Type": "application/json", "Set-Cookie": cookie };
      return response.writeHead(200, head).end(JSON.stringify({ logout_url: "/" }));
    }
    if (!url.pathname.startsWith("/api/")) {
      return dist ? sendFile(dist, url.pathname, response) : response.writeHead(404).end();
    }
    if (faults.slowMs) await new Promise((resolve) => setTimeout(resolve, faults.slowMs));
    const me = personOf(request.headers);
    const send = (status, body, type) =>
      response
        .writeHead(status, { "Content-Type": type ?? "application/json" })
        .end(body === undefined ? undefined : JSON.stringify(body));
    try {
      const { handle, path } = find(request.method, url.pathname);
      const body = await bodyOf(request);
      if (!me) throw new Refused(401, "unauthenticated");
      const origin = url.origin;
      const result = handle({ world, me, path, query: url.searchParams, body, origin });
      if (random() < faults.loseRequests) return request.socket.destroy();
      const [status, value] = Array.isArray(result) ? result : [200, result];
      send(status, value);
    } catch (error) {
      if (!(error instanceof Refused)) console.error(error);
      const refused = error instanceof Refused ? error : new Refused(500, "internal");
      send(refused.status, refused.body, "application/problem+json");
    }
  }

  const http = createServer((request, response) => {
    void answer(request, response);
  });
  const io = new Server(http, { path: "/socket.io" });
  const stopHeartbeat = serveSockets({ io, world, faults, personOf, random });

  await new Promise((resolve) => {
    http.listen(port, "127.0.0.1", resolve);
  });
  return {
    world,
    faults,
    url: `http://127.0.0.1:${http.address().port}`,
    /** Cuts every connection without a word, as a dying network does. */
    cut() {
      for (const socket of io.of("/").sockets.values()) socket.conn.transport.close();
    },
    signOut(person) {
      io.in(`person:${person.id}`).disconnectSockets(true);
    },
    async close() {
      stopHeartbeat();
      http.closeAllConnections();
      await io.close();
    },
  };
}
