// Where a journey takes place: the provider's addresses, its operator's command line, and an app's
// own server, which hears of sign-outs.
import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Browser } from './browser.mjs'
import { Person } from './person.mjs'

const PATIENCE_MS = 20_000

export class Journey {
  heard = []

  /** Starts the app's own server. */
  static async begin(setting) {
    const journey = Object.assign(new Journey(), setting)
    journey.server = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      journey.heard.push({ path: request.url, form: new URLSearchParams(body) })
      response.end()
    })
    await new Promise((done) => journey.server.listen(0, '127.0.0.1', done))
    journey.home = `http://127.0.0.1:${journey.server.address().port}`
    return journey
  }

  end() {
    this.server.close()
    this.server.closeAllConnections()
  }

  browser() {
    return new Browser(`${this.home}/`)
  }

  /** Runs `tertulia identity …` and answers what it printed, as JSON. */
  async operate(...words) {
    const [program, ...common] = this.operator
    const { stdout } = await promisify(execFile)(program, ['identity', ...words, ...common])
    return JSON.parse(stdout)
  }

  /** A verified account. */
  async person(name) {
    const email = ['--email', `${name}@example.org`]
    const named = ['--username', name, '--display-name', name, '--password', this.password]
    await this.operate('user', 'create', '--verified', ...email, ...named)
    return new Person(this, name, this.password)
  }

  /** The code number `count` that was mailed to somebody. */
  async mailed(name, count) {
    return this.eventually(`code ${count} for ${name}`, async () => {
      const codes = (await this.mails(name)).map((mail) => mail.match(/^\d{6}$/m)?.[0])
      return codes.filter(Boolean)[count - 1]
    })
  }

  /** The first link with `part` in it that was mailed to somebody. */
  async mailedLink(name, part) {
    return this.eventually(`a link ${part} for ${name}`, async () => {
      const links = (await this.mails(name)).flatMap((mail) => mail.match(/http:[^\s"<>]+/g) ?? [])
      return links.find((link) => link.includes(part))
    })
  }

  /** What was mailed to somebody, the oldest first, without the encoding of its lines. */
  async mails(name) {
    const folder = join(this.folder, 'mail')
    const files = (await readdir(folder)).filter((file) => file.endsWith('.eml')).sort()
    const mails = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
    const theirs = mails.filter((mail) => mail.includes(`${name}@example.org`))
    return theirs.map((mail) => mail.replace(/=\r?\n|\r/g, '').replaceAll('=3D', '='))
  }

  /** The code number `count` in a text message to this number. */
  async texted(number, count) {
    return this.eventually(`SMS ${count} to ${number}`, async () => {
      const text = await readFile(join(this.folder, 'sms/file.jsonl'), 'utf8').catch(() => '')
      const messages = text.split('\n').filter(Boolean).map((line) => JSON.parse(line))
      const theirs = messages.filter(({ to }) => to === number)
      return theirs[count - 1]?.text.match(/^@localhost #(\d{6})$/m)?.[1]
    })
  }

  /** What `find` answers as soon as it answers something. */
  async eventually(what, find) {
    const deadline = Date.now() + PATIENCE_MS
    while (Date.now() < deadline) {
      const found = await find()
      if (found) return found
      await new Promise((done) => setTimeout(done, 20))
    }
    throw new Error(`not after ${PATIENCE_MS} ms: ${what}`)
  }
}

export function same(actual, expected, what) {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (left !== right) throw new Error(`${what}: ${left}, expected ${right}`)
}
