// A code works once; whoever brings it again ends what came of it.
import * as client from 'openid-client'
import { refused } from '../app.mjs'
import { same } from '../setting.mjs'

export const title = 'a code works once, and its second use takes the tokens back'

export async function run({ app, desk: browser, ana }) {
  const { answer, checks, tokens } = await app.signIn(browser, ana)
  const replay = await refused(() => client.authorizationCodeGrant(app.config, answer, checks))
  same(replay, 'invalid_grant', 'a code again')
  const refresh = await refused(() => client.refreshTokenGrant(app.config, tokens.refresh_token))
  same(refresh, 'invalid_grant', 'its refresh token')
  const { answer: fresh, checks: expected } = await app.ask(browser, ana)
  const wrong = { ...expected, pkceCodeVerifier: client.randomPKCECodeVerifier() }
  const verifier = await refused(() => client.authorizationCodeGrant(app.config, fresh, wrong))
  same(verifier, 'invalid_grant', 'another verifier')
  return { replay, refresh, verifier }
}
