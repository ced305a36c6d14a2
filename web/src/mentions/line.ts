/** A message as one plain line: for lists, quotations and what is read out. */
import { plainLine } from "../markdown/parse";
import { m } from "../paraglide/messages.js";
import { personById } from "./known";
import { rewritten } from "./wire";

const nameOf = (id: string) => `@${personById(id)?.display_name ?? m.somebody()}`;

export const lineOf = (text: string): string =>
  plainLine(
    rewritten(text, (mention) => ("person" in mention ? nameOf(mention.person) : undefined)),
  );
