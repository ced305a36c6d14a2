import type { Message } from "../api/types";
import type { Engine } from "../sync/engine";
import type { Unsent } from "../sync/outbox";
import { inRoom } from "../sync/room-timeline";
import type { SyncState } from "../sync/state";
import { isRemoving } from "./removing";

/** A room, or a thread in it. */
interface Place {
  room: string;
  thread?: string;
}

/**
 * Arrow up in an empty composer: opens my newest message of a place for editing. One on its way
 * is waited for, as no older one is meant, for as long as nothing else is done in the composer.
 */
export function editLast(engine: Engine, place: Place, edit: (message: string) => void) {
  const { store, me } = engine;
  const stored = (state: SyncState) =>
    itemsOf(state, place).filter(({ sender }) => sender.id === me.id);
  const waiting = waitingIn(store.getState(), place);
  if (!waiting) {
    const last = stored(store.getState()).findLast(isThere);
    if (last) edit(last.id);
    return;
  }
  const composer = document.activeElement as HTMLTextAreaElement | null;
  const end = store.subscribe((state) => {
    const goesOn = document.activeElement !== composer || composer?.value !== "";
    const sent = stored(state).find((message) => message.client_message_id === waiting.id);
    if (!goesOn && !sent && isWaiting(state, waiting)) return;
    end();
    if (!goesOn && sent) edit(sent.id);
  });
}

const itemsOf = ({ threads, views }: SyncState, { room, thread }: Place): readonly Message[] =>
  (thread ? threads[thread] : views[room])?.window.items ?? [];

const isThere = ({ id, deleted }: Message) => !deleted && !isRemoving(id);

const isWaiting = ({ unsent }: SyncState, { id }: Unsent) =>
  unsent.some((item) => item.id === id && item.state !== "rejected");

/** What was written there last, if it is not stored yet. */
function waitingIn(state: SyncState, place: Place): Unsent | undefined {
  const { room, thread } = place;
  const known = new Set(itemsOf(state, place).map((message) => message.client_message_id));
  return state.unsent.findLast(
    (item) =>
      item.room === room &&
      (thread ? item.thread === thread : inRoom(item)) &&
      item.state !== "rejected" &&
      !known.has(item.id),
  );
}
