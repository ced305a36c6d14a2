/** Finding a place in a list whose rows are measured only when it comes by them. */
import { type RefObject, useMemo } from "react";

const AIM_MS = 100;
/** So often in a row the place must be where it was before. */
const STEADY = 3;
/** Whatever still moves then is left to whoever reads. */
const AIMS_MAX = 100;

/** `aiming` is there while a place is being found, and not while one is only kept in sight. */
export function useAim(scroller: RefObject<Element | null>, aiming: RefObject<unknown>) {
  return useMemo(() => {
    let current: unknown;
    const end = () => {
      current = aiming.current = undefined;
    };
    /** Moves there, and again until all that is shown was measured and nothing moves any more. */
    const keep = (move: () => void, found?: () => void) => {
      end();
      const mine = (current = {});
      let left = AIMS_MAX;
      let steady = 0;
      let before: number | undefined;
      const look = () => {
        const element = scroller.current;
        if (current !== mine || !element) return;
        const { scrollTop } = element;
        // The list hides a row until it is measured.
        const measured = !element.querySelector("[style*=hidden]");
        steady = measured && scrollTop === before ? steady + 1 : 0;
        before = scrollTop;
        left -= 1;
        move();
        if (left > 0 && steady < STEADY) return soon();
        end();
        found?.();
      };
      // Rows are measured when a frame is drawn: on a busy machine that is later than any timer.
      const soon = () => void setTimeout(() => requestAnimationFrame(look), AIM_MS);
      move();
      soon();
    };
    const aim = (move: () => void, found: () => void) => {
      keep(move, found);
      aiming.current = current;
    };
    /** Whoever moves by themselves ends it. */
    const byHand = { onKeyDownCapture: end, onPointerDown: end, onWheelCapture: end };
    return { aim, keep, end, byHand };
  }, [scroller, aiming]);
}
