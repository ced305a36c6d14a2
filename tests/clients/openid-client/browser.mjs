// A browser without JavaScript: a jar of cookies, redirects, and the forms of the server's pages.
// Addresses below `home` are the app's own: it is only looked at where they lead.

export class Browser {
  cookies = new Map()

  constructor(home) {
    this.home = home
  }

  /** Opens an address, or sends `form` to it, and follows redirects to a page or to the app. */
  async go(url, form) {
    let body = form && new URLSearchParams(form)
    for (let hops = 0; hops < 12; hops += 1) {
      const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const headers = { cookie, 'accept-language': 'en' }
      if (body) headers.origin = new URL(url).origin
      const method = body ? 'POST' : 'GET'
      const response = await fetch(url, { method, body, redirect: 'manual', headers })
      for (const line of response.headers.getSetCookie()) this.keep(line)
      const location = response.headers.get('location')
      if (!location) return this.shows(url, response.status, await response.text())
      url = new URL(location, url).href
      body = undefined
      if (url.startsWith(this.home)) return this.shows(url, 0, '')
    }
    throw new Error(`too many redirects, last to ${url}`)
  }

  /** Sends a form of the page shown, with its hidden fields and `fields`. */
  async submit(fields, form = lastForm(this.page)) {
    if (!form) throw new Error(`no form at ${this}`)
    const hidden = [...form.matchAll(/<input[^>]*>/g)]
      .map(([tag]) => tag)
      .filter((tag) => attribute(tag, 'type') === 'hidden')
      .map((tag) => [attribute(tag, 'name'), attribute(tag, 'value') ?? ''])
    const action = new URL(attribute(form, 'action') ?? this.url, this.url).href
    return this.go(action, { ...Object.fromEntries(hidden), ...fields })
  }

  /** The form of the page shown whose action ends with `part`. */
  form(part) {
    const forms = this.page.split('<form').slice(1).map((text) => `<form${text}`)
    const found = forms.find((form) => attribute(form, 'action')?.split('?')[0].endsWith(part))
    if (!found) throw new Error(`no form ${part} at ${this}`)
    return found.split('</form>')[0]
  }

  /** The last word of the path shown: `login`, `consent`, `totp`. */
  get where() {
    return new URL(this.url).pathname.split('/').pop()
  }

  toString() {
    const text = this.page.replace(/<style[\s\S]*?<\/style>|<[^>]*>/g, ' ').replace(/\s+/g, ' ')
    return `${this.url} (${this.status}): ${text.slice(0, 400)}`
  }

  shows(url, status, page) {
    Object.assign(this, { url, status, page })
    return this
  }

  keep(line) {
    const [pair] = line.split(';')
    const at = pair.indexOf('=')
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)]
    if (/max-age=0/i.test(line)) this.cookies.delete(name)
    else this.cookies.set(name, value)
  }
}

/** An attribute of the first tag in `text`. */
export function attribute(text, name) {
  const found = text.slice(0, text.indexOf('>')).match(new RegExp(`\\s${name}="([^"]*)"`))
  return found?.[1].replaceAll('&amp;', '&').replaceAll('&#38;', '&').replaceAll('&quot;', '"')
}

function lastForm(page) {
  const start = page.lastIndexOf('<form')
  return start < 0 ? undefined : page.slice(start)
}
