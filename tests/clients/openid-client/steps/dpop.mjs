// A key of the app's own makes a stolen token useless (RFC 9449).
import * as client from 'openid-client'
import { App, SCOPE, refused } from '../app.mjs'
import { same } from '../setting.mjs'

export const title = 'tokens that are bound to a key of the app'
export const needs = (server) => server.dpop_signing_alg_values_supported?.includes('ES256')

export async function run(journey) {
  const uris = ['--redirect-uri', `${journey.home}/callback`]
  const words = ['client', 'create', '--name', 'Vault', '--public', '--require-dpop', ...uris]
  const app = await App.discover(journey, await journey.operate(...words, '--scope', SCOPE))
  const DPoP = client.getDPoPHandle(app.config, await client.randomDPoPKeyPair())
  const dan = await journey.person('dan') // Whom the chat API has never seen.
  const more = { dpop_jkt: await DPoP.calculateThumbprint() }
  const asked = await app.ask(journey.browser(), dan, more)
  const spend = (options) => {
    return client.authorizationCodeGrant(app.config, asked.answer, asked.checks, {}, options)
  }
  const bare = await refused(() => spend())
  same(bare, 'invalid_dpop_proof', 'without a proof')
  const tokens = await spend({ DPoP })
  same(tokens.token_type, 'dpop', 'the type of the token')
  const { sub } = tokens.claims()
  const person = await client.fetchUserInfo(app.config, tokens.access_token, sub, { DPoP })
  same(person.preferred_username, 'dan', 'who signed in')
  const me = new URL('/api/me', journey.base)
  const ask = (method, options) => {
    const token = tokens.access_token
    return client.fetchProtectedResource(app.config, token, me, method, null, new Headers(), options)
  }
  const answer = await ask('GET', { DPoP })
  same((await answer.json()).person.username, 'dan', 'whom the chat API sees')
  const stolen = await fetch(me, { headers: { authorization: `Bearer ${tokens.access_token}` } })
  same(stolen.status, 401, 'the token without its key')
  const thief = client.getDPoPHandle(app.config, await client.randomDPoPKeyPair())
  const refresh = (options) => {
    return client.refreshTokenGrant(app.config, tokens.refresh_token, undefined, options)
  }
  const wrong = await refused(() => refresh({ DPoP: thief }))
  same(wrong, 'invalid_grant', 'the refresh token with another key')
  const next = await refresh({ DPoP })
  same(next.token_type, 'dpop', 'the type of the next token')
  return { bare, wrong }
}
