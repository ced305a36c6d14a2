/** Who is here, of the people on the screen; and telling that I am. */
import type { PersonPresence } from "../api/types";
import type { Link } from "./link";
import type { SyncStore } from "./state";

const HEARTBEAT_MS = 60_000;
const WATCHED_MAX = 200;
/** So long what comes onto the screen is gathered while a list moves. */
const GATHER_MS = 200;

export class Presence {
  #timer: ReturnType<typeof setInterval> | undefined;
  #watched = "";
  /** Where somebody is shown, and those places that are on the screen. */
  #places = new Map<Element, string>();
  #seen = new Set<Element>();
  #eye: IntersectionObserver | undefined;
  #soon: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly store: SyncStore,
    private readonly link: () => Link,
  ) {}

  /** Connected: says that I am here, and whom I see. */
  live() {
    this.#watched = "";
    this.tell();
    this.watch();
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.tell(), HEARTBEAT_MS);
  }

  close() {
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
  }

  /** A heartbeat; also when the page is looked at or left. */
  tell() {
    const seen = typeof document === "undefined" || document.visibilityState === "visible";
    const state = seen ? "online" : "away";
    // Not as a hint, which a busy connection drops: nobody would see me for a minute.
    void this.link()
      .request("setPresence", { state })
      .catch(() => undefined);
  }

  /** Somebody is shown at a place, and watched while that is on the screen; answers the end. */
  show(place: Element, person: string) {
    this.#eye ??= new IntersectionObserver((changes) => {
      for (const { target, isIntersecting } of changes) this.#see(target, isIntersecting);
    });
    this.#places.set(place, person);
    this.#eye.observe(place);
    return () => {
      this.#eye?.unobserve(place);
      this.#places.delete(place);
      this.#see(place, false);
    };
  }

  #see(place: Element, here: boolean) {
    if (here) this.#seen.add(place);
    else this.#seen.delete(place);
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => this.watch(), GATHER_MS);
  }

  /** The people on the screen, and those I write with directly, as many as there may be. */
  watch() {
    if (!this.link().live) return;
    const { rooms, me } = this.store.getState();
    const peers = Object.values(rooms).flatMap(({ peer }) => (peer ? [peer.id] : []));
    const seen = [...this.#seen].flatMap((place) => this.#places.get(place) ?? []);
    const all = new Set([...seen, ...peers].filter((id) => id !== me.person.id));
    const people = [...all].slice(0, WATCHED_MAX);
    const key = people.toSorted().join(" ");
    if (key === this.#watched) return;
    this.#watched = key;
    void this.link()
      .request<{ people: PersonPresence[] }>("watchPresence", { people })
      .then((answer) => {
        if (key !== this.#watched) return;
        this.store.setState({ presence: {} }); // Nobody tells any more how the others are.
        this.note(answer.people);
      })
      .catch(() => {
        if (key === this.#watched) this.#watched = "";
      });
  }

  note(people: readonly PersonPresence[]) {
    this.store.setState(({ presence }) => ({
      presence: {
        ...presence,
        ...Object.fromEntries(people.map(({ person, state }) => [person, state])),
      },
    }));
  }
}
