// The field GF(2^255 - 19), four elements at once: every `fe` is a quad, one element per lane.
// All knowledge of limbs stays in this file, `product25519.ts`, `columns25519.ts` and `encoding25519.ts`.
//
// An element is twenty signed limbs of 13 bits, value = sum f[i] * 2^(13 i). Limb i of lane l is the
// i16 at 16 (i >> 1) + 4 l + 2 (i & 1): a vector holds limbs 2p and 2p + 1 of all lanes, side by
// side, because the one instruction that multiplies four lanes at full width (`dot`) adds the
// products of two neighbours. 2^260 = 608 folds the upper half of a product back.
//
// Bounds. An element has weight w when |f[i]| <= w * 4900 for all i.
//   - feMul, feSqr, feMulSmall, feFromBytes and what is built on them give weight 1; 0 and 1 have
//     it too. feNegate, feCopy, feSelect, feConditionalSwap and moves between lanes keep the weight.
//   - feAdd and feSub give the sum of the weights, which must stay <= 6 (the limbs are i16).
//   - feMul takes weights whose product is <= 4; feSqr takes weight <= 2; feMulSmall (|k| < 2^25)
//     and feToBytes take weight <= 6, feReduce, which gives weight 2, takes weight <= 5.
// Why that holds. A column sums at most 20 products: 20 * 4 * 4900^2 < 1.93e9. Folding adds to column
// k at most 608 * 2^15 < 2e7 and, per product of a column above, 4864 * 4 * 4900^2 / 2^16 < 7.2e6; column
// 19, which is the fullest, gets one such product, column k gets 20 - k while it has 19 - k fewer of its
// own. So all stay below 2^31, with room for the bias and the carry of at most 2^18. Carrying leaves limbs of
// 13 bits, signed, from -4864 to 3327, but limbs 2 and 11, which take another carry of at most 33.
//
// Nothing branches on limbs or addresses memory by them. Outputs may alias inputs.

import { copyBytes, wipe } from "../bytes";
import { add, blend, column, columnsWipe, dot, feCarry, folded, HALF, LIMB, put, rounded } from "./columns25519";
import { feMul, feSqr, swapHalves } from "./product25519";

export { feMul, feSqr };

/** Bytes of a quad of field elements; a pointer to one is aligned to 16. */
export const FE: usize = 160;

const WORK: usize = 4 * FE;
const work: usize = memory.data(<i32>WORK, 16);
const t0: usize = work;
const t1: usize = work + FE;
const t2: usize = work + 2 * FE;
const t3: usize = work + 3 * FE;

/** Forgets what the last operations left in the working space. */
export function feWipe(): void {
  columnsWipe();
  wipe(work, WORK);
}

/** o = k a, k public, |k| < 2^25. */
export function feMulSmall(o: usize, a: usize, k: i32): void {
  // Two digits of k meet two neighbouring limbs; the product that leaves limb 19 is folded.
  const low = ((k + HALF) & LIMB) - HALF;
  const digits = i32x4.splat((((k - low) >> 13) << 16) | (low & 0xffff));
  const swapped = swapHalves(digits);
  let before = i32x4.splat(0);
  for (let p: usize = 0; p < 10; p++) {
    const limbs = v128.load(a + (p << 4));
    put(2 * p, dot(blend(limbs, before), digits));
    put(2 * p + 1, dot(limbs, swapped));
    before = limbs;
  }
  const above = dot(blend(i32x4.splat(0), before), digits);
  put(0, add(column(0), folded(above, i32x4.splat(0))));
  put(1, add(column(1), folded(i32x4.splat(0), rounded(above))));
  feCarry(o);
}

/** What two limbs in each lane hand on: to the upper half of the same vector, and to the lower half of the next. */
export function excess(limbs: v128): v128 {
  return i16x8.shr_s(i16x8.add(limbs, i32x4.splat((HALF << 16) | HALF)), 13);
}

/** What the last vector hands on to the first. */
export function excessAround(excess: v128): v128 {
  return i32x4.mul(i32x4.shr_s(excess, 16), i32x4.splat(608 << 16));
}

/** The limbs of weight 2 of a vector: `before` is the excess of the one before. */
export function reducedLimbs(limbs: v128, before: v128): v128 {
  const carry = excess(limbs);
  const arriving = v128.or(i32x4.shl(carry, 16), i32x4.shr_u(before, 16));
  return i16x8.add(i16x8.sub(limbs, i16x8.shl(carry, 13)), arriving);
}

/** o = a with weight 2: every limb hands on at once what is too much for it. */
export function feReduce(o: usize, a: usize): void {
  let before = excessAround(excess(v128.load(a, 144)));
  for (let p: usize = 0; p < FE; p += 16) {
    const limbs = v128.load(a + p);
    v128.store(o + p, reducedLimbs(limbs, before));
    before = excess(limbs);
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
  wipe(o, FE);
}

/** o = 1, in all lanes. */
export function feOne(o: usize): void {
  feZero(o);
  v128.store(o, i32x4.splat(1));
}

/** o = a. */
export function feCopy(o: usize, a: usize): void {
  copyBytes(o, a, FE);
}

function exchange(a: usize, b: usize, lanes: v128): void {
  const x = v128.load(a);
  const y = v128.load(b);
  const difference = v128.and(v128.xor(x, y), lanes);
  v128.store(a, v128.xor(x, difference));
  v128.store(b, v128.xor(y, difference));
}

/** Exchanges a and b in the lanes of `mask` (16 bytes) that are all ones; the others are zero. */
export function feConditionalSwap(a: usize, b: usize, mask: usize): void {
  const lanes = v128.load(mask);
  for (let p: usize = 0; p < FE; p += 16) exchange(a + p, b + p, lanes);
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

/** o = a^((p - 5) / 8) = a^(2^252 - 3). `a` of weight <= 2. */
export function fePow22523(o: usize, a: usize): void {
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
  feSqrN(t1, t1, 2);
  feMul(o, t1, a);
}
