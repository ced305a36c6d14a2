// A push service on this machine, as Firefox speaks to it: a WebSocket to the browser (autopush),
// and an address for each subscription that takes messages (RFC 8030).
import { randomBytes, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

/** A message came through, was opened and was handled by the page's worker. */
const DELIVERED = 100;

export class PushService {
  /** What was asked of it, by subscription. */
  received = [];
  /** What the browser said of each message. */
  codes = [];
  #browsers = new Map();

  static async start() {
    const service = new PushService();
    service.http = createServer((request, answer) => service.#take(request, answer));
    service.sockets = new WebSocketServer({ server: service.http });
    service.sockets.on("connection", (socket) => service.#meet(socket));
    await new Promise((ready) => service.http.listen(0, "127.0.0.1", ready));
    service.port = service.http.address().port;
    return service;
  }

  /** What Firefox must be told of it. */
  get preferences() {
    return {
      "dom.push.enabled": true,
      "dom.push.connection.enabled": true,
      "dom.push.serverURL": `ws://127.0.0.1:${this.port}/`,
      "dom.push.testing.allowInsecureServerURL": true,
      "permissions.default.desktop-notification": 1,
      "alerts.useSystemBackend": false,
    };
  }

  get delivered() {
    return this.codes.filter((code) => code === DELIVERED).length;
  }

  stop() {
    for (const socket of this.sockets.clients) socket.terminate();
    this.http.closeAllConnections();
    this.http.close();
  }

  #meet(socket) {
    socket.on("message", (text) => {
      const said = JSON.parse(text);
      const { messageType, channelID } = said;
      const reply = (more) => socket.send(JSON.stringify({ messageType, status: 200, ...more }));
      if (messageType === "hello")
        return reply({ uaid: randomBytes(16).toString("hex"), use_webpush: true, broadcasts: {} });
      if (messageType === "register") {
        this.#browsers.set(channelID, socket);
        const pushEndpoint = `http://127.0.0.1:${this.port}/wpush/${channelID}`;
        return reply({ channelID, pushEndpoint });
      }
      if (messageType === "unregister") {
        this.#browsers.delete(channelID);
        return reply({ channelID });
      }
      if (messageType === "ack") this.codes.push(...said.updates.map(({ code }) => code));
      // A ping is an empty object, and so is its answer.
      if (messageType === undefined) socket.send("{}");
    });
  }

  async #take(request, answer) {
    const parts = [];
    for await (const part of request) parts.push(part);
    const channelID = request.url.replace("/wpush/", "");
    const socket = this.#browsers.get(channelID);
    answer.writeHead(socket ? 201 : 410).end();
    const body = Buffer.concat(parts);
    this.received.push({ channelID, headers: request.headers, body });
    socket?.send(
      JSON.stringify({
        messageType: "notification",
        channelID,
        version: randomUUID(),
        data: body.toString("base64url"),
        headers: { encoding: request.headers["content-encoding"] },
      }),
    );
  }
}
