// An app as `openid-client` makes it: what it was registered as, where it is called back, and how
// it signs somebody in.
import * as client from 'openid-client'

export const SCOPE = 'openid profile email offline_access chat'

export class App {
  /** Reads the provider's document; nothing else about the provider is known here. */
  static async discover(journey, made, proof) {
    const method = proof ?? (made.client_secret ? undefined : client.None())
    const insecure = { execute: [client.allowInsecureRequests] } // The issuer is this machine.
    const issuer = new URL(journey.issuer)
    const { client_id: id, client_secret: secret } = made
    return App.of(journey, await client.discovery(issuer, id, secret, method, insecure))
  }

  /** An app that knows the provider. */
  static of(journey, config) {
    const app = new App()
    app.config = config
    app.id = config.clientMetadata().client_id
    app.redirect = `${journey.home}/callback`
    app.bye = `${journey.home}/bye`
    app.resource = new URL('/api', journey.base).href
    return app
  }

  /** A request with PKCE, state and nonce, and what its answer must fit. */
  async request(more = {}) {
    const verifier = client.randomPKCECodeVerifier()
    const checks = {
      pkceCodeVerifier: verifier,
      expectedState: client.randomState(),
      expectedNonce: client.randomNonce(),
      idTokenExpected: true,
    }
    const asked = {
      redirect_uri: this.redirect,
      scope: SCOPE,
      resource: this.resource,
      state: checks.expectedState,
      nonce: checks.expectedNonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...more,
    }
    return { asked, checks }
  }

  /** Where the browser ends up, and which of our pages it saw on the way. */
  async ask(browser, person, more) {
    const { asked, checks } = await this.request(more)
    await browser.go(client.buildAuthorizationUrl(this.config, asked).href)
    const pages = await person.walk(browser)
    if (!browser.url.startsWith(this.redirect)) throw new Error(`ended at ${browser}`)
    return { pages, checks, answer: new URL(browser.url) }
  }

  /** The same, and the tokens for the code. */
  async signIn(browser, person, more) {
    const asked = await this.ask(browser, person, more)
    const tokens = await client.authorizationCodeGrant(this.config, asked.answer, asked.checks)
    return { ...asked, tokens, claims: tokens.claims() }
  }

  async userInfo(tokens) {
    return client.fetchUserInfo(this.config, tokens.access_token, tokens.claims().sub)
  }

  /** Asks the chat API as this app. */
  async api(tokens, path, method = 'GET', body) {
    const url = new URL(path, this.resource)
    const headers = new Headers({ 'content-type': 'application/json' })
    const text = body && JSON.stringify(body)
    return client.fetchProtectedResource(
      this.config,
      tokens.access_token,
      url,
      method,
      text,
      headers,
    )
  }
}

/** The word with which something was refused; an error if it was not. */
export async function refused(work) {
  let answer
  try {
    answer = await work()
  } catch (error) {
    return error.error ?? error.cause?.error ?? error.status ?? error.code ?? String(error)
  }
  throw new Error(`it was not refused: ${JSON.stringify(answer)}`)
}
