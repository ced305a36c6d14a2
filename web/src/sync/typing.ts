/** Who is writing: told by the server, forgotten after a few seconds. */
import type { Person } from "../api/types";
import type { SyncStore } from "./state";

const LASTS_MS = 6000;
const TELL_EVERY_MS = 3000;

export class TypingBoard {
  #toldAt = 0;
  #toldOf = "";
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly store: SyncStore) {}

  /** Whether it is time to tell that I am writing in a room, or in a thread there. */
  mayTell(room: string): boolean {
    const now = Date.now();
    if (room === this.#toldOf && now - this.#toldAt < TELL_EVERY_MS) return false;
    this.#toldAt = now;
    this.#toldOf = room;
    return true;
  }

  /** In a thread the place is the thread, so that the room stays quiet. */
  note({ room: inRoom, thread, person }: { room: string; thread?: string; person: Person }) {
    const room = thread ?? inRoom;
    const { me } = this.store.getState();
    if (person.id === me.person.id) return;
    const until = Date.now() + LASTS_MS;
    this.#change(room, (known) => [
      ...known.filter((entry) => entry.person.id !== person.id),
      { person, until },
    ]);
    this.#timer ??= setInterval(() => this.#expire(), 1000);
  }

  stop(room: string, person: string) {
    if (this.store.getState().typing[room])
      this.#change(room, (known) => known.filter((entry) => entry.person.id !== person));
  }

  close() {
    clearInterval(this.#timer);
  }

  #expire() {
    const now = Date.now();
    for (const room of Object.keys(this.store.getState().typing))
      this.#change(room, (known) => known.filter(({ until }) => until > now));
    if (Object.keys(this.store.getState().typing).length > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #change(room: string, next: (known: readonly Entry[]) => readonly Entry[]) {
    this.store.setState(({ typing }) => {
      const { [room]: known = [], ...others } = typing;
      const entries = next(known);
      return { typing: entries.length > 0 ? { ...others, [room]: entries } : others };
    });
  }
}

interface Entry {
  readonly person: Person;
  readonly until: number;
}
