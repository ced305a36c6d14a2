/**
 * j and k move as the arrows do, Enter goes there, other letters do what the list says. One row at
 * a time can have the focus. Who wants no single letters (WCAG 2.1.4) has the others.
 */
import { type FocusEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { preferences } from "../kit/preferences";

export function useListKeys<T>(
  items: readonly T[],
  open: (item: T) => void,
  letters: Readonly<Record<string, (item: T) => void>> = {},
) {
  const list = useRef<HTMLOListElement>(null);
  const [wanted, setAt] = useState(0);
  const at = Math.min(wanted, items.length - 1);
  const press = (event: KeyboardEvent) => {
    const item = items[at];
    const onRow = event.target instanceof HTMLLIElement;
    if (event.ctrlKey || event.metaKey || event.altKey || !item || !onRow) return;
    if (event.key.length === 1 && preferences().letters === "off") return;
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    if (step) {
      const next = Math.max(0, Math.min(items.length - 1, at + step));
      setAt(next);
      list.current?.querySelectorAll<HTMLElement>(":scope > li")[next]?.focus();
    } else if (event.key === "Enter") open(item);
    else if (letters[event.key]) letters[event.key]?.(item);
    else return;
    event.preventDefault();
  };
  const follow = (focused: Element | null) => {
    const row = focused?.closest("li");
    const found = [...(list.current?.children ?? [])].findIndex((one) => one === row);
    if (found >= 0) setAt(found);
  };
  // Rows above the one with the focus come and go.
  useEffect(() => follow(document.activeElement), [items]);
  /** A click or Tab moves the focus, too. */
  const enter = (event: FocusEvent) => follow(event.target);
  return { at, props: { ref: list, onKeyDown: press, onFocus: enter } };
}
