import { useCallback } from "react";
import { useEngine } from "../app/context";

/** Where somebody is shown: while it is on the screen, it is told whether they are here. */
export function useWatched(person: string) {
  const { presence } = useEngine();
  return useCallback(
    (place: Element | null) => (place ? presence.show(place, person) : undefined),
    [presence, person],
  );
}
