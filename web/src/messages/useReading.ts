/** Saying what was read: only what somebody had before their eyes for a while. */
import { useCallback, useEffect, useRef } from "react";

const READ_AFTER_MS = 500;

const isLookedAt = () => document.visibilityState === "visible" && document.hasFocus();

/**
 * Answers with what to call whenever something else may be in sight. `seen` finds the newest
 * message of which at least half is; `read` is told of it after half a second, if somebody looks
 * at the page then and it has not gone below. Whoever comes back to the page has to look as long
 * as everybody else.
 */
export function useReading(
  seen: () => number | undefined,
  read: (seq: number) => void,
): () => void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef({ seen, read });
  latest.current = { seen, read };
  const look = useCallback(function again() {
    // What comes meanwhile has a turn of its own, so that a busy room is read all the same.
    if (timer.current !== undefined) return;
    const first = isLookedAt() ? latest.current.seen() : undefined;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      const now = isLookedAt() ? latest.current.seen() : undefined;
      if (first && now) latest.current.read(Math.min(first, now));
      if (now !== undefined && now !== first) again();
    }, READ_AFTER_MS);
  }, []);
  useEffect(() => {
    window.addEventListener("focus", look);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearTimeout(timer.current);
      timer.current = undefined;
      window.removeEventListener("focus", look);
      document.removeEventListener("visibilitychange", look);
    };
  }, [look]);
  return look;
}
