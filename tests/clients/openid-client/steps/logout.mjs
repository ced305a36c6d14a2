// The app signs the person out here; every app of the session hears of it.
import * as client from 'openid-client'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { same } from '../setting.mjs'

export const title = 'signing out by the app ends the session, and apps hear of it'

export async function run(journey) {
  const { app, ana } = journey
  const browser = journey.browser()
  const { tokens, claims } = await app.signIn(browser, ana)
  journey.heard.length = 0
  const asked = { id_token_hint: tokens.id_token, post_logout_redirect_uri: app.bye, state: 'bye' }
  await browser.go(client.buildEndSessionUrl(app.config, asked).href)
  same(browser.url, `${app.bye}?state=bye`, 'where the browser is')
  const [told] = await journey.eventually('a logout token', () => journey.heard.length && journey.heard)
  const keys = createRemoteJWKSet(new URL(app.config.serverMetadata().jwks_uri))
  const expected = { issuer: journey.issuer, audience: app.id, typ: 'logout+jwt' }
  const { payload } = await jwtVerify(told.form.get('logout_token'), keys, expected)
  same([payload.sid, payload.sub], [claims.sid, claims.sub], 'whose sign-in ended')
  const event = 'http://schemas.openid.net/event/backchannel-logout'
  same([payload.events[event], payload.nonce], [{}, undefined], 'its event')
  const after = await app.ask(browser, ana, { prompt: 'none' })
  same(after.answer.searchParams.get('error'), 'login_required', 'afterwards')
  return { typ: expected.typ, after: after.answer.searchParams.get('error') }
}
