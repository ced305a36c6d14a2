/**
 * A place in a list for what comes late. It is taken where that moves nothing that somebody reads:
 * in a row out of sight, or in a list that moves anyway.
 */
import { createContext, useContext, useLayoutEffect, useRef, useState } from "react";

export interface List {
  /** Whether the row may become larger now. */
  free(row: Element): boolean;
  /** Calls `look` whenever that may have changed; answers with what ends it. */
  wait(look: () => void): () => void;
  /** One of its rows has become larger. */
  grown?(): void;
}

export const ListContext = createContext<List>({ free: () => true, wait: () => () => undefined });

/** A mark for the place, and whether it may be taken; at once by what was there before the row. */
export function usePlace(came: boolean) {
  const list = useContext(ListContext);
  const mark = useRef<HTMLElement>(null);
  const [taken, take] = useState(came);
  useLayoutEffect(() => {
    const row = mark.current?.closest("article");
    if (!row || taken) return undefined;
    const look = () => list.free(row) && take(true);
    look();
    return list.wait(look);
  }, [came, taken, list]);
  useLayoutEffect(() => {
    if (came && taken) list.grown?.();
  }, [came, taken, list]);
  return { mark, taken };
}
