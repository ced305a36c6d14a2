/** The arrows move the focus from reply to reply. */
import { type KeyboardEvent, type RefObject, useCallback } from "react";

export function useThreadKeys(scroller: RefObject<HTMLElement | null>) {
  return useCallback(
    (event: KeyboardEvent) => {
      const step = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity }[event.key];
      const here = document.activeElement;
      if (!step || here?.tagName !== "ARTICLE" || event.ctrlKey || event.altKey) return;
      const all = [...(scroller.current?.querySelectorAll<HTMLElement>("article") ?? [])];
      const at = all.findIndex((row) => row === here);
      const next = all[Math.max(0, Math.min(all.length - 1, at + step))];
      event.preventDefault();
      next?.focus();
    },
    [scroller],
  );
}
