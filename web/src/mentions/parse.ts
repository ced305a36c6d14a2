/**
 * Whom a text calls: the same rule as the server's, held together by one file of examples
 * (`crates/protocol/vectors/mentions.json`).
 *
 * Only running text counts, so nothing in code or in a link does. There, `@` begins a mention
 * unless a letter, a digit, a mark or `_` stands right before it; letters of scripts that write
 * words without spaces do not count. `.`, `-` and the joiners of some scripts stand single inside
 * a name and never last. `<@id>` names a person by id.
 */
import type { Nodes } from "mdast";
import { parse } from "../markdown/parse";
import { endsInWord, goesOnInWord } from "./word";

export type Mention =
  { readonly person: string } | { readonly name: string } | { readonly everyone: "room" | "here" };

/** A stretch of a text: words, or a call with how it was written. */
export type Stretch = string | { readonly mention: Mention; readonly written: string };

const NAME = /^@([\p{L}\p{N}\p{M}_]+(?:(?:[.-]|\u200c|\u200d)[\p{L}\p{N}\p{M}_]+)*)/u;
const TOKEN = /^<@([\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12})>/i;
const ADDRESS = /^(?:[a-z][a-z\d]*:\/\/|www\.)[^\s<]*/i;
const CANDIDATE = /[<@]|[a-z\d]+:\/\/|www\./giu;

function named(name: string): Mention {
  const plain = name.toLowerCase();
  return plain === "room" || plain === "here" ? { everyone: plain } : { name };
}

/** One run of text, in stretches that together are all of it. */
export function stretches(run: string): Stretch[] {
  if (!run.includes("@")) return [run];
  const found: Stretch[] = [];
  let from = 0;
  let free = 0;
  for (const { index } of run.matchAll(CANDIDATE)) {
    if (index < free) continue;
    const rest = run.slice(index);
    const before = run.slice(0, index);
    const token = TOKEN.exec(rest);
    const name = goesOnInWord(before) ? undefined : NAME.exec(rest);
    const address = endsInWord(before) ? undefined : ADDRESS.exec(rest);
    const [written] = token ?? name ?? address ?? [];
    if (!written) continue;
    free = index + written.length;
    const mention = token?.[1] ? { person: token[1].toLowerCase() } : name?.[1] && named(name[1]);
    if (!mention) continue;
    if (index > from) found.push(run.slice(from, index));
    found.push({ mention, written });
    from = free;
  }
  if (from < run.length) found.push(run.slice(from));
  return found;
}

function runsOf(node: Nodes, found: string[]) {
  if (node.type === "text") found.push(node.value);
  else if ("children" in node && node.type !== "link" && node.type !== "linkReference")
    for (const child of node.children) runsOf(child, found);
}

/** The calls of a message's text, in order. */
export function mentionsIn(text: string): Mention[] {
  const runs: string[] = [];
  runsOf(parse(text), runs);
  return runs.flatMap(stretches).flatMap((one) => (typeof one === "string" ? [] : one.mention));
}
