// A second app: the person is known already and is asked only what the app may have.
import { same } from '../setting.mjs'

export const title = 'signing in to a second app asks for consent and no password'

export async function run(journey) {
  const { pocket, desk: browser, ana, first } = journey
  const second = await pocket.signIn(browser, ana)
  same(second.pages, ['consent'], 'pages')
  same(second.claims.sub, first.claims.sub, 'sub')
  same(second.claims.auth_time, first.claims.auth_time, 'auth_time')
  if (second.claims.sid === first.claims.sid) throw new Error('two apps share a sid')
  const again = await journey.app.signIn(browser, ana)
  same(again.pages, [], 'pages of a first app seen again')
  return { pages: second.pages }
}
