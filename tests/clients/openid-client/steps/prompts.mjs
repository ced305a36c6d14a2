// An app may forbid questions, or ask for a fresh sign-in.
import { same } from '../setting.mjs'

export const title = 'prompt=none, prompt=login and max_age are obeyed'

export async function run(journey) {
  const { app, ana, desk: browser, first } = journey
  const stranger = await app.ask(journey.browser(), ana, { prompt: 'none' })
  same(stranger.answer.searchParams.get('error'), 'login_required', 'a stranger')
  const silent = await app.signIn(browser, ana, { prompt: 'none' })
  same(silent.pages, [], 'pages')
  const fresh = await app.signIn(browser, ana, { prompt: 'login' })
  same(fresh.pages, ['login'], 'pages of prompt=login')
  if (fresh.claims.auth_time < first.claims.auth_time) throw new Error('auth_time went back')
  const recent = await app.signIn(browser, ana, { max_age: '3600' })
  same(recent.pages, [], 'pages of max_age')
  journey.first = recent
  return { stranger: 'login_required', fresh: fresh.pages }
}
