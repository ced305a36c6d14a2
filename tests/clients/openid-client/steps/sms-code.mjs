// A second step by a code in a text message.
import { same } from '../setting.mjs'

export const title = 'a code by SMS is added and asked for'

export async function run(journey) {
  const dora = await journey.person('dora')
  const home = journey.browser()
  await journey.app.signIn(home, dora)
  await home.go(`${journey.issuer}/account/security/phone`)
  const phone = { country: 'ES', number: '600 111 222' }
  await home.submit(phone, home.form('/phone'))
  const first = await journey.texted('+34600111222', 1)
  await home.submit({ code: first, name: 'Phone' }, home.form('/code'))
  same([...home.page.matchAll(/<li><code>/g)].length, 10, 'recovery codes')
  dora.pages.sms = async () => ({ code: await journey.texted('+34600111222', 2) })
  const one = await journey.app.signIn(journey.browser(), dora)
  same(one.pages, ['login', 'sms'], 'pages')
  same(one.claims.acr, 'urn:tertulia:acr:2sv', 'acr')
  same(one.claims.amr, ['pwd', 'otp', 'sms'], 'amr')
  return { pages: one.pages, amr: one.claims.amr }
}
