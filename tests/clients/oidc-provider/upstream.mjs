// npm `oidc-provider` with its own forms for signing in, as a provider that people come by to
// Tertulia. Argument: {port, client_id, client_secret, alg, callback, logout} as JSON.
import { generateKeyPairSync } from "node:crypto";
import { Provider } from "oidc-provider";

const { port, client_id, client_secret, alg, callback, logout } = JSON.parse(process.argv[2]);
const issuer = `http://localhost:${port}`;

/** A key pair as a private JWK. */
function key(type, options, members) {
  const { privateKey } = generateKeyPairSync(type, options);
  return { ...privateKey.export({ format: "jwk" }), ...members, use: "sig" };
}

const provider = new Provider(issuer, {
  clients: [
    {
      client_id,
      client_secret,
      redirect_uris: [callback],
      response_types: ["code"],
      grant_types: ["authorization_code"],
      id_token_signed_response_alg: alg,
      backchannel_logout_uri: logout,
      backchannel_logout_session_required: true,
    },
  ],
  jwks: {
    keys: [
      key("rsa", { modulusLength: 2048 }, { alg: "RS256", kid: "rsa" }),
      key("ec", { namedCurve: "P-256" }, { alg: "ES256", kid: "ec" }),
    ],
  },
  cookies: { keys: ["upstream"] },
  features: { backchannelLogout: { enabled: true }, devInteractions: { enabled: true } },
  // It would rather not speak to this machine, where the whole journey takes place.
  fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined }),
  pkce: { required: () => true },
  claims: {
    openid: ["sub"],
    profile: ["name", "preferred_username"],
    email: ["email", "email_verified"],
  },
  findAccount: (_, sub) => ({
    accountId: sub,
    claims: () => ({
      sub,
      name: `${sub} of npm`,
      preferred_username: sub,
      email: `${sub}@example.org`,
      email_verified: true,
    }),
  }),
});
provider.on("backchannel.error", (_, error) => console.error("not told:", error));
provider.listen(port, () => console.log(issuer));
