/**
 * What is being written to the database of this device. That takes a moment, in which the page may
 * be reloaded; this is written at once, and forgotten when the database has it.
 */
export class Journal<Item extends { readonly id: string }> {
  readonly #prefix: string;

  constructor(name: string) {
    this.#prefix = `${name}.`;
  }

  note(item: Item) {
    try {
      localStorage.setItem(this.#prefix + item.id, JSON.stringify(item));
    } catch {
      // Full, or not allowed: the database alone has to do.
    }
  }

  forget(id: string) {
    localStorage.removeItem(this.#prefix + id);
  }

  all(): Item[] {
    return this.#keys().flatMap((key) => {
      const text = localStorage.getItem(key);
      return text ? [JSON.parse(text) as Item] : [];
    });
  }

  clear() {
    for (const key of this.#keys()) localStorage.removeItem(key);
  }

  #keys(): string[] {
    return Object.keys(localStorage).filter((key) => key.startsWith(this.#prefix));
  }
}
