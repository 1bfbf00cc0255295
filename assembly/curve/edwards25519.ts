// The group of Edwards25519 (RFC 8032, section 5.1), one point at a time: its coordinates are the four lanes of
// one element, so that the four multiplications of a formula are one.
//
// A point has lanes T, X, Y, Z: x = X / Z, y = Y / Z, x y = T / Z, of weight 1. The formulas are those of
// Hisil, Wong, Carter and Dawson (2008) for a = -1; they are complete, so no point is special.
// A summand is a point prepared to be added: lanes Y - X, 2 d T, Y + X, 2 Z, of weight 1 or 2.

import { copyBytes, wipe } from "../bytes";
import { encodingWipe, feFromBytes, feToBytes, feTranspose } from "./encoding25519";
import {
  FE,
  feAdd,
  feCopy,
  feMul,
  feNegate,
  feOne,
  fePow22523,
  feReduce,
  feSelect,
  feSqr,
  feSub,
  excess,
  excessAround,
  reducedLimbs,
} from "./fe25519";
import { feInvertLane, invertWipe } from "./invert25519";

/** Bytes of a point and of a summand. */
export const POINT: usize = FE;

// d, sqrt(-1) and the base point's y = 4 / 5; its x is the even root.
const constantBytes: usize = memory.data<u32>(
  [
    0x135978a3, 0x75eb4dca, 0x4141d8ab, 0x00700a4d, 0x7779e898, 0x8cc74079, 0x2b6ffe73, 0x52036cee, 0x4a0ea0b0,
    0xc4ee1b27, 0xad2fe478, 0x2f431806, 0x3dfbd7a7, 0x2b4d0099, 0x4fc1df0b, 0x2b832480, 0x66666658, 0x66666666,
    0x66666666, 0x66666666, 0x66666666, 0x66666666, 0x66666666, 0x66666666,
  ],
  16,
);
const d: usize = memory.data(160, 16);
const doubleD: usize = memory.data(160, 16);
const rootOfMinusOne: usize = memory.data(160, 16);
const preparing: usize = memory.data(160, 16); // 1, 2 d, 1, 2
/** The base point as a summand, once `prepareCurve` has run. */
export const baseSummand: usize = memory.data(160, 16);
let prepared: bool = false;

// Working space: the factors of a formula; of (de)compression.
const WORK: usize = 144 + 10 * FE;
const work: usize = memory.data(<i32>WORK, 16);
const left: usize = work;
const right: usize = work + FE;
const quads: usize = work + 2 * FE;
const e: usize = work + 6 * FE;
const f: usize = work + 7 * FE;
const g: usize = work + 8 * FE;
const h: usize = work + 9 * FE;
const bytes: usize = work + 10 * FE;
const lanes: usize = bytes + 128;

/** Forgets what the last operations left in the working space. */
export function pointWipe(): void {
  wipe(work, WORK);
  encodingWipe();
  invertWipe();
}

/** Computes the curve's constants on first use; everything that decompresses or adds needs them. */
export function prepareCurve(): void {
  if (prepared) return;
  feFromBytes(d, constantBytes, constantBytes, constantBytes, constantBytes);
  const root = constantBytes + 32;
  feFromBytes(rootOfMinusOne, root, root, root, root);
  feAdd(doubleD, d, d);
  feReduce(doubleD, doubleD);
  feOne(preparing);
  store<u32>(preparing, 2, 12);
  for (let p: usize = 4; p < FE; p += 16) store<u32>(preparing + p, load<u32>(doubleD + p));
  prepared = true;
  const base = constantBytes + 64;
  if (summandsDecompress(quads, FE, base, base, base, base) != 15) unreachable();
  feCopy(baseSummand, quads);
}

/** o = the neutral element. */
export function pointZero(o: usize): void {
  feOne(o);
  v128.store(o, i32x4(0, 0, 1, 1));
}

/** o = -p. */
export function pointNegate(o: usize, p: usize): void {
  const mask = i32x4(-1, -1, 0, 0);
  for (let i: usize = 0; i < FE; i += 16) {
    v128.store(o + i, i16x8.sub(v128.xor(v128.load(p + i), mask), mask));
  }
}

/** A vector of -q, for a summand q, where `mask` is all ones; of q where it is 0. */
export function negatedWhere(v: v128, mask: v128): v128 {
  const turn = v128.and(mask, i32x4(0, -1, 0, 0));
  const chosen = v128.bitselect(v128.shuffle<i32>(v, v, 2, 1, 0, 3), v, mask);
  return i16x8.sub(v128.xor(chosen, turn), turn);
}

/** o = -q for a summand. */
export function summandNegate(o: usize, q: usize): void {
  for (let i: usize = 0; i < FE; i += 16) v128.store(o + i, negatedWhere(v128.load(q + i), i32x4.splat(-1)));
}

// Lanes Y - X, T, Y + X, Z of lanes T, X, Y, Z.
function spreadOf(v: v128): v128 {
  const y = v128.shuffle<i32>(v, v, 2, 0, 2, 3);
  const x = v128.and(v128.shuffle<i32>(v, v, 1, 1, 1, 1), i32x4(-1, 0, -1, 0));
  return i16x8.add(y, i16x8.sub(v128.xor(x, i32x4(-1, 0, 0, 0)), i32x4(-1, 0, 0, 0)));
}

// o = lanes Y - X, T, Y + X, Z of a point: weight 2.
function spread(o: usize, p: usize): void {
  for (let i: usize = 0; i < FE; i += 16) v128.store(o + i, spreadOf(v128.load(p + i)));
}

// Every formula ends in the product of E, F, H, G with H, E, G, F, lane by lane: T = E H, X = F E, Y = H G, Z = G F.
// This puts one vector of the factors in place, from lanes E, F and lanes H, G.
function placeFactors(i: usize, ef: v128, hg: v128): void {
  v128.store(left + i, v128.shuffle<i64>(ef, hg, 0, 2));
  v128.store(right + i, v128.shuffle<i32>(hg, ef, 0, 4, 1, 5));
}

// The same, from lanes A, C, B, D of a sum's products.
function placeSum(i: usize, v: v128): void {
  const ac = v128.shuffle<i32>(v, v, 0, 1, 0, 1);
  const bd = v128.shuffle<i32>(v, v, 2, 3, 2, 3);
  placeFactors(i, i16x8.sub(bd, ac), i16x8.add(bd, ac));
}

/** o = p + q, for a summand q. */
export function pointAdd(o: usize, p: usize, q: usize): void {
  spread(left, p);
  feMul(left, left, q); // A, C, B, D
  for (let i: usize = 0; i < FE; i += 16) placeSum(i, v128.load(left + i));
  feMul(o, left, right);
}

// Lanes X + Y, X, Y, Z of lanes T, X, Y, Z.
function withSum(v: v128): v128 {
  const sum = i16x8.add(v128.shuffle<i32>(v, v, 1, 1, 1, 1), v128.shuffle<i32>(v, v, 2, 2, 2, 2));
  return v128.shuffle<i32>(sum, v, 0, 5, 6, 7);
}

// Lanes H, G, H, G = A + B, A - B of lanes S, A, B, C, where S = (X + Y)^2.
function hgOf(v: v128): v128 {
  const a = v128.shuffle<i32>(v, v, 1, 1, 1, 1);
  const b = v128.shuffle<i32>(v, v, 2, 2, 2, 2);
  return v128.shuffle<i32>(i16x8.add(a, b), i16x8.sub(a, b), 0, 5, 2, 7);
}

// Lanes E, F = H - S, G + 2 C, twice.
function efOf(v: v128, hg: v128): v128 {
  const sc = v128.shuffle<i32>(v, v, 0, 3, 0, 3);
  const f = i16x8.add(hg, i16x8.add(sc, sc));
  return v128.shuffle<i32>(i16x8.sub(hg, sc), f, 0, 5, 2, 7);
}

// F has weight 4, so these factors are reduced before they are put in place.
function placeDouble(i: usize, v: v128, before: v128): v128 {
  const hg = hgOf(v);
  const ef = efOf(v, hg);
  placeFactors(i, reducedLimbs(ef, before), hg);
  return excess(ef);
}

/** o = 2 p. */
export function pointDouble(o: usize, p: usize): void {
  for (let i: usize = 0; i < FE; i += 16) v128.store(left + i, withSum(v128.load(p + i)));
  feSqr(left, left); // S, A, B, C
  const last = v128.load(left, 144);
  let carry = excessAround(excess(efOf(last, hgOf(last))));
  for (let i: usize = 0; i < FE; i += 16) carry = placeDouble(i, v128.load(left + i), carry);
  feMul(o, left, right);
}

/** o = the summand of p. */
export function summandFromPoint(o: usize, p: usize): void {
  spread(o, p);
  feMul(o, o, preparing);
}

/** 1 when 8 p is the neutral element, else 0; public. */
export function pointIsSmallOrder(p: usize): i32 {
  pointDouble(e, p);
  pointDouble(e, e);
  pointDouble(e, e);
  feToBytes(bytes, e);
  return i32(bytesAreZero(bytes + 32) && memory.compare(bytes + 64, bytes + 96, 32) == 0);
}

function bytesAreZero(at: usize): bool {
  return (load<u64>(at) | load<u64>(at, 8) | load<u64>(at, 16) | load<u64>(at, 24)) == 0;
}

/** Lanes (bits 0 to 3) in which an element is zero. */
function zeroLanes(element: usize): i32 {
  feToBytes(bytes, element);
  let result = 0;
  for (let lane: usize = 0; lane < 4; lane++) result |= (<i32>bytesAreZero(bytes + (lane << 5))) << (<i32>lane);
  return result;
}

/** The parities of four elements (bits 0 to 3). */
function oddLanes(element: usize): i32 {
  feToBytes(bytes, element);
  let result = 0;
  for (let lane: usize = 0; lane < 4; lane++) result |= ((<i32>load<u8>(bytes + (lane << 5))) & 1) << (<i32>lane);
  return result;
}

/** 1 when the y coordinate of the 32 bytes is below p = 2^255 - 19, else 0. */
function isCanonicalY(at: usize): i32 {
  const high = load<u64>(at, 24) & 0x7fffffffffffffff;
  const middle = load<u64>(at, 8) & load<u64>(at, 16);
  return i32(high != 0x7fffffffffffffff || middle != 0xffffffffffffffff || load<u64>(at) < 0xffffffffffffffed);
}

function signOf(at: usize): i32 {
  return <i32>(load<u8>(at, 31) >> 7);
}

// The mask of `feSelect` for a set of lanes.
function laneMask(set: i32): usize {
  for (let lane: usize = 0; lane < 4; lane++) store<i32>(lanes + (lane << 2), 0 - ((set >> (<i32>lane)) & 1));
  return lanes;
}

/**
 * Writes the summands of four public encodings, one every `stride` bytes; returns those (bits 0 to 3) that are
 * canonical encodings of points (RFC 8032, section 5.1.3). The others give no point.
 */
export function summandsDecompress(o: usize, stride: usize, e0: usize, e1: usize, e2: usize, e3: usize): i32 {
  const x = quads + FE;
  const y = quads + 2 * FE;
  let valid = isCanonicalY(e0) | (isCanonicalY(e1) << 1) | (isCanonicalY(e2) << 2) | (isCanonicalY(e3) << 3);
  const signs = signOf(e0) | (signOf(e1) << 1) | (signOf(e2) << 2) | (signOf(e3) << 3);
  feFromBytes(y, e0, e1, e2, e3);
  feOne(f);
  feSqr(e, y);
  feMul(h, e, d);
  feSub(e, e, f); // u = y^2 - 1
  feAdd(h, h, f); // v = d y^2 + 1
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
  feSub(x, f, e);
  const direct = zeroLanes(x);
  feAdd(x, f, e);
  valid &= direct | zeroLanes(x);
  feMul(f, g, rootOfMinusOne);
  feSelect(x, f, g, laneMask(direct));
  // x = 0 has no odd twin.
  const flip = oddLanes(x) ^ signs;
  valid &= ~(zeroLanes(x) & flip);
  feNegate(f, x);
  feSelect(x, x, f, laneMask(flip));
  // Quads Y - X, 2 d T, Y + X, 2.
  feSub(quads, y, x);
  feMul(f, x, y);
  feAdd(y, y, x);
  feMul(x, f, doubleD);
  feOne(quads + 3 * FE);
  v128.store(quads + 3 * FE, i32x4.splat(2));
  feTranspose(o, stride, quads);
  return valid;
}

/** Writes the 32-byte encoding of p. */
export function pointCompress(to: usize, p: usize): void {
  feInvertLane(e, p, 3); // 1 / Z
  feMul(e, e, p);
  feToBytes(bytes, e);
  copyBytes(to, bytes + 64, 32);
  store<u8>(to, load<u8>(to, 31) | (load<u8>(bytes, 32) << 7), 31);
}
