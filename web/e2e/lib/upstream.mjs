// npm `oidc-provider` in a process of its own, as another provider that people come by.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PATIENCE_MS, root } from "./environment.mjs";
import { freePort, Server } from "./server.mjs";

const CLIENT = { client_id: "tertulia", client_secret: "a secret: with % and +" };

/** What a server must be told, for the provider called `npm` at `port`. */
const told = (port) =>
  `identity.upstream=[{name="npm",label="Npm",issuer="http://localhost:${port}",` +
  `client_id="${CLIENT.client_id}",client_secret="${CLIENT.client_secret}",` +
  "trust_email=true,create_accounts=true}]";

/** A server that people may come to by the provider, and a function that stops both. */
export async function serverWithProvider() {
  const port = await freePort();
  const server = await Server.start("localhost", [told(port)]);
  const at = `${server.url}/id/federation/npm`;
  const rest = { port, alg: "ES256", callback: `${at}/callback`, logout: `${at}/logout` };
  const provider = spawn("node", ["upstream.mjs", JSON.stringify({ ...CLIENT, ...rest })], {
    cwd: join(root, "tests/clients/oidc-provider"),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const stop = async () => {
    provider.kill("SIGKILL");
    await server.stop();
  };
  try {
    await listening(provider);
  } catch (cause) {
    await stop();
    throw new Error("the provider did not start", { cause });
  }
  return { server, stop };
}

/** Waits for the line that it prints when it can be reached. */
async function listening(provider) {
  const ended = once(provider, "exit").then(([code]) => Promise.reject(new Error(`exit ${code}`)));
  ended.catch(() => {});
  const signal = AbortSignal.timeout(PATIENCE_MS);
  await Promise.race([once(createInterface(provider.stdout), "line", { signal }), ended]);
}

/** Signs `login` in by the provider's own forms, as far as they are shown. */
export async function throughItsForms(page, login) {
  const theirs = () => page.locator("input[name=login], input[name=prompt][value=consent]");
  for (let forms = 0; forms < 3 && (await theirs().count()) > 0; forms += 1) {
    if ((await page.locator("input[name=login]").count()) > 0) {
      await page.locator("input[name=login]").fill(login);
      await page.locator("input[name=password]").fill("any");
    }
    await page.locator("button[type=submit]").first().click();
    await page.waitForLoadState();
  }
}
