// Bytes as printable text, for the module that the bindings embed. Base64 cuts bytes apart, so that gzip no longer
// finds what repeats. Here the most frequent 89 bytes become one character each and the others two: the text is
// shorter than base64, and compresses as well as the bytes themselves. bindings/core/embedded.ts reads it.

const SYMBOLS = 91;
const DIRECT = 89;

/** The character of a symbol: # to ~ without the backslash. @param {number} symbol */
const character = (symbol) => String.fromCharCode(symbol + (symbol < 57 ? 35 : 36));

/**
 * @param {Uint8Array} bytes
 * @returns {{ ranks: string, text: string }} the 256 bytes by frequency, in hex, and the text
 */
export function embed(bytes) {
  const counts = new Array(256).fill(0);
  for (const byte of bytes) counts[byte]++;
  const order = counts.map((_, byte) => byte).sort((a, b) => counts[b] - counts[a] || a - b);
  /** @type {string[]} */
  const codes = [];
  order.forEach((byte, rank) => {
    const beyond = rank - DIRECT;
    codes[byte] =
      beyond < 0 ? character(rank) : character(DIRECT + Math.floor(beyond / SYMBOLS)) + character(beyond % SYMBOLS);
  });
  return {
    ranks: Buffer.from(order).toString("hex"),
    text: Array.from(bytes, (byte) => codes[byte]).join(""),
  };
}
