/** What the page itself tells of what is said elsewhere, while somebody looks at it. */
import type { QueryClient } from "@tanstack/react-query";
import { api } from "../api/client";
import type { Message, Room } from "../api/types";
import { navigate, parseRoute } from "../kit/router";
import { preferences } from "../kit/preferences";
import { toast } from "../kit/toasts";
import { notePeople } from "../mentions/known";
import { lineOfMessage } from "../mentions/line";
import { pathOf } from "../messages/pathOf";
import { m } from "../paraglide/messages.js";
import type { Engine } from "../sync/engine";
import { nameOf } from "../sync/room-list";
import { inRoom } from "../sync/room-timeline";
import type { Call, WasMissed } from "../sync/state";
import { isTold } from "./wants";

const NOTES_HZ = [660, 880];
const NOTE_S = 0.12;
const LOUDNESS = 0.08;

/** The choices change only where we hear of it. */
const asked = { queryKey: ["notices"], queryFn: () => api.notices(), staleTime: Infinity };

/** Two short notes; the browser may refuse before the first click. */
function chime() {
  const context = new AudioContext();
  const loudness = context.createGain();
  loudness.gain.value = LOUDNESS;
  loudness.connect(context.destination);
  NOTES_HZ.forEach((hertz, index) => {
    const note = context.createOscillator();
    note.frequency.value = hertz;
    note.connect(loudness);
    note.start(context.currentTime + index * NOTE_S);
    note.stop(context.currentTime + (index + 1) * NOTE_S);
    if (index === NOTES_HZ.length - 1) note.addEventListener("ended", () => void context.close());
  });
}

/** Remembers so many messages that need not be told any more. */
const KNOWN_MAX = 500;
const LINE_CHARS_MAX = 120;

/** Whether a message is shown where this page is: in the room, or in the thread beside it. */
function isOnScreen(message: Message): boolean {
  const route = parseRoute(location.pathname);
  if (route.page !== "room" || route.room !== message.room) return false;
  return inRoom(message) || route.thread === message.thread;
}

/** Tells each message at most once, and none that its person sees or wants no word of. */
export class Teller {
  readonly #known = new Set<string>();

  constructor(
    private readonly queries: QueryClient,
    private readonly engine: () => Engine,
  ) {}

  /** Something was said in one of my rooms. */
  async said(message: Message) {
    const mine = message.sender.id === this.engine().me.id;
    if (mine && message.thread) this.followed(message.thread, true);
    if (!mine) await this.#tell(message, false);
  }

  /** Somebody wrote to me for the first time, before this page followed the room. */
  async found({ id, kind, unread }: Room) {
    if (kind !== "direct" || unread === 0 || !document.hasFocus()) return;
    const { items } = await api.messages(id, { limit: 1 });
    for (const message of items) await this.said(message);
  }

  /** The server says that a message calls me. */
  async called({ room, message, thread }: Call) {
    // It may be why I follow the thread from now on.
    if (thread) this.queries.removeQueries({ queryKey: followingKey(thread) });
    if (document.hasFocus()) await this.#tell(await api.message(room, message), true);
  }

  /** What called me while nobody could tell: the newest of it, for the numbers tell of all. */
  async missed(wasMissed: WasMissed) {
    if (!document.hasFocus()) return;
    // A room that calls nobody, or is where it was, has nothing to tell.
    const rooms = Object.values(this.engine().store.getState().rooms);
    const calls = rooms.filter(({ mentions }) => mentions > 0);
    if (!calls.some(({ id, head }) => wasMissed({ room: id, seq: head }))) return;
    const { items } = await api.inbox(true);
    const missed = items.map(({ message }) => message).filter(wasMissed);
    for (const message of missed.toReversed()) await this.#tell(message, true);
  }

  /** I follow a thread, or do so no more. */
  followed(thread: string, following: boolean) {
    this.queries.setQueryData(followingKey(thread), following);
  }

  /** Nobody told which threads I followed, or did so no more, while not connected. */
  forgetFollowed() {
    this.queries.removeQueries({ queryKey: followingKeys });
  }

  async #tell(message: Message, called: boolean) {
    const room = this.engine().rooms.get(message.room);
    if (!room || !document.hasFocus()) return;
    if (isOnScreen(message)) return void this.#note(message);
    const notices = await this.queries.fetchQuery(asked);
    const direct = room.kind === "direct";
    const usual = { me: this.engine().me.id, direct, called, notices, now: new Date() };
    const wanted = (follows: boolean) => isTold(message, { ...usual, follows });
    const told = wanted(false) || (wanted(true) && (await this.#follows(message)));
    if (!told || this.#isRead(message) || !this.#note(message)) return;
    notePeople(message.mentions ?? []);
    const run = () => navigate(pathOf(message));
    toast(wordsOf(message, room), undefined, { label: m.go_to_message(), run });
    if (preferences().sound === "on") chime();
  }

  /** Asked for once; what changes it is told. */
  #follows({ room, thread }: Message): Promise<boolean> | false {
    if (!thread) return false;
    return this.queries.fetchQuery({
      queryKey: followingKey(thread),
      queryFn: async () => (await api.thread(room, thread, { limit: 1 })).following,
      staleTime: Infinity,
    });
  }

  /** Meanwhile, on another device. */
  #isRead(message: Message): boolean {
    const lastRead = this.engine().rooms.get(message.room)?.last_read ?? 0;
    return inRoom(message) && lastRead >= message.seq;
  }

  /** Answers whether it was not known. What an edit says is something else. */
  #note({ id, revision }: Message): boolean {
    const known = `${id} ${revision}`;
    if (this.#known.has(known)) return false;
    this.#known.add(known);
    const [oldest] = this.#known;
    if (this.#known.size > KNOWN_MAX && oldest) this.#known.delete(oldest);
    return true;
  }
}

const followingKeys = ["following"];
const followingKey = (thread: string) => [...followingKeys, thread];

function wordsOf(message: Message, room: Room): string {
  const line = lineOfMessage(message).slice(0, LINE_CHARS_MAX);
  const name = message.sender.display_name;
  if (room.kind === "direct" && !message.thread) return `${name}: ${line}`;
  const words = { name, room: nameOf(room), line };
  return inRoom(message) ? m.told_in(words) : m.told_in_thread(words);
}
