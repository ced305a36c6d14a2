import { expect, it } from "vitest";
import { type Format, formatted } from "./format";

/** `[` and `]` mark the selection. */
function press(marked: string, format: Format): string {
  const from = marked.indexOf("[");
  const to = marked.indexOf("]") - 1;
  const text = marked.replace(/[[\]]/g, "");
  const change = formatted({ text, from, to }, format);
  const whole = text.slice(0, change.from) + change.by + text.slice(change.to);
  const [start, end] = change.select;
  return `${whole.slice(0, start)}[${whole.slice(start, end)}]${whole.slice(end)}`;
}

it.each<[string, Format, string]>([
  ["a [word] here", "bold", "a **[word]** here"],
  ["a **[word]** here", "bold", "a [word] here"],
  ["a [**word**] here", "bold", "a [word] here"],
  ["[]", "bold", "**[]**"],
  ["a [word]", "italic", "a _[word]_"],
  ["a [word]", "code", "a `[word]`"],
  ["[one\ntwo]", "code", "```\none\ntwo\n```[]"],
  ["so: [one\ntwo]", "code", "so: \n```\none\ntwo\n```[]"],
  ["one\nt[w]o", "list", "one\n- two[]"],
  ["[one\ntwo]\nthree", "list", "- one\n- two[]\nthree"],
  ["[- one\n- two]", "list", "one\ntwo[]"],
  ["said[]", "quote", "> said[]"],
])("%j in %s is %j", (before, format, after) => {
  expect(press(before, format)).toBe(after);
});
