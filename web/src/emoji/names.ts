/** Every emoji with its names in one language; read from our own server when first needed. */
import type { Locale } from "../kit/locale";
import type { Tone } from "./tones";

export interface Emoji {
  readonly emoji: string;
  readonly category: number;
  readonly label: string;
  readonly tags: readonly string[];
  /** As in `:name:`. */
  readonly names: readonly string[];
  /** With each tone of skin, from light to dark. */
  readonly skins: readonly string[] | undefined;
}

export interface EmojiNames {
  readonly categories: { index: number; label: string }[];
  readonly skinTones: Record<Tone, string>;
  readonly emojis: readonly Emoji[];
}

type Row = [string, number, string, string[], string[], string[]?];
export interface EmojiFile {
  categories: { index: number; label: string }[];
  skinTones: Record<Tone, string>;
  rows: Row[];
}

const loaded = new Map<Locale, Promise<EmojiNames>>();

const files: Record<Locale, URL> = {
  en: new URL("./generated/en.json", import.meta.url),
  es: new URL("./generated/es.json", import.meta.url),
};

async function read(locale: Locale): Promise<EmojiNames> {
  const answer = await fetch(files[locale]);
  if (!answer.ok) throw new Error(`the names of emoji: ${answer.status}`);
  return unpacked((await answer.json()) as EmojiFile);
}

export function emojiNames(locale: Locale): Promise<EmojiNames> {
  const known = loaded.get(locale);
  if (known) return known;
  const names = read(locale);
  loaded.set(locale, names);
  names.catch(() => loaded.delete(locale)); // Offline: the next who asks tries again.
  return names;
}

export const unpacked = ({ categories, skinTones, rows }: EmojiFile): EmojiNames => ({
  categories,
  skinTones,
  emojis: rows.map(([emoji, category, label, tags, names, skins]) => ({
    emoji,
    category,
    label,
    tags,
    names,
    skins,
  })),
});

const folded = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** How well a name fits what was written: 0 is not at all. */
function fit({ names, label, tags }: Emoji, query: string): number {
  if (names.includes(query)) return 4;
  if (names.some((name) => name.startsWith(query))) return 3;
  const words = [...folded(label).split(/\s+/), ...tags.map(folded)];
  if (words.some((word) => word.startsWith(query))) return 2;
  return names.some((name) => name.includes(query)) ? 1 : 0;
}

/** The emoji that fit best, best first. */
export function searchEmoji(names: EmojiNames, written: string, max: number): Emoji[] {
  const query = folded(written);
  return names.emojis
    .map((emoji) => ({ emoji, score: fit(emoji, query) }))
    .filter(({ score }) => score > 0)
    .toSorted((one, other) => other.score - one.score)
    .slice(0, max)
    .map(({ emoji }) => emoji);
}

/** The emoji of exactly this name. */
export const emojiCalled = (names: EmojiNames, name: string): Emoji | undefined =>
  names.emojis.find((emoji) => emoji.names.includes(name.toLowerCase()));
