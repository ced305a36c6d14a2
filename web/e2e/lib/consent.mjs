// An app that is not ours asks for consent.
import { createHash, randomBytes } from "node:crypto";

/** Where apps of these tests are sent back to; nobody listens there. */
export const REDIRECT = "http://127.0.0.1:9/callback";

/** The address at which identity asks whether a third-party app may. */
export async function consentAddress(server) {
  const words = ["--name", "Recordatorios", "--redirect-uri", REDIRECT, "--public"];
  const { client_id } = JSON.parse(await server.operator("client", "create", ...words));
  return requestAddress(server, client_id);
}

/** The address at which an app asks for what it wants. */
export async function requestAddress(server, client_id) {
  const verifier = randomBytes(32).toString("base64url");
  const query = new URLSearchParams({
    response_type: "code",
    client_id,
    redirect_uri: REDIRECT,
    scope: "openid profile email chat",
    resource: `${server.url}/api`,
    state: randomBytes(8).toString("hex"),
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  });
  const discovery = await fetch(`${server.url}/id/.well-known/openid-configuration`);
  const { authorization_endpoint } = await discovery.json();
  return `${authorization_endpoint}?${query}`;
}
