/** What a text that begins with a slash asks for. */
export const commandNames = [
  "topic",
  "invite",
  "mute",
  "unmute",
  "msg",
  "leave",
  "help",
] as const;

export type CommandName = (typeof commandNames)[number];

export interface Command {
  readonly name: string;
  /** What was written after the name. */
  readonly words: string;
}

const SHAPE = /^\/(\p{L}[\p{L}\p{N}-]*)(?:\s+(.*))?$/su;
const ESCAPED = /^\/\/\p{L}[\p{L}\p{N}-]*(?:\s|$)/u;
const HOUR_S = 3600;
const units: Readonly<Record<string, number>> = { h: HOUR_S, d: 24 * HOUR_S };

/** A path such as `/etc/hosts`, or a slash alone, is a text like any other. */
export function readCommand(text: string): Command | undefined {
  const match = SHAPE.exec(text.trim());
  return match?.[1] ? { name: match[1].toLowerCase(), words: match[2]?.trim() ?? "" } : undefined;
}

export const isKnown = (name: string): name is CommandName =>
  commandNames.some((known) => known === name);

/** The text of `//name …` is `/name …`. */
export const unescaped = (text: string): string => (ESCAPED.test(text) ? text.slice(1) : text);

/** For how many seconds a room is muted by `8h` or `2d`; for an hour if nothing is said. */
export function mutedSeconds(words: string): number | undefined {
  if (words === "") return HOUR_S;
  const [, count = "", unit = ""] = /^(\d{1,3})\s*([hd])$/i.exec(words) ?? [];
  const seconds = Number(count) * (units[unit.toLowerCase()] ?? 0);
  return seconds > 0 ? seconds : undefined;
}
