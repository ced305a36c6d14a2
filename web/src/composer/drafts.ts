/** What was written and not sent, per room and per message being edited. Nothing discards it. */
import { create } from "zustand";
import type { Storage } from "../kit/storage";

const DELAY_MS = 300;

export interface Written {
  readonly text: string;
  /** When, in milliseconds. */
  readonly at: number;
}

type Drafts = Readonly<Record<string, Written>>;

/** What the server has of a draft. */
export interface Telling {
  /** Zero before it had one. */
  readonly version: number;
  /** When it was written here, in milliseconds, if the server was not told since. */
  readonly untold?: number;
}

const useDrafts = create<{ drafts: Drafts }>(() => ({ drafts: {} }));

let storage: Storage | undefined;
const unsaved = new Map<string, Written>();
const tellings = new Map<string, Telling>();
let timer: ReturnType<typeof setTimeout> | undefined;

export async function restoreDrafts(from: Storage) {
  storage = from;
  const stored = await from.drafts();
  for (const { key, version = 0, untold } of stored)
    if (!tellings.has(key)) tellings.set(key, { version, untold });
  const written = stored.filter(({ text }) => text);
  const drafts = Object.fromEntries(written.map(({ key, text, at = 0 }) => [key, { text, at }]));
  useDrafts.setState((now) => ({ drafts: { ...drafts, ...now.drafts } }));
}

export const draftOf = (key: string): string | undefined => useDrafts.getState().drafts[key]?.text;

export const useDraft = (key: string) => useDrafts((state) => state.drafts[key]?.text ?? "");

export const useHasDraft = (key: string) => useDrafts((state) => Boolean(state.drafts[key]));

/** All of them; also of messages that are being edited. */
export const useEveryDraft = (): Drafts => useDrafts((state) => state.drafts);

const saved = new Set<(key: string) => void>();

/** Calls `listener` with the name of each draft that changes. */
export function onDraftSaved(listener: (key: string) => void) {
  saved.add(listener);
  return () => saved.delete(listener);
}

export function saveDraft(key: string, text: string, at = Date.now()) {
  useDrafts.setState(({ drafts: { [key]: _before, ...others } }) => ({
    drafts: text ? { ...others, [key]: { text, at } } : others,
  }));
  saved.forEach((listener) => listener(key));
  keep(key, { text, at });
}

function keep(key: string, written: Written) {
  unsaved.set(key, written);
  clearTimeout(timer);
  timer = setTimeout(flushDrafts, DELAY_MS);
}

export const tellingOf = (key: string): Telling => tellings.get(key) ?? { version: 0 };

/** The names of those of which the server was not told. */
export const untoldDrafts = (): string[] =>
  [...tellings].flatMap(([key, { untold }]) => (untold === undefined ? [] : [key]));

/** Keeps what the server has of a draft, also over a reload. */
export function noteTelling(key: string, telling: Telling) {
  tellings.set(key, telling);
  keep(key, useDrafts.getState().drafts[key] ?? { text: "", at: 0 });
}

/** Puts a text into a draft, after what is there. */
export function addToDraft(key: string, text: string) {
  const before = draftOf(key);
  saveDraft(key, before ? `${before}\n\n${text}` : text);
}

/** Writes at once: the page may be closed at any moment. */
export function flushDrafts() {
  clearTimeout(timer);
  for (const [key, { text, at }] of unsaved)
    void storage?.putDraft({ key, text, at, ...tellings.get(key) });
  unsaved.clear();
}

export function forgetDrafts() {
  clearTimeout(timer);
  unsaved.clear();
  tellings.clear();
  storage = undefined;
  useDrafts.setState({ drafts: {} });
}
