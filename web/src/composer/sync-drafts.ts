/**
 * The same drafts on every device: each is sent a moment after the last letter, and what another
 * device wrote takes its place here, unless somebody is just writing here, too.
 */
import { api } from "../api/client";
import type { Draft } from "../api/types";
import {
  draftOf,
  noteTelling,
  onDraftSaved,
  saveDraft,
  tellingOf,
  untoldDrafts,
} from "./drafts";

const DELAY_MS = 1200;

/** Under which name a draft is kept here. */
export const draftKey = (room: string, thread?: string) =>
  thread ? `thread:${room}/${thread}` : room;

/** Written here a moment ago, and told in another. */
const pending = new Map<string, ReturnType<typeof setTimeout>>();
let taking = false;

export interface DraftPlace {
  readonly room: string;
  readonly thread?: string;
}

/** Where what is kept under a name would be sent; nowhere while a message is edited. */
export function placeOf(key: string): DraftPlace | undefined {
  if (key.startsWith("edit:")) return undefined;
  const [room = "", thread] = key.replace(/^thread:/, "").split("/");
  return { room, thread };
}

async function tell(key: string) {
  const place = placeOf(key);
  pending.delete(key);
  if (!place) return;
  try {
    const { version } = await api.putDraft(place.room, place.thread, draftOf(key) ?? "");
    const { version: before, untold } = tellingOf(key);
    const written = pending.has(key) ? untold : undefined;
    noteTelling(key, { version: Math.max(version, before), untold: written });
  } catch {
    // It is kept on this device, and told with the next letter, or when the page starts again.
  }
}

/** A draft as the server has it, from a list or from another device. */
export function takeDraft({ room, thread, text, version }: Draft) {
  const key = draftKey(room, thread ?? undefined);
  const here = tellingOf(key);
  if (version <= here.version || pending.has(key)) return;
  // Both wrote without knowing of each other: what was written last is kept.
  if (here.untold !== undefined && here.untold > version) return;
  noteTelling(key, { version });
  // What was told from here comes back, too: it was written when it was written.
  if ((draftOf(key) ?? "") === (text ?? "")) return;
  taking = true;
  saveDraft(key, text ?? "", version); // The milliseconds at which the server got it.
  taking = false;
}

/** From now on; answers with what ends it. */
export function syncDrafts(): () => void {
  const end = onDraftSaved((key) => {
    if (taking || !placeOf(key)) return;
    noteTelling(key, { ...tellingOf(key), untold: Date.now() });
    clearTimeout(pending.get(key));
    // An empty draft was sent or given up: other devices should know at once.
    const delay = draftOf(key) ? DELAY_MS : 0;
    pending.set(
      key,
      setTimeout(() => void tell(key), delay),
    );
  });
  void api
    .drafts()
    .then(({ items }) => {
      items.forEach(takeDraft);
      for (const key of untoldDrafts()) if (!pending.has(key)) void tell(key);
    })
    .catch(() => undefined);
  return () => {
    end();
    for (const timer of pending.values()) clearTimeout(timer);
    pending.clear();
  };
}
