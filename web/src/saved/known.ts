/** Which messages are saved for later, as this page was told since it read them. */
import { create } from "zustand";
import type { Message } from "../api/types";

export interface SavedTold {
  readonly message: string;
  readonly saved: boolean;
}

interface Told {
  readonly of: Readonly<Record<string, boolean>>;
  /** Nothing but what is in `of` is saved. */
  readonly whole: boolean;
}

export const useTold = create<Told>(() => ({ of: {}, whole: false }));

const by = ({ of, whole }: Told, { id, saved }: Message) => of[id] ?? (!whole && saved === true);

export const isSaved = (message: Message) => by(useTold.getState(), message);

export const useIsSaved = (message: Message) => useTold((told) => by(told, message));

export const noteSaved = ({ message, saved }: SavedTold) =>
  useTold.setState(({ of }) => ({ of: { ...of, [message]: saved } }));
