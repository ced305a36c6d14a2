// npm `oidc-provider` as its documentation starts it, with everything in memory: the peer that
// `cargo xtask bench identity` measures beside the server. Arguments: port, redirect URI.
import { Provider } from "oidc-provider";

/** Everything in memory; the package's own memory forgets after a thousand entries. */
const rows = new Map();
class Memory {
  constructor(model) {
    this.model = model;
  }
  key(id) {
    return `${this.model}:${id}`;
  }
  async upsert(id, payload) {
    rows.set(this.key(id), payload);
    if (payload.uid) rows.set(`uid:${payload.uid}`, payload);
  }
  async find(id) {
    return rows.get(this.key(id));
  }
  async findByUid(uid) {
    return rows.get(`uid:${uid}`);
  }
  async consume(id) {
    rows.get(this.key(id)).consumed = Math.floor(Date.now() / 1000);
  }
  async destroy(id) {
    rows.delete(this.key(id));
  }
  async revokeByGrantId() {
    throw new Error("nothing is revoked here");
  }
}

const [port, redirectUri] = process.argv.slice(2);
const issuer = `http://localhost:${port}`;
const provider = new Provider(issuer, {
  adapter: Memory,
  clients: [
    {
      client_id: "measured",
      client_secret: "measured-secret",
      redirect_uris: [redirectUri],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
    },
  ],
  cookies: { keys: ["measured"] },
  features: { introspection: { enabled: true } },
  pkce: { required: () => true },
  claims: { openid: ["sub"], profile: ["name"], email: ["email", "email_verified"] },
  findAccount: (_, sub) => ({
    accountId: sub,
    claims: () => ({ sub, name: sub, email: `${sub}@example.org`, email_verified: true }),
  }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log(issuer));
