// A relying party that knows nothing of Tertulia but its issuer: `openid-client` does the
// protocol, and a browser without JavaScript fills in the server's forms.
//
//   node rp.mjs --issuer http://localhost:8080/id --base http://localhost:8080 \
//     --user ana --password … --client-id … [--client-secret …]
//
// The client must be registered with the redirect URI http://127.0.0.1:4711/callback (nothing
// listens there: the address is read from the redirect) and the post-logout URI
// http://127.0.0.1:4711/bye. Prints one JSON object; exit code 0 if every step went well, else 1
// with `{"step": …, "error": …}` on standard error.
import { parseArgs } from 'node:util'
import * as client from 'openid-client'

const REDIRECT = 'http://127.0.0.1:4711/callback'
const BYE = 'http://127.0.0.1:4711/bye'
const SCOPE = 'openid profile email offline_access chat'

const { values: options } = parseArgs({
  options: {
    issuer: { type: 'string' },
    base: { type: 'string' },
    user: { type: 'string' },
    password: { type: 'string' },
    'client-id': { type: 'string' },
    'client-secret': { type: 'string' },
  },
})

let step = 'options'

class Browser {
  cookies = new Map()

  /** Follows redirects until a page, or until an address of the relying party. */
  async go(url, form) {
    let body = form && new URLSearchParams(form)
    for (let hops = 0; hops < 10; hops += 1) {
      const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const response = await fetch(url, {
        method: body ? 'POST' : 'GET',
        body,
        redirect: 'manual',
        headers: { cookie, ...(body ? { origin: new URL(url).origin } : {}) },
      })
      for (const line of response.headers.getSetCookie()) this.keep(line)
      const location = response.headers.get('location')
      if (!location) return { url, status: response.status, page: await response.text() }
      url = new URL(location, url).href
      body = undefined
      if (url.startsWith('http://127.0.0.1:4711/')) return { url, status: 0, page: '' }
    }
    throw new Error(`too many redirects, last to ${url}`)
  }

  keep(line) {
    const [pair] = line.split(';')
    const at = pair.indexOf('=')
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)]
    if (/max-age=0/i.test(line)) this.cookies.delete(name)
    else this.cookies.set(name, value)
  }

  /** Sends the last form of a page with its hidden fields and `fields`. */
  async submit({ url, page }, fields) {
    const start = page.lastIndexOf('<form')
    if (start < 0) throw new Error(`no form at ${url}: ${page.slice(0, 200)}`)
    const form = page.slice(start)
    const action = attribute(form, 'action') ?? url
    const hidden = [...form.matchAll(/<input[^>]*>/g)]
      .map(([tag]) => tag)
      .filter((tag) => attribute(tag, 'type') === 'hidden')
      .map((tag) => [attribute(tag, 'name'), attribute(tag, 'value') ?? ''])
    return this.go(new URL(action, url).href, { ...Object.fromEntries(hidden), ...fields })
  }
}

function attribute(tag, name) {
  const found = tag.slice(0, tag.indexOf('>')).match(new RegExp(`\\s${name}="([^"]*)"`))
  return found?.[1].replaceAll('&amp;', '&').replaceAll('&#38;', '&').replaceAll('&quot;', '"')
}

async function refused(work) {
  try {
    await work()
  } catch (error) {
    return error.error ?? error.code ?? String(error)
  }
  throw new Error('it was not refused')
}

async function main() {
  step = 'discovery'
  const config = await client.discovery(
    new URL(options.issuer),
    options['client-id'],
    options['client-secret'],
    options['client-secret'] ? undefined : client.None(),
    { execute: [client.allowInsecureRequests] },
  )

  step = 'sign in'
  const verifier = client.randomPKCECodeVerifier()
  const [state, nonce] = [client.randomState(), client.randomNonce()]
  const resource = new URL('/api', options.base).href
  const start = client.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT,
    scope: SCOPE,
    resource,
    state,
    nonce,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  })
  const browser = new Browser()
  let at = await browser.go(start.href)
  const pages = []
  while (at.status === 200 && pages.length < 4) {
    const page = new URL(at.url).pathname.split('/').pop()
    pages.push(page)
    const fields =
      page === 'consent'
        ? { decision: 'allow' }
        : { username: options.user, password: options.password }
    at = await browser.submit(at, fields)
  }
  if (!at.url.startsWith(REDIRECT)) throw new Error(`ended at ${at.url} with ${at.status}: ${at.page}`)

  step = 'code'
  const checks = {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
  }
  const tokens = await client.authorizationCodeGrant(config, new URL(at.url), checks)
  const claims = tokens.claims()

  step = 'userinfo'
  const person = await client.fetchUserInfo(config, tokens.access_token, claims.sub)

  step = 'chat API'
  const api = async (path, method = 'GET', body) => {
    const headers = new Headers({ 'content-type': 'application/json' })
    const url = new URL(path, options.base)
    const text = body && JSON.stringify(body)
    return client.fetchProtectedResource(config, tokens.access_token, url, method, text, headers)
  }
  const me = await (await api('/api/me')).json()
  const made = await api('/api/rooms', 'POST', { kind: 'private', name: 'from another app' })
  if (made.status !== 201) throw new Error(`a room: ${made.status} ${await made.text()}`)
  const room = await made.json()
  const path = `/api/rooms/${room.id}/messages/${crypto.randomUUID()}`
  const said = await api(path, 'PUT', { text: 'hola' })
  if (said.status !== 201) throw new Error(`a message: ${said.status} ${await said.text()}`)

  step = 'refresh'
  const second = await client.refreshTokenGrant(config, tokens.refresh_token, { resource })
  if (second.refresh_token === tokens.refresh_token) throw new Error('it was not rotated')

  step = 'revocation'
  await client.tokenRevocation(config, second.refresh_token)
  const revoked = await refused(() => client.refreshTokenGrant(config, second.refresh_token))

  step = 'code again'
  const replay = await refused(() => client.authorizationCodeGrant(config, new URL(at.url), checks))

  step = 'logout'
  const leave = client.buildEndSessionUrl(config, {
    post_logout_redirect_uri: BYE,
    id_token_hint: tokens.id_token,
    state: 'bye',
  })
  const left = await browser.go(leave.href)
  if (left.url !== `${BYE}?state=bye`) throw new Error(`left to ${left.url} with ${left.status}`)

  return { pages, sub: claims.sub, sid: claims.sid, person, me, room: room.id, replay, revoked }
}

try {
  console.log(JSON.stringify(await main()))
} catch (error) {
  const cause = error.cause ? ` (${JSON.stringify(error.cause)})` : ''
  console.error(JSON.stringify({ step, error: `${error.message}${cause}` }))
  process.exitCode = 1
}
