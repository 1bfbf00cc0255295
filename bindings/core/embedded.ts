// The counterpart of scripts/embed.mjs: bytes from printable text. The most frequent 89 bytes are one character,
// the others two, of which the first is one of the last two symbols.

const SYMBOLS = 91;
const DIRECT = 89;

/** The bytes that `text` stands for; `ranks` are the 256 bytes by frequency, in hex, and `length` their number. */
export function embeddedBytes(ranks: string, text: string, length: number): Uint8Array<ArrayBuffer> {
  const byRank = Uint8Array.from({ length: 256 }, (_, rank) => parseInt(ranks.slice(2 * rank, 2 * rank + 2), 16));
  const bytes = new Uint8Array(length);
  let at = 0;
  for (let i = 0; i < length; i++) {
    let rank = symbolAt(text, at++);
    if (rank >= DIRECT) rank = DIRECT + (rank - DIRECT) * SYMBOLS + symbolAt(text, at++);
    bytes[i] = byRank[rank]!;
  }
  return bytes;
}

/** The symbols are # to ~ without the backslash. */
function symbolAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 92 ? code - 35 : code - 36;
}
