/** What the keys and buttons for bold, code, lists and quotes do to a selection. */
export type Format = "bold" | "italic" | "code" | "list" | "quote";

export interface Selection {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** What replaces the letters between `from` and `to`, and what is selected afterwards. */
export interface Change {
  readonly from: number;
  readonly to: number;
  readonly by: string;
  readonly select: readonly [number, number];
}

export function formatted(selection: Selection, format: Format): Change {
  const { text, from, to } = selection;
  switch (format) {
    case "bold":
      return around(selection, "**");
    case "italic":
      return around(selection, "_");
    case "code":
      return text.slice(from, to).includes("\n") ? fenced(selection) : around(selection, "`");
    case "list":
      return lines(selection, "- ");
    case "quote":
      return lines(selection, "> ");
  }
}

/** Puts marks around, or takes them away where they are already. */
function around({ text, from, to }: Selection, mark: string): Change {
  const chosen = text.slice(from, to);
  const inside =
    chosen.length >= 2 * mark.length && chosen.startsWith(mark) && chosen.endsWith(mark);
  if (inside) {
    const by = chosen.slice(mark.length, -mark.length);
    return { from, to, by, select: [from, from + by.length] };
  }
  const [left, right] = [from - mark.length, to + mark.length];
  if (left >= 0 && text.slice(left, from) === mark && text.slice(to, right) === mark)
    return { from: left, to: right, by: chosen, select: [left, left + chosen.length] };
  const start = from + mark.length;
  return { from, to, by: mark + chosen + mark, select: [start, start + chosen.length] };
}

function fenced({ text, from, to }: Selection): Change {
  const before = from === 0 || text[from - 1] === "\n" ? "" : "\n";
  const by = `${before}\`\`\`\n${text.slice(from, to)}\n\`\`\``;
  return { from, to, by, select: [from + by.length, from + by.length] };
}

/** Begins every line of the selection with a mark, or takes it away from all of them. */
function lines({ text, from, to }: Selection, mark: string): Change {
  const start = text.lastIndexOf("\n", from - 1) + 1;
  const next = text.indexOf("\n", to);
  const end = next < 0 ? text.length : next;
  const chosen = text.slice(start, end).split("\n");
  const marked = chosen.every((line) => line.startsWith(mark));
  const by = chosen.map((line) => (marked ? line.slice(mark.length) : mark + line)).join("\n");
  return { from: start, to: end, by, select: [start + by.length, start + by.length] };
}
