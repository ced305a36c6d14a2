/** Whether a message is one to three pictures and nothing else: those are shown large. */
const ONE =
  /(?:\p{RI}{2}|(?![\d*#])\p{Emoji}(?:\p{EMod}|\uFE0F)?(?:\u200D\p{Emoji}(?:\p{EMod}|\uFE0F)?)*)/u;
const FEW = new RegExp(`^(?:${ONE.source}\\s*){1,3}$`, "u");
const LONGEST = 64;

export const onlyEmoji = (text: string): boolean => text.length <= LONGEST && FEW.test(text);
