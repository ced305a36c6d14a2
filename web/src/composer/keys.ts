/** What a key means where somebody writes. */
import type { KeyboardEvent } from "react";
import { preferences } from "../kit/preferences";
import { coarse } from "./focus";

/** The key is for letters that are still being put together. Safari tells the last one by 229. */
export const isComposing = ({ nativeEvent, keyCode }: KeyboardEvent) =>
  nativeEvent.isComposing || keyCode === 229;

/** On touch the button sends; elsewhere the key that the person chose. */
export function sends(event: KeyboardEvent): boolean {
  if (event.key !== "Enter") return false;
  const held = event.ctrlKey || event.metaKey;
  if (coarse() || preferences().sendKey === "ctrl") return held;
  return !event.shiftKey;
}
