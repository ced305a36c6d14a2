/** From messages to the rows of the timeline: days, turns of one speaker, what is new. */
import type { Message, Person } from "../api/types";
import { dayOf } from "../kit/format";
import type { Unsent } from "../sync/outbox";
import type { RoomWindow } from "../sync/window";

const TURN_MS = 5 * 60_000;

export interface MessageRow {
  readonly kind: "message";
  readonly key: string;
  readonly message: Message;
  /** Absent once the message is stored. */
  readonly unsent?: Unsent;
  /** Begins a turn: shows who speaks. */
  readonly head: boolean;
  /** Ends a turn. */
  readonly last: boolean;
  /** A new day begins here. */
  readonly day: boolean;
  /** The first new message. */
  readonly fresh: boolean;
}

export type Row = { readonly kind: "start"; readonly key: "start" } | MessageRow;

export interface Source {
  window: RoomWindow;
  unsent: readonly Unsent[];
  me: Person;
  newAfter: number | undefined;
}

/** Stays the same when a message on its way becomes a stored one, so its row stays too. */
const keyOf = (author: string, clientId: string) => `${author}:${clientId}`;

const shownAs = new WeakMap<Unsent, Message>();

function asMessage(item: Unsent, me: Person): Message {
  const known = shownAs.get(item) ?? asNewMessage(item, me);
  shownAs.set(item, known);
  return known;
}

function asNewMessage(item: Unsent, me: Person): Message {
  const time = new Date(item.at).toISOString();
  return {
    id: item.id,
    room: item.room,
    seq: Number.MAX_SAFE_INTEGER,
    sender: me,
    text: item.text,
    time,
    created_at: time,
    client_message_id: item.id,
    revision: 1,
    deleted: false,
    thread: item.thread,
    also_to_room: item.also_to_room,
    quote: item.quote,
    files: item.files ? [...item.files] : undefined,
  };
}

const sameTurn = (before: Message, after: Message) =>
  before.sender.id === after.sender.id &&
  Math.abs(Date.parse(after.created_at) - Date.parse(before.created_at)) < TURN_MS;

export function rowsOf({ window, unsent, me, newAfter }: Source): Row[] {
  const entries: { message: Message; unsent?: Unsent }[] = window.items.map((message) => ({
    message,
  }));
  const stored = new Set(
    window.items
      .filter(({ sender }) => sender.id === me.id)
      .map(({ client_message_id }) => client_message_id),
  );
  if (!window.hasNewer)
    for (const item of unsent)
      if (!stored.has(item.id)) entries.push({ message: asMessage(item, me), unsent: item });

  const rows: Row[] = window.hasOlder ? [] : [{ kind: "start", key: "start" }];
  // Without what comes before the first row, nobody knows whether it is the first new one.
  const first = window.items[0]?.seq ?? 0;
  let fresh = newAfter === undefined || (window.hasOlder && first > newAfter + 1);
  let before: Message | undefined;
  for (const { message, unsent: item } of entries) {
    const isFresh: boolean =
      !fresh && message.sender.id !== me.id && message.seq > (newAfter ?? 0) && !item;
    fresh ||= isFresh;
    const day = before ? dayOf(before.created_at) !== dayOf(message.created_at) : !window.hasOlder;
    const head = !before || day || isFresh || !sameTurn(before, message);
    const key = keyOf(message.sender.id, message.client_message_id);
    const row = { key, message, unsent: item, head, last: true, day, fresh: isFresh };
    rows.push({ kind: "message", ...row });
    const previous = rows.at(-2);
    if (!head && previous?.kind === "message") rows[rows.length - 2] = { ...previous, last: false };
    before = message;
  }
  return rows;
}

const sameRow = (one: MessageRow, other: MessageRow) =>
  (Object.keys(one) as (keyof MessageRow)[]).every((key) => one[key] === other[key]);

/** `rows`, with the object of `before` wherever a row is as it was. */
export function unchanged(before: readonly Row[], rows: readonly Row[]): readonly Row[] {
  const known = new Map(before.map((row) => [row.key, row]));
  return rows.map((row) => {
    const old = known.get(row.key);
    if (!old || old.kind !== row.kind) return row;
    return row.kind === "start" || (old.kind === "message" && sameRow(old, row)) ? old : row;
  });
}

/** Whether rows were added or removed at the beginning, the rest being the same list. */
export function changedAtStart(before: readonly Row[], after: readonly Row[]): boolean {
  return before.length > 0 && after.length > 0 && before[0]?.key !== after[0]?.key;
}
