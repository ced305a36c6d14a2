// A second step by a code that is mailed.
import { same } from '../setting.mjs'

export const title = 'a code by mail is added and asked for'

export async function run(journey) {
  const cleo = await journey.person('cleo')
  const home = journey.browser()
  await journey.app.signIn(home, cleo)
  await home.go(`${journey.issuer}/account/security/mail`)
  await home.submit({}, home.form('/mail'))
  await home.submit({ code: await journey.mailed('cleo', 1), name: 'Mail' }, home.form('/code'))
  same([...home.page.matchAll(/<li><code>/g)].length, 10, 'recovery codes')
  cleo.pages.mail = async () => ({ code: await journey.mailed('cleo', 2) })
  const one = await journey.app.signIn(journey.browser(), cleo)
  same(one.pages, ['login', 'mail'], 'pages')
  same(one.claims.acr, 'urn:tertulia:acr:2sv', 'acr')
  same(one.claims.amr, ['pwd', 'otp', 'mca'], 'amr')
  return { pages: one.pages, amr: one.claims.amr }
}
