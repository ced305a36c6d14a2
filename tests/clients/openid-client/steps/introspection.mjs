// What a token is good for, told to the app that it was made for and to nobody else (RFC 7662).
import * as client from 'openid-client'
import { same } from '../setting.mjs'

export const title = 'introspection tells the truth to whom it concerns'
export const needs = (server) => server.introspection_endpoint

export async function run({ app, other, desk: browser, ana }) {
  const { tokens, claims } = await app.signIn(browser, ana)
  const told = await client.tokenIntrospection(app.config, tokens.access_token)
  same([told.active, told.sub, told.client_id], [true, claims.sub, app.id], 'an access token')
  const refresh = await client.tokenIntrospection(app.config, tokens.refresh_token)
  same(refresh.active, true, 'a refresh token')
  const stranger = await client.tokenIntrospection(other.config, tokens.access_token)
  same(stranger, { active: false }, 'asked by another app')
  await client.tokenRevocation(app.config, tokens.refresh_token)
  const after = await client.tokenIntrospection(app.config, tokens.access_token)
  same(after, { active: false }, 'given back')
  return { scope: told.scope }
}
