// Three apps: two that keep a secret, of which one hears of sign-outs, and one that cannot keep any.
import { App } from '../app.mjs'

export const title = 'three apps are registered and find the provider by its issuer'

export async function run(journey) {
  const uris = ['--redirect-uri', `${journey.home}/callback`]
  uris.push('--post-logout-redirect-uri', `${journey.home}/bye`)
  const ear = ['--backchannel-logout-uri', `${journey.home}/signed-out`]
  const scope = ['--scope', 'openid profile email offline_access chat']
  const words = ['client', 'create', ...scope, ...uris]
  const secret = await journey.operate(...words, ...ear, '--name', 'Agenda')
  const open = await journey.operate(...words, '--name', 'Pocket', '--public')
  journey.app = await App.discover(journey, secret)
  journey.pocket = await App.discover(journey, open)
  const other = await journey.operate(...words, '--name', 'Other')
  journey.other = await App.discover(journey, other)
  const server = journey.app.config.serverMetadata()
  if (server.issuer !== journey.issuer) throw new Error(`another issuer: ${server.issuer}`)
  return { pkce: server.code_challenge_methods_supported }
}
