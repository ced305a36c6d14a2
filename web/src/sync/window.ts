/**
 * The stretch of a room's history that is held in memory.
 *
 * Messages are merged, never replaced: of two states of the same message the later one stays,
 * so pages, events and acknowledgements may arrive in any order and end in the same window.
 */
import type { Message, MessageList, Person, RoomEvent } from "../api/types";

export const WINDOW_MAX = 2000;

export interface RoomWindow {
  /** In order of `seq`, without holes between the first and the last. */
  readonly items: readonly Message[];
  readonly hasOlder: boolean;
  readonly hasNewer: boolean;
}

/** What an edit or a deletion says about a message that may not be loaded. */
export interface Patch {
  readonly message: string;
  readonly revision: number;
  readonly text: string | undefined;
  readonly editedAt: string | undefined;
  readonly deleted: boolean;
  /** Whom the new text calls. */
  readonly mentions?: readonly Person[];
  readonly everyone?: Message["everyone"];
}

export const emptyWindow: RoomWindow = { items: [], hasOlder: false, hasNewer: false };

export const firstSeq = (window: RoomWindow) => window.items[0]?.seq;
export const lastSeq = (window: RoomWindow) => window.items.at(-1)?.seq;

export function patchOf(event: RoomEvent): Patch | undefined {
  if (event.type === "messageDeleted") {
    const { message, revision } = event;
    return { message, revision, text: undefined, editedAt: undefined, deleted: true };
  }
  if (event.type !== "messageEdited") return undefined;
  const { message, revision, deleted, mentions, everyone } = event;
  const [text, editedAt] = [event.text ?? undefined, event.edited_at ?? undefined];
  return { message, revision, text, editedAt, deleted, mentions, everyone };
}

export function patched(message: Message, patch: Patch | undefined): Message {
  if (!patch || patch.message !== message.id || message.deleted) return message;
  const { revision, text, editedAt } = patch;
  const edited = editedAt ? { edited_at: editedAt } : {};
  if (patch.deleted) {
    const { text: _gone, preview: _with, ...rest } = message;
    return { ...rest, ...edited, revision: Math.max(revision, message.revision), deleted: true };
  }
  if (revision <= message.revision || text === undefined) return message;
  const { mentions: _before, everyone: _everyone, preview: _preview, ...rest } = message;
  const mentions = patch.mentions?.length ? { mentions: [...patch.mentions] } : {};
  const everyone = patch.everyone ? { everyone: patch.everyone } : {};
  return { ...rest, ...edited, ...mentions, ...everyone, revision, text };
}

/** The later of two states of one message. */
export function later(one: Message, other: Message): Message {
  if (one.deleted !== other.deleted) return one.deleted ? one : other;
  return other.revision > one.revision ? other : one;
}

function merge(items: readonly Message[], added: readonly Message[]): Message[] {
  const byId = new Map(items.map((message) => [message.id, message]));
  for (const message of added) {
    const known = byId.get(message.id);
    byId.set(message.id, known ? later(known, message) : message);
  }
  return [...byId.values()].toSorted((one, other) => one.seq - other.seq);
}

/** Adds a page that touches the window on one side, or that begins it. */
export function withPage(
  window: RoomWindow,
  page: MessageList,
  side: "older" | "newer" | "whole",
): RoomWindow {
  return {
    items: merge(window.items, page.items),
    hasOlder: side === "newer" ? window.hasOlder : page.has_older,
    hasNewer: side === "older" ? window.hasNewer : page.has_newer,
  };
}

/** Adds one message if its place lies inside the stretch or right behind its live end. */
export function withMessage(window: RoomWindow, message: Message): RoomWindow {
  const [first, last] = [firstSeq(window), lastSeq(window)];
  if (first === undefined || last === undefined) {
    return window.hasOlder || window.hasNewer ? window : { ...window, items: [message] };
  }
  if (message.seq < first && window.hasOlder) return window;
  if (message.seq > last && window.hasNewer) return window;
  if (message.seq > last) return { ...window, items: [...window.items, message] };
  return { ...window, items: merge(window.items, [message]) };
}

/** What a message quotes reads as that does now. */
function requoted(message: Message, { message: id, deleted, text, mentions }: Patch): Message {
  const { quote } = message;
  if (quote?.message !== id || (!deleted && text === undefined)) return message;
  return { ...message, quote: { ...quote, deleted, text, mentions: mentions && [...mentions] } };
}

export function withPatch(window: RoomWindow, patch: Patch): RoomWindow {
  const items = window.items.map((message) => requoted(patched(message, patch), patch));
  const same = items.every((message, at) => message === window.items[at]);
  return same ? window : { ...window, items };
}

/** Forgets what is over the limit, on the side that the person is not looking at. */
export function trimmed(window: RoomWindow, keep: "older" | "newer", max = WINDOW_MAX): RoomWindow {
  if (window.items.length <= max) return window;
  return keep === "older"
    ? { ...window, items: window.items.slice(0, max), hasNewer: true }
    : { ...window, items: window.items.slice(-max), hasOlder: true };
}
