/** Which action of a message a key stands for, if single letters are wanted. */
import type { MessageAction } from "../app/layers";
import { preferences } from "../kit/preferences";

const letters: Readonly<Record<string, MessageAction["id"]>> = {
  r: "reply",
  p: "play",
  t: "thread",
  e: "edit",
  c: "copy-text",
  u: "unread",
  "+": "react",
};

export function keyAction(
  key: string,
  actions: readonly MessageAction[],
): MessageAction | undefined {
  const wanted = preferences().letters === "on" ? letters[key.toLowerCase()] : undefined;
  const id = key === "Delete" ? "delete" : wanted;
  return actions.find((action) => action.id === id);
}
