/** Who is here, of the people on the screen; and telling that I am. */
import type { PersonPresence } from "../api/types";
import type { Link } from "./link";
import type { SyncStore } from "./state";

const HEARTBEAT_MS = 60_000;
const WATCHED_MAX = 200;
/** Of a long list, those that were added last. */
const SHOWN_MAX = 150;

export class Presence {
  #timer: ReturnType<typeof setInterval> | undefined;
  #watched = "";
  /** Those of an open list of people. */
  #shown: readonly string[] = [];

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

  /** These people are on the screen, too, instead of those named before. */
  show(people: readonly string[]) {
    this.#shown = people.slice(-SHOWN_MAX);
    this.watch();
  }

  /** The people of an open list, and those I write with directly. */
  watch() {
    if (!this.link().live) return;
    const { rooms, me } = this.store.getState();
    const peers = Object.values(rooms).flatMap(({ peer }) => (peer ? [peer.id] : []));
    const all = new Set([...this.#shown, ...peers].filter((id) => id !== me.person.id));
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
