/** A message as one plain line: for lists, quotations and what is read out. */
import type { Message } from "../api/types";
import { plainLine } from "../markdown/parse";
import { m } from "../paraglide/messages.js";
import { personById } from "./known";
import { rewritten } from "./wire";

const nameOf = (id: string) => `@${personById(id)?.display_name ?? m.somebody()}`;

export const lineOf = (text: string): string =>
  plainLine(
    rewritten(text, (mention) => ("person" in mention ? nameOf(mention.person) : undefined)),
  );

/** What a message says in one line; of one without text, what is in it instead. */
export function lineOfMessage({ text, files = [] }: Pick<Message, "text" | "files">): string {
  const line = lineOf(text ?? "");
  const count = files.length;
  if (line || count === 0) return line;
  const onlyPictures = files.every(({ thumbnail }) => thumbnail);
  return onlyPictures ? m.line_pictures({ count }) : m.line_files({ count });
}
