/** Which message is quoted by what is being written, in each place. */
import { create } from "zustand";
import type { Message, Quote } from "../api/types";

const useAnswering = create<Readonly<Record<string, Quote>>>(() => ({}));

export const useQuote = (draft: string): Quote | undefined => useAnswering((state) => state[draft]);
export const quoteOf = (draft: string): Quote | undefined => useAnswering.getState()[draft];

export function quote(draft: string, message: Message) {
  const { id, seq, sender, created_at, deleted, thread, also_to_room, mentions } = message;
  const text = message.text ?? undefined;
  const about = { message: id, seq, sender, text, created_at, deleted };
  useAnswering.setState({ [draft]: { ...about, thread, also_to_room, mentions } });
}

export const quoteNothing = (draft: string) =>
  useAnswering.setState(({ [draft]: _before, ...others }) => others, true);
