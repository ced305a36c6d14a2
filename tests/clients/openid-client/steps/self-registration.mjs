// An app that registers itself and signs people in; nobody checked it, and they are told (RFC 7591).
import * as client from 'openid-client'
import { App, SCOPE, refused } from '../app.mjs'
import { same } from '../setting.mjs'

export const title = 'an app registers itself, is marked as not verified, and goes away again'
export const needs = (server) => server.registration_endpoint

export async function run(journey) {
  const made = await journey.operate('client', 'registration-token', '--uses', '1')
  const metadata = {
    client_name: 'Self-made',
    redirect_uris: [`${journey.home}/callback`],
    post_logout_redirect_uris: [`${journey.home}/bye`],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_post',
    scope: SCOPE,
  }
  const insecure = { execute: [client.allowInsecureRequests] } // The issuer is this machine.
  const register = (token) => {
    const options = { ...insecure, initialAccessToken: token }
    const proof = client.ClientSecretPost
    return client.dynamicClientRegistration(new URL(journey.issuer), metadata, proof(), options)
  }
  const stranger = await refused(() => register('rt_unknown'))
  const config = await register(made.registration_token)
  const again = await refused(() => register(made.registration_token))
  const app = App.of(journey, config)
  const first = await app.signIn(journey.desk, journey.ana)
  same(first.pages, ['consent'], 'pages')
  const { registration_client_uri: self, registration_access_token: key } = config.clientMetadata()
  const headers = { authorization: `Bearer ${key}` }
  const gone = await fetch(self, { method: 'DELETE', headers })
  same(gone.status, 204, 'the answer to its end')
  const after = await refused(() => client.refreshTokenGrant(config, first.tokens.refresh_token))
  same(after, 'invalid_client', 'afterwards')
  return { stranger, again, after }
}
