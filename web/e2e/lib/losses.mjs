// A network that loses acknowledgements: what was said has arrived, and its sender is not told.

/** The same numbers in every run, from 0 to 1. */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** One part in twelve of the lost takes every connection of the browser with it. */
const CUT_SHARE = 1 / 12;
/** So long the next connections tell nothing new: the sender asks again before it is told. */
const DEAF_MS = 400;
/** So long at most a cut is awaited: the page may be reloaded, and its connection end, before. */
const CUT_WITHIN_MS = 2_000;

export class Losses {
  acknowledgements = 0;
  lost = 0;
  cut = 0;
  /** How often each message went to the server, by its id. */
  attempts = new Map();
  #share;
  #deafUntil = 0;
  #sockets = new Set();
  #next = numbers(20);

  /** Loses `share` of the acknowledgements of messages, by socket and by HTTP. */
  constructor(share) {
    this.#share = share;
  }

  /** From now on the network is well. */
  end() {
    this.#share = 0;
  }

  async between(context) {
    await context.routeWebSocket(/\/socket\.io\//, (page) => this.#socket(page));
    await context.route("**/api/rooms/*/messages/*", (route) => this.#request(route));
  }

  /** How many messages went to the server more than once. */
  get repeated() {
    return [...this.attempts.values()].filter((times) => times > 1).length;
  }

  #sent(id) {
    this.attempts.set(id, (this.attempts.get(id) ?? 0) + 1);
    this.acknowledgements += 1;
    const lost = this.#next() < this.#share;
    if (lost) this.lost += 1;
    return lost;
  }

  #socket(page) {
    const server = page.connectToServer();
    const fates = new Map();
    const close = () => {
      this.#sockets.delete(close);
      void page.close();
      void server.close();
    };
    this.#sockets.add(close);
    page.onMessage((frame) => {
      const [, number, body] = /^42(\d+)(\["sendMessage",.*)$/s.exec(String(frame)) ?? [];
      if (number && this.#sent(JSON.parse(body)[1].client_message_id)) {
        const cut = this.#next() < CUT_SHARE;
        fates.set(number, cut ? "cut" : "lost");
        if (cut) this.#deafUntil = Date.now() + CUT_WITHIN_MS;
      }
      server.send(frame);
    });
    server.onMessage((frame) => {
      const [, number] = /^43(\d+)\[/.exec(String(frame)) ?? [];
      const fate = number && fates.get(number);
      if (fate === "cut") {
        this.cut += 1;
        this.#deafUntil = Date.now() + DEAF_MS;
        for (const end of this.#sockets) end();
      } else if (!fate) this.#tell(page, frame);
    });
  }

  /** News wait while nobody is to hear them, or are gone with the connection. */
  #tell(page, frame) {
    const wait = /^4[23]/.test(String(frame)) ? this.#deafUntil - Date.now() : 0;
    if (wait > 0) setTimeout(() => page.send(frame), wait);
    else page.send(frame);
  }

  async #request(route) {
    const request = route.request();
    const id = new URL(request.url()).pathname.split("/").pop();
    if (request.method() !== "PUT" || !this.#sent(id)) return route.continue();
    await route.fetch();
    return route.abort("connectionreset");
  }
}
