/** Who is here, of the people on the screen; and telling that I am. */
import type { PersonPresence } from "../api/types";
import type { Link } from "./link";
import type { SyncStore } from "./state";

const HEARTBEAT_MS = 60_000;
const WATCHED_MAX = 200;

export class Presence {
  #timer: ReturnType<typeof setInterval> | undefined;
  #watched = "";

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
    this.link().hint("setPresence", { state: seen ? "online" : "away" });
  }

  /** The people in the list of rooms: those I write with directly. */
  watch() {
    if (!this.link().live) return;
    const rooms = Object.values(this.store.getState().rooms);
    const people = rooms.flatMap(({ peer }) => (peer ? [peer.id] : [])).slice(0, WATCHED_MAX);
    const key = people.toSorted().join(" ");
    if (key === this.#watched) return;
    this.#watched = key;
    void this.link()
      .request<{ people: PersonPresence[] }>("watchPresence", { people })
      .then((answer) => this.note(answer.people))
      .catch(() => {
        this.#watched = "";
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
