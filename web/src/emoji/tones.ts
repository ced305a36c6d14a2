/** The tones of skin, from light to dark. */
export const tones = ["light", "medium-light", "medium", "medium-dark", "dark"] as const;
export type Tone = (typeof tones)[number];
