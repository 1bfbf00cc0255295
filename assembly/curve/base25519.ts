// Multiples of the base point of Edwards25519 in constant time: for signing, key generation and X25519 on
// the base point.
//
// A scalar is written in 64 digits of base 16, all but the highest from -8 to 7. For each of 32 positions i a table
// holds 1 to 8 times 256^i B: the odd digits are summed first and multiplied by 16, then the even ones are added. Every
// look-up reads the whole row under masks, which are so few that they stay in registers.

import { maskEqual32, wipe } from "../bytes";
import {
  baseSummand,
  POINT,
  pointAdd,
  pointDouble,
  pointWipe,
  pointZero,
  prepareCurve,
  summandFromPoint,
  summandNegateWhere,
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
    memory.copy(multiple, power, POINT);
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

function mask(index: u32, j: u32): v128 {
  return i32x4.splat(<i32>maskEqual32(index, j));
}

function masked(at: usize, j: usize, mask: v128): v128 {
  return v128.and(v128.load(at + j * FE), mask);
}

// The summand digit * 256^position B.
function choose(position: usize, value: i32): void {
  const sign = value >> 31;
  const index = <u32>((value ^ sign) - sign);
  // The neutral element's summand has lanes 1, 0, 1, 2.
  let rest = v128.and(i32x4(1, 0, 1, 2), mask(index, 0));
  const m1 = mask(index, 1);
  const m2 = mask(index, 2);
  const m3 = mask(index, 3);
  const m4 = mask(index, 4);
  const m5 = mask(index, 5);
  const m6 = mask(index, 6);
  const m7 = mask(index, 7);
  const m8 = mask(index, 8);
  const row = table + position * MULTIPLES * FE;
  for (let i: usize = 0; i < FE; i += 16) {
    const at = row + i;
    let sum = v128.or(rest, masked(at, 0, m1));
    sum = v128.or(sum, masked(at, 1, m2));
    sum = v128.or(sum, masked(at, 2, m3));
    sum = v128.or(sum, masked(at, 3, m4));
    sum = v128.or(sum, masked(at, 4, m5));
    sum = v128.or(sum, masked(at, 5, m6));
    sum = v128.or(sum, masked(at, 6, m7));
    v128.store(chosen + i, v128.or(sum, masked(at, 7, m8)));
    rest = i32x4.splat(0);
  }
  summandNegateWhere(chosen, i32x4.splat(sign));
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
