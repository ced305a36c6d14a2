// A person at the provider's pages: knows a password, and perhaps has a second factor.
import { createHmac } from 'node:crypto'

export class Person {
  constructor(journey, name, password) {
    Object.assign(this, { journey, name, password, decision: 'allow' })
  }

  /** What the person does on each page, by the last word of its path. */
  pages = {
    login: () => ({ username: this.name, password: this.password }),
    consent: () => ({ decision: this.decision }),
    totp: () => ({ code: this.authenticator.next() }),
    recovery: () => ({ code: this.recovery.pop() }),
  }

  /** Fills in the pages one after the other until the browser leaves; answers which they were. */
  async walk(browser) {
    const seen = []
    while (browser.status === 200 && seen.length < 6) {
      const fields = this.pages[browser.where]
      if (!fields) break
      seen.push(browser.where)
      const answer = await fields()
      await browser.submit(answer, browser.form(`/${browser.where}`))
    }
    return seen
  }
}

/** An authenticator app (RFC 6238): SHA-1, 6 digits, 30 s. */
export class Authenticator {
  last = 0

  constructor(base32) {
    const letters = base32.replaceAll(/[\s=]/g, '')
    const bits = [...letters].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter))
    const text = bits.map((value) => value.toString(2).padStart(5, '0')).join('')
    this.key = Buffer.from(text.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)))
  }

  /** A code that was not used yet: this step's, or the next one's if that was. */
  next() {
    this.last = Math.max(Math.floor(Date.now() / 30_000), this.last + 1)
    const counter = Buffer.alloc(8)
    counter.writeBigUInt64BE(BigInt(this.last))
    const hash = createHmac('sha1', this.key).update(counter).digest()
    const number = hash.readUInt32BE(hash[19] & 15) & 0x7fffffff
    return String(number % 1_000_000).padStart(6, '0')
  }
}
