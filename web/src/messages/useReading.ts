/** Saying what was read: only what somebody had before their eyes for a while. */
import { useCallback, useEffect, useRef } from "react";

const READ_AFTER_MS = 500;

const isLookedAt = () => document.visibilityState === "visible" && document.hasFocus();

/**
 * Answers with what to call whenever something else may be in sight. `seen` finds the newest
 * message of which at least half is; `read` is told of it after half a second, if somebody looks
 * at the page then. Whoever comes back to the page has to look as long as everybody else.
 */
export function useReading(
  seen: () => number | undefined,
  read: (seq: number) => void,
): () => void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef({ seen, read });
  latest.current = { seen, read };
  const look = useCallback(() => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      const seq = isLookedAt() ? latest.current.seen() : undefined;
      if (seq) latest.current.read(seq);
    }, READ_AFTER_MS);
  }, []);
  useEffect(() => {
    window.addEventListener("focus", look);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearTimeout(timer.current);
      window.removeEventListener("focus", look);
      document.removeEventListener("visibilitychange", look);
    };
  }, [look]);
  return look;
}
