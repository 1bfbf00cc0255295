// The columns of a product in GF(2^255 - 19), and how they become limbs again (see `fe25519.ts`): column k is what
// stands at 2^(13 k), an i32 for each of the four elements.

import { wipe } from "../bytes";

const columns: usize = memory.data(640, 16);

/** Forgets the columns. */
export function columnsWipe(): void {
  wipe(columns, 640);
}

export function dot(a: v128, b: v128): v128 {
  return i32x4.dot_i16x8_s(a, b);
}

export function add(a: v128, b: v128): v128 {
  return i32x4.add(a, b);
}

/** The lower halves of a's words beside the upper halves of b's. */
export function blend(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 9, 2, 11, 4, 13, 6, 15);
}

export function column(k: usize): v128 {
  return v128.load(columns + (k << 4));
}

export function put(k: usize, value: v128): void {
  v128.store(columns + (k << 4), value);
}

// A column gives its lowest 13 bits, as a signed number, to its limb and the rest to the next column: BIAS is added
// before a column is split and taken off the limb again, which is then from -4864 to 3327. A bias of 4096 would round to
// nearest; this one comes with a fold for nothing (see `foldedColumn`).

export const HALF: i32 = 1 << 12;
const BIAS: i32 = 4864;
export const LIMB: i32 = (1 << 13) - 1;

function carryOf(sum: v128): v128 {
  return i32x4.shr_s(sum, 13);
}

function lowBits(sum: v128): v128 {
  return v128.and(sum, i32x4.splat(LIMB));
}

/** Limbs k and k + 1 of an element, from what columns k and k + 1 sum to with BIAS and the carry. */
function limbs(even: v128, odd: v128): v128 {
  const both = v128.and(blend(even, i32x4.shl(odd, 16)), i32x4.splat((LIMB << 16) | LIMB));
  return i16x8.sub(both, i32x4.splat((BIAS << 16) | BIAS));
}

function putLimbs(o: usize, k: usize, even: v128, odd: v128): void {
  v128.store(o + (k << 3), limbs(even, odd));
}

// Column k + 20 folds to column k. It is too wide for a product, so it is split at 16 bits, the lower half signed:
// 608 * lower goes to column k and 608 * 2^16 * upper, which is 4864 * 2^13 * upper, to column k + 1.
export function folded(lower: v128, upper: v128): v128 {
  return dot(blend(lower, upper), i32x4.splat((4864 << 16) | 608));
}

/** Makes the upper half of a column's words what is left of it once the lower half is signed. */
export function rounded(sum: v128): v128 {
  return add(sum, i32x4.splat(0x8000));
}

// One more in the upper half is 4864 more in the sum: the bias. Column 39 is always 0.
function foldedColumn(k: usize): v128 {
  const above = k == 0 ? i32x4.splat(0x10000) : add(column(k + 19), i32x4.splat(0x18000));
  return add(column(k), folded(column(k + 20), above));
}

function nextFolded(k: usize, before: v128): v128 {
  return add(foldedColumn(k), carryOf(before));
}

function plainColumn(k: usize): v128 {
  return add(column(k), i32x4.splat(BIAS));
}

function nextPlain(k: usize, before: v128): v128 {
  return add(plainColumn(k), carryOf(before));
}

// The carries of columns 0 to 9 and of columns 10 to 19 run side by side, because each waits for the one before. In the
// end that of column 9 enters limb 10, and that of column 19 enters limb 0 as 608 times itself; what is too much
// there goes on to limb 11, and to limbs 1 and 2.
function joinHalves(o: usize, s0: v128, s1: v128, s9: v128, s10: v128, s11: v128, s19: v128): void {
  const t0 = add(lowBits(s0), i32x4.mul(carryOf(s19), i32x4.splat(608)));
  const t1 = add(lowBits(s1), carryOf(t0));
  putLimbs(o, 0, t0, t1);
  v128.store(o, i16x8.add(v128.load(o, 16), v128.and(carryOf(t1), i32x4.splat(0xffff))), 16);
  const t10 = add(lowBits(s10), carryOf(s9));
  v128.store(o, i16x8.add(limbs(t10, s11), i32x4.shl(carryOf(t10), 16)), 80);
}

/** o = the element of all 39 columns: weight 1. Written out, because a loop costs a twentieth of a product. */
export function foldAndCarry(o: usize): void {
  const s0 = foldedColumn(0);
  const s1 = nextFolded(1, s0);
  const s10 = foldedColumn(10);
  const s11 = nextFolded(11, s10);
  let low = s1;
  let high = s11;
  let even = nextFolded(2, low);
  low = nextFolded(3, even);
  putLimbs(o, 2, even, low);
  even = nextFolded(12, high);
  high = nextFolded(13, even);
  putLimbs(o, 12, even, high);
  even = nextFolded(4, low);
  low = nextFolded(5, even);
  putLimbs(o, 4, even, low);
  even = nextFolded(14, high);
  high = nextFolded(15, even);
  putLimbs(o, 14, even, high);
  even = nextFolded(6, low);
  low = nextFolded(7, even);
  putLimbs(o, 6, even, low);
  even = nextFolded(16, high);
  high = nextFolded(17, even);
  putLimbs(o, 16, even, high);
  even = nextFolded(8, low);
  low = nextFolded(9, even);
  putLimbs(o, 8, even, low);
  even = nextFolded(18, high);
  high = nextFolded(19, even);
  putLimbs(o, 18, even, high);
  joinHalves(o, s0, s1, low, s10, s11, high);
}

/** o = the element of columns 0 to 19, each below 2^31 - 2^19 in absolute value: weight 1. */
export function feCarry(o: usize): void {
  const s0 = plainColumn(0);
  const s1 = nextPlain(1, s0);
  const s10 = plainColumn(10);
  const s11 = nextPlain(11, s10);
  let low = s1;
  let high = s11;
  for (let k: usize = 2; k < 10; k += 2) {
    const even = nextPlain(k, low);
    low = nextPlain(k + 1, even);
    putLimbs(o, k, even, low);
    const evenHigh = nextPlain(k + 10, high);
    high = nextPlain(k + 11, evenHigh);
    putLimbs(o, k + 10, evenHigh, high);
  }
  joinHalves(o, s0, s1, low, s10, s11, high);
}
