// A request that the app sends itself, so that the browser carries only a reference (RFC 9126).
import * as client from 'openid-client'
import { refused } from '../app.mjs'
import { same } from '../setting.mjs'

export const title = 'a pushed request is good once'
export const needs = (server) => server.pushed_authorization_request_endpoint

export async function run({ app, desk: browser, ana }) {
  const { asked, checks } = await app.request()
  const url = await client.buildAuthorizationUrlWithPAR(app.config, asked)
  same([...url.searchParams.keys()].sort(), ['client_id', 'request_uri'], 'what the browser carries')
  await browser.go(url.href)
  await ana.walk(browser)
  const tokens = await client.authorizationCodeGrant(app.config, new URL(browser.url), checks)
  const elsewhere = { ...asked, redirect_uri: 'https://evil.example/' }
  const wrong = await refused(() => client.buildAuthorizationUrlWithPAR(app.config, elsewhere))
  await browser.go(url.href)
  if (browser.url.includes('code=')) throw new Error(`it was good twice: ${browser}`)
  return { wrong, token_type: tokens.token_type }
}
