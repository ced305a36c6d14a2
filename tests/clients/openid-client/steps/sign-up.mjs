// Somebody without an account makes one on the way to the app (Initiating User Registration 1.0).
import { Person } from '../person.mjs'
import { same } from '../setting.mjs'

export const title = 'prompt=create makes an account, and its mail leads to the app'

const EMAIL = 'nora@example.org'

class Newcomer extends Person {
  async walk(browser) {
    same(browser.where, 'signup', 'the page of prompt=create')
    const named = { username: this.name, display_name: 'Nora Vidal', password: this.password }
    await browser.submit({ email: EMAIL, ...named }, browser.form('/signup'))
    const link = await this.journey.mailedLink(this.name, '/verify/')
    await browser.go(link)
    await browser.submit({}, browser.form(new URL(link).pathname))
    return super.walk(browser)
  }
}

export async function run(journey) {
  const nora = new Newcomer(journey, 'nora', journey.password)
  const { pages, tokens } = await journey.app.signIn(journey.browser(), nora, { prompt: 'create' })
  const person = await journey.app.userInfo(tokens)
  const known = [person.preferred_username, person.name, person.email, person.email_verified]
  same(known, [nora.name, 'Nora Vidal', EMAIL, true], 'userinfo')
  return { pages }
}
