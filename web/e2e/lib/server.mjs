// `tertulia all` in a process and a folder of its own. By address: on `localhost` the Socket.IO
// client does not close its connection when the browser goes offline.
import { execFile, spawn } from "node:child_process";
import { createWriteStream, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { PATIENCE_MS, program } from "./environment.mjs";
import { until } from "./wait.mjs";

export const PASSWORD = "a-long-enough-passphrase-41";

const limits = ["messages", "changes", "reads"].flatMap((of) => [
  `chat.limits.${of}_burst=1000000`,
  `chat.limits.${of}_per_s=1000000`,
]);

/** Text messages go into a file. */
const sms = ['sms.countries=["AR","ES","MX"]', 'sms.gateways=[{name="file",driver="file"}]'];

/** Every process of a server; none outlives the tests, whatever became of them. */
const processes = new Set();
process.once("exit", () => processes.forEach((one) => one.kill("SIGKILL")));

/** A port that was free a moment ago. */
export const freePort = () =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

export class Server {
  /**
   * Passkeys need a domain: `Server.start("localhost")`. Browsers come through the gate, if there
   * is one.
   */
  static async start(host = "127.0.0.1", settings = [], gate = undefined) {
    const server = new Server();
    server.settings = settings;
    server.folder = mkdtempSync(join(tmpdir(), "tertulia-e2e-"));
    server.dataDir = join(server.folder, "data");
    server.port = await freePort();
    server.direct = `http://${host}:${server.port}`;
    server.url = gate ? `http://${host}:${gate.port}` : server.direct;
    if (gate) gate.target = server.port;
    server.log = createWriteStream(join(server.folder, "server.log"), { flags: "a" });
    await server.restart();
    return server;
  }

  get common() {
    return ["--data-dir", this.dataDir, "--public-url", this.url];
  }

  async restart() {
    const args = ["all", "--listen", `127.0.0.1:${this.port}`, ...this.common];
    for (const setting of [...limits, ...sms, ...this.settings]) args.push("--set", setting);
    this.process = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.process.stdout.pipe(this.log, { end: false });
    this.process.stderr.pipe(this.log, { end: false });
    let ended;
    const mine = this.process;
    processes.add(mine);
    mine.on("exit", (code, signal) => {
      processes.delete(mine);
      ended = code ?? signal;
    });
    await until("the server is healthy", async () => {
      if (ended !== undefined) throw new Error(`the server ended with ${ended}:\n${this.output()}`);
      const answer = await fetch(`${this.direct}/health`).catch(() => undefined);
      return answer?.status === 200;
    });
  }

  /** SIGKILL, without a word. */
  kill9() {
    const { exitCode, signalCode } = this.process;
    if (exitCode !== null || signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      this.process.once("exit", resolve);
      this.process.kill("SIGKILL");
    });
  }

  async stop() {
    await this.kill9();
    rmSync(this.folder, { recursive: true, force: true });
  }

  output() {
    return readFileSync(join(this.folder, "server.log"), "utf8");
  }

  async operator(...words) {
    const args = ["identity", ...words, ...this.common];
    const { stdout } = await promisify(execFile)(program, args);
    return stdout.trim();
  }

  /** A verified account; answers a token for the chat API. */
  async account(username, displayName = username) {
    const email = ["--email", `${username}@example.org`, "--username", username, "--verified"];
    const rest = [`--display-name=${displayName}`, "--password", PASSWORD];
    await this.operator("user", "create", ...email, ...rest);
    return this.operator("token", "create", "--user", username, "--ttl", "3600");
  }

  /** The link in the newest mail to an address. */
  async mailedLink(address, part) {
    let link;
    await until(`a mail to ${address}`, () => {
      const folder = join(this.dataDir, "mail");
      const mails = readdirSync(folder).filter((name) => name.endsWith(".eml")).sort();
      const texts = mails.map((name) => readFileSync(join(folder, name), "utf8"));
      const mine = texts.filter((text) => text.includes(`To: ${address}`)).pop() ?? "";
      const plain = mine.replace(/=\r?\n/g, "").replaceAll("=3D", "=");
      link = plain.match(/http:\/\/[^\s"<>]+/g)?.find((found) => found.includes(part));
      return link !== undefined;
    });
    return link;
  }

  /** The code in the newest text message to a number. */
  async textedCode(number) {
    let code;
    await until(`a text message to ${number}`, () => {
      const file = join(this.dataDir, "sms", "file.jsonl");
      const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
      const sent = lines.filter(Boolean).map((line) => JSON.parse(line));
      const text = sent.filter(({ to }) => to === number).pop()?.text;
      code = text?.match(/#(\d{6})$/)?.[1];
      return code !== undefined;
    });
    return code;
  }

  /** A request of the API with a token. */
  async api(token, method, path, body) {
    const answer = await fetch(this.direct + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body && { "content-type": "application/json" }),
      },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }
}
