/** Everything the screens show of the synchronised world, replaced as it changes. */
import { createStore } from "zustand/vanilla";
import type { Problem } from "../api/problem";
import type {
  Clip,
  Draft,
  Me,
  Message,
  Person,
  PersonPresence,
  Room,
  RoomEvent,
} from "../api/types";
import type { SavedTold } from "../saved/known";
import type { Unsent } from "./outbox";
import { emptyWindow, type RoomWindow } from "./window";

export type Connection = "connecting" | "live" | "reconnecting" | "offline";
export type PageState = "idle" | "loading" | "failed";

/** Where to look after a visit: at what is new, the end, a message to point out, or as before. */
export type Goal =
  | { kind: "new" }
  | { kind: "end" }
  | { kind: "message"; id: string }
  | { kind: "hold"; id: string };

/** An open room. */
export interface RoomView {
  readonly window: RoomWindow;
  readonly status: "loading" | "ready" | "failed";
  readonly problem?: Problem;
  readonly older: PageState;
  readonly newer: PageState;
  /** Messages of others behind this `seq` are new; fixed while the room stays open. */
  readonly newAfter?: number;
  /** Changes when the window was replaced by another stretch. */
  readonly load: number;
  /** Changes when a place must be found on the screen: `goal`. */
  readonly visit: number;
  readonly goal: Goal;
}

export const emptyView: RoomView = {
  window: emptyWindow,
  status: "loading",
  older: "idle",
  newer: "idle",
  load: 0,
  visit: 0,
  goal: { kind: "new" },
};

/** An open thread. */
export interface ThreadView {
  readonly room: string;
  readonly status: "loading" | "ready" | "failed";
  readonly problem?: Problem;
  readonly root?: Message;
  readonly window: RoomWindow;
  readonly older: PageState;
  readonly following: boolean;
  /** Replies that were new when it was opened. */
  readonly unread: number;
}

export interface Typing {
  readonly person: Person;
  readonly until: number;
}

/** Where something calls me. */
export interface Call {
  readonly room: string;
  readonly message: string;
  readonly thread?: string;
}

/** Whether a message came when no connection told of it. */
export type WasMissed = (message: { room: string; seq: number }) => boolean;

export type Notice =
  | { kind: "removed"; name: string }
  | { kind: "rejected"; reason: string }
  | { kind: "failed"; problem: Problem };

export interface SyncState {
  readonly me: Me;
  readonly connection: Connection;
  readonly attempt: number;
  /** When the connection was lost, in milliseconds. */
  readonly lostAt: number | undefined;
  readonly rooms: Readonly<Record<string, Room>>;
  readonly roomsStatus: "loading" | "ready" | "failed";
  readonly roomsProblem: Problem | undefined;
  readonly views: Readonly<Record<string, RoomView>>;
  /** By the id of the message that they answer. */
  readonly threads: Readonly<Record<string, ThreadView>>;
  /** Unread in the inbox, followed threads with unread replies, reactions not looked at. */
  readonly forMe: Readonly<Record<"mentions" | "threads" | "reactions", number>>;
  /** Of people who changed theirs while this page is open; null: none any more. */
  readonly pictures: Readonly<Record<string, string | null>>;
  readonly presence: Readonly<Record<string, PersonPresence["state"]>>;
  readonly unsent: readonly Unsent[];
  readonly typing: Readonly<Record<string, readonly Typing[]>>;
}

export const createSyncStore = (me: Me) =>
  createStore<SyncState>(() => ({
    me,
    connection: "connecting",
    attempt: 0,
    lostAt: undefined,
    rooms: {},
    roomsStatus: "loading",
    roomsProblem: undefined,
    views: {},
    threads: {},
    forMe: { mentions: 0, threads: 0, reactions: 0 },
    pictures: {},
    presence: {},
    unsent: [],
    typing: {},
  }));

export type SyncStore = ReturnType<typeof createSyncStore>;

/** What the engine tells besides the state: things that happen rather than are. */
export interface Happenings {
  notice(notice: Notice): void;
  /** An event that was news, of a room that is on the screen or not. */
  news(event: RoomEvent): void;
  /** A room is mine that was not when the list was read last. */
  roomFound(room: Room): void;
  /** A message calls me. */
  called(call: Call): void;
  /** Connected, and the rooms are as they are now: whether a message came before. */
  resumed(wasMissed: WasMissed): void;
  /** I follow a thread, or do so no more. */
  threadFollowed(thread: { thread: string; following: boolean }): void;
  /** My choices of what I am told are others now. */
  noticesChanged(): void;
  /** The inbox, or the list of threads, is another one. */
  inboxChanged(): void;
  /** A draft was written on another device. */
  draftChanged(draft: Draft): void;
  /** A message was saved or removed on some device; without one, perhaps while away. */
  savedChanged(told?: SavedTold): void;
  /** A clip that was asked for is further. */
  clipChanged(clip: Clip): void;
}
