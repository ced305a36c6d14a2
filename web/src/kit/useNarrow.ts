/** Whether this is as narrow as a phone, where the list of rooms is a page of its own. */
import { useSyncExternalStore } from "react";

const query = () => matchMedia("(max-width: 760px)");

function subscribe(tell: () => void) {
  const narrow = query();
  narrow.addEventListener("change", tell);
  return () => narrow.removeEventListener("change", tell);
}

export const useNarrow = () => useSyncExternalStore(subscribe, () => query().matches);
