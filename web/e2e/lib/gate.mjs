// A gate in front of a server: browsers go through it, and it lets some requests wait.
import { createServer, request } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const HERE = "127.0.0.1";

export class Gate {
  #server = createServer((asked, answer) => void this.#pass(asked, answer));
  #waiting = [];
  /** What may be called for each request: what it answers is waited for. */
  #rule = () => undefined;
  #bytesMax = Infinity;
  /** How many requests had to wait. */
  late = 0;

  static async open() {
    const gate = new Gate();
    gate.#server.on("upgrade", (asked, socket, head) => void gate.#tunnel(asked, socket, head));
    await new Promise((resolve) => gate.#server.listen(0, HERE, resolve));
    gate.port = gate.#server.address().port;
    return gate;
  }

  close() {
    this.release();
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** Requests of such paths wait until `release`. */
  hold(pattern) {
    this.#rule = (path) =>
      pattern.test(path) && new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Requests of such paths wait for a while. */
  delay(pattern, ms) {
    this.#rule = (path) => pattern.test(path) && sleep(ms);
  }

  /** Of what a request brings, only so many bytes go on; then nothing happens any more. */
  cutAfter(bytes) {
    this.#bytesMax = bytes;
  }

  release() {
    this.#bytesMax = Infinity;
    this.#rule = () => undefined;
    for (const go of this.#waiting.splice(0)) go();
  }

  async #pass(asked, answer) {
    const wait = this.#rule(asked.url);
    if (wait) {
      this.late += 1;
      await wait;
    }
    const { method, url: path, headers } = asked;
    const onward = request({ host: HERE, port: this.target, method, path, headers }, (came) => {
      answer.writeHead(came.statusCode, came.rawHeaders);
      came.pipe(answer);
      came.on("error", () => answer.destroy());
    });
    onward.on("error", () => answer.destroy());
    answer.on("close", () => answer.writableFinished || onward.destroy());
    let left = this.#bytesMax;
    asked.on("data", (bytes) => {
      const part = bytes.subarray(0, left);
      left -= part.length;
      if (part.length > 0 && !onward.write(part)) {
        asked.pause();
        onward.once("drain", () => asked.resume());
      }
    });
    asked.on("end", () => left > 0 && onward.end());
  }

  async #tunnel(asked, socket, head) {
    socket.on("error", () => socket.destroy());
    const wait = this.#rule(asked.url);
    if (wait) {
      this.late += 1;
      await wait;
    }
    const onward = connect(this.target, HERE, () => {
      const lines = [`${asked.method} ${asked.url} HTTP/1.1`];
      const { rawHeaders } = asked;
      for (let at = 0; at < rawHeaders.length; at += 2)
        lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
      onward.write(`${lines.join("\r\n")}\r\n\r\n`);
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    for (const [one, other] of [[socket, onward], [onward, socket]]) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  }
}
