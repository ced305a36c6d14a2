import { useEffect } from "react";
import { useEngine } from "../app/context";

/** While they are listed, it is told whether they are here. */
export function useWatched(people: readonly string[]) {
  const { presence } = useEngine();
  const key = people.join(" ");
  useEffect(() => presence.show(key ? key.split(" ") : []), [presence, key]);
  useEffect(() => () => presence.show([]), [presence]);
}
