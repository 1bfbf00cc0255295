// GHASH (NIST SP 800-38D, section 6.4), in constant time. Bytes stay in the order of the wire, in
// which a multiplication by x moves bits to the right.
//
// The product of a nibble and H has 17 bytes; byte j of all 16 products makes one vector, so one byte
// shuffle looks up byte j of the products of all nibbles of a block, each in the lane of its byte.

/** Bytes of the tables of one H: for every j, last first, the products of high and of low nibbles. */
export const GHASH_TABLES: usize = 544;

// Lane n is all ones where bit 3, 2, 1, 0 of n is set.
const bitLanes: usize = memory.data<u8>(
  // prettier-ignore
  [
    0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255,
    0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0, 255, 255, 255, 255,
    0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255, 255,
    0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255,
  ],
  16,
);

/** Byte j of the products of all nibbles; bit 3 - b of the nibble stands for `window` >> b. */
function products(window: u32): v128 {
  let sum = v128.and(i8x16.splat(<u8>window), v128.load(bitLanes));
  sum = v128.xor(sum, v128.and(i8x16.splat(<u8>(window >> 1)), v128.load(bitLanes, 16)));
  sum = v128.xor(sum, v128.and(i8x16.splat(<u8>(window >> 2)), v128.load(bitLanes, 32)));
  return v128.xor(sum, v128.and(i8x16.splat(<u8>(window >> 3)), v128.load(bitLanes, 48)));
}

/** Prepares the tables for the 16 bytes of H. */
export function ghashPrepare(tables: usize, h: usize): void {
  let window: u32 = 0; // byte j - 1 and byte j of H
  let to = tables + GHASH_TABLES;
  for (let j: usize = 0; j < 17; j++) {
    window <<= 8;
    if (j < 16) window |= <u32>load<u8>(h + j);
    to -= 32;
    v128.store(to, products(window));
    v128.store(to, products(window >> 4), 16);
    window &= 0xff;
  }
}

/** What bits 1..7 of each byte lose to the next when multiplied by x, x^2 and x^7. */
function spill(x: v128): v128 {
  return v128.xor(v128.xor(i8x16.shl(x, 7), i8x16.shl(x, 6)), i8x16.shl(x, 1));
}

/** state = (state + block) * H for each of `count` blocks. */
export function ghash(state: usize, tables: usize, from: usize, count: usize): void {
  const zero = i64x2.splat(0);
  const nibble = i8x16.splat(15);
  let sum = v128.load(state);
  for (let end = from + (count << 4); from < end; from += 16) {
    sum = v128.xor(sum, v128.load(from));
    const high = v128.and(i16x8.shr_u(sum, 4), nibble);
    const low = v128.and(sum, nibble);
    // 32 bytes, lowest degree first: a step to the next byte, then byte j of the products is added.
    let first = zero;
    let second = zero;
    for (let at = tables; at < tables + GHASH_TABLES; at += 32) {
      const product = v128.xor(i8x16.swizzle(v128.load(at), high), i8x16.swizzle(v128.load(at, 16), low));
      second = i8x16.shuffle(first, second, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
      first = i8x16.shuffle(zero, first, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
      first = v128.xor(first, product);
    }
    // x^128 = x^7 + x^2 + x + 1: first what the last byte of the second half sends beyond x^255 - 128,
    // then the second half as a whole.
    second = v128.xor(
      second,
      i8x16.shuffle(spill(second), zero, 15, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16),
    );
    const kept = v128.xor(
      v128.xor(second, i8x16.shr_u(second, 1)),
      v128.xor(i8x16.shr_u(second, 2), i8x16.shr_u(second, 7)),
    );
    const moved = i8x16.shuffle(zero, spill(second), 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
    sum = v128.xor(first, v128.xor(kept, moved));
  }
  v128.store(state, sum);
}
