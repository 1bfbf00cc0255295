// X25519 (RFC 7748): the Montgomery ladder, two keys at once, and batches with one field inversion
// per chunk; on the base point by way of the Edwards curve. Constant time: scalars only make masks.

import { isZero, wipe } from "../bytes";
import { scratch, scratchMark, scratchRelease } from "../memory";
import { STATUS_OK, STATUS_PUBLIC_KEY } from "../status";
import { baseMultiply } from "./base25519";
import { POINT } from "./edwards25519";
import {
  FE,
  feAdd,
  feConditionalSwap,
  feCopy,
  feFromBytes,
  feInvert,
  feMul,
  feMulSmall,
  feOne,
  feSelect,
  feSqr,
  feSub,
  feToBytes,
  feWipe,
  feZero,
} from "./fe25519";
import { scalarReduce, scalarWipe } from "./scalar25519";

const KEY: usize = 32;

// (A - 2) / 4 of the curve v^2 = u^3 + 486662 u^2 + u.
const A24: u32 = 121665;

const x1: usize = memory.data(80, 16);
const x2: usize = memory.data(80, 16);
const z2: usize = memory.data(80, 16);
const x3: usize = memory.data(80, 16);
const z3: usize = memory.data(80, 16);
const a: usize = memory.data(80, 16);
const b: usize = memory.data(80, 16);
const c: usize = memory.data(80, 16);
const d: usize = memory.data(80, 16);
const one: usize = memory.data(80, 16);
const zero: usize = memory.data(80, 16);
const keys: usize = memory.data(64, 16);
const results: usize = memory.data(64, 16);

const edwards: usize = memory.data(320, 16);

function wipeWorkingSpace(): void {
  wipe(x1, FE);
  wipe(x2, FE);
  wipe(z2, FE);
  wipe(x3, FE);
  wipe(z3, FE);
  wipe(a, FE);
  wipe(b, FE);
  wipe(c, FE);
  wipe(d, FE);
  wipe(keys, 64);
  wipe(results, 64);
  wipe(edwards, POINT);
  scalarWipe();
  feWipe();
}

// decodeScalar25519 (section 5).
function copyClamped(to: usize, scalar: usize): void {
  memory.copy(to, scalar, KEY);
  store<u8>(to, load<u8>(to) & 248);
  store<u8>(to, (load<u8>(to, 31) & 127) | 64, 31);
}

function bitMask(key: usize, bit: u32): u64 {
  return 0 - (((<u64>load<u8>(key + (bit >> 3))) >> (bit & 7)) & 1);
}

// The ladder on both lanes: (x2 : z2) = keys * u, for u in x1.
function ladder(): void {
  feOne(x2);
  feZero(z2);
  feCopy(x3, x1);
  feOne(z3);
  let swap0: u64 = 0;
  let swap1: u64 = 0;
  for (let bit: i32 = 254; bit >= 0; bit--) {
    const mask0 = bitMask(keys, bit);
    const mask1 = bitMask(keys + KEY, bit);
    feConditionalSwap(x2, x3, swap0 ^ mask0, swap1 ^ mask1);
    feConditionalSwap(z2, z3, swap0 ^ mask0, swap1 ^ mask1);
    swap0 = mask0;
    swap1 = mask1;
    feAdd(a, x2, z2);
    feSub(b, x2, z2);
    feAdd(c, x3, z3);
    feSub(d, x3, z3);
    feMul(d, d, a); // DA
    feMul(c, c, b); // CB
    feAdd(x3, d, c);
    feSqr(x3, x3);
    feSub(z3, d, c);
    feSqr(z3, z3);
    feMul(z3, z3, x1);
    feSqr(a, a); // AA
    feSqr(b, b); // BB
    feMul(x2, a, b);
    feSub(b, a, b); // E
    feMulSmall(z2, b, A24);
    feAdd(z2, z2, a);
    feMul(z2, z2, b);
  }
  // The lowest bit of a clamped scalar is zero: nothing is left to exchange.
}

// (x2 : z2) = keys * 9. The base point B of the Edwards curve has order L and maps to 9 by
// u = (Z + Y) / (Z - Y) (RFC 7748, section 4.1); the denominator is not 0, since no clamped scalar is 0 mod L.
function base(): void {
  scalarReduce(keys, keys);
  scalarReduce(keys + KEY, keys + KEY);
  baseMultiply(edwards, keys, keys + KEY);
  feAdd(x2, edwards + 2 * FE, edwards + FE);
  feSub(z2, edwards + 2 * FE, edwards + FE);
}

// One pair of a chunk: x, z, and the product of all z up to this pair.
const PAIR: usize = 240;
const PAIR_Z: usize = 80;
const PAIR_PRODUCT: usize = 160;
const CHUNK: u32 = 64;

// All ones when the 32 bytes are zero.
function zeroMask(bytes: usize): u64 {
  return 0 - <u64>isZero(bytes, KEY);
}

// Computes one chunk, on the base point when `points` is 0; `pairs` has room for its pairs. Returns the number of
// zero results.
function chunk(
  pairs: usize,
  dst: usize,
  scalars: usize,
  scalarStride: usize,
  points: usize,
  pointStride: usize,
  count: u32,
): u32 {
  const last = count - 1;
  const pairCount = (count + 1) >> 1;
  for (let i: u32 = 0; i < pairCount; i++) {
    // An odd one out keeps itself company.
    const first = <usize>(i << 1);
    const second = <usize>min((i << 1) + 1, last);
    copyClamped(keys, scalars + first * scalarStride);
    copyClamped(keys + KEY, scalars + second * scalarStride);
    if (points == 0) {
      base();
    } else {
      feFromBytes(x1, points + first * pointStride, points + second * pointStride);
      ladder();
    }
    // z = 0, the neutral element, must not spoil the common product: it becomes 0 / 1.
    feToBytes(results, results + KEY, z2);
    const mask0 = zeroMask(results);
    const mask1 = zeroMask(results + KEY);
    const pair = pairs + <usize>i * PAIR;
    feSelect(pair, x2, zero, mask0, mask1);
    feSelect(pair + PAIR_Z, z2, one, mask0, mask1);
    if (i == 0) feCopy(pair + PAIR_PRODUCT, pair + PAIR_Z);
    else feMul(pair + PAIR_PRODUCT, pair - PAIR + PAIR_PRODUCT, pair + PAIR_Z);
  }
  let zeros: u32 = 0;
  feInvert(a, pairs + <usize>(pairCount - 1) * PAIR + PAIR_PRODUCT);
  for (let i = <i32>pairCount - 1; i >= 0; i--) {
    const pair = pairs + <usize>i * PAIR;
    if (i == 0) feCopy(b, a);
    else feMul(b, a, pair - PAIR + PAIR_PRODUCT);
    feMul(a, a, pair + PAIR_Z);
    feMul(b, b, pair);
    feToBytes(results, results + KEY, b);
    const first = (<u32>i) << 1;
    memory.copy(dst + <usize>first * KEY, results, KEY);
    zeros += isZero(results, KEY);
    if (first < last) {
      memory.copy(dst + <usize>(first + 1) * KEY, results + KEY, KEY);
      zeros += isZero(results + KEY, KEY);
    }
  }
  return zeros;
}

// All chunks of a batch.
function batch(dst: usize, scalars: usize, scalarStride: usize, points: usize, pointStride: usize, count: u32): u32 {
  const mark = scratchMark();
  const pairs = scratch(<usize>((min(count, CHUNK) + 1) >> 1) * PAIR);
  feOne(one);
  let zeros: u32 = 0;
  for (let done: u32 = 0; done < count; done += CHUNK) {
    zeros += chunk(
      pairs,
      dst + <usize>done * KEY,
      scalars + <usize>done * scalarStride,
      scalarStride,
      points == 0 ? 0 : points + <usize>done * pointStride,
      pointStride,
      min(count - done, CHUNK),
    );
  }
  wipeWorkingSpace();
  scratchRelease(mark);
  return zeros;
}

/**
 * Many X25519: result i, 32 bytes at `dst` + 32 i, of scalar and point i at their strides (0: one for all).
 * A point of low order gives zero and does not disturb the others; returns how many results are zero.
 * `dst` must not overlap the inputs.
 */
export function x25519Batch(
  dst: usize,
  scalars: usize,
  scalarStride: usize,
  points: usize,
  pointStride: usize,
  count: u32,
): i32 {
  return <i32>batch(dst, scalars, scalarStride, points, pointStride, count);
}

/** X25519(scalar, point); STATUS_PUBLIC_KEY when the result is zero (section 6.1: a point of low order). */
export function x25519(dst: usize, scalar: usize, point: usize): i32 {
  return batch(dst, scalar, 0, point, 0, 1) == 0 ? STATUS_OK : STATUS_PUBLIC_KEY;
}

/** Many public keys: X25519(scalar i, 9), 32 bytes at `dst` + 32 i. */
export function x25519BaseBatch(dst: usize, scalars: usize, scalarStride: usize, count: u32): void {
  batch(dst, scalars, scalarStride, 0, 0, count);
}

/** The public key of a private key. */
export function x25519Base(dst: usize, scalar: usize): void {
  batch(dst, scalar, 0, 0, 0, 1);
}
