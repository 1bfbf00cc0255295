// X25519 (RFC 7748): the Montgomery ladder, four keys at once or one over four lanes, and batches with one
// field inversion per chunk; on the base point by way of the Edwards curve. Constant time: scalars only make masks.

import { copyBytes, isZero, wipe } from "../bytes";
import { scratch, scratchMark, scratchRelease } from "../memory";
import { STATUS_OK, STATUS_PUBLIC_KEY } from "../status";
import { baseMultiply } from "./base25519";
import { baseMultiplyFour } from "./base25519x4";
import { POINT } from "./edwards25519";
import { encodingWipe, feFromBytes, feToBytes, feTranspose } from "./encoding25519";
import { FE, feAdd, feCopy, feMul, feMulSmall, feOne, feSelect, feSqr, feSub, feWipe, feZero } from "./fe25519";
import { feInvert, invertWipe } from "./invert25519";
import { A24, ladderOverLanes, ladderWipe } from "./ladder25519";
import { scalarReduce, scalarWipe } from "./scalar25519";

const KEY: usize = 32;
const LANES: u32 = 4;

const WORK: usize = 272 + 9 * FE + 8 * POINT;
const work: usize = memory.data(<i32>WORK, 16);
const x1: usize = work;
const x2: usize = work + FE;
const z2: usize = work + 2 * FE;
const x3: usize = work + 3 * FE;
const z3: usize = work + 4 * FE;
const a: usize = work + 5 * FE;
const b: usize = work + 6 * FE;
const c: usize = work + 7 * FE;
const d: usize = work + 8 * FE;
const one: usize = memory.data(160, 16);
const zero: usize = memory.data(160, 16);
const points: usize = work + 9 * FE;
const quads: usize = points + 4 * POINT;
const keys: usize = quads + 4 * FE;
const results: usize = keys + 128;
const swap: usize = results + 128;

function wipeWorkingSpace(): void {
  wipe(work, WORK);
  ladderWipe();
  scalarWipe();
  encodingWipe();
  invertWipe();
  feWipe();
}

// decodeScalar25519 (section 5).
function copyClamped(to: usize, scalar: usize): void {
  copyBytes(to, scalar, KEY);
  store<u8>(to, load<u8>(to) & 248);
  store<u8>(to, (load<u8>(to, 31) & 127) | 64, 31);
}

// Bit `bit` of the four keys, as a mask in each lane.
function bitMasks(bit: u32): v128 {
  const at = keys + (bit >> 3);
  const bytes = i32x4(<i32>load<u8>(at), <i32>load<u8>(at, 32), <i32>load<u8>(at, 64), <i32>load<u8>(at, 96));
  return i32x4.neg(v128.and(i32x4.shr_u(bytes, <i32>(bit & 7)), i32x4.splat(1)));
}

// One vector of A = x2 + z2, B = x2 - z2, C = x3 + z3, D = x3 - z3, once x2 and x3, z2 and z3 are exchanged in the
// lanes of `swap`: as the sums are taken, so that each vector is loaded once.
function sumsAndDifferences(i: usize, swap: v128): void {
  const x = v128.load(x2 + i);
  const z = v128.load(z2 + i);
  const dx = v128.and(v128.xor(x, v128.load(x3 + i)), swap);
  const dz = v128.and(v128.xor(z, v128.load(z3 + i)), swap);
  const left = v128.xor(x, dx);
  const right = v128.xor(z, dz);
  v128.store(a + i, i16x8.add(left, right));
  v128.store(b + i, i16x8.sub(left, right));
  const otherLeft = v128.xor(v128.load(x3 + i), dx);
  const otherRight = v128.xor(v128.load(z3 + i), dz);
  v128.store(c + i, i16x8.add(otherLeft, otherRight));
  v128.store(d + i, i16x8.sub(otherLeft, otherRight));
}

// The ladder on all lanes: (x2 : z2) = keys * u, for u in x1.
function ladder(): void {
  feOne(x2);
  feZero(z2);
  feCopy(x3, x1);
  feOne(z3);
  let previous = i32x4.splat(0);
  for (let bit: i32 = 254; bit >= 0; bit--) {
    const masks = bitMasks(bit);
    const swap = v128.xor(masks, previous);
    previous = masks;
    for (let i: usize = 0; i < FE; i += 16) sumsAndDifferences(i, swap);
    feMul(d, d, a); // DA
    feMul(c, c, b); // CB
    for (let i: usize = 0; i < FE; i += 16) {
      const da = v128.load(d + i);
      const cb = v128.load(c + i);
      v128.store(x3 + i, i16x8.add(da, cb));
      v128.store(z3 + i, i16x8.sub(da, cb));
    }
    feSqr(x3, x3);
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
function base(count: u32): void {
  for (let lane: usize = 0; lane < <usize>count; lane++) scalarReduce(keys + lane * KEY, keys + lane * KEY);
  if (count == LANES) {
    baseMultiplyFour(quads, keys);
  } else {
    for (let lane: usize = 0; lane < <usize>count; lane++) baseMultiply(points + lane * POINT, keys + lane * KEY);
    feTranspose(quads, FE, points);
  }
  feAdd(x2, quads + 3 * FE, quads + 2 * FE);
  feSub(z2, quads + 3 * FE, quads + 2 * FE);
}

// One group of a chunk: x, z, and the product of all z up to this group.
const GROUP: usize = 480;
const GROUP_Z: usize = 160;
const GROUP_PRODUCT: usize = 320;
const CHUNK: u32 = 64;

// The mask of the lanes whose 32 bytes of `results` are zero, in `swap`; returns how many of the first `count` they are.
function zeroMasks(count: u32): u32 {
  let zeros: u32 = 0;
  for (let lane: u32 = 0; lane < LANES; lane++) {
    const isNone = isZero(results + <usize>lane * KEY, KEY);
    store<i32>(swap + ((<usize>lane) << 2), 0 - isNone);
    if (lane < count) zeros += isNone;
  }
  return zeros;
}

// Computes one chunk, on the base point when `from` is 0; `groups` has room for its groups. Returns the number of
// zero results.
function chunk(
  groups: usize,
  dst: usize,
  scalars: usize,
  scalarStride: usize,
  from: usize,
  fromStride: usize,
  count: u32,
): u32 {
  const groupCount = (count + LANES - 1) / LANES;
  for (let i: u32 = 0; i < groupCount; i++) {
    const first = i * LANES;
    const size = min(LANES, count - first);
    for (let lane: u32 = 0; lane < size; lane++) {
      copyClamped(keys + <usize>lane * KEY, scalars + <usize>(first + lane) * scalarStride);
    }
    if (from == 0) {
      base(size);
    } else {
      // Lanes that are left over keep the first company.
      const at = from + <usize>first * fromStride;
      const at1 = size > 1 ? at + fromStride : at;
      const at2 = size > 2 ? at + 2 * fromStride : at;
      const at3 = size > 3 ? at + 3 * fromStride : at;
      feFromBytes(x1, at, at1, at2, at3);
      if (size == 1) ladderOverLanes(x2, z2, keys, x1);
      else ladder();
    }
    // z = 0, the neutral element, must not spoil the common product: it becomes 0 / 1.
    feToBytes(results, z2);
    zeroMasks(size);
    const group = groups + <usize>i * GROUP;
    feSelect(group, x2, zero, swap);
    feSelect(group + GROUP_Z, z2, one, swap);
    if (i == 0) feCopy(group + GROUP_PRODUCT, group + GROUP_Z);
    else feMul(group + GROUP_PRODUCT, group - GROUP + GROUP_PRODUCT, group + GROUP_Z);
  }
  let zeros: u32 = 0;
  feInvert(a, groups + <usize>(groupCount - 1) * GROUP + GROUP_PRODUCT);
  for (let i = groupCount; i-- > 0;) {
    const group = groups + <usize>i * GROUP;
    if (i == 0) feCopy(b, a);
    else feMul(b, a, group - GROUP + GROUP_PRODUCT);
    feMul(a, a, group + GROUP_Z);
    feMul(b, b, group);
    feToBytes(results, b);
    const first = i * LANES;
    const size = min(LANES, count - first);
    zeros += zeroMasks(size);
    copyBytes(dst + <usize>first * KEY, results, <usize>size * KEY);
  }
  return zeros;
}

// All chunks of a batch.
function batch(dst: usize, scalars: usize, scalarStride: usize, from: usize, fromStride: usize, count: u32): u32 {
  const mark = scratchMark();
  const groups = scratch(<usize>((min(count, CHUNK) + LANES - 1) / LANES) * GROUP);
  feOne(one);
  let zeros: u32 = 0;
  for (let done: u32 = 0; done < count; done += CHUNK) {
    zeros += chunk(
      groups,
      dst + <usize>done * KEY,
      scalars + <usize>done * scalarStride,
      scalarStride,
      from == 0 ? 0 : from + <usize>done * fromStride,
      fromStride,
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
