// A television shows a code; its person types it on another device (RFC 8628).
import * as client from 'openid-client'
import { App } from '../app.mjs'
import { same } from '../setting.mjs'

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

export const title = 'a device signs in by a short code'
export const needs = (server) => server.device_authorization_endpoint

export async function run(journey) {
  const grants = ['--grant-type', GRANT, '--grant-type', 'refresh_token']
  const uris = ['--redirect-uri', `${journey.home}/callback`]
  const words = ['client', 'create', '--name', 'Television', '--public', ...uris, ...grants]
  const television = await App.discover(journey, await journey.operate(...words))
  const scope = { scope: 'openid profile offline_access' }
  const begun = await client.initiateDeviceAuthorization(television.config, scope)
  const polling = client.pollDeviceAuthorizationGrant(television.config, begun)
  const { desk: browser, ana } = journey
  await browser.go(begun.verification_uri)
  await ana.walk(browser)
  await browser.submit({ user_code: begun.user_code.toLowerCase() })
  if (!browser.page.includes('Television')) throw new Error(`the app is not named: ${browser}`)
  await browser.submit({ decision: 'allow' })
  const tokens = await polling
  const person = await client.fetchUserInfo(
    television.config,
    tokens.access_token,
    tokens.claims().sub,
  )
  same(person.preferred_username, 'ana', 'who signed in')
  return { interval: begun.interval, letters: begun.user_code.length }
}
