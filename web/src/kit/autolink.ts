/** Finds the addresses in a plain text. Only http and https: nothing else becomes a link. */
export type Piece = { text: string; href?: string };

const ADDRESS = /\bhttps?:\/\/[^\s<>"]+/gi;
const CLOSING: Record<string, string> = { ")": "(", "]": "[", "}": "{" };

/** Where the address ends: not at the sentence's punctuation, nor at a bracket it did not open. */
function lengthOf(address: string): number {
  let end = address.length;
  while (end > 0) {
    const last = address[end - 1] ?? "";
    const opening = CLOSING[last];
    const body = address.slice(0, end);
    const unbalanced = opening && body.split(opening).length < body.split(last).length;
    if (!/[.,;:!?'’»*_~]/.test(last) && !unbalanced) break;
    end -= 1;
  }
  return end;
}

export function autolink(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const href = match[0].slice(0, lengthOf(match[0]));
    if (!URL.canParse(href)) continue;
    if (match.index > at) pieces.push({ text: text.slice(at, match.index) });
    pieces.push({ text: href, href });
    at = match.index + href.length;
  }
  if (at < text.length) pieces.push({ text: text.slice(at) });
  return pieces;
}
