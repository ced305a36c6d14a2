/**
 * What people write is `@ana`; what is kept is `<@id>`, so that another name does not break it.
 *
 * Only running text is rewritten: in code and in links the letters stay as they are.
 */
import type { Nodes } from "mdast";
import { parse } from "../markdown/parse";
import { personById, personByName } from "./known";
import { type Mention, stretches } from "./parse";

interface Run {
  readonly from: number;
  readonly to: number;
}

function runsOf(node: Nodes, text: string, found: Run[]) {
  if (node.type === "text") {
    const end = node.position?.end.offset ?? 0;
    let at = node.position?.start.offset ?? 0;
    // In a quotation or a list, the marks of each line are not in the tree.
    for (const line of node.value.split("\n")) {
      const from = text.indexOf(line, at);
      // With escapes inside, places in the tree are not places in the text.
      if (from < 0 || from + line.length > end) return;
      found.push({ from, to: from + line.length });
      at = from + line.length;
    }
  } else if ("children" in node && node.type !== "link" && node.type !== "linkReference") {
    for (const child of node.children) runsOf(child, text, found);
  }
}

/** A text in which calls are written in another way. */
export function rewritten(text: string, write: (mention: Mention) => string | undefined): string {
  if (!text.includes("@")) return text;
  const runs: Run[] = [];
  runsOf(parse(text), text, runs);
  let result = "";
  let at = 0;
  for (const { from, to } of runs) {
    result += text.slice(at, from);
    for (const one of stretches(text.slice(from, to)))
      result += typeof one === "string" ? one : (write(one.mention) ?? one.written);
    at = to;
  }
  return result + text.slice(at);
}

/** As it is sent: people who are known by their id. */
export const toWire = (text: string): string =>
  rewritten(text, (mention) => {
    const person = "name" in mention ? personByName(mention.name) : undefined;
    return person && `<@${person.id}>`;
  });

/** As it is written and edited: people by their name. */
export const fromWire = (text: string): string =>
  rewritten(text, (mention) => {
    const person = "person" in mention ? personById(mention.person) : undefined;
    return person && `@${person.username}`;
  });
