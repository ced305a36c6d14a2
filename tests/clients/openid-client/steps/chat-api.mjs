// The access token opens the API that it was asked for.
export const title = 'the chat API is used as the person'

export async function run({ app, first }) {
  const me = await (await app.api(first.tokens, '/api/me')).json()
  const made = await app.api(first.tokens, '/api/rooms', 'POST', {
    kind: 'private',
    name: 'from openid-client',
  })
  if (made.status !== 201) throw new Error(`a room: ${made.status} ${await made.text()}`)
  const room = await made.json()
  const path = `/api/rooms/${room.id}/messages/${crypto.randomUUID()}`
  const said = await app.api(first.tokens, path, 'PUT', { text: 'hola' })
  if (said.status !== 201) throw new Error(`a message: ${said.status} ${await said.text()}`)
  return { username: me.person.username, room: room.id }
}
