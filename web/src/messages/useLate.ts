/** When what comes late may make a row of the timeline larger, so that nothing in sight moves. */
import { type RefObject, useMemo, useRef } from "react";

/** A row so far above is not on the screen in the next frame either. */
const ABOVE_PX = 100;

interface Source {
  scroller: RefObject<HTMLElement | null>;
  following: RefObject<boolean>;
  /** While a place is being found. */
  aiming: RefObject<unknown>;
  /** This rendering adds or removes rows above what is on the screen. */
  shift: boolean;
  /** Whether rows are awaited there. */
  awaited: boolean;
}

export function useLate({ scroller, following, aiming, shift, awaited }: Source) {
  // From then on, until no more is scrolled, the list keeps its distance from the end: below the
  // screen nothing may grow or be added.
  const shifted = useRef(false);
  shifted.current ||= shift;
  const soon = useRef(awaited);
  soon.current = awaited;
  return useMemo(() => {
    const looks = new Set<() => void>();
    return {
      shifted,
      bare: new Set<string>(),
      /** In a list that moves anyway, else out of sight. */
      free(row: Element): boolean {
        if (following.current || aiming.current) return true;
        const frame = scroller.current?.getBoundingClientRect();
        const { top, bottom } = row.getBoundingClientRect();
        if (!frame) return false;
        const steady = !shifted.current && !soon.current;
        return bottom < frame.top - ABOVE_PX || (top > frame.bottom && steady);
      },
      wait(one: () => void) {
        looks.add(one);
        return () => void looks.delete(one);
      },
      /** Something was scrolled, or nothing is any more. */
      look: () => looks.forEach((one) => one()),
    };
  }, [scroller, following, aiming]);
}
