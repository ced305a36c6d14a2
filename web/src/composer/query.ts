import { goesOnInWord } from "../mentions/word";

/** What somebody may be about to call while writing: a person, a room, an emoji, a command. */
export interface Query {
  readonly sign: "@" | "#" | ":" | "/";
  /** What was written after the sign. */
  readonly written: string;
  /** Where the sign is. */
  readonly from: number;
}

const CALL = /([@#:])([\p{L}\p{N}\p{M}_.+-]{0,40})$/u;
const COMMAND = /^\/([\p{L}\p{N}-]{0,20})$/u;
const EMOJI_LEAST = 2;

/** Inside code nothing is called. */
function inCode(before: string): boolean {
  const fences = before.match(/^(?:```|~~~)/gm)?.length ?? 0;
  const line = before.slice(before.lastIndexOf("\n") + 1);
  return fences % 2 === 1 || (line.match(/`/g)?.length ?? 0) % 2 === 1;
}

export function queryAt(text: string, caret: number): Query | undefined {
  const before = text.slice(0, caret);
  const command = COMMAND.exec(before);
  if (command) return { sign: "/", written: command[1] ?? "", from: 0 };
  const match = CALL.exec(before);
  if (!match || inCode(before) || goesOnInWord(before.slice(0, match.index))) return undefined;
  const sign = match[1] as Query["sign"];
  const written = match[2] ?? "";
  if (sign === ":" && written.length < EMOJI_LEAST) return undefined;
  return { sign, written, from: match.index };
}

const CALLED = /(?<![\p{L}\p{N}\p{M}_:]):([\p{L}\p{N}_+-]{2,40}):$/u;

/** The name of an emoji whose second colon was just written. */
export function emojiClosedAt(
  text: string,
  caret: number,
): { name: string; from: number } | undefined {
  const before = text.slice(0, caret);
  const match = CALLED.exec(before);
  if (!match?.[1] || inCode(before)) return undefined;
  return { name: match[1], from: match.index };
}
