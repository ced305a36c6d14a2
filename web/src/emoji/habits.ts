/** Which emoji this person uses, and in which tone of skin; kept in this browser. */
import { create } from "zustand";
import type { Emoji } from "./names";
import { type Tone, tones } from "./tones";

const KEY = "tertulia.emoji";
const RECENT_MAX = 24;
/** For whoever has not used any yet. */
const FIRST = ["👍", "❤️", "😂", "🎉", "👀", "✅"];

interface Habits {
  readonly recent: readonly string[];
  readonly tone: Tone | "none";
}

function stored(): Habits {
  try {
    const known: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    const { recent, tone } = known as { recent?: unknown; tone?: unknown };
    return {
      recent: Array.isArray(recent) ? recent.filter((one) => typeof one === "string") : [],
      tone: tones.find((one) => one === tone) ?? "none",
    };
  } catch {
    return { recent: [], tone: "none" };
  }
}

const useHabits = create<Habits>(stored);

function keep(change: Partial<Habits>) {
  useHabits.setState(change);
  try {
    localStorage.setItem(KEY, JSON.stringify(useHabits.getState()));
  } catch {
    // Storage is forbidden: the habit lasts until the page is closed.
  }
}

export function noteUsed(emoji: string) {
  const { recent } = useHabits.getState();
  keep({ recent: [emoji, ...recent.filter((one) => one !== emoji)].slice(0, RECENT_MAX) });
}

export const chooseTone = (tone: Tone | "none") => keep({ tone });
export const useTone = () => useHabits(({ tone }) => tone);

/** The emoji used last, filled up with common ones. */
export function useFrequent(count: number): readonly string[] {
  const recent = useHabits((habits) => habits.recent);
  return [...new Set([...recent, ...FIRST])].slice(0, count);
}

/** An emoji in the tone that this person chose. */
export function toned({ emoji, skins }: Emoji): string {
  const { tone } = useHabits.getState();
  return (tone !== "none" && skins?.[tones.indexOf(tone)]) || emoji;
}
