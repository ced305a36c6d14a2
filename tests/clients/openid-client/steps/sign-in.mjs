// The way that most apps need: code with PKCE, forms, consent; ID token and userinfo agree.
import { same } from '../setting.mjs'

export const title = 'code with PKCE through password and consent'

export async function run(journey) {
  journey.ana = await journey.person('ana')
  journey.desk = journey.browser()
  const first = await journey.app.signIn(journey.desk, journey.ana)
  same(first.answer.searchParams.get('iss'), journey.issuer, 'iss of the answer (RFC 9207)')
  const { claims, tokens } = first
  same(claims.aud, journey.app.id, 'aud')
  same(claims.acr, 'urn:tertulia:acr:pwd', 'acr')
  same(claims.amr, ['pwd'], 'amr')
  const person = await journey.app.userInfo(tokens)
  same([person.preferred_username, person.email_verified], ['ana', true], 'userinfo')
  journey.first = first
  journey.report.ana = person
  return { pages: first.pages }
}
