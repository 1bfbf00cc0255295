// Multiples of the base point of Edwards25519 in constant time: for signing, key generation and X25519 on
// the base point.
//
// A scalar is written in 51 digits of base 32, all but the highest from -16 to 15. For each of 26 positions i a
// table holds 1 to 16 times 1024^i B; the odd digits are summed first and multiplied by 32, then the even
// ones are added. Every look-up reads the whole row under masks.

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

const POSITIONS: usize = 26;
const MULTIPLES: usize = 16;
const DIGITS: usize = 51;
const table: usize = memory.data(66560, 16);
let tableReady: bool = false;

const masks: usize = memory.data(272, 16); // one for every multiple, 0 included
const chosen: usize = memory.data(160, 16);
const recoded: usize = memory.data(36, 16);
const multiple: usize = memory.data(160, 16);
const power: usize = memory.data(160, 16);

// 16 in every digit but the highest.
const offsets: usize = memory.data<u32>(
  [0x21084210, 0x08421084, 0x42108421, 0x10842108, 0x84210842, 0x21084210, 0x08421084, 0x02108421],
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
    for (let j: usize = 0; j < 10; j++) pointDouble(power, power);
  }
  tableReady = true;
}

// Adds 16 to every digit but the highest: window i of the sum, less 16, is the signed digit i.
function recode(scalar: usize): void {
  let carry: u64 = 0;
  for (let i: usize = 0; i < SCALAR; i += 4) {
    carry += <u64>load<u32>(scalar + i) + <u64>load<u32>(offsets + i);
    store<u32>(recoded + i, <u32>carry);
    carry >>= 32;
  }
}

function digit(index: usize): i32 {
  const bit = index * 5;
  const window = <i32>((load<u32>(recoded + (bit >> 3)) >> ((<u32>bit) & 7)) & 31);
  return index < DIGITS - 1 ? window - 16 : window;
}

// One vector of multiples j + 1 to j + 4 in a row of the table, each under its mask.
function masked4(at: usize, j: usize): v128 {
  return v128.or(v128.or(masked(at, j), masked(at, j + 1)), v128.or(masked(at, j + 2), masked(at, j + 3)));
}

function masked(at: usize, j: usize): v128 {
  return v128.and(v128.load(at + j * FE), v128.load(masks + ((j + 1) << 4)));
}

// The summand digit * 1024^position B.
function choose(position: usize, value: i32): void {
  const sign = value >> 31;
  const index = <u32>((value ^ sign) - sign);
  for (let j: u32 = 0; j <= <u32>MULTIPLES; j++) {
    v128.store(masks + ((<usize>j) << 4), i32x4.splat(<i32>maskEqual32(index, j)));
  }
  // The neutral element's summand has lanes 1, 0, 1, 2.
  let rest = v128.and(i32x4(1, 0, 1, 2), v128.load(masks));
  const row = table + position * MULTIPLES * FE;
  for (let i: usize = 0; i < FE; i += 16) {
    const at = row + i;
    const sum = v128.or(v128.or(masked4(at, 0), masked4(at, 4)), v128.or(masked4(at, 8), masked4(at, 12)));
    v128.store(chosen + i, v128.or(sum, rest));
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
  for (let i: usize = 0; i < 5; i++) pointDouble(o, o);
  for (let i: usize = 0; i < DIGITS; i += 2) {
    choose(i >> 1, digit(i));
    pointAdd(o, o, chosen);
  }
  wipe(recoded, 36);
  wipe(masks, 272);
  wipe(chosen, FE);
  pointWipe();
  feWipe();
}
