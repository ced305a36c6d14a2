// An app gives back what it no longer needs (RFC 7009).
import * as client from 'openid-client'
import { refused } from '../app.mjs'
import { same } from '../setting.mjs'

export const title = 'what was given back is of no use'

export async function run({ app, desk: browser, ana }) {
  const { tokens } = await app.signIn(browser, ana)
  await client.tokenRevocation(app.config, tokens.access_token, { token_type_hint: 'access_token' })
  const access = await refused(() => app.userInfo(tokens))
  const next = await client.refreshTokenGrant(app.config, tokens.refresh_token)
  await client.tokenRevocation(app.config, next.refresh_token)
  const refresh = await refused(() => client.refreshTokenGrant(app.config, next.refresh_token))
  same(refresh, 'invalid_grant', 'a refresh token')
  await client.tokenRevocation(app.config, 'rt_unknown') // No error: RFC 7009, section 2.2.
  return { access, refresh }
}
