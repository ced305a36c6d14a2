/** Completing what is called at the caret, by the keys of the text area. */
import { type KeyboardEvent, type RefObject, useCallback, useRef, useState } from "react";
import { noteUsed, toned } from "../emoji/habits";
import { getLocale } from "../kit/locale";
import { emojiClosedAt, type Query, queryAt } from "./query";
import { type Suggestion, useSuggestions } from "./useSuggestions";

interface Source {
  room: string;
  area: RefObject<HTMLTextAreaElement | null>;
}

/** Puts `by` in the place of the letters between two places, as if it had been written. */
export function replaceIn(area: HTMLTextAreaElement, from: number, to: number, by: string) {
  area.focus();
  area.setSelectionRange(from, to);
  // The only way that the browser's own undo knows of.
  if (by === "" ? document.execCommand("delete") : document.execCommand("insertText", false, by))
    return;
  area.setRangeText(by, from, to, "end");
  area.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

export function useCalls({ room, area }: Source) {
  const [query, setQuery] = useState<Query>();
  const [at, setAt] = useState(0);
  const closed = useRef<number>(undefined);
  const list = useSuggestions(room, query);
  const open = query !== undefined && list.length > 0;
  const active = Math.min(at, list.length - 1);

  const look = useCallback(() => {
    const element = area.current;
    const place = element && element.selectionStart === element.selectionEnd;
    const next = place ? queryAt(element.value, element.selectionStart) : undefined;
    if (next?.from !== closed.current) closed.current = undefined;
    setQuery(next && next.from === closed.current ? undefined : next);
    setAt(0);
  }, [area]);

  const choose = useCallback(
    (suggestion: Suggestion) => {
      const element = area.current;
      if (!element || !query) return;
      suggestion.onChoose?.();
      replaceIn(element, query.from, element.selectionStart, suggestion.by);
      setQuery(undefined);
    },
    [area, query],
  );

  /** Nothing is to be called here. */
  const end = () => {
    closed.current = query?.from;
    setQuery(undefined);
  };

  /** Whether the key was for the list. */
  const press = (event: KeyboardEvent): boolean => {
    if (!open) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const chosen = list[active];
    if (step) setAt((active + step + list.length) % list.length);
    else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey && chosen)
      choose(chosen);
    else if (event.key === "Escape") end();
    else return false;
    event.preventDefault();
    return true;
  };

  /** After `:name:` was written out, the emoji takes its place. */
  const close = useCallback(async () => {
    const element = area.current;
    const called = element && emojiClosedAt(element.value, element.selectionStart);
    if (!called) return;
    const { emojiCalled, emojiNames } = await import("../emoji/names");
    const emoji = emojiCalled(await emojiNames(getLocale()), called.name);
    const still = emojiClosedAt(element.value, element.selectionStart);
    if (!emoji || still?.name !== called.name || still.from !== called.from) return;
    noteUsed(toned(emoji));
    replaceIn(element, called.from, element.selectionStart, toned(emoji));
  }, [area]);

  return { query: open ? query : undefined, list, active, look, choose, press, end, close };
}
