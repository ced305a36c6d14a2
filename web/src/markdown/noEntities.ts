/** Takes the place of the list of HTML's entities: in a chat `&amp;` is what was written. */
export const decodeNamedCharacterReference = (): false => false;
