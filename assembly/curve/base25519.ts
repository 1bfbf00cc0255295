// Multiples of the base point of Edwards25519 in constant time: for signing, key generation and X25519 on
// the base point.
//
// A scalar is written in 64 digits of base 16, all but the highest from -8 to 7. For each of 32 positions i a table
// holds 1 to 8 times 256^i B: the odd digits are summed first and multiplied by 16, then the even ones are added. Every
// look-up reads the whole row under masks, which are so few that they stay in registers.

import { copyBytes, maskEqual32, wipe } from "../bytes";
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
import { FE, feWipe } from "./fe25519";
import { SCALAR } from "./scalar25519";

const POSITIONS: usize = 32;
const MULTIPLES: usize = 8;
const DIGITS: usize = 64;
const table: usize = memory.data(40960, 16);
let tableReady: bool = false;

const chosen: usize = memory.data(160, 16);
const recoded: usize = memory.data(36, 16);
const multiple: usize = memory.data(160, 16);
const power: usize = memory.data(160, 16);

// 8 in every digit but the highest.
const offsets: usize = memory.data<u32>(
  [0x88888888, 0x88888888, 0x88888888, 0x88888888, 0x88888888, 0x88888888, 0x88888888, 0x08888888],
  16,
);

function buildTable(): void {
  prepareCurve();
  pointZero(power);
  pointAdd(power, power, baseSummand);
  for (let i: usize = 0; i < POSITIONS; i++) {
    const row = table + i * MULTIPLES * FE;
    summandFromPoint(row, power);
    copyBytes(multiple, power, POINT);
    for (let j: usize = 1; j < MULTIPLES; j++) {
      pointAdd(multiple, multiple, row);
      summandFromPoint(row + j * FE, multiple);
    }
    for (let j: usize = 0; j < 8; j++) pointDouble(power, power);
  }
  tableReady = true;
}

// Adds 8 to every digit but the highest: window i of the sum, less 8, is the signed digit i.
function recode(scalar: usize): void {
  let carry: u64 = 0;
  for (let i: usize = 0; i < SCALAR; i += 4) {
    carry += <u64>load<u32>(scalar + i) + <u64>load<u32>(offsets + i);
    store<u32>(recoded + i, <u32>carry);
    carry >>= 32;
  }
}

function digit(index: usize): i32 {
  const window = <i32>((load<u8>(recoded + (index >> 1)) >> (<u8>((index & 1) << 2))) & 15);
  return index < DIGITS - 1 ? window - 8 : window;
}

// A word whose bits all are bit `place` of `value`.
function bitMask(value: u32, place: u32): v128 {
  return i32x4.splat(-(<i32>((value >> place) & 1)));
}

// One vector of the eight multiples: that of the number whose bits the masks are.
function oneOfEight(at: usize, bit0: v128, bit1: v128, bit2: v128): v128 {
  const a = v128.bitselect(v128.load(at, FE), v128.load(at), bit0);
  const b = v128.bitselect(v128.load(at, 3 * FE), v128.load(at, 2 * FE), bit0);
  const c = v128.bitselect(v128.load(at, 5 * FE), v128.load(at, 4 * FE), bit0);
  const d = v128.bitselect(v128.load(at, 7 * FE), v128.load(at, 6 * FE), bit0);
  return v128.bitselect(v128.bitselect(d, c, bit1), v128.bitselect(b, a, bit1), bit2);
}

// The summand digit * 256^position B.
function choose(position: usize, value: i32): void {
  const sign = value >> 31;
  const index = <u32>((value ^ sign) - sign);
  const bit0 = bitMask(index - 1, 0);
  const bit1 = bitMask(index - 1, 1);
  const bit2 = bitMask(index - 1, 2);
  const none = i32x4.splat(<i32>maskEqual32(index, 0));
  // The neutral element's summand has lanes 1, 0, 1, 2.
  let neutral = v128.and(i32x4(1, 0, 1, 2), none);
  const negate = i32x4.splat(sign);
  const row = table + position * MULTIPLES * FE;
  for (let i: usize = 0; i < FE; i += 16) {
    const found = v128.andnot(oneOfEight(row + i, bit0, bit1, bit2), none);
    v128.store(chosen + i, negatedWhere(v128.or(found, neutral), negate));
    neutral = i32x4.splat(0);
  }
}

/**
 * o = scalar B, for a scalar below 2^253. A secret scalar leaves nothing in this file's working space; the caller wipes
 * the point.
 */
export function baseMultiply(o: usize, scalar: usize): void {
  if (!tableReady) buildTable();
  recode(scalar);
  pointZero(o);
  for (let i: usize = 1; i < DIGITS; i += 2) {
    choose(i >> 1, digit(i));
    pointAdd(o, o, chosen);
  }
  for (let i: usize = 0; i < 4; i++) pointDouble(o, o);
  for (let i: usize = 0; i < DIGITS; i += 2) {
    choose(i >> 1, digit(i));
    pointAdd(o, o, chosen);
  }
  wipe(recoded, 36);
  wipe(chosen, FE);
  pointWipe();
  feWipe();
}
