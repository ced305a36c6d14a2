/**
 * The rooms as the list shows them now. While the pointer is over the list, the focus inside, or
 * somebody goes through it by keys, none of them moves.
 */
import { type RefObject, useEffect, useRef } from "react";
import { create } from "zustand";
import { steady } from "./order";

type Hold = "pointer" | "focus" | "keys";

interface Shown {
  /** From the top to the bottom. */
  readonly ids: readonly string[];
  readonly holds: ReadonlySet<Hold>;
}

/** How long the list stands still after a step by keys. */
const STEP_MS = 4_000;

const store = create<Shown>(() => ({ ids: [], holds: new Set() }));

export const shownRooms = () => store.getState().ids;
export const noteShown = (ids: readonly string[]) => store.setState({ ids });

export const hold = (by: Hold) =>
  store.setState(({ holds }) => (holds.has(by) ? {} : { holds: new Set([...holds, by]) }));

export const release = (by: Hold) =>
  store.setState(({ holds }) =>
    holds.has(by) ? { holds: new Set([...holds].filter((one) => one !== by)) } : {},
  );

let timer: ReturnType<typeof setTimeout> | undefined;

/** Somebody goes from room to room. */
export function holdForStep() {
  clearTimeout(timer);
  hold("keys");
  timer = setTimeout(() => release("keys"), STEP_MS);
}

interface Wanted {
  readonly ids: readonly string[];
  readonly folded: boolean;
}

/** The wanted rooms, as soon as nobody is at the list or somebody folds it. */
export function useSteady(wanted: Wanted, isThere: (id: string) => boolean): readonly string[] {
  const held = store(({ holds }) => holds.size > 0);
  const shown = useRef(wanted);
  const { ids, folded } = shown.current;
  const stays = held && folded === wanted.folded;
  shown.current = stays ? { ids: steady(ids, wanted.ids, isThere), folded } : wanted;
  return shown.current.ids;
}

/** Notes whether the pointer or the focus is in the list. */
export function useHolding(list: RefObject<HTMLElement | null>) {
  useEffect(() => {
    const signals = new AbortController();
    const { signal } = signals;
    const inside = (target: EventTarget | null) =>
      target instanceof Node && list.current?.contains(target);
    const point = ({ target, pointerType }: PointerEvent) =>
      inside(target) && pointerType !== "touch" ? hold("pointer") : release("pointer");
    const focus = (target: EventTarget | null) =>
      inside(target) ? hold("focus") : release("focus");
    document.addEventListener("pointerover", point, { signal });
    document.documentElement.addEventListener("pointerleave", () => release("pointer"), { signal });
    document.addEventListener("focusin", ({ target }) => focus(target), { signal });
    document.addEventListener("focusout", ({ relatedTarget }) => focus(relatedTarget), { signal });
    return () => signals.abort();
  }, [list]);
}
