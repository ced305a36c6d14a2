/** Which composer takes the focus when it appears, although it would not by itself on a phone. */
let wanted: string | undefined;

export function wantComposer(draft: string) {
  wanted = draft;
}

/** Whether this one was asked for; once. */
export function isWanted(draft: string): boolean {
  if (wanted !== draft) return false;
  wanted = undefined;
  return true;
}
