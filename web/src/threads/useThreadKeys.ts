/** The arrows move the focus from reply to reply; Escape leads back to where one writes. */
import { type KeyboardEvent, type RefObject, useCallback } from "react";

export function useThreadKeys(scroller: RefObject<HTMLElement | null>, composer: string) {
  return useCallback(
    (event: KeyboardEvent) => {
      const step = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity }[event.key];
      const here = document.activeElement;
      if (event.key === "Escape" && !event.shiftKey && here?.tagName === "ARTICLE") {
        event.preventDefault();
        return document.getElementById(composer)?.focus();
      }
      if (!step || here?.tagName !== "ARTICLE" || event.ctrlKey || event.altKey) return;
      const all = [...(scroller.current?.querySelectorAll<HTMLElement>("article") ?? [])];
      const at = all.findIndex((row) => row === here);
      const next = all[Math.max(0, Math.min(all.length - 1, at + step))];
      event.preventDefault();
      next?.focus();
    },
    [scroller, composer],
  );
}
