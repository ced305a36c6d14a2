/**
 * Markdown to a tree, of which only what is asked for is ever shown.
 *
 * HTML is text like any other. Left out is also what surprises in a chat: pictures from anywhere
 * (the reader's browser would call them), definitions (their line would vanish), underlined
 * headings, and entities (`&copy` in an address is part of the address).
 */
import type { Nodes, Root } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmAutolinkLiteralFromMarkdown } from "mdast-util-gfm-autolink-literal";
import { gfmStrikethroughFromMarkdown } from "mdast-util-gfm-strikethrough";
import { gfmAutolinkLiteral } from "micromark-extension-gfm-autolink-literal";
import { gfmStrikethrough } from "micromark-extension-gfm-strikethrough";
import { off } from "./off";

const options = {
  extensions: [
    gfmAutolinkLiteral(),
    gfmStrikethrough({ singleTilde: false }),
    { disable: { null: off } },
  ],
  mdastExtensions: [gfmAutolinkLiteralFromMarkdown(), gfmStrikethroughFromMarkdown()],
};

/** What may mean something in Markdown; a text without any of it is what it looks like. */
const MARKS = /[*_`~<>[\]\\#|+=:@-]|www\.|^\s*\d+[.)]\s|^\s|\s$|\n\s*\n| {2}\n/mu;
/** More marks than anybody writes: some take the parser a time that grows with their square. */
const MARKS_MAX = 2000;
const MARKS_COUNTED = /[*_`~<>[\]]/g;
const FENCED = /^(`{3,}|~{3,})[^\n]*\n[\s\S]*?^\1/gm;

const plainly = (value: string): Root => ({
  type: "root",
  children: [{ type: "paragraph", children: [{ type: "text", value }] }],
});

export function parse(text: string): Root {
  if (!MARKS.test(text)) return plainly(text);
  const counted = text.replace(FENCED, "").match(MARKS_COUNTED)?.length ?? 0;
  if (counted > MARKS_MAX) return plainly(text);
  return fromMarkdown(text, options);
}

/** The words of a tree, without its marks. */
export function wordsOf(node: Nodes): string {
  if ("value" in node) return node.value;
  if (node.type === "break") return "\n";
  if (!("children" in node)) return "";
  const between = node.type === "root" || node.type === "list" ? "\n" : "";
  return node.children.map(wordsOf).join(between);
}

/** A message as one plain line, for lists and notices. */
export const plainLine = (text: string): string => wordsOf(parse(text)).replace(/\s+/g, " ").trim();
