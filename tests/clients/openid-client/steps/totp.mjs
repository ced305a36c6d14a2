// A second factor by an authenticator app, and by a recovery code.
import { Authenticator } from '../person.mjs'
import { same } from '../setting.mjs'

export const title = 'an authenticator app is added and asked for; a recovery code replaces it'

export async function run(journey) {
  const bea = await journey.person('bea')
  const home = journey.browser()
  await journey.app.signIn(home, bea)
  await home.go(`${journey.issuer}/account/security/totp`)
  bea.authenticator = new Authenticator(home.page.match(/class="key">([^<]+)</)[1])
  await home.submit({ name: 'Phone', code: bea.authenticator.next() })
  bea.recovery = [...home.page.matchAll(/<li><code>([^<]+)</g)].map(([, code]) => code)
  same(bea.recovery.length, 10, 'recovery codes')
  const one = await journey.app.signIn(journey.browser(), bea)
  same(one.pages, ['login', 'totp'], 'pages')
  same(one.claims.acr, 'urn:tertulia:acr:mfa', 'acr')
  if (!one.claims.amr.includes('otp')) throw new Error(`amr ${one.claims.amr}`)
  const lost = journey.browser()
  bea.pages.totp = async () => {
    await lost.go(lost.url.replace('/totp', '/recovery'))
    return { code: bea.recovery.pop() }
  }
  const two = await journey.app.signIn(lost, bea)
  same(two.claims.acr, 'urn:tertulia:acr:2sv', 'acr of a recovery code')
  journey.bea = bea
  return { pages: one.pages, amr: one.claims.amr }
}
