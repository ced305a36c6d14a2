/** Where words end: a call begins in none. */

const WORD = /[\p{L}\p{N}\p{M}_]$/u;
/** Thai and Lao; Myanmar; Khmer; kana; Han. */
const ranges = [
  "\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff\\u3005-\\u3007\\u3040-\\u30ff",
  "\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3fffd}",
];
const WITHOUT_SPACES = new RegExp(`[${ranges.join("")}]$`, "u");

/** Its last letter, which takes one unit or two; the rest of a long text is not looked at. */
const last = (text: string) => text.slice(-2);

/** Whether a text ends with a letter, a digit, a mark or `_`. */
export const endsInWord = (text: string) => WORD.test(last(text));

/** The same, apart from scripts whose words need no space between them. */
export const goesOnInWord = (text: string) =>
  endsInWord(text) && !WITHOUT_SPACES.test(last(text));
