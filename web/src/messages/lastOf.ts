import type { Message } from "../api/types";
import { isRemoving } from "./removing";

/** The newest message of somebody that is still there. */
export const lastOf = (person: string, items: readonly Message[] = []): Message | undefined =>
  items.findLast(({ id, sender, deleted }) => sender.id === person && !deleted && !isRemoving(id));
