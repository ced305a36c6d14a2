/** Keeping messages for later: shown at once, and taken back if the server does not agree. */
import { api } from "../api/client";
import type { Message } from "../api/types";
import { toast } from "../kit/toasts";
import { m } from "../paraglide/messages.js";
import { tellProblem } from "../ui/failure";
import { noteSaved, useTold } from "./known";

/** Shows a message as saved, or not, and does it; answers whether the server has it so. */
async function put(
  { id: message }: Message,
  saved: boolean,
  done: Promise<unknown>,
): Promise<boolean> {
  noteSaved({ message, saved });
  try {
    await done;
    return true;
  } catch (error) {
    noteSaved({ message, saved: !saved });
    tellProblem(error);
    return false;
  }
}

export async function save(message: Message) {
  if (await put(message, true, api.saveMessage(message.room, message.id))) toast(m.saved_done());
}

export async function unsave(message: Message) {
  const { room, id } = message;
  if (!(await put(message, false, api.unsaveMessage(room, id)))) return;
  const run = () => void put(message, true, api.saveMessage(room, id, true));
  toast(m.saved_removed(), undefined, { label: m.undo(), run });
}

/** While the connection was lost nobody told what another device did. */
export async function renewSaved() {
  const { items, next } = await api.saved(undefined, 200);
  const listed = items.map(({ message }) => [message.id, true] as const);
  // What was removed before is on no page of the list, however many there are.
  const removed = Object.entries(useTold.getState().of).filter(([, saved]) => !saved);
  useTold.setState({ of: Object.fromEntries([...removed, ...listed]), whole: !next });
}
