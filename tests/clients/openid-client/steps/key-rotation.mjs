// The provider's keys change while people are signed in.
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import * as client from 'openid-client'
import { App } from '../app.mjs'
import { same } from '../setting.mjs'

export const title = 'old tokens stay good when the keys change, and are refused when one was stolen'

/** The library uses keys of this age without asking, unless a token names one that it lacks. */
const AGE_S = 61

export async function run(journey) {
  const { app, desk, ana } = journey
  const before = await checking(journey)
  const first = await before.app.signIn(desk, ana)
  const old = kid(first.tokens)
  same(before.fetched, 1, 'the keys were fetched')

  await journey.operate('keys', 'rotate')
  await changed(journey, old)
  const kept = client.getJwksCache(before.app.config)
  const later = await checking(journey, { ...kept, uat: kept.uat - AGE_S })
  const second = await later.app.signIn(desk, ana)
  if (kid(second.tokens) === old) throw new Error(`${old} signs as before the rotation`)
  same(later.fetched, 1, 'the keys were fetched again for a token of a new one')
  const audience = app.id
  await jwtVerify(first.tokens.id_token, keys(app), { issuer: journey.issuer, audience })
  for (const { tokens } of [first, second]) {
    same(await userinfo(app, tokens), 200, 'an access token, after a rotation')
    const me = await (await app.api(tokens, '/api/me')).json()
    same(me.person.username, 'ana', 'the chat, after a rotation')
  }

  await journey.operate('keys', 'rotate', '--compromised')
  await changed(journey, kid(second.tokens))
  const after = await app.signIn(desk, ana)
  await jwtVerify(after.tokens.id_token, keys(app), { issuer: journey.issuer, audience })
  same((await app.userInfo(after.tokens)).preferred_username, 'ana', 'with the new key')
  const refused = []
  for (const { tokens } of [first, second]) refused.push(await userinfo(app, tokens))
  same(refused, [401, 401], 'access tokens of the old keys')
  journey.first = after
  return { refused }
}

/** The same app, started anew with the keys that it kept; it checks the signature of ID tokens. */
async function checking(journey, kept) {
  const { client_id, client_secret } = journey.app.config.clientMetadata()
  const watched = { fetched: 0 }
  watched.app = await App.discover(journey, { client_id, client_secret })
  const { config } = watched.app
  const { jwks_uri } = config.serverMetadata()
  client.enableNonRepudiationChecks(config)
  if (kept) client.setJwksCache(config, kept)
  config[client.customFetch] = (url, options) => {
    if (String(url) === jwks_uri) watched.fetched += 1
    return fetch(url, options)
  }
  return watched
}

/** Waits until the provider signs with another key than this one. */
async function changed(journey, old) {
  const { app, desk, ana } = journey
  const other = async () => kid((await app.signIn(desk, ana)).tokens) !== old
  await journey.eventually('another key', other)
}

function kid(tokens) {
  return decodeProtectedHeader(tokens.id_token).kid
}

function keys(app) {
  return createRemoteJWKSet(new URL(app.config.serverMetadata().jwks_uri))
}

async function userinfo(app, tokens) {
  const headers = { authorization: `Bearer ${tokens.access_token}` }
  return (await fetch(app.config.serverMetadata().userinfo_endpoint, { headers })).status
}
