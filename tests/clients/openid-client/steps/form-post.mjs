// The answer as a form that the browser posts, so that no code is in a URL.
import * as client from 'openid-client'
import { attribute } from '../browser.mjs'

export const title = 'the answer comes by form_post'

export async function run({ app, desk: browser }) {
  const { asked, checks } = await app.request({ response_mode: 'form_post' })
  await browser.go(client.buildAuthorizationUrl(app.config, asked).href)
  const form = browser.page.slice(browser.page.lastIndexOf('<form'))
  if (attribute(form, 'action') !== app.redirect) throw new Error(`no form for us: ${browser}`)
  const inputs = [...form.matchAll(/<input[^>]*>/g)].map(([tag]) => tag)
  const fields = inputs.map((tag) => [attribute(tag, 'name'), attribute(tag, 'value')])
  const body = new URLSearchParams(fields.filter(([name]) => name))
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const request = new Request(app.redirect, { method: 'POST', body, headers })
  const tokens = await client.authorizationCodeGrant(app.config, request, checks)
  return { fields: [...body.keys()].sort(), token_type: tokens.token_type }
}
