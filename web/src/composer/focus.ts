/** On touch, a place to write brings up the keyboard, so it waits until it is asked for. */
export const coarse = () => matchMedia("(pointer: coarse)").matches;

const focus = (wanted: string) =>
  document.querySelector<HTMLElement>(wanted)?.focus({ preventScroll: true });

/** On touch one lands at the heading, from where a screen reader reads on. */
export function landOnTouch() {
  const there = document.querySelector("main")?.contains(document.activeElement);
  if (coarse() && !there) focus("main h1");
}

/** Out of what was beside or over the room. */
export const backToRoom = () => focus(coarse() ? "main h1" : "#composer");

/** To the text of a composer, when a button in it that had the focus goes. */
export const backToWriting = (composer: HTMLFormElement | null) =>
  coarse() || composer?.querySelector("textarea")?.focus();

/** Which composer takes the focus when it appears, although it would not by itself on a phone. */
let wanted: string | undefined;

export function wantComposer(draft: string) {
  wanted = draft;
}

/** Whether this one was asked for; once. */
export function isWanted(draft: string): boolean {
  if (wanted !== draft) return false;
  wanted = undefined;
  return true;
}
