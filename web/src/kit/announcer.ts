/** Says things to screen readers, outside of what is on the screen. */
import { create } from "zustand";

interface Said {
  polite: string;
  assertive: string;
}

export const useAnnouncer = create<Said>(() => ({ polite: "", assertive: "" }));

// A trailing space makes the same words news again.
const fresh = (before: string, words: string) => (words && before === words ? `${words} ` : words);

export const announce = (words: string) =>
  useAnnouncer.setState(({ polite }) => ({ polite: fresh(polite, words) }));

export const announceNow = (words: string) =>
  useAnnouncer.setState(({ assertive }) => ({ assertive: fresh(assertive, words) }));
