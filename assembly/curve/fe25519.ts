// The field GF(2^255 - 19), two elements at once: every `fe` is a pair, one element per lane.
// All knowledge of limbs stays in this file.
//
// An element is ten signed limbs of alternating 26 and 25 bits, value = sum f[i] * 2^ceil(25.5 i).
// Limb i of lane l is the i32 at 8 i + 4 l, so a vector holds limbs 2k (its low half) and 2k + 1
// (its high half) of both lanes, and one widening multiplication serves both lanes.
//
// Bounds. An element has weight w when |f[i]| <= w * 2^25 for even i and w * (2^24 + 2^15) for odd i.
//   - feMul, feSqr, feMulSmall, feReduce, feFromBytes and what is built on them give weight 1;
//     0 and 1 have it too. feNegate, feCopy, feSelect, feConditionalSwap, feSwapLanes keep the weight.
//   - feAdd and feSub give the sum of the weights, which must stay <= 31 (the limbs are i32).
//   - feMul takes `a` of weight <= 5 and `b` of weight <= 3; feSqr takes weight <= 3; feMulSmall
//     (k < 2^28), feReduce and feToBytes take weight <= 31.
// So up to three products may be summed or subtracted before either side of a multiplication.
// Why that holds: 19 b[i] <= 57 * 2^25 < 2^31 fits its i32. The largest column (number 0) sums
// products of even limbs with factors 1 + 4 * 19 and of odd limbs with factors 5 * 2 * 19:
// 5 * 3 * (77 * 2^50 + 190 * 2^48 * (1 + 2^-9)^2) < 1875 * 2^50 < 2^61 - 2^37, what `carry` takes.
// Squaring has the same columns with 9 in place of 15; its scaled limbs are at most 38 * 3 * 2^24 (1 + 2^-9)
// (odd) and 19 * 3 * 2^25 (even), below 2^31. feMulSmall: 31 * 2^25 * 2^28 < 2^58. `carry` leaves
// every limb at most 2^25 or 2^24, then adds carries of at most 2^15 to limbs 1 and 5.
//
// Nothing branches on limbs or addresses memory by them. Outputs may alias inputs.

/** Bytes of a pair of field elements; a pointer to one is aligned to 16. */
export const FE: usize = 80;

// Working space of one multiplication: 19 b and b, the same with the halves of each vector
// exchanged, and the ten column sums.
const scaled: usize = memory.data(320, 16);
const SWAPPED: usize = 160;
const columns: usize = memory.data(160, 16);
const t0: usize = memory.data(80, 16);
const t1: usize = memory.data(80, 16);
const t2: usize = memory.data(80, 16);
const t3: usize = memory.data(80, 16);

/** Forgets what the last operations left in the working space. */
export function feWipe(): void {
  memory.fill(scaled, 0, 320);
  memory.fill(columns, 0, 160);
  memory.fill(t0, 0, 80);
  memory.fill(t1, 0, 80);
  memory.fill(t2, 0, 80);
  memory.fill(t3, 0, 80);
}

function low(a: v128, b: v128): v128 {
  return i64x2.extmul_low_i32x4_s(a, b);
}

function high(a: v128, b: v128): v128 {
  return i64x2.extmul_high_i32x4_s(a, b);
}

function swapHalves(a: v128): v128 {
  return v128.shuffle<i32>(a, a, 2, 3, 0, 1);
}

// A carry must round to nearest and shift arithmetically, for which there is no quick instruction;
// so a column is made positive by BIAS, whose share of the carry the next column takes off again.
const BIAS: i64 = 1 << 61;
const HALF26: i64 = 1 << 25;
const HALF25: i64 = 1 << 24;
const MASK26: i64 = (1 << 26) - 1;
const MASK25: i64 = (1 << 25) - 1;

function column(index: usize): v128 {
  return v128.load(columns + (index << 4));
}

// Low words of four 64-bit lanes: the vector of limbs 2k and 2k + 1.
function pack(even: v128, odd: v128): v128 {
  return v128.shuffle<i32>(even, odd, 0, 2, 4, 6);
}

/** Reduces the ten column sums, each below 2^61 - 2^37 in absolute value, to weight 1 at `o`. */
function carry(o: usize): void {
  const first = i64x2.splat(BIAS + HALF26);
  const even = i64x2.splat(BIAS + HALF26 - (BIAS >> 25));
  const odd = i64x2.splat(BIAS + HALF25 - (BIAS >> 26));
  const mask26 = i64x2.splat(MASK26);
  const mask25 = i64x2.splat(MASK25);
  // Two chains, 0 to 4 and 4 to 9, run side by side.
  let h0 = i64x2.add(column(0), first);
  let h4 = i64x2.add(column(4), first);
  let h1 = i64x2.add(i64x2.add(column(1), odd), i64x2.shr_u(h0, 26));
  let h5 = i64x2.add(i64x2.add(column(5), odd), i64x2.shr_u(h4, 26));
  const h2 = i64x2.add(i64x2.add(column(2), even), i64x2.shr_u(h1, 25));
  const h6 = i64x2.add(i64x2.add(column(6), even), i64x2.shr_u(h5, 25));
  const h3 = i64x2.add(i64x2.add(column(3), odd), i64x2.shr_u(h2, 26));
  const h7 = i64x2.add(i64x2.add(column(7), odd), i64x2.shr_u(h6, 26));
  // Limb 4 keeps the bias 2^36 of this carry: a multiple of 2^26, so it only adds 2^10 to the next one.
  h4 = i64x2.add(v128.and(h4, mask26), i64x2.shr_u(h3, 25));
  const h8 = i64x2.add(i64x2.add(column(8), even), i64x2.shr_u(h7, 25));
  h5 = i64x2.add(v128.and(h5, mask25), i64x2.shr_u(h4, 26));
  const h9 = i64x2.add(i64x2.add(column(9), odd), i64x2.shr_u(h8, 26));
  // 2^255 = 19. Likewise limb 0 keeps the bias 19 * 2^36 and limb 1 gets 19 * 2^10 of it.
  const c = i64x2.shr_u(h9, 25);
  h0 = i64x2.add(v128.and(h0, mask26), i64x2.add(c, i64x2.add(i64x2.shl(c, 1), i64x2.shl(c, 4))));
  h1 = i64x2.add(v128.and(h1, mask25), i64x2.shr_u(h0, 26));
  const mask = v128.shuffle<i32>(mask26, mask25, 0, 2, 4, 6);
  const half = i32x4(1 << 25, 1 << 25, 1 << 24, 1 << 24);
  v128.store(
    o,
    i32x4.sub(pack(v128.and(h0, mask26), h1), i32x4(1 << 25, 1 << 25, (1 << 24) + (19 << 10), (1 << 24) + (19 << 10))),
  );
  v128.store(o, i32x4.sub(v128.and(pack(h2, h3), mask), half), 16);
  v128.store(
    o,
    i32x4.sub(pack(v128.and(h4, mask26), h5), i32x4(1 << 25, 1 << 25, (1 << 24) + (1 << 10), (1 << 24) + (1 << 10))),
    32,
  );
  v128.store(o, i32x4.sub(v128.and(pack(h6, h7), mask), half), 48);
  v128.store(o, i32x4.sub(v128.and(pack(h8, h9), mask), half), 64);
}

/** o = a b. */
export function feMul(o: usize, a: usize, b: usize): void {
  const nineteen = i32x4.splat(19);
  for (let k: usize = 0; k < 80; k += 16) {
    const g = v128.load(b + k);
    const g19 = i32x4.mul(g, nineteen);
    v128.store(scaled + k, g19);
    v128.store(scaled + k, g, 80);
    v128.store(scaled + k, swapHalves(g19), SWAPPED);
    v128.store(scaled + k, swapHalves(g), SWAPPED + 80);
  }
  const f0 = v128.load(a);
  const f1 = v128.load(a, 16);
  const f2 = v128.load(a, 32);
  const f3 = v128.load(a, 48);
  const f4 = v128.load(a, 64);
  // Two odd limbs meet with a factor of 2, because their weights round up twice.
  const d0 = i32x4.add(f0, f0);
  const d1 = i32x4.add(f1, f1);
  const d2 = i32x4.add(f2, f2);
  const d3 = i32x4.add(f3, f3);
  const d4 = i32x4.add(f4, f4);
  // Columns 2m and 2m + 1; limb pair m - a of b stands at 16 (5 - a), its multiples by 19 before it.
  for (let m: usize = 0; m < 5; m++) {
    const g = scaled + (m << 4);
    const g1 = v128.load(g, 64);
    const g2 = v128.load(g, 48);
    const g3 = v128.load(g, 32);
    const g4 = v128.load(g, 16);
    let even = i64x2.add(low(f0, v128.load(g, 80)), high(d0, g1));
    even = i64x2.add(even, i64x2.add(low(f1, g1), high(d1, g2)));
    even = i64x2.add(even, i64x2.add(low(f2, g2), high(d2, g3)));
    even = i64x2.add(even, i64x2.add(low(f3, g3), high(d3, g4)));
    even = i64x2.add(even, i64x2.add(low(f4, g4), high(d4, v128.load(g))));
    v128.store(columns + (m << 5), even);
    const s0 = v128.load(g, SWAPPED + 80);
    const s1 = v128.load(g, SWAPPED + 64);
    const s2 = v128.load(g, SWAPPED + 48);
    const s3 = v128.load(g, SWAPPED + 32);
    const s4 = v128.load(g, SWAPPED + 16);
    let odd = i64x2.add(low(f0, s0), high(f0, s0));
    odd = i64x2.add(odd, i64x2.add(low(f1, s1), high(f1, s1)));
    odd = i64x2.add(odd, i64x2.add(low(f2, s2), high(f2, s2)));
    odd = i64x2.add(odd, i64x2.add(low(f3, s3), high(f3, s3)));
    odd = i64x2.add(odd, i64x2.add(low(f4, s4), high(f4, s4)));
    v128.store(columns + (m << 5), odd, 16);
  }
  carry(o);
}

function sum3(a: v128, b: v128, c: v128): v128 {
  return i64x2.add(i64x2.add(a, b), c);
}

/** o = a^2. */
export function feSqr(o: usize, a: usize): void {
  const nineteen = i32x4.splat(19);
  for (let k: usize = 0; k < 80; k += 16) {
    const f = swapHalves(v128.load(a + k));
    v128.store(scaled + k, i32x4.mul(f, nineteen), SWAPPED);
    v128.store(scaled + k, f, SWAPPED + 80);
  }
  const f0 = v128.load(a);
  const f1 = v128.load(a, 16);
  const f2 = v128.load(a, 32);
  const f3 = v128.load(a, 48);
  const f4 = v128.load(a, 64);
  const d0 = i32x4.add(f0, f0);
  const d1 = i32x4.add(f1, f1);
  const d2 = i32x4.add(f2, f2);
  const d3 = i32x4.add(f3, f3);
  const d4 = i32x4.add(f4, f4);
  // Odd columns: each even limb with each odd limb, doubled.
  for (let m: usize = 0; m < 5; m++) {
    const s = scaled + (m << 4);
    let odd = low(d0, v128.load(s, SWAPPED + 80));
    odd = i64x2.add(odd, low(d1, v128.load(s, SWAPPED + 64)));
    odd = i64x2.add(odd, low(d2, v128.load(s, SWAPPED + 48)));
    odd = i64x2.add(odd, low(d3, v128.load(s, SWAPPED + 32)));
    odd = i64x2.add(odd, low(d4, v128.load(s, SWAPPED + 16)));
    v128.store(columns + (m << 5), odd, 16);
  }
  // Even columns: even limbs among themselves, then odd limbs with their factor of 2.
  const n2 = i32x4.mul(f2, nineteen);
  const n3 = i32x4.mul(f3, nineteen);
  const n4 = i32x4.mul(f4, nineteen);
  const w3 = i32x4.add(n3, n3);
  const w4 = i32x4.add(n4, n4);
  let h = sum3(low(f0, f0), low(d1, n4), low(d2, n3));
  v128.store(columns, i64x2.add(h, sum3(high(d0, w4), high(d1, w3), high(d2, n2))), 0);
  h = sum3(low(d0, f1), low(d2, n4), low(f3, n3));
  v128.store(columns, i64x2.add(h, sum3(high(d0, f0), high(d1, w4), high(d2, w3))), 32);
  h = sum3(low(d0, f2), low(f1, f1), low(d3, n4));
  v128.store(columns, i64x2.add(h, sum3(high(d0, d1), high(d2, w4), high(d3, n3))), 64);
  h = sum3(low(d0, f3), low(d1, f2), low(f4, n4));
  v128.store(columns, i64x2.add(h, sum3(high(d0, d2), high(d1, f1), high(d3, w4))), 96);
  h = sum3(low(d0, f4), low(d1, f3), low(f2, f2));
  v128.store(columns, i64x2.add(h, sum3(high(d0, d3), high(d1, d2), high(d4, n4))), 128);
  carry(o);
}

/** o = a^(2^n), n > 0. */
export function feSqrN(o: usize, a: usize, n: u32): void {
  feSqr(o, a);
  for (let i: u32 = 1; i < n; i++) feSqr(o, o);
}

/** o = k a, k < 2^28 and public. */
export function feMulSmall(o: usize, a: usize, k: u32): void {
  const factor = i32x4.splat(<i32>k);
  for (let i: usize = 0; i < 80; i += 16) {
    const f = v128.load(a + i);
    v128.store(columns + (i << 1), low(f, factor));
    v128.store(columns + (i << 1), high(f, factor), 16);
  }
  carry(o);
}

/** o = a with weight 1. */
export function feReduce(o: usize, a: usize): void {
  feMulSmall(o, a, 1);
}

/** o = a + b. */
export function feAdd(o: usize, a: usize, b: usize): void {
  v128.store(o, i32x4.add(v128.load(a), v128.load(b)));
  v128.store(o, i32x4.add(v128.load(a, 16), v128.load(b, 16)), 16);
  v128.store(o, i32x4.add(v128.load(a, 32), v128.load(b, 32)), 32);
  v128.store(o, i32x4.add(v128.load(a, 48), v128.load(b, 48)), 48);
  v128.store(o, i32x4.add(v128.load(a, 64), v128.load(b, 64)), 64);
}

/** o = a - b. */
export function feSub(o: usize, a: usize, b: usize): void {
  v128.store(o, i32x4.sub(v128.load(a), v128.load(b)));
  v128.store(o, i32x4.sub(v128.load(a, 16), v128.load(b, 16)), 16);
  v128.store(o, i32x4.sub(v128.load(a, 32), v128.load(b, 32)), 32);
  v128.store(o, i32x4.sub(v128.load(a, 48), v128.load(b, 48)), 48);
  v128.store(o, i32x4.sub(v128.load(a, 64), v128.load(b, 64)), 64);
}

/** o = -a. */
export function feNegate(o: usize, a: usize): void {
  for (let i: usize = 0; i < 80; i += 16) v128.store(o + i, i32x4.neg(v128.load(a + i)));
}

/** o = 0. */
export function feZero(o: usize): void {
  memory.fill(o, 0, FE);
}

/** o = 1, in both lanes. */
export function feOne(o: usize): void {
  memory.fill(o, 0, FE);
  store<u32>(o, 1);
  store<u32>(o, 1, 4);
}

/** o = a. */
export function feCopy(o: usize, a: usize): void {
  memory.copy(o, a, FE);
}

/** Exchanges the two lanes. */
export function feSwapLanes(o: usize, a: usize): void {
  for (let i: usize = 0; i < 80; i += 16) {
    const f = v128.load(a + i);
    v128.store(o + i, v128.shuffle<i32>(f, f, 1, 0, 3, 2));
  }
}

function laneMask(mask0: u64, mask1: u64): v128 {
  return i64x2.splat((mask0 & 0xffffffff) | (mask1 << 32));
}

/** Exchanges a and b in the lanes whose mask is all ones; a mask is 0 or all ones. */
export function feConditionalSwap(a: usize, b: usize, mask0: u64, mask1: u64): void {
  const mask = laneMask(mask0, mask1);
  for (let i: usize = 0; i < 80; i += 16) {
    const x = v128.load(a + i);
    const y = v128.load(b + i);
    const difference = v128.and(v128.xor(x, y), mask);
    v128.store(a + i, v128.xor(x, difference));
    v128.store(b + i, v128.xor(y, difference));
  }
}

/** o = b in the lanes whose mask is all ones, else a. */
export function feSelect(o: usize, a: usize, b: usize, mask0: u64, mask1: u64): void {
  const mask = laneMask(mask0, mask1);
  for (let i: usize = 0; i < 80; i += 16) {
    v128.store(o + i, v128.bitselect(v128.load(b + i), v128.load(a + i), mask));
  }
}

/** o = the little-endian numbers of 32 bytes at `bytes0` (lane 0) and `bytes1`; bit 255 is ignored. */
export function feFromBytes(o: usize, bytes0: usize, bytes1: usize): void {
  for (let i: usize = 0; i < 10; i++) {
    const position = (51 * i + 1) >> 1; // 0, 26, 51, 77, 102, 128, 153, 179, 204, 230
    const at = position >> 3;
    const shift = (<u32>position) & 7;
    const mask = <u32>(i & 1 ? MASK25 : MASK26);
    store<u64>(columns + (i << 4), (load<u32>(bytes0 + at) >> shift) & mask);
    store<u64>(columns + (i << 4), (load<u32>(bytes1 + at) >> shift) & mask, 8);
  }
  carry(o);
}

/** Writes the canonical 32 bytes of lane 0 to `bytes0` and of lane 1 to `bytes1`. */
export function feToBytes(bytes0: usize, bytes1: usize, a: usize): void {
  feReduce(t0, a);
  laneToBytes(bytes0, t0);
  laneToBytes(bytes1, t0 + 4);
}

function laneToBytes(bytes: usize, a: usize): void {
  // |value| < 2^255 + small, so floor(value / p) is the carry out of value + 19 * 2^-255 * value.
  let q = (19 * load<i32>(a, 72) + (1 << 24)) >> 25;
  for (let i: usize = 0; i < 10; i++) q = (load<i32>(a + (i << 3)) + q) >> (26 - <i32>(i & 1));
  let carried = 19 * q;
  let word: u64 = 0;
  let bits: u32 = 0;
  let to = bytes;
  for (let i: usize = 0; i < 10; i++) {
    const width = 26 - <i32>(i & 1);
    const limb = load<i32>(a + (i << 3)) + carried;
    carried = limb >> width;
    word |= (<u64>(limb & ((1 << width) - 1))) << bits;
    bits += width;
    if (bits >= 32) {
      store<u32>(to, <u32>word);
      word >>= 32;
      bits -= 32;
      to += 4;
    }
  }
  store<u32>(to, <u32>word);
}

// t1 = a^(2^250 - 1), t0 = a^11: the common part of the two powers below.
function pow250(a: usize): void {
  feSqr(t0, a); // 2
  feSqrN(t1, t0, 2); // 8
  feMul(t1, a, t1); // 9
  feMul(t0, t0, t1); // 11
  feSqr(t2, t0); // 22
  feMul(t1, t1, t2); // 2^5 - 1
  feSqrN(t2, t1, 5);
  feMul(t1, t2, t1); // 2^10 - 1
  feSqrN(t2, t1, 10);
  feMul(t2, t2, t1); // 2^20 - 1
  feSqrN(t3, t2, 20);
  feMul(t2, t3, t2); // 2^40 - 1
  feSqrN(t2, t2, 10);
  feMul(t1, t2, t1); // 2^50 - 1
  feSqrN(t2, t1, 50);
  feMul(t2, t2, t1); // 2^100 - 1
  feSqrN(t3, t2, 100);
  feMul(t2, t3, t2); // 2^200 - 1
  feSqrN(t2, t2, 50);
  feMul(t1, t2, t1); // 2^250 - 1
}

/** o = a^(p - 2): the inverse, 0 for 0. `a` of weight <= 3. */
export function feInvert(o: usize, a: usize): void {
  pow250(a);
  feSqrN(t1, t1, 5);
  feMul(o, t1, t0);
}

/** o = a^((p - 5) / 8) = a^(2^252 - 3). `a` of weight <= 3. */
export function fePow22523(o: usize, a: usize): void {
  pow250(a);
  feSqrN(t1, t1, 2);
  feMul(o, t1, a);
}
