// Refresh tokens change with every use; a spent one that comes again ends the family.
import * as client from 'openid-client'
import { refused } from '../app.mjs'
import { same } from '../setting.mjs'

export const title = 'refresh tokens rotate, and a spent one ends the family'

export async function run({ app, pocket, desk: browser, ana }) {
  const { tokens, claims } = await app.signIn(browser, ana)
  const next = await client.refreshTokenGrant(app.config, tokens.refresh_token)
  if (next.refresh_token === tokens.refresh_token) throw new Error('it was not rotated')
  const narrow = { scope: 'openid profile' }
  const fewer = await client.refreshTokenGrant(app.config, next.refresh_token, narrow)
  same(fewer.scope, 'openid profile', 'scope')
  same((await client.fetchUserInfo(app.config, fewer.access_token, claims.sub)).email, undefined,
    'an address without the scope')

  const { tokens: old } = await pocket.signIn(browser, ana)
  const young = await client.refreshTokenGrant(pocket.config, old.refresh_token)
  const reused = await refused(() => client.refreshTokenGrant(pocket.config, old.refresh_token))
  same(reused, 'invalid_grant', 'a spent token')
  const family = await refused(() => client.refreshTokenGrant(pocket.config, young.refresh_token))
  same(family, 'invalid_grant', 'its successor')
  const access = await refused(() => pocket.userInfo({ ...young, claims: old.claims.bind(old) }))
  return { reused, family, access }
}
