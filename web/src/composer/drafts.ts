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

const useDrafts = create<{ drafts: Drafts }>(() => ({ drafts: {} }));

let storage: Storage | undefined;
const unsaved = new Map<string, Written>();
let timer: ReturnType<typeof setTimeout> | undefined;

export async function restoreDrafts(from: Storage) {
  storage = from;
  const stored = await from.drafts();
  const drafts = Object.fromEntries(stored.map(({ key, text, at = 0 }) => [key, { text, at }]));
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
  unsaved.set(key, { text, at });
  clearTimeout(timer);
  timer = setTimeout(flushDrafts, DELAY_MS);
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
    void (text ? storage?.putDraft({ key, text, at }) : storage?.removeDraft(key));
  unsaved.clear();
}

export function forgetDrafts() {
  clearTimeout(timer);
  unsaved.clear();
  storage = undefined;
  useDrafts.setState({ drafts: {} });
}
