/** Which addresses may be followed: those that only lead to another page, or to a mail. */
const SAFE = new Set(["http:", "https:", "mailto:"]);

export function safeAddress(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  return SAFE.has(url.protocol) ? url.href : undefined;
}
