/** What was written and not sent, per room and per message being edited. Nothing discards it. */
import { create } from "zustand";
import type { Storage } from "../kit/storage";

const DELAY_MS = 300;

const useDrafts = create<{ drafts: Readonly<Record<string, string>> }>(() => ({ drafts: {} }));

let storage: Storage | undefined;
const unsaved = new Map<string, string>();
let timer: ReturnType<typeof setTimeout> | undefined;

export async function restoreDrafts(from: Storage) {
  storage = from;
  const stored = await from.drafts();
  const drafts = Object.fromEntries(stored.map(({ key, text }) => [key, text]));
  useDrafts.setState((now) => ({ drafts: { ...drafts, ...now.drafts } }));
}

export const draftOf = (key: string): string | undefined => useDrafts.getState().drafts[key];

export const useDraft = (key: string) => useDrafts((state) => state.drafts[key] ?? "");

export const useHasDraft = (key: string) => useDrafts((state) => Boolean(state.drafts[key]));

const saved = new Set<(key: string) => void>();

/** Calls `listener` with the name of each draft that changes. */
export function onDraftSaved(listener: (key: string) => void) {
  saved.add(listener);
  return () => saved.delete(listener);
}

export function saveDraft(key: string, text: string) {
  useDrafts.setState(({ drafts: { [key]: _before, ...others } }) => ({
    drafts: text ? { ...others, [key]: text } : others,
  }));
  saved.forEach((listener) => listener(key));
  unsaved.set(key, text);
  clearTimeout(timer);
  timer = setTimeout(flushDrafts, DELAY_MS);
}

/** Writes at once: the page may be closed at any moment. */
export function flushDrafts() {
  clearTimeout(timer);
  for (const [key, text] of unsaved)
    void (text ? storage?.putDraft({ key, text }) : storage?.removeDraft(key));
  unsaved.clear();
}

export function forgetDrafts() {
  clearTimeout(timer);
  unsaved.clear();
  storage = undefined;
  useDrafts.setState({ drafts: {} });
}
