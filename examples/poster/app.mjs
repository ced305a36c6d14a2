// A web application that signs people in with Tertulia and posts messages as them.
//
//   TERTULIA=http://localhost:8080 CLIENT=client.json PORT=3000 node app.mjs
//
// Everything about OpenID Connect is done by openid-client; this file only decides what to ask for.
import { randomBytes, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import * as oidc from 'openid-client'

const { TERTULIA = 'http://localhost:8080', CLIENT = 'client.json', PORT = '3000' } = process.env
const home = `http://127.0.0.1:${PORT}`
const api = new URL('/api', TERTULIA).href
const { client_id: id, client_secret: secret } = JSON.parse(readFileSync(CLIENT, 'utf8'))
// Plain http is for trying things out on one's own machine.
const options = TERTULIA.startsWith('http://') ? { execute: [oidc.allowInsecureRequests] } : {}
const provider = await oidc.discovery(new URL('/id', TERTULIA), id, secret, undefined, options)

// Tokens stay on the server; the browser only has the name of its session.
const sessions = new Map()
const LIFE_S = 8 * 3600

function open(session) {
  const key = randomBytes(32).toString('base64url')
  sessions.set(key, session)
  setTimeout(() => sessions.delete(key), LIFE_S * 1000).unref()
  return `poster=${key}; HttpOnly; SameSite=Lax; Path=/; Max-Age=${LIFE_S}`
}

/** Sends the person to Tertulia; what the answer must fit is kept in a session of its own. */
async function signIn(_request, response) {
  const verifier = oidc.randomPKCECodeVerifier()
  const checks = {
    pkceCodeVerifier: verifier,
    expectedState: oidc.randomState(),
    expectedNonce: oidc.randomNonce(),
    idTokenExpected: true,
  }
  const to = oidc.buildAuthorizationUrl(provider, {
    redirect_uri: `${home}/callback`,
    scope: 'openid profile offline_access chat',
    resource: api,
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  })
  response.writeHead(303, { location: to.href, 'set-cookie': open({ checks }) }).end()
}

/** The person is back: with a code, which is exchanged for tokens, or with a no. */
async function callback(request, response, session, key) {
  if (!session?.checks) return page(response, 400, 'That took too long. <a href="/">Again</a>')
  sessions.delete(key)
  const tokens = await oidc.authorizationCodeGrant(provider, url(request), session.checks)
  const { name } = await oidc.fetchUserInfo(provider, tokens.access_token, tokens.claims().sub)
  const cookie = open({ name, idToken: tokens.id_token, ...kept(tokens) })
  response.writeHead(303, { location: '/', 'set-cookie': cookie }).end()
}

const kept = (tokens) => ({
  access: tokens.access_token,
  refresh: tokens.refresh_token,
  until: Date.now() + (tokens.expires_in - 10) * 1000,
})

/** Asks the chat as the person; an access token that is about to end is replaced first. */
async function chat(session, method, path, body) {
  if (session.until < Date.now()) {
    session.renewed ??= oidc.refreshTokenGrant(provider, session.refresh, { resource: api })
    Object.assign(session, kept(await session.renewed), { renewed: undefined })
  }
  const headers = new Headers({ 'content-type': 'application/json' })
  const text = body && JSON.stringify(body)
  const where = new URL(path, api)
  const answer = await oidc.fetchProtectedResource(
    provider, session.access, where, method, text, headers)
  if (!answer.ok) throw new Error((await answer.json()).title)
  return answer.json()
}

async function show(_request, response, session, _key, said = '') {
  if (!session?.access) return page(response, 200, '<a href="/sign-in">Sign in with Tertulia</a>')
  const { items } = await chat(session, 'GET', '/api/rooms')
  const rooms = items.map((room) => `<option value="${room.id}">${escaped(room.name)}</option>`)
  page(response, 200, `<p>Hello, ${escaped(session.name)}. ${said}</p>
    <form method="post" action="${home}/post"><select name="room">${rooms.join('')}</select>
    <input name="text" required maxlength="4000"><button>Post</button></form>
    <form method="post" action="${home}/sign-out"><button>Sign out</button></form>`)
}

async function post(request, response, session, key) {
  if (!session?.access) return show(request, response)
  const form = new URLSearchParams(await body(request))
  const path = `/api/rooms/${encodeURIComponent(form.get('room'))}/messages/${randomUUID()}`
  await chat(session, 'PUT', path, { text: form.get('text') })
  await show(request, response, session, key, 'Posted.')
}

/** Ends the session here, and then Tertulia's. */
async function signOut(_request, response, session, key) {
  sessions.delete(key)
  const hint = { id_token_hint: session?.idToken, post_logout_redirect_uri: `${home}/` }
  const to = session?.idToken ? oidc.buildEndSessionUrl(provider, hint).href : '/'
  response.writeHead(303, { location: to }).end()
}

function page(response, status, content) {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
  })
  response.end(`<!doctype html><html lang="en"><title>Poster</title><h1>Poster</h1>${content}`)
}

const url = (request) => new URL(request.url, home)
const escaped = (text) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)

async function body(request, bytesMax = 16_384) {
  let text = ''
  for await (const chunk of request) {
    text += chunk
    if (text.length > bytesMax) throw new Error('too long')
  }
  return text
}

const routes = {
  'GET /': show, 'GET /sign-in': signIn, 'GET /callback': callback,
  'POST /post': post, 'POST /sign-out': signOut,
}

createServer(async (request, response) => {
  const route = routes[`${request.method} ${url(request).pathname}`]
  if (!route) return page(response, 404, 'There is nothing here.')
  const key = request.headers.cookie?.match(/(?:^|; )poster=([\w-]+)/)?.[1]
  try {
    await route(request, response, sessions.get(key), key)
  } catch (error) {
    sessions.delete(key)
    console.error(error.code ?? '', error.message)
    page(response, 502, `That did not work. <a href="/sign-in">Sign in again</a>`)
  }
}).listen(Number(PORT), '127.0.0.1', () => console.log(`${home}/`))
