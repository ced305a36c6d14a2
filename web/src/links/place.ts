/**
 * A place in a list for what comes late. It is taken where that moves nothing that somebody reads:
 * in a row out of sight, or in a list that moves anyway.
 */
import { createContext, useContext, useLayoutEffect, useRef, useState } from "react";

export interface List {
  /** Messages that were shown without: their rows may leave, and come back when it is there. */
  readonly bare: Set<string>;
  /** Whether the row may become larger now. */
  free(row: Element): boolean;
  /** Calls `look` whenever that may have changed; answers with what ends it. */
  wait(look: () => void): () => void;
  /** One of its rows has become larger. */
  grown?(): void;
}

export const ListContext = createContext<List>({
  bare: new Set(),
  free: () => true,
  wait: () => () => undefined,
});

/**
 * A mark for the place in a message's row, and whether it may be taken; at once by what was there
 * before the row was ever shown.
 */
export function usePlace(message: string, came: boolean) {
  const list = useContext(ListContext);
  const mark = useRef<HTMLElement>(null);
  const [taken, take] = useState(came && !list.bare.has(message));
  useLayoutEffect(() => {
    if (taken) return undefined;
    list.bare.add(message);
    const row = mark.current?.closest("article");
    if (!row) return undefined;
    const look = () => {
      if (!list.free(row)) return;
      list.bare.delete(message);
      take(true);
    };
    look();
    return list.wait(look);
  }, [message, came, taken, list]);
  useLayoutEffect(() => {
    if (came && taken) list.grown?.();
  }, [came, taken, list]);
  return { mark, taken };
}
