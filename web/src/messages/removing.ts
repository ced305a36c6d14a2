/**
 * Messages that are gone from the screen and not yet deleted. A deletion cannot be taken back, so
 * it is asked for only when *Undo* is gone: in time, or because the page is left.
 */
import { create } from "zustand";
import type { Message } from "../api/types";
import { endToasts, toast } from "../kit/toasts";
import { m } from "../paraglide/messages.js";
import type { Engine } from "../sync/engine";
import { tellProblem } from "../ui/failure";

const useRemoving = create<{ ids: ReadonlySet<string> }>(() => ({ ids: new Set() }));
const asked = new Set<Promise<void>>();

export const isRemoving = (message: string) => useRemoving.getState().ids.has(message);

export const useIsRemoving = (message: string) => useRemoving(({ ids }) => ids.has(message));

const hide = (message: string) =>
  useRemoving.setState(({ ids }) => ({ ids: new Set([...ids, message]) }));

const show = (message: string) =>
  useRemoving.setState(({ ids }) => ({ ids: new Set([...ids].filter((id) => id !== message)) }));

export function removeWithUndo(engine: Engine, message: Message) {
  hide(message.id);
  toast(m.message_deleted(), undefined, {
    label: m.undo(),
    run: () => show(message.id),
    missed: () => {
      const removed = engine
        .remove(message)
        .catch(tellProblem)
        .finally(() => {
          show(message.id);
          asked.delete(removed);
        });
      asked.add(removed);
    },
  });
}

/** Deletes at once what could still be undone: the page, or the session, is about to end. */
export async function finishRemoving() {
  endToasts();
  await Promise.all(asked);
}
