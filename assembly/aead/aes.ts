// AES-128 and AES-256 encryption (FIPS 197), in constant time: every look-up is a byte shuffle
// inside a register. Mike Hamburg's vector permutation: bytes are kept as pairs of nibbles in which
// the inversion of the S-box takes five 16-entry tables; `scripts/aes-tables.mjs` derives them.

/** Bytes of an expanded key. */
export const AES_SCHEDULE: usize = 240;

// ShiftRows, then the same with each column turned up by one, two and three rows. Kept in memory: a look-up by a
// loaded vector costs engines less than a shuffle with constants.
const shiftedRows: usize = memory.data<u8>(
  // prettier-ignore
  [
    0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11,
    5, 10, 15, 0, 9, 14, 3, 4, 13, 2, 7, 8, 1, 6, 11, 12,
    10, 15, 0, 5, 14, 3, 4, 9, 2, 7, 8, 13, 6, 11, 12, 1,
    15, 0, 5, 10, 3, 4, 9, 14, 7, 8, 13, 2, 11, 12, 1, 6,
  ],
  16,
);

// From AES's bytes to the kept form, by nibble | inverse and a times inverse, of a nibble |
// from the two inverses to the S-box's output: kept form, twice it, AES's bytes.
const tables: usize = memory.data<u8>(
  // prettier-ignore
  [
    0x00, 0x11, 0x57, 0x46, 0xc0, 0xd1, 0x97, 0x86, 0xf3, 0xe2, 0xa4, 0xb5, 0x33, 0x22, 0x64, 0x75,
    0x00, 0x0a, 0xda, 0xd0, 0x5f, 0x55, 0x85, 0x8f, 0x58, 0x52, 0x82, 0x88, 0x07, 0x0d, 0xdd, 0xd7,
    0x80, 0x01, 0x0c, 0x08, 0x06, 0x0f, 0x04, 0x0e, 0x03, 0x0d, 0x0b, 0x0a, 0x02, 0x09, 0x07, 0x05,
    0x80, 0x03, 0x0d, 0x01, 0x0a, 0x08, 0x0c, 0x0b, 0x05, 0x0e, 0x04, 0x07, 0x06, 0x02, 0x09, 0x0f,
    0x00, 0x49, 0xb0, 0x18, 0xa4, 0xf5, 0xa8, 0xbc, 0x45, 0xf9, 0x5d, 0x14, 0x0c, 0x51, 0xed, 0xe1,
    0x00, 0x73, 0x01, 0x21, 0x6f, 0x3d, 0x20, 0x4e, 0x3c, 0x72, 0x1d, 0x6e, 0x4f, 0x52, 0x1c, 0x53,
    0x00, 0xe8, 0x38, 0xee, 0xca, 0xcc, 0xd6, 0x24, 0xf4, 0xd0, 0x1a, 0xf2, 0x1c, 0x06, 0x22, 0x3e,
    0x00, 0xa8, 0x21, 0xcd, 0xc2, 0xa7, 0xec, 0x0f, 0x86, 0x89, 0x4b, 0xe3, 0x2e, 0x65, 0x6a, 0x44,
    0x00, 0x81, 0x99, 0x76, 0x0a, 0xfd, 0xef, 0x7c, 0x64, 0x18, 0x12, 0x93, 0xe5, 0xf7, 0x8b, 0x6e,
    0x00, 0xfa, 0x35, 0x6a, 0x2b, 0xbb, 0x5f, 0x41, 0x8e, 0xcf, 0xe4, 0x1e, 0x74, 0x90, 0xd1, 0xa5,
  ],
  16,
);
const ENTER_LOW: usize = 0;
const ENTER_HIGH: usize = 16;
const INVERSE: usize = 32;
const INVERSE_A: usize = 48;
const ONCE_P: usize = 64;
const ONCE_Q: usize = 80;
const TWICE_P: usize = 96;
const TWICE_Q: usize = 112;
const LEAVE_P: usize = 128;
const LEAVE_Q: usize = 144;

function lowNibbles(x: v128): v128 {
  return v128.and(x, i8x16.splat(15));
}

function highNibbles(x: v128): v128 {
  return v128.and(i16x8.shr_u(x, 4), i8x16.splat(15));
}

/** AES's bytes in the kept form. */
function enter(x: v128): v128 {
  return v128.xor(
    i8x16.swizzle(v128.load(tables, ENTER_LOW), lowNibbles(x)),
    i8x16.swizzle(v128.load(tables, ENTER_HIGH), highNibbles(x)),
  );
}

/** The S-box on the kept form, to AES's bytes, without its constant 0x63. */
function substitute(x: v128): v128 {
  const inverse = v128.load(tables, INVERSE);
  const i = highNibbles(x);
  const k = lowNibbles(x);
  const j = v128.xor(i, k);
  const ak = i8x16.swizzle(v128.load(tables, INVERSE_A), k);
  // An inverse of 0 is 0x80: out of range for the next look-up, which then gives 0.
  const p = v128.xor(i8x16.swizzle(inverse, v128.xor(i8x16.swizzle(inverse, i), ak)), j);
  const q = v128.xor(i8x16.swizzle(inverse, v128.xor(i8x16.swizzle(inverse, j), ak)), i);
  return v128.xor(i8x16.swizzle(v128.load(tables, LEAVE_P), p), i8x16.swizzle(v128.load(tables, LEAVE_Q), q));
}

/** Each column added to all that follow it. */
function spread(x: v128): v128 {
  const zero = i64x2.splat(0);
  const y = v128.xor(x, i8x16.shuffle(zero, x, 0, 0, 0, 0, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27));
  return v128.xor(y, i8x16.shuffle(zero, y, 0, 0, 0, 0, 0, 0, 0, 0, 16, 17, 18, 19, 20, 21, 22, 23));
}

/** Expands a key of 16 or 32 bytes and returns the number of rounds. */
export function aesExpandKey(schedule: usize, key: usize, keyLength: usize): i32 {
  const constant = i8x16.splat(0x63);
  const long = keyLength == 32;
  const rounds = long ? 14 : 10;
  let previous = v128.load(key);
  let last = v128.load(key + keyLength - 16);
  v128.store(schedule, enter(previous));
  if (long) v128.store(schedule, v128.xor(enter(last), i8x16.splat(<i8>0xc3)), 16);
  let roundConstant: u32 = 1;
  for (let round = long ? 2 : 1; round <= rounds; round++) {
    let word = v128.xor(substitute(enter(last)), constant);
    if (long && (round & 1) == 1) {
      word = i8x16.shuffle(word, word, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15);
    } else {
      word = i8x16.shuffle(word, word, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12);
      word = v128.xor(word, i32x4.splat(roundConstant));
      roundConstant = (roundConstant << 1) ^ ((roundConstant >> 7) * 0x11b);
    }
    const next = v128.xor(spread(previous), word);
    previous = long ? last : next;
    last = next;
    // The constant of the S-box before: MixColumns keeps it as it is. Kept form, but for the last.
    const at = schedule + ((<usize>round) << 4);
    if (round == rounds) v128.store(at, v128.xor(next, constant));
    else v128.store(at, v128.xor(enter(next), i8x16.splat(<i8>0xc3)));
  }
  return rounds;
}

/** Encrypts `count` blocks where they stand. Four or more at a time keep the processor busy. */
export function aesEncrypt(schedule: usize, rounds: i32, blocks: usize, count: usize): void {
  const inverse = v128.load(tables, INVERSE);
  const inverseA = v128.load(tables, INVERSE_A);
  const onceP = v128.load(tables, ONCE_P);
  const onceQ = v128.load(tables, ONCE_Q);
  const twiceP = v128.load(tables, TWICE_P);
  const twiceQ = v128.load(tables, TWICE_Q);
  const row0 = v128.load(shiftedRows);
  const row1 = v128.load(shiftedRows, 16);
  const row2 = v128.load(shiftedRows, 32);
  const row3 = v128.load(shiftedRows, 48);
  const end = blocks + (count << 4);
  for (let at = blocks; at < end; at += 16) v128.store(at, v128.xor(enter(v128.load(at)), v128.load(schedule)));
  for (let round = 1; round < rounds; round++) {
    const key = v128.load(schedule + ((<usize>round) << 4));
    for (let at = blocks; at < end; at += 16) {
      const x = v128.load(at);
      const i = highNibbles(x);
      const k = lowNibbles(x);
      const j = v128.xor(i, k);
      const ak = i8x16.swizzle(inverseA, k);
      const p = v128.xor(i8x16.swizzle(inverse, v128.xor(i8x16.swizzle(inverse, i), ak)), j);
      const q = v128.xor(i8x16.swizzle(inverse, v128.xor(i8x16.swizzle(inverse, j), ak)), i);
      const once = v128.xor(i8x16.swizzle(onceP, p), i8x16.swizzle(onceQ, q));
      const twice = v128.xor(i8x16.swizzle(twiceP, p), i8x16.swizzle(twiceQ, q));
      const thrice = v128.xor(once, twice);
      // ShiftRows and MixColumns: 2, 3, 1, 1 times the rows from this one on.
      const a = i8x16.swizzle(twice, row0);
      const b = i8x16.swizzle(thrice, row1);
      const c = i8x16.swizzle(once, row2);
      const d = i8x16.swizzle(once, row3);
      v128.store(at, v128.xor(v128.xor(v128.xor(a, b), v128.xor(c, d)), key));
    }
  }
  const key = v128.load(schedule + ((<usize>rounds) << 4));
  for (let at = blocks; at < end; at += 16) {
    const x = substitute(v128.load(at));
    v128.store(at, v128.xor(i8x16.swizzle(x, row0), key));
  }
}
