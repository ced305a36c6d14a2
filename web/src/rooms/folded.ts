/** Which parts of the list are folded, of each person on this device. */
import { create } from "zustand";
import type { Part } from "./order";

const keyOf = (person: string) => `tertulia.folded.${person}`;

const store = create<Readonly<Record<string, readonly string[]>>>(() => ({}));

function stored(person: string): readonly string[] {
  try {
    const parts: unknown = JSON.parse(localStorage.getItem(keyOf(person)) ?? "[]");
    return Array.isArray(parts) ? parts.filter((part) => typeof part === "string") : [];
  } catch {
    return [];
  }
}

const partsOf = (person: string) => store.getState()[person] ?? stored(person);

export const useFolded = (person: string, part: Part): boolean =>
  store((known) => (known[person] ?? stored(person)).includes(part));

export function fold(person: string, part: Part, folded: boolean) {
  const others = partsOf(person).filter((one) => one !== part);
  const parts = folded ? [...others, part] : others;
  try {
    localStorage.setItem(keyOf(person), JSON.stringify(parts));
  } catch {
    // Storage is forbidden: it lasts until the page is closed.
  }
  store.setState({ [person]: parts });
}
