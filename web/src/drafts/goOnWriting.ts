import { wantComposer } from "../composer/focus";
import { draftKey, type DraftPlace } from "../composer/sync-drafts";
import { navigate, paths } from "../kit/router";

/** To the room or the thread, where the composer takes the focus. */
export function goOnWriting({ room, thread }: DraftPlace) {
  wantComposer(draftKey(room, thread));
  navigate(thread ? paths.thread(room, thread) : paths.room(room));
}
