// The provider's keys change while people are signed in.
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { same } from '../setting.mjs'

export const title = 'old tokens stay good when the keys change, and are refused when one was stolen'

export async function run(journey) {
  const { app, desk, ana } = journey
  const keys = () => createRemoteJWKSet(new URL(app.config.serverMetadata().jwks_uri))
  const before = await app.signIn(desk, ana)
  const kid = (token) => decodeProtectedHeader(token).kid
  const old = kid(before.tokens.id_token)
  const url = app.config.serverMetadata().userinfo_endpoint
  const headers = { authorization: `Bearer ${before.tokens.access_token}` }
  const userinfo = async () => (await fetch(url, { headers })).status
  await journey.operate('keys', 'rotate')
  same(await userinfo(), 200, 'an access token of the old key, after a rotation')
  await journey.operate('keys', 'rotate', '--compromised')
  const after = await journey.eventually('another key', async () => {
    const next = await app.signIn(desk, ana)
    return kid(next.tokens.id_token) !== old && next
  })
  await jwtVerify(after.tokens.id_token, keys(), { issuer: journey.issuer, audience: app.id })
  same((await app.userInfo(after.tokens)).preferred_username, 'ana', 'with the new key')
  const refused = await userinfo()
  same(refused, 401, 'an access token of the old key')
  journey.first = after
  return { refused }
}
