// The field GF(2^255 - 19), four elements at once: every `fe` is a quad, one element per lane.
// All knowledge of limbs stays in this file, `columns25519.ts` and `encoding25519.ts`.
//
// An element is twenty signed limbs of 13 bits, value = sum f[i] * 2^(13 i). Limb i of lane l is the
// i16 at 16 (i >> 1) + 4 l + 2 (i & 1): a vector holds limbs 2p and 2p + 1 of all lanes, side by
// side, because the one instruction that multiplies four lanes at full width (`dot`) adds the
// products of two neighbours. 2^260 = 608 folds the upper half of a product back.
//
// Bounds. An element has weight w when |f[i]| <= w * 4129 for all i.
//   - feMul, feSqr, feMulSmall, feFromBytes and what is built on them give weight 1; 0 and 1 have
//     it too. feNegate, feCopy, feSelect, feConditionalSwap and moves between lanes keep the weight.
//   - feAdd and feSub give the sum of the weights, which must stay <= 7 (the limbs are i16).
//   - feMul takes weights whose product is <= 6; feSqr takes weight <= 2; feMulSmall (|k| < 2^25)
//     and feToBytes take weight <= 7, feReduce, which gives weight 2, takes weight <= 6.
// Why that holds. A column sums at most 20 products: 20 * 6 * 4129^2 < 2.05e9. Folding adds to column
// k at most 608 * 2^15 < 2e7 and, per product of a column above, 4864 * 6 * 4129^2 / 2^16 < 7.6e6; column
// 19, which is the fullest, gets one such product, column k gets 20 - k while it has 19 - k fewer of its
// own. So all stay below 2^31, with room for the carry of at most 2^18. Carrying leaves limbs of 13
// bits, signed, |f| <= 4096, but limb 11, which takes another carry of at most 33.
//
// Nothing branches on limbs or addresses memory by them. Outputs may alias inputs.

import {
  add,
  blend,
  column,
  columnsWipe,
  dot,
  feCarry,
  foldAndCarry,
  folded,
  HALF,
  LIMB,
  put,
  rounded,
} from "./columns25519";

/** Bytes of a quad of field elements; a pointer to one is aligned to 16. */
export const FE: usize = 160;

// Working space of one multiplication: the shifted pairs of an operand, multiples of the pairs of a square.
const pairs: usize = memory.data(336, 16);
const multiples: usize = memory.data(320, 16);
const t0: usize = memory.data(160, 16);
const t1: usize = memory.data(160, 16);
const t2: usize = memory.data(160, 16);
const t3: usize = memory.data(160, 16);

/** Forgets what the last operations left in the working space. */
export function feWipe(): void {
  memory.fill(pairs, 0, 336);
  memory.fill(multiples, 0, 320);
  columnsWipe();
  memory.fill(t0, 0, FE);
  memory.fill(t1, 0, FE);
  memory.fill(t2, 0, FE);
  memory.fill(t3, 0, FE);
}

function swapHalves(a: v128): v128 {
  return v128.shuffle<i16>(a, a, 1, 0, 3, 2, 5, 4, 7, 6);
}

// Limbs j and j - 1 of the second operand, which meet limbs i and i + 1 of the first in column i + j. Limbs -1 and 20 are 0.
function pair(j: usize): v128 {
  return v128.load(pairs + (j << 4));
}

// Written out, like the columns: a loop costs more than what it repeats.
function preparePairs(b: usize): void {
  const none = i32x4.splat(0);
  putPairs(b, 0, none);
  putPairs(b, 1, v128.load(b, 0));
  putPairs(b, 2, v128.load(b, 16));
  putPairs(b, 3, v128.load(b, 32));
  putPairs(b, 4, v128.load(b, 48));
  putPairs(b, 5, v128.load(b, 64));
  putPairs(b, 6, v128.load(b, 80));
  putPairs(b, 7, v128.load(b, 96));
  putPairs(b, 8, v128.load(b, 112));
  putPairs(b, 9, v128.load(b, 128));
  v128.store(pairs, blend(none, v128.load(b, 144)), 320);
}

// Pairs 2 p and 2 p + 1, from the limbs of vector p and of the one before.
function putPairs(b: usize, p: usize, before: v128): void {
  const limbs = v128.load(b + (p << 4));
  v128.store(pairs + (p << 5), blend(limbs, before));
  v128.store(pairs + (p << 5), swapHalves(limbs), 16);
}

// What up to five neighbouring vectors of the first operand add to a column: j is the pair that meets the first.
function dots1(a0: v128, j: usize): v128 {
  return dot(a0, pair(j));
}

function dots2(a0: v128, a1: v128, j: usize): v128 {
  return add(dots1(a0, j), dots1(a1, j - 2));
}

function dots3(a0: v128, a1: v128, a2: v128, j: usize): v128 {
  return add(dots2(a0, a1, j), dots1(a2, j - 4));
}

function dots4(a0: v128, a1: v128, a2: v128, a3: v128, j: usize): v128 {
  return add(dots2(a0, a1, j), dots2(a2, a3, j - 4));
}

function dots5(a0: v128, a1: v128, a2: v128, a3: v128, a4: v128, j: usize): v128 {
  return add(dots4(a0, a1, a2, a3, j), dots1(a4, j - 8));
}

/** o = a b. */
export function feMul(o: usize, a: usize, b: usize): void {
  preparePairs(b);
  // Every column is stored before the next is begun: so few values live at a time that all fit in registers.
  const a0 = v128.load(a);
  const a1 = v128.load(a, 16);
  const a2 = v128.load(a, 32);
  const a3 = v128.load(a, 48);
  const a4 = v128.load(a, 64);
  put(0, dots1(a0, 0));
  put(1, dots1(a0, 1));
  put(2, dots2(a0, a1, 2));
  put(3, dots2(a0, a1, 3));
  put(4, dots3(a0, a1, a2, 4));
  put(5, dots3(a0, a1, a2, 5));
  put(6, dots4(a0, a1, a2, a3, 6));
  put(7, dots4(a0, a1, a2, a3, 7));
  put(8, dots5(a0, a1, a2, a3, a4, 8));
  put(9, dots5(a0, a1, a2, a3, a4, 9));
  put(10, dots5(a0, a1, a2, a3, a4, 10));
  put(11, dots5(a0, a1, a2, a3, a4, 11));
  put(12, dots5(a0, a1, a2, a3, a4, 12));
  put(13, dots5(a0, a1, a2, a3, a4, 13));
  put(14, dots5(a0, a1, a2, a3, a4, 14));
  put(15, dots5(a0, a1, a2, a3, a4, 15));
  put(16, dots5(a0, a1, a2, a3, a4, 16));
  put(17, dots5(a0, a1, a2, a3, a4, 17));
  put(18, dots5(a0, a1, a2, a3, a4, 18));
  put(19, dots5(a0, a1, a2, a3, a4, 19));
  put(20, dots5(a0, a1, a2, a3, a4, 20));
  put(21, dots4(a1, a2, a3, a4, 19));
  put(22, dots4(a1, a2, a3, a4, 20));
  put(23, dots3(a2, a3, a4, 19));
  put(24, dots3(a2, a3, a4, 20));
  put(25, dots2(a3, a4, 19));
  put(26, dots2(a3, a4, 20));
  put(27, dots1(a4, 19));
  put(28, dots1(a4, 20));
  const a5 = v128.load(a, 80);
  const a6 = v128.load(a, 96);
  const a7 = v128.load(a, 112);
  const a8 = v128.load(a, 128);
  const a9 = v128.load(a, 144);
  put(10, add(column(10), dots1(a5, 0)));
  put(11, add(column(11), dots1(a5, 1)));
  put(12, add(column(12), dots2(a5, a6, 2)));
  put(13, add(column(13), dots2(a5, a6, 3)));
  put(14, add(column(14), dots3(a5, a6, a7, 4)));
  put(15, add(column(15), dots3(a5, a6, a7, 5)));
  put(16, add(column(16), dots4(a5, a6, a7, a8, 6)));
  put(17, add(column(17), dots4(a5, a6, a7, a8, 7)));
  put(18, add(column(18), dots5(a5, a6, a7, a8, a9, 8)));
  put(19, add(column(19), dots5(a5, a6, a7, a8, a9, 9)));
  put(20, add(column(20), dots5(a5, a6, a7, a8, a9, 10)));
  put(21, add(column(21), dots5(a5, a6, a7, a8, a9, 11)));
  put(22, add(column(22), dots5(a5, a6, a7, a8, a9, 12)));
  put(23, add(column(23), dots5(a5, a6, a7, a8, a9, 13)));
  put(24, add(column(24), dots5(a5, a6, a7, a8, a9, 14)));
  put(25, add(column(25), dots5(a5, a6, a7, a8, a9, 15)));
  put(26, add(column(26), dots5(a5, a6, a7, a8, a9, 16)));
  put(27, add(column(27), dots5(a5, a6, a7, a8, a9, 17)));
  put(28, add(column(28), dots5(a5, a6, a7, a8, a9, 18)));
  put(29, dots5(a5, a6, a7, a8, a9, 19));
  put(30, dots5(a5, a6, a7, a8, a9, 20));
  put(31, dots4(a6, a7, a8, a9, 19));
  put(32, dots4(a6, a7, a8, a9, 20));
  put(33, dots3(a7, a8, a9, 19));
  put(34, dots3(a7, a8, a9, 20));
  put(35, dots2(a8, a9, 19));
  put(36, dots2(a8, a9, 20));
  put(37, dots1(a9, 19));
  put(38, dots1(a9, 20));
  foldAndCarry(o);
}

// Of a square, each product of two different limbs is computed once and doubled: vectors 2 f[2p], 2 f[2p + 1]
// and, where a column's middle falls into a vector, 2 f[2p], f[2p + 1] or f[2p], 0.
function twice(p: usize): v128 {
  return v128.load(multiples + (p << 4));
}

function middle(p: usize): v128 {
  return v128.load(multiples + (p << 4), 160);
}

function prepareMultiples(a: usize): void {
  putMultiples(a, 0);
  putMultiples(a, 1);
  putMultiples(a, 2);
  putMultiples(a, 3);
  putMultiples(a, 4);
  putMultiples(a, 5);
  putMultiples(a, 6);
  putMultiples(a, 7);
  putMultiples(a, 8);
  putMultiples(a, 9);
}

function putMultiples(a: usize, p: usize): void {
  const limbs = v128.load(a + (p << 4));
  const doubled = i16x8.add(limbs, limbs);
  v128.store(multiples + (p << 4), doubled);
  v128.store(multiples + (p << 4), blend(doubled, limbs), 160);
}

function single(a: usize, p: usize): v128 {
  return v128.load(a + (p << 4));
}

function even(a: usize, p: usize): v128 {
  return v128.and(single(a, p), i32x4.splat(0xffff));
}

// What up to five neighbouring doubled vectors from p on add to a column: j is the pair that meets the first.
function run1(p: usize, j: usize): v128 {
  return dot(twice(p), pair(j));
}

function run2(p: usize, j: usize): v128 {
  return add(run1(p, j), run1(p + 1, j - 2));
}

function run3(p: usize, j: usize): v128 {
  return add(run2(p, j), run1(p + 2, j - 4));
}

function run4(p: usize, j: usize): v128 {
  return add(run2(p, j), run2(p + 2, j - 4));
}

function run5(p: usize, j: usize): v128 {
  return add(run4(p, j), run1(p + 4, j - 8));
}

/** o = a^2. */
export function feSqr(o: usize, a: usize): void {
  preparePairs(a);
  prepareMultiples(a);
  put(0, dot(even(a, 0), pair(0)));
  put(1, dot(single(a, 0), pair(1)));
  put(2, dot(middle(0), pair(2)));
  put(3, run1(0, 3));
  put(4, add(run1(0, 4), dot(even(a, 1), pair(2))));
  put(5, add(run1(0, 5), dot(single(a, 1), pair(3))));
  put(6, add(run1(0, 6), dot(middle(1), pair(4))));
  put(7, run2(0, 7));
  put(8, add(run2(0, 8), dot(even(a, 2), pair(4))));
  put(9, add(run2(0, 9), dot(single(a, 2), pair(5))));
  put(10, add(run2(0, 10), dot(middle(2), pair(6))));
  put(11, run3(0, 11));
  put(12, add(run3(0, 12), dot(even(a, 3), pair(6))));
  put(13, add(run3(0, 13), dot(single(a, 3), pair(7))));
  put(14, add(run3(0, 14), dot(middle(3), pair(8))));
  put(15, run4(0, 15));
  put(16, add(run4(0, 16), dot(even(a, 4), pair(8))));
  put(17, add(run4(0, 17), dot(single(a, 4), pair(9))));
  put(18, add(run4(0, 18), dot(middle(4), pair(10))));
  put(19, run5(0, 19));
  put(20, add(run5(0, 20), dot(even(a, 5), pair(10))));
  put(21, add(run4(1, 19), dot(single(a, 5), pair(11))));
  put(22, add(run4(1, 20), dot(middle(5), pair(12))));
  put(23, run4(2, 19));
  put(24, add(run4(2, 20), dot(even(a, 6), pair(12))));
  put(25, add(run3(3, 19), dot(single(a, 6), pair(13))));
  put(26, add(run3(3, 20), dot(middle(6), pair(14))));
  put(27, run3(4, 19));
  put(28, add(run3(4, 20), dot(even(a, 7), pair(14))));
  put(29, add(run2(5, 19), dot(single(a, 7), pair(15))));
  put(30, add(run2(5, 20), dot(middle(7), pair(16))));
  put(31, run2(6, 19));
  put(32, add(run2(6, 20), dot(even(a, 8), pair(16))));
  put(33, add(run1(7, 19), dot(single(a, 8), pair(17))));
  put(34, add(run1(7, 20), dot(middle(8), pair(18))));
  put(35, run1(8, 19));
  put(36, add(run1(8, 20), dot(even(a, 9), pair(18))));
  put(37, dot(single(a, 9), pair(19)));
  put(38, dot(middle(9), pair(20)));
  foldAndCarry(o);
}

/** o = k a, k public, |k| < 2^25. */
export function feMulSmall(o: usize, a: usize, k: i32): void {
  // Two digits of k meet two neighbouring limbs; the product that leaves limb 19 is folded.
  const low = ((k + HALF) & LIMB) - HALF;
  const digits = i32x4.splat((((k - low) >> 13) << 16) | (low & 0xffff));
  preparePairs(a);
  const above = dot(pair(20), digits);
  for (let i: usize = 0; i < 20; i++) put(i, dot(pair(i), digits));
  put(0, add(column(0), folded(above, i32x4.splat(0))));
  put(1, add(column(1), folded(i32x4.splat(0), rounded(above))));
  feCarry(o);
}

/** o = a with weight 2: every limb hands on at once what is too much for it. */
export function feReduce(o: usize, a: usize): void {
  const half = i32x4.splat((HALF << 16) | HALF);
  // Of vector p, what goes on: to the upper halves of the same vector, to the lower halves of the next.
  const last = i16x8.shr_s(i16x8.add(v128.load(a, 144), half), 13);
  let before = i32x4.mul(i32x4.shr_s(last, 16), i32x4.splat(608 << 16));
  for (let p: usize = 0; p < FE; p += 16) {
    const limbs = v128.load(a + p);
    const carry = i16x8.shr_s(i16x8.add(limbs, half), 13);
    const kept = i16x8.sub(limbs, i16x8.shl(carry, 13));
    const arriving = v128.or(i32x4.shl(carry, 16), i32x4.shr_u(before, 16));
    v128.store(o + p, i16x8.add(kept, arriving));
    before = carry;
  }
}

/** o = a + b. */
export function feAdd(o: usize, a: usize, b: usize): void {
  for (let p: usize = 0; p < FE; p += 16) v128.store(o + p, i16x8.add(v128.load(a + p), v128.load(b + p)));
}

/** o = a - b. */
export function feSub(o: usize, a: usize, b: usize): void {
  for (let p: usize = 0; p < FE; p += 16) v128.store(o + p, i16x8.sub(v128.load(a + p), v128.load(b + p)));
}

/** o = -a. */
export function feNegate(o: usize, a: usize): void {
  for (let p: usize = 0; p < FE; p += 16) v128.store(o + p, i16x8.neg(v128.load(a + p)));
}

/** o = 0. */
export function feZero(o: usize): void {
  memory.fill(o, 0, FE);
}

/** o = 1, in all lanes. */
export function feOne(o: usize): void {
  memory.fill(o, 0, FE);
  v128.store(o, i32x4.splat(1));
}

/** o = a. */
export function feCopy(o: usize, a: usize): void {
  memory.copy(o, a, FE);
}

/** Exchanges a and b in the lanes of `mask` (16 bytes) that are all ones; the others are zero. */
export function feConditionalSwap(a: usize, b: usize, mask: usize): void {
  const lanes = v128.load(mask);
  for (let p: usize = 0; p < FE; p += 16) {
    const x = v128.load(a + p);
    const y = v128.load(b + p);
    const difference = v128.and(v128.xor(x, y), lanes);
    v128.store(a + p, v128.xor(x, difference));
    v128.store(b + p, v128.xor(y, difference));
  }
}

/** o = b in the lanes of `mask` (16 bytes) that are all ones, else a. */
export function feSelect(o: usize, a: usize, b: usize, mask: usize): void {
  const lanes = v128.load(mask);
  for (let p: usize = 0; p < FE; p += 16) {
    v128.store(o + p, v128.bitselect(v128.load(b + p), v128.load(a + p), lanes));
  }
}

/** o = a^(2^n), n > 0. */
export function feSqrN(o: usize, a: usize, n: u32): void {
  feSqr(o, a);
  for (let i: u32 = 1; i < n; i++) feSqr(o, o);
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

/** o = a^(p - 2): the inverse, 0 for 0. `a` of weight <= 2. */
export function feInvert(o: usize, a: usize): void {
  pow250(a);
  feSqrN(t1, t1, 5);
  feMul(o, t1, t0);
}

/** o = a^((p - 5) / 8) = a^(2^252 - 3). `a` of weight <= 2. */
export function fePow22523(o: usize, a: usize): void {
  pow250(a);
  feSqrN(t1, t1, 2);
  feMul(o, t1, a);
}
