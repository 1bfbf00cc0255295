// Inversion modulo p = 2^255 - 19 in constant time, by the division steps of Bernstein and Yang (2019), "Fast
// constant-time gcd computation and modular inversion": a gcd that looks at the lowest bits alone.
//
// A step takes (delta, f, g), f odd, to (1 - delta, g, (g - f) / 2) when delta > 0 and g is odd, else to
// (1 + delta, f, (g + (g mod 2) f) / 2). With delta = 1/2 in the beginning, 590 steps bring g to 0 for any f and
// g below 2^256, and f to plus or minus their gcd. Thirty steps depend on the lowest thirty bits alone: they are done on
// words, and their product, a matrix of 2^-30 times small integers, is then applied to f, g and to d, e, which stay
// f / x and g / x modulo p.
//
// Numbers are nine limbs, all but the highest from 0 to 2^30 - 1, the highest signed. |f|, |g| < 2^256 and
// -2 p < d, e < p throughout, because entries of the matrix times 2^30 satisfy |u| + |v| <= 2^30 and |q| + |r| <= 2^30.
//
// No branch and no address depends on the number.

import { wipe } from "../bytes";
import { feFromBytes, feRotate, feToBytes } from "./encoding25519";
import { FE, feMul } from "./fe25519";

const LIMBS: usize = 9;
const BITS: u32 = 30;
const MASK: i64 = (1 << 30) - 1;
/** Words of thirty steps: at least 590 steps. */
const ROUNDS: i32 = 20;

// p = LOWEST + HIGHEST 2^240, and 1 / p modulo 2^30.
const LOWEST: i64 = -19;
const HIGHEST: i64 = 1 << 15;
const INVERSE: i32 = 0x179435e5;

const WORK: usize = 288 + 3 * FE;
const work: usize = memory.data(<i32>WORK, 16);
const f: usize = work;
const g: usize = work + 36;
const d: usize = work + 72;
const e: usize = work + 108;
// The matrix of thirty steps, times 2^30: u, v, q, r.
const matrix: usize = work + 144;
const bytes: usize = work + 160;
const next: usize = work + 288;
const neighbours: usize = next + FE;
const others: usize = neighbours + FE;

/** Forgets what the last inversion left in the working space. */
export function invertWipe(): void {
  wipe(work, WORK);
}

function limb(a: usize, i: usize): i64 {
  return <i64>load<i32>(a + (i << 2));
}

function setLimb(a: usize, i: usize, value: i64): void {
  store<i32>(a + (i << 2), <i32>value);
}

/**
 * Thirty steps on the lowest words of f and g; writes the matrix. Keeps and returns -delta - 1/2, whose sign bit says that
 * delta is positive.
 */
function steps(negatedDelta: i32): i32 {
  let state = negatedDelta;
  let a = load<i32>(f) | (load<i32>(f, 4) << 30);
  let b = load<i32>(g) | (load<i32>(g, 4) << 30);
  let u = 1;
  let v = 0;
  let q = 0;
  let r = 1;
  for (let i: u32 = 0; i < BITS; i++) {
    const positive = state >> 31;
    const odd = 0 - (b & 1);
    // g + f or g - f where g is odd, and the rows of the matrix with them
    b += ((a ^ positive) - positive) & odd;
    q += ((u ^ positive) - positive) & odd;
    r += ((v ^ positive) - positive) & odd;
    // f becomes the old g: (g - f) + f
    const exchanged = positive & odd;
    state = (state ^ exchanged) - 1;
    a += b & exchanged;
    u += q & exchanged;
    v += r & exchanged;
    b >>= 1;
    u <<= 1;
    v <<= 1;
  }
  store<i32>(matrix, u);
  store<i32>(matrix, v, 4);
  store<i32>(matrix, q, 8);
  store<i32>(matrix, r, 12);
  return state;
}

/** (f, g) = matrix (f, g), exactly: the lowest thirty bits of both rows are zero. */
function applyToNumbers(): void {
  const u = <i64>load<i32>(matrix);
  const v = <i64>load<i32>(matrix, 4);
  const q = <i64>load<i32>(matrix, 8);
  const r = <i64>load<i32>(matrix, 12);
  let first = u * limb(f, 0) + v * limb(g, 0);
  let second = q * limb(f, 0) + r * limb(g, 0);
  for (let i: usize = 1; i < LIMBS; i++) {
    first = (first >> BITS) + u * limb(f, i) + v * limb(g, i);
    second = (second >> BITS) + q * limb(f, i) + r * limb(g, i);
    setLimb(f, i - 1, first & MASK);
    setLimb(g, i - 1, second & MASK);
  }
  setLimb(f, LIMBS - 1, first >> BITS);
  setLimb(g, LIMBS - 1, second >> BITS);
}

/** The multiple of p that makes the lowest thirty bits of `sum + multiple p` zero, near `least`: from it to 2^30 below. */
function correction(least: i32, sum: i64): i64 {
  return <i64>(least - ((INVERSE * <i32>sum + least) & (<i32>MASK)));
}

/** (d, e) = matrix (d, e) modulo p. */
function applyToQuotients(): void {
  const u = load<i32>(matrix);
  const v = load<i32>(matrix, 4);
  const q = load<i32>(matrix, 8);
  const r = load<i32>(matrix, 12);
  // Where d or e is negative, p is added to it: so that the result is between -2 p and p again.
  const negativeD = load<i32>(d, 32) >> 31;
  const negativeE = load<i32>(e, 32) >> 31;
  let first = <i64>u * limb(d, 0) + <i64>v * limb(e, 0);
  let second = <i64>q * limb(d, 0) + <i64>r * limb(e, 0);
  const firstMultiple = correction((u & negativeD) + (v & negativeE), first);
  const secondMultiple = correction((q & negativeD) + (r & negativeE), second);
  first += LOWEST * firstMultiple;
  second += LOWEST * secondMultiple;
  for (let i: usize = 1; i < LIMBS; i++) {
    first = (first >> BITS) + <i64>u * limb(d, i) + <i64>v * limb(e, i);
    second = (second >> BITS) + <i64>q * limb(d, i) + <i64>r * limb(e, i);
    if (i == LIMBS - 1) {
      first += HIGHEST * firstMultiple;
      second += HIGHEST * secondMultiple;
    }
    setLimb(d, i - 1, first & MASK);
    setLimb(e, i - 1, second & MASK);
  }
  setLimb(d, LIMBS - 1, first >> BITS);
  setLimb(e, LIMBS - 1, second >> BITS);
}

/** d = d, or -d where `sign` is all ones, plus p where that or d is negative; between -p and p, or 0 and p the second time. */
function normalize(sign: i32): void {
  const negative = <i64>(load<i32>(d, 32) >> 31);
  const mask = <i64>sign;
  let carry: i64 = 0;
  for (let i: usize = 0; i < LIMBS; i++) {
    let value = limb(d, i);
    if (i == 0) value += LOWEST & negative;
    if (i == LIMBS - 1) value += HIGHEST & negative;
    carry += (value ^ mask) - mask;
    setLimb(d, i, i < LIMBS - 1 ? carry & MASK : carry);
    carry >>= BITS;
  }
}

/** Writes 1 / x modulo p, 0 for 0: 32 little-endian bytes, from 32 bytes below p. */
function invert(to: usize, x: usize): void {
  wipe(f, 36);
  setLimb(f, 0, MASK + 1 + LOWEST);
  for (let i: usize = 1; i < LIMBS - 1; i++) setLimb(f, i, MASK);
  setLimb(f, LIMBS - 1, HIGHEST - 1);
  for (let i: usize = 0; i < LIMBS; i++) {
    const bit = i * BITS;
    const low = <u64>load<u32>(x + ((bit >> 5) << 2));
    const high = i < LIMBS - 1 ? <u64>load<u32>(x + ((bit >> 5) << 2) + 4) : 0;
    setLimb(g, i, (<i64>((low | (high << 32)) >> (bit & 31))) & MASK);
  }
  wipe(d, 36);
  wipe(e, 36);
  setLimb(e, 0, 1);
  let state = -1;
  for (let i = 0; i < ROUNDS; i++) {
    state = steps(state);
    applyToQuotients();
    applyToNumbers();
  }
  // f is 1 or -1 (p for x = 0, with d = 0), and d = f / x.
  normalize(load<i32>(f, 32) >> 31);
  normalize(0);
  let bits: u64 = 0;
  let count: u32 = 0;
  let at = to;
  for (let i: usize = 0; i < LIMBS; i++) {
    bits |= (<u64>limb(d, i)) << count;
    count += BITS;
    if (count >= 32) {
      store<u32>(at, <u32>bits);
      bits >>= 32;
      count -= 32;
      at += 4;
    }
  }
}

/** o = 1 / a for four elements, none of them 0 (else all results are 0), of weight <= 2: one inversion of their product. */
export function feInvert(o: usize, a: usize): void {
  feRotate(next, a);
  feMul(neighbours, a, next);
  feRotate(others, neighbours);
  feRotate(others, others);
  feMul(neighbours, neighbours, others); // the product, in every lane
  feMul(others, next, others); // that of the other three
  feInvertLane(neighbours, neighbours, 0);
  feMul(o, neighbours, others);
}

/** o = 1 / a for lane `lane` of a, 0 for 0, in all four lanes. `a` of weight <= 6. */
export function feInvertLane(o: usize, a: usize, lane: usize): void {
  feToBytes(bytes, a);
  const at = bytes + (lane << 5);
  invert(at, at);
  feFromBytes(o, at, at, at, at);
}
