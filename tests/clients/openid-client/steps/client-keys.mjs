// An app that proves who it is with a key of its own and has no secret (RFC 7523).
import { generateKeyPair, exportJWK } from 'jose'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as client from 'openid-client'
import { App, SCOPE, refused } from '../app.mjs'
import { same } from '../setting.mjs'

export const title = 'a signed assertion instead of a secret'
export const needs = (server) => server.token_endpoint_auth_methods_supported.includes('private_key_jwt')

export async function run(journey) {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const key = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }
  const file = join(journey.folder, 'openid-client-keys.json')
  await writeFile(file, JSON.stringify({ keys: [key] }))
  const uris = ['--redirect-uri', `${journey.home}/callback`]
  const words = ['client', 'create', '--name', 'Safe', '--scope', SCOPE, ...uris]
  const made = await journey.operate(...words, '--auth-method', 'private_key_jwt', '--jwks', file)
  const method = client.PrivateKeyJwt({ key: privateKey, kid: 'one' })
  const app = await App.discover(journey, made, method)
  const { tokens, claims } = await app.signIn(journey.desk, journey.ana)
  const stranger = await generateKeyPair('ES256')
  const forged = client.PrivateKeyJwt({ key: stranger.privateKey, kid: 'one' })
  const thief = await App.discover(journey, made, forged)
  const wrong = await refused(() => client.refreshTokenGrant(thief.config, tokens.refresh_token))
  same(wrong, 'invalid_client', 'another key')
  return { sub: claims.sub === journey.first.claims.sub, wrong }
}
