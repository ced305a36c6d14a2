/** Which action of a message a key stands for, if single letters are wanted. */
import type { MessageAction } from "../app/layers";
import { preferences } from "../kit/preferences";

const letters: Readonly<Record<string, MessageAction["id"]>> = {
  r: "reply",
  p: "play",
  t: "thread",
  e: "edit",
  c: "copy-text",
  s: "save",
  u: "unread",
  "+": "react",
};

export function keyAction(
  key: string,
  actions: readonly MessageAction[],
): MessageAction | undefined {
  const wanted = preferences().letters === "on" ? letters[key.toLowerCase()] : undefined;
  const id = key === "Delete" ? "delete" : wanted;
  // The same key removes what it saved.
  return actions.find((action) => action.id === id || (id === "save" && action.id === "unsave"));
}
