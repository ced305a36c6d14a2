/** The server counts bytes of UTF-8, not letters. */
export const TEXT_BYTES_MAX = 16_384;
/** From here on the composer says how much is left. */
export const TEXT_BYTES_NEAR = 15_000;

const encoder = new TextEncoder();

export const bytesOf = (text: string) => encoder.encode(text).length;
