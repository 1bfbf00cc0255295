// ChaCha20 (RFC 8439, section 2.4), four blocks at a time: lane n of every vector is a word of block n.

import { copyBytes } from "../bytes";

/** Bytes of the state: the 16 words of the first of the next four blocks. */
export const CHACHA20_STATE: usize = 64;
/** Bytes of four blocks of key stream. */
export const CHACHA20_STREAM: usize = 256;

// Byte orders that turn a word left by 8 and by 16 bits.
const rotateLeft8: usize = memory.data<u8>(
  // prettier-ignore
  [
    3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14,
    2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13,
  ],
  16,
);

/** Sets the state for block 0 of this key and nonce. */
export function chacha20Begin(state: usize, key: usize, nonce: usize): void {
  store<u32>(state, 0x61707865);
  store<u32>(state, 0x3320646e, 4);
  store<u32>(state, 0x79622d32, 8);
  store<u32>(state, 0x6b206574, 12);
  copyBytes(state + 16, key, 32);
  store<u32>(state, 0, 48);
  copyBytes(state + 52, nonce, 12);
}

/** Word `index` of all four blocks before the rounds. */
function initialWord(state: usize, index: usize): v128 {
  const word = v128.load32_splat(state + (index << 2));
  return index == 12 ? i32x4.add(word, i32x4(0, 1, 2, 3)) : word;
}

/** Writes the next four blocks of key stream and counts them. */
export function chacha20Blocks(stream: usize, state: usize): void {
  for (let i: usize = 0; i < 16; i++) v128.store(stream + (i << 4), initialWord(state, i));
  const left8 = v128.load(rotateLeft8);
  const left16 = v128.load(rotateLeft8, 16);
  for (let round = 0; round < 20; round++) {
    // Odd rounds go along the diagonals: rows 1, 2, 3 start that many columns later.
    const shift: usize = (round & 1) << 4;
    let column: usize = 0;
    let column1 = shift;
    let column2 = shift << 1;
    let column3 = shift * 3;
    for (; column < 64; column += 16) {
      const at = stream + column;
      const bt = stream + column1;
      const ct = stream + column2;
      const dt = stream + column3;
      let a = v128.load(at);
      let b = v128.load(bt, 64);
      let c = v128.load(ct, 128);
      let d = v128.load(dt, 192);
      a = i32x4.add(a, b);
      d = i8x16.swizzle(v128.xor(d, a), left16);
      c = i32x4.add(c, d);
      b = v128.xor(b, c);
      b = v128.or(i32x4.shl(b, 12), i32x4.shr_u(b, 20));
      a = i32x4.add(a, b);
      d = i8x16.swizzle(v128.xor(d, a), left8);
      c = i32x4.add(c, d);
      b = v128.xor(b, c);
      b = v128.or(i32x4.shl(b, 7), i32x4.shr_u(b, 25));
      v128.store(at, a);
      v128.store(bt, b, 64);
      v128.store(ct, c, 128);
      v128.store(dt, d, 192);
      column1 = (column1 + 16) & 63;
      column2 = (column2 + 16) & 63;
      column3 = (column3 + 16) & 63;
    }
  }
  // Four words of four blocks at a time: turn the square, after which row n belongs to block n.
  for (let row: usize = 0; row < 4; row++) {
    const at = stream + (row << 6);
    const first = row << 2;
    const a = i32x4.add(v128.load(at), initialWord(state, first));
    const b = i32x4.add(v128.load(at, 16), initialWord(state, first + 1));
    const c = i32x4.add(v128.load(at, 32), initialWord(state, first + 2));
    const d = i32x4.add(v128.load(at, 48), initialWord(state, first + 3));
    const ab01 = i32x4.shuffle(a, b, 0, 4, 1, 5);
    const ab23 = i32x4.shuffle(a, b, 2, 6, 3, 7);
    const cd01 = i32x4.shuffle(c, d, 0, 4, 1, 5);
    const cd23 = i32x4.shuffle(c, d, 2, 6, 3, 7);
    v128.store(at, i64x2.shuffle(ab01, cd01, 0, 2));
    v128.store(at, i64x2.shuffle(ab01, cd01, 1, 3), 16);
    v128.store(at, i64x2.shuffle(ab23, cd23, 0, 2), 32);
    v128.store(at, i64x2.shuffle(ab23, cd23, 1, 3), 48);
  }
  // Now (row, block) stands where (block, row) belongs.
  for (let row: usize = 0; row < 4; row++) {
    for (let block = row + 1; block < 4; block++) {
      const at = stream + (row << 6) + (block << 4);
      const other = stream + (block << 6) + (row << 4);
      const vector = v128.load(at);
      v128.store(at, v128.load(other));
      v128.store(other, vector);
    }
  }
  store<u32>(state, load<u32>(state, 48) + 4, 48);
}
