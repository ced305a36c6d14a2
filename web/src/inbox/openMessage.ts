import type { Message } from "../api/types";
import { navigate, paths } from "../kit/router";

/** Goes to a message where it was said: in its room, or in its thread. */
export function openMessage({ room, id, thread, also_to_room }: Message) {
  const inThread = thread && !also_to_room;
  navigate(inThread ? paths.threadMessage(room, thread, id) : paths.message(room, id));
}
