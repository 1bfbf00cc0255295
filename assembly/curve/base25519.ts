// Multiples of the base point of Edwards25519 in constant time: for signing, key generation and X25519 on
// the base point.
//
// A scalar is written in 64 digits of base 16, all but the highest from -8 to 7. For each of 32 positions i a table
// holds 1 to 8 times 256^i B: the odd digits are summed first and multiplied by 16, then the even ones are added. Every
// look-up reads the whole row under masks. `base25519x4.ts` does the same for four scalars side by side.
//
// A row does not hold the multiples themselves, but what makes a look-up short: XOR combinations of them, chosen so that
// multiple d, for d from 0 to 8, is the neutral element XOR entry 1 when d has bit 1, entry 2 when it has bit 2, entry 3
// when it has both, and so on to entry 7, and entry 8 when d is 8.

import { copyBytes, wipe } from "../bytes";
import { scratch, scratchMark, scratchRelease } from "../memory";
import { feTranspose } from "./encoding25519";
import {
  baseSummand,
  negatedWhere,
  POINT,
  pointAdd,
  pointDouble,
  pointWipe,
  pointZero,
  prepareCurve,
  summandFromPoint,
} from "./edwards25519";
import { FE, feAdd, feCopy, feMul, feOne, feWipe } from "./fe25519";
import { feInvert } from "./invert25519";
import { SCALAR } from "./scalar25519";

const POSITIONS: usize = 32;
const MULTIPLES: usize = 8;
/** Digits of a scalar. */
export const DIGITS: usize = 64;
/** Bytes of the multiples of one position. */
export const ROW: usize = MULTIPLES * FE;
/** Bytes of a scalar's digits. */
export const RECODED: usize = 36;
const TABLE: usize = POSITIONS * ROW;
/** A row for each position, once `prepareBase` has run, made of summands with 2 Z = 1. */
export const table: usize = memory.data(40960, 16);
/** The neutral element's summand with 2 Z = 1, once `prepareBase` has run. */
export const neutral: usize = memory.data(160, 16);
let tableReady: bool = false;

const chosen: usize = memory.data(160, 16);
const recoded: usize = memory.data(36, 16);
/** Eight masks, of 16 bytes each. */
export const masks: usize = memory.data(128, 16);
const multiple: usize = memory.data(160, 16);
const power: usize = memory.data(160, 16);
const quads: usize = memory.data(640, 16);
const inverse: usize = memory.data(160, 16);

// 8 in every digit but the highest.
const offsets: usize = memory.data<u32>(
  [0x88888888, 0x88888888, 0x88888888, 0x88888888, 0x88888888, 0x88888888, 0x88888888, 0x08888888],
  16,
);

/** Computes the table on first use. */
export function prepareBase(): void {
  if (tableReady) return;
  prepareCurve();
  pointZero(power);
  pointAdd(power, power, baseSummand);
  for (let i: usize = 0; i < POSITIONS; i++) {
    const row = table + i * ROW;
    summandFromPoint(row, power);
    copyBytes(multiple, power, POINT);
    for (let j: usize = 1; j < MULTIPLES; j++) {
      pointAdd(multiple, multiple, row);
      summandFromPoint(row + j * FE, multiple);
    }
    for (let j: usize = 0; j < 8; j++) pointDouble(power, power);
  }
  makeAffine();
  makeNeutral();
  for (let i: usize = 0; i < POSITIONS; i++) combine(table + i * ROW);
  tableReady = true;
}

// Lanes 1/2, 0, 1/2, 1.
function makeNeutral(): void {
  feOne(inverse);
  feAdd(inverse, inverse, inverse);
  feInvert(inverse, inverse);
  let one = i32x4(0, 0, 0, 1);
  for (let i: usize = 0; i < FE; i += 16) {
    v128.store(neutral + i, v128.or(v128.and(v128.load(inverse + i), i32x4(-1, 0, -1, 0)), one));
    one = i32x4.splat(0);
  }
}

// Makes a row's multiples its entries.
function combine(row: usize): void {
  for (let j: usize = 1; j <= MULTIPLES; j++) combineWith(entry(row, j), neutral);
  for (let bit: usize = 1; bit < MULTIPLES; bit += bit) {
    for (let j = bit + 1; j < MULTIPLES; j++) {
      if ((j & bit) != 0) combineWith(entry(row, j), entry(row, j - bit));
    }
  }
}

function entry(row: usize, index: usize): usize {
  return row + (index - 1) * FE;
}

function combineWith(to: usize, from: usize): void {
  for (let i: usize = 0; i < FE; i += 16) v128.store(to + i, v128.xor(v128.load(to + i), v128.load(from + i)));
}

// Divides the table's summands by their 2 Z, four at a time and with one inversion for all of them.
function makeAffine(): void {
  const z = quads + 3 * FE; // 2 Z of four summands
  const mark = scratchMark();
  const products = scratch(TABLE / 4);
  let last: usize = 0;
  for (let at: usize = 0; at < TABLE; at += 4 * FE) {
    feTranspose(quads, FE, table + at);
    const product = products + at / 4;
    if (last == 0) feCopy(product, z);
    else feMul(product, last, z);
    last = product;
  }
  feInvert(inverse, last);
  for (let at = TABLE - 4 * FE; ; at -= 4 * FE) {
    feTranspose(quads, FE, table + at);
    if (at == 0) feCopy(multiple, inverse);
    else feMul(multiple, inverse, products + at / 4 - FE);
    feMul(inverse, inverse, z);
    for (let i: usize = 0; i < 4; i++) feMul(quads + i * FE, quads + i * FE, multiple);
    feTranspose(table + at, FE, quads);
    if (at == 0) break;
  }
  scratchRelease(mark);
}

/** Adds 8 to every digit but the highest: window i of the sum, less 8, is the signed digit i. */
export function recode(to: usize, scalar: usize): void {
  let carry: u64 = 0;
  for (let i: usize = 0; i < SCALAR; i += 4) {
    carry += <u64>load<u32>(scalar + i) + <u64>load<u32>(offsets + i);
    store<u32>(to + i, <u32>carry);
    carry >>= 32;
  }
}

/** Digit `index` of a scalar, -8 to 8. */
export function digit(digits: usize, index: usize): i32 {
  const window = <i32>((load<u8>(digits + (index >> 1)) >> (<u8>((index & 1) << 2))) & 15);
  return index < DIGITS - 1 ? window - 8 : window;
}

/** Wipes the masks. */
export function masksWipe(): void {
  wipe(masks, 8 * 16);
}

/** Makes the masks of entries 1 to 8 in each lane, for multiples 0 to 8. */
export function makeMasks(multiples: v128): void {
  const m1 = bitMasks(multiples, 0);
  const m2 = bitMasks(multiples, 1);
  const m3 = v128.and(m1, m2);
  const m4 = bitMasks(multiples, 2);
  v128.store(masks, m1);
  v128.store(masks, m2, 16);
  v128.store(masks, m3, 32);
  v128.store(masks, m4, 48);
  v128.store(masks, v128.and(m1, m4), 64);
  v128.store(masks, v128.and(m2, m4), 80);
  v128.store(masks, v128.and(m3, m4), 96);
  v128.store(masks, bitMasks(multiples, 3), 112);
}

function bitMasks(values: v128, place: i32): v128 {
  return i32x4.shr_s(i32x4.shl(values, 31 - place), 31);
}

// The summand digit * 256^position B.
function choose(position: usize, value: i32): void {
  const values = i32x4.splat(value);
  const negative = i32x4.shr_s(values, 31);
  makeMasks(i32x4.abs(values));
  const m1 = v128.load(masks);
  const m2 = v128.load(masks, 16);
  const m3 = v128.load(masks, 32);
  const m4 = v128.load(masks, 48);
  const m5 = v128.load(masks, 64);
  const m6 = v128.load(masks, 80);
  const m7 = v128.load(masks, 96);
  const m8 = v128.load(masks, 112);
  let at = table + position * ROW;
  for (let i: usize = 0; i < FE; i += 16) {
    const first = v128.xor(v128.and(v128.load(at), m1), v128.and(v128.load(at, FE), m2));
    const second = v128.xor(v128.and(v128.load(at, 2 * FE), m3), v128.and(v128.load(at, 3 * FE), m4));
    const third = v128.xor(v128.and(v128.load(at, 4 * FE), m5), v128.and(v128.load(at, 5 * FE), m6));
    const fourth = v128.xor(v128.and(v128.load(at, 6 * FE), m7), v128.and(v128.load(at, 7 * FE), m8));
    const all = v128.xor(v128.xor(first, second), v128.xor(third, fourth));
    v128.store(chosen + i, negatedWhere(v128.xor(all, v128.load(neutral + i)), negative));
    at += 16;
  }
}

/**
 * o = scalar B, for a scalar below 2^253. A secret scalar leaves nothing in this file's working space; the caller wipes
 * the point.
 */
export function baseMultiply(o: usize, scalar: usize): void {
  prepareBase();
  recode(recoded, scalar);
  pointZero(o);
  for (let i: usize = 1; i < DIGITS; i += 2) {
    choose(i >> 1, digit(recoded, i));
    pointAdd(o, o, chosen);
  }
  for (let i: usize = 0; i < 4; i++) pointDouble(o, o);
  for (let i: usize = 0; i < DIGITS; i += 2) {
    choose(i >> 1, digit(recoded, i));
    pointAdd(o, o, chosen);
  }
  wipe(recoded, RECODED);
  wipe(chosen, FE);
  masksWipe();
  pointWipe();
  feWipe();
}
