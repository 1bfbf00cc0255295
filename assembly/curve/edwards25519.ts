// The group of Edwards25519 (RFC 8032, section 5.1), two points at once: everything here is a pair,
// one point per lane of `fe25519.ts`.
//
// A point is X, Y, Z, T with x = X / Z, y = Y / Z, x y = T / Z, each of weight 1. The formulas are
// those of Hisil, Wong, Carter and Dawson (2008) for a = -1; they are complete, so no point is special.
// A summand is a point prepared for additions: Y + X, Y - X, 2 d T, -2 d T, 2 Z. Its negative is
// read by exchanging the first two and the next two.

import { wipe } from "../bytes";
import {
  FE,
  feAdd,
  feCopy,
  feFromBytes,
  feInvert,
  feMul,
  feNegate,
  feOne,
  fePow22523,
  feReduce,
  feSelect,
  feSqr,
  feSub,
  feSwapLanes,
  feToBytes,
  feZero,
} from "./fe25519";

/** Bytes of a pair of points. */
export const POINT: usize = 4 * FE;
const X: usize = 0;
const Y: usize = FE;
const Z: usize = 2 * FE;
const T: usize = 3 * FE;

/** Bytes of a pair of summands. */
export const SUMMAND: usize = 5 * FE;
const PLUS: usize = 0;
const MINUS: usize = FE;
const TURN: usize = 2 * FE;
const TURN_NEGATED: usize = 3 * FE;
const DOUBLE_Z: usize = 4 * FE;

const ALL: u64 = 0xffffffffffffffff;

// d, sqrt(-1) and the base point's y = 4 / 5; its x is the even root.
const constantBytes: usize = memory.data<u32>(
  [
    0x135978a3, 0x75eb4dca, 0x4141d8ab, 0x00700a4d, 0x7779e898, 0x8cc74079, 0x2b6ffe73, 0x52036cee, 0x4a0ea0b0,
    0xc4ee1b27, 0xad2fe478, 0x2f431806, 0x3dfbd7a7, 0x2b4d0099, 0x4fc1df0b, 0x2b832480, 0x66666658, 0x66666666,
    0x66666666, 0x66666666, 0x66666666, 0x66666666, 0x66666666, 0x66666666,
  ],
  16,
);
const d: usize = memory.data(80, 16);
const doubleD: usize = memory.data(80, 16);
const rootOfMinusOne: usize = memory.data(80, 16);
/** The base point in both lanes, once `prepareCurve` has run. */
export const basePoint: usize = memory.data(320, 16);
let prepared: bool = false;

// Working space: of a point operation, of (de)compression.
const a: usize = memory.data(80, 16);
const b: usize = memory.data(80, 16);
const c: usize = memory.data(80, 16);
const e: usize = memory.data(80, 16);
const f: usize = memory.data(80, 16);
const g: usize = memory.data(80, 16);
const h: usize = memory.data(80, 16);
const bytes: usize = memory.data(64, 16);
const folded: usize = memory.data(320, 16);
const summand: usize = memory.data(400, 16);

/** Forgets what the last operations left in the working space. */
export function pointWipe(): void {
  wipe(a, FE);
  wipe(b, FE);
  wipe(c, FE);
  wipe(e, FE);
  wipe(f, FE);
  wipe(g, FE);
  wipe(h, FE);
  wipe(bytes, 64);
  wipe(folded, POINT);
  wipe(summand, SUMMAND);
}

/** Computes the curve's constants on first use; everything that decompresses or adds needs them. */
export function prepareCurve(): void {
  if (prepared) return;
  feFromBytes(d, constantBytes, constantBytes);
  feAdd(doubleD, d, d);
  feReduce(doubleD, doubleD);
  feFromBytes(rootOfMinusOne, constantBytes + 32, constantBytes + 32);
  prepared = true;
  if (pointDecompress(basePoint, constantBytes + 64, constantBytes + 64) != 3) unreachable();
}

/** o = the neutral element in both lanes. */
export function pointZero(o: usize): void {
  feZero(o + X);
  feOne(o + Y);
  feOne(o + Z);
  feZero(o + T);
}

/** o = -p. */
export function pointNegate(o: usize, p: usize): void {
  feNegate(o + X, p + X);
  feCopy(o + Y, p + Y);
  feCopy(o + Z, p + Z);
  feNegate(o + T, p + T);
}

/** o = b in the lanes whose mask is all ones, else a. */
export function pointSelect(o: usize, a: usize, b: usize, mask0: u64, mask1: u64): void {
  for (let i: usize = 0; i < POINT; i += FE) feSelect(o + i, a + i, b + i, mask0, mask1);
}

// From E, F, G, H: the four last products of every formula. f may have weight 4, the others 3.
function complete(o: usize): void {
  feMul(o + X, f, e);
  feMul(o + Y, g, h);
  feMul(o + T, e, h);
  feMul(o + Z, f, g);
}

/** o = 2 p. */
export function pointDouble(o: usize, p: usize): void {
  feSqr(a, p + X);
  feSqr(b, p + Y);
  feSqr(c, p + Z);
  feAdd(e, p + X, p + Y);
  feSqr(e, e);
  feAdd(h, a, b);
  feSub(e, h, e);
  feSub(g, a, b);
  feAdd(f, c, c);
  feAdd(f, f, g);
  complete(o);
}

// c = T1 2 d T2 and f = Z1 2 Z2 are in place; a and b hold the summand's Y - X and Y + X.
function finishAdd(o: usize, p: usize): void {
  feSub(e, p + Y, p + X);
  feMul(a, e, a);
  feAdd(e, p + Y, p + X);
  feMul(b, e, b);
  feSub(e, b, a);
  feAdd(h, b, a);
  feAdd(g, f, c);
  feSub(f, f, c);
  complete(o);
}

/** o = p + q, for a summand q. */
export function pointAdd(o: usize, p: usize, q: usize): void {
  feMul(c, p + T, q + TURN);
  feMul(f, p + Z, q + DOUBLE_Z);
  feCopy(a, q + MINUS);
  feCopy(b, q + PLUS);
  finishAdd(o, p);
}

// Reads summand q0 in lane 0 and q1 in lane 1, negated where the sign is not 0, into b, a, c. Public.
function gather(q0: usize, sign0: i32, q1: usize, sign1: i32): void {
  const flip0: usize = sign0 != 0 ? FE : 0;
  const flip1: usize = sign1 != 0 ? FE : 0;
  feSelect(b, q0 + flip0, q1 + flip1, 0, ALL);
  feSelect(a, q0 + FE - flip0, q1 + FE - flip1, 0, ALL);
  feSelect(c, q0 + TURN + flip0, q1 + TURN + flip1, 0, ALL);
}

/** o = p + lane 0 of +-q0, lane 1 of +-q1, chosen by public signs (not 0: minus). */
export function pointAddLanes(o: usize, p: usize, q0: usize, sign0: i32, q1: usize, sign1: i32): void {
  gather(q0, sign0, q1, sign1);
  feSelect(f, q0 + DOUBLE_Z, q1 + DOUBLE_Z, 0, ALL);
  feMul(f, p + Z, f);
  feMul(c, p + T, c);
  finishAdd(o, p);
}

/** The same for summands with Z = 1. */
export function pointAddAffineLanes(o: usize, p: usize, q0: usize, sign0: i32, q1: usize, sign1: i32): void {
  gather(q0, sign0, q1, sign1);
  feAdd(f, p + Z, p + Z);
  feMul(c, p + T, c);
  finishAdd(o, p);
}

/** o = the summand of p. */
export function summandFromPoint(o: usize, p: usize): void {
  feAdd(o + PLUS, p + Y, p + X);
  feSub(o + MINUS, p + Y, p + X);
  feMul(o + TURN, p + T, doubleD);
  feNegate(o + TURN_NEGATED, o + TURN);
  feAdd(o + DOUBLE_Z, p + Z, p + Z);
}

/** o = the sum of the two lanes of p, in both lanes. */
export function pointFold(o: usize, p: usize): void {
  for (let i: usize = 0; i < POINT; i += FE) feSwapLanes(folded + i, p + i);
  summandFromPoint(summand, folded);
  pointAdd(o, p, summand);
}

/** Lanes (bit 0, bit 1) in which 8 p is the neutral element. */
export function pointIsSmallOrder(p: usize): i32 {
  pointDouble(folded, p);
  pointDouble(folded, folded);
  pointDouble(folded, folded);
  feSub(a, folded + Y, folded + Z);
  return feIsZero(folded + X) & feIsZero(a);
}

// Lanes in which the element is zero.
function feIsZero(element: usize): i32 {
  feToBytes(bytes, bytes + 32, element);
  return bytesAreZero(bytes) | (bytesAreZero(bytes + 32) << 1);
}

function bytesAreZero(at: usize): i32 {
  return i32((load<u64>(at) | load<u64>(at, 8) | load<u64>(at, 16) | load<u64>(at, 24)) == 0);
}

function laneMask(lanes: i32, lane: i32): u64 {
  return 0 - <u64>((lanes >> lane) & 1);
}

/** Lanes whose sign bit (bit 255) differs from the parity of the element. */
function signDiffers(element: usize, bytes0: usize, bytes1: usize): i32 {
  feToBytes(bytes, bytes + 32, element);
  return (
    ((<i32>(load<u8>(bytes) & 1)) ^ (<i32>(load<u8>(bytes0, 31) >> 7))) |
    (((<i32>(load<u8>(bytes, 32) & 1)) ^ (<i32>(load<u8>(bytes1, 31) >> 7))) << 1)
  );
}

/** 1 when the y coordinate of the 32 bytes is below p = 2^255 - 19, else 0. */
function isCanonicalY(at: usize): i32 {
  const high = load<u64>(at, 24) & 0x7fffffffffffffff;
  const middle = load<u64>(at, 8) & load<u64>(at, 16);
  return i32(high != 0x7fffffffffffffff || middle != ALL || load<u64>(at) < 0xffffffffffffffed);
}

/**
 * o = the points of two public encodings; returns the lanes (bit 0, bit 1) that hold a canonical
 * encoding of a point (RFC 8032, section 5.1.3). The others hold no point.
 */
export function pointDecompress(o: usize, bytes0: usize, bytes1: usize): i32 {
  let valid = isCanonicalY(bytes0) | (isCanonicalY(bytes1) << 1);
  feFromBytes(o + Y, bytes0, bytes1);
  feOne(o + Z);
  feSqr(e, o + Y);
  feMul(h, e, d);
  feSub(e, e, o + Z); // u = y^2 - 1
  feAdd(h, h, o + Z); // v = d y^2 + 1
  // x = u v^3 (u v^7)^((p - 5) / 8)
  feSqr(f, h);
  feMul(f, f, h);
  feSqr(g, f);
  feMul(g, g, h);
  feMul(g, g, e);
  fePow22523(g, g);
  feMul(g, g, f);
  feMul(g, g, e);
  // x is a root when v x^2 = u, and x sqrt(-1) is one when v x^2 = -u.
  feSqr(f, g);
  feMul(f, f, h);
  feSub(a, f, e);
  const direct = feIsZero(a);
  feAdd(a, f, e);
  const turned = feIsZero(a);
  valid &= direct | turned;
  feMul(f, g, rootOfMinusOne);
  feSelect(o + X, f, g, laneMask(direct, 0), laneMask(direct, 1));
  // x = 0 has no odd twin.
  const flip = signDiffers(o + X, bytes0, bytes1);
  valid &= ~(feIsZero(o + X) & flip);
  feNegate(f, o + X);
  feSelect(o + X, o + X, f, laneMask(flip, 0), laneMask(flip, 1));
  feMul(o + T, o + X, o + Y);
  return valid;
}

/** Writes the encodings of lane 0 to `bytes0` and of lane 1 to `bytes1`, which must not overlap. */
export function pointCompress(bytes0: usize, bytes1: usize, p: usize): void {
  feInvert(a, p + Z);
  feMul(b, p + X, a);
  feToBytes(bytes, bytes + 32, b);
  feMul(b, p + Y, a);
  feToBytes(bytes0, bytes1, b);
  store<u8>(bytes0, load<u8>(bytes0, 31) | (load<u8>(bytes) << 7), 31);
  store<u8>(bytes1, load<u8>(bytes1, 31) | (load<u8>(bytes, 32) << 7), 31);
}

/**
 * Makes `count` points affine in place: Z becomes 1 (X, Y, T follow). One inversion for all;
 * `inverses` is working space of count FE.
 */
export function pointsNormalize(points: usize, count: usize, inverses: usize): void {
  // Products of all the Z so far, then backwards with the inverse of the whole.
  feCopy(inverses, points + Z);
  for (let i: usize = 1; i < count; i++) {
    feMul(inverses + i * FE, inverses + (i - 1) * FE, points + i * POINT + Z);
  }
  feInvert(a, inverses + (count - 1) * FE);
  for (let i = count; i-- > 0;) {
    const p = points + i * POINT;
    if (i > 0) feMul(b, a, inverses + (i - 1) * FE);
    else feCopy(b, a);
    feMul(a, a, p + Z);
    feMul(p + X, p + X, b);
    feMul(p + Y, p + Y, b);
    feMul(p + T, p + X, p + Y);
    feOne(p + Z);
  }
}
