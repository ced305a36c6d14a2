import { useCallback, useEffect, useState } from "react";
import type { RoomView } from "../sync/state";

/** A busy page scrolls on for some frames before it renders: so far it finds rows. */
const SCROLLED_PX = 1600;
/** What is drawn beyond the screen before somebody can have begun to read. */
const FIRST_PX = 200;
/** By then a room that was opened is at rest. */
const AT_REST_MS = 500;

/**
 * How far beyond the screen rows are kept ready, in pixels. A room opens with what is in sight:
 * drawing the rest at once costs as much again, and nobody sees it. The rest comes once the room
 * is at rest, or when somebody begins to scroll.
 */
export function useBuffer(room: string, { load, status }: RoomView) {
  const opened = `${room} ${load}`;
  const [wide, setWide] = useState<string>();
  const widen = useCallback(() => setWide(opened), [opened]);
  useEffect(() => {
    if (status !== "ready") return undefined;
    const timer = setTimeout(widen, AT_REST_MS);
    return () => clearTimeout(timer);
  }, [status, widen]);
  return { size: wide === opened ? SCROLLED_PX : FIRST_PX, widen };
}
