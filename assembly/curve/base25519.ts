// Multiples of the base point of Edwards25519 in constant time, two scalars at once: for signing,
// key generation and X25519 on the base point.
//
// A scalar is written in 64 signed digits -8..7 of base 16. For each of 32 positions i a table
// holds 1 to 8 times 256^i B; the odd digits are summed first and multiplied by 16, then the
// even ones are added. Every look-up reads the whole row under masks.

import { maskEqual32, wipe } from "../bytes";
import { allocate, release } from "../memory";
import {
  basePoint,
  POINT,
  pointAdd,
  pointAddAffineLanes,
  pointDouble,
  pointsNormalize,
  pointWipe,
  pointZero,
  prepareCurve,
  SUMMAND,
  summandFromPoint,
} from "./edwards25519";
import { FE, feConditionalSwap, feNegate, feOne, feSelect, feWipe, feZero } from "./fe25519";
import { SCALAR } from "./scalar25519";

// Entries: Y + X, Y - X, 2 d T of an affine multiple, the same in both lanes.
const ENTRY: usize = 3 * FE;
const POSITIONS: usize = 32;
const MULTIPLES: usize = 8;
const table: usize = memory.data(61440, 16);
let tableReady: bool = false;

const chosen: usize = memory.data(400, 16);
const recoded: usize = memory.data(64, 16);
const power: usize = memory.data(320, 16);

function buildTable(): void {
  prepareCurve();
  const count = POSITIONS * MULTIPLES;
  const points = allocate(count * POINT + count * FE + SUMMAND);
  const inverses = points + count * POINT;
  const step = inverses + count * FE;
  memory.copy(power, basePoint, POINT);
  for (let i: usize = 0; i < POSITIONS; i++) {
    const row = points + i * MULTIPLES * POINT;
    summandFromPoint(step, power);
    memory.copy(row, power, POINT);
    for (let j: usize = 1; j < MULTIPLES; j++) pointAdd(row + j * POINT, row + (j - 1) * POINT, step);
    for (let j: usize = 0; j < 8; j++) pointDouble(power, power);
  }
  pointsNormalize(points, count, inverses);
  for (let i: usize = 0; i < count; i++) {
    summandFromPoint(step, points + i * POINT);
    memory.copy(table + i * ENTRY, step, ENTRY);
  }
  release(points);
  tableReady = true;
}

// Adds 8 to every digit, so that nibble i of the sum, less 8, is the signed digit i.
function recode(to: usize, scalar: usize): void {
  let carry: u64 = 0;
  for (let i: usize = 0; i < SCALAR; i += 4) {
    carry += <u64>load<u32>(scalar + i) + 0x88888888;
    store<u32>(to + i, <u32>carry);
    carry >>= 32;
  }
}

function digit(from: usize, index: usize): i32 {
  return ((<i32>(load<u8>(from + (index >> 1)) >> (<u8>((index & 1) << 2)))) & 15) - 8;
}

function absolute(value: i32): u32 {
  const sign = value >> 31;
  return <u32>((value ^ sign) - sign);
}

function wide(mask: u32): u64 {
  return ((<u64>mask) << 32) | mask;
}

// The summand digit0 * 256^position B in lane 0 and digit1 * 256^position B in lane 1, Z = 1.
function choose(position: usize, digit0: i32, digit1: i32): void {
  const index0 = absolute(digit0);
  const index1 = absolute(digit1);
  feOne(chosen);
  feOne(chosen + FE);
  feZero(chosen + 2 * FE);
  let entry = table + position * MULTIPLES * ENTRY;
  for (let j: u32 = 1; j <= <u32>MULTIPLES; j++) {
    const mask0 = wide(maskEqual32(index0, j));
    const mask1 = wide(maskEqual32(index1, j));
    feSelect(chosen, chosen, entry, mask0, mask1);
    feSelect(chosen + FE, chosen + FE, entry + FE, mask0, mask1);
    feSelect(chosen + 2 * FE, chosen + 2 * FE, entry + 2 * FE, mask0, mask1);
    entry += ENTRY;
  }
  const minus0 = wide(<u32>(digit0 >> 31));
  const minus1 = wide(<u32>(digit1 >> 31));
  feConditionalSwap(chosen, chosen + FE, minus0, minus1);
  feNegate(chosen + 3 * FE, chosen + 2 * FE);
  feSelect(chosen + 2 * FE, chosen + 2 * FE, chosen + 3 * FE, minus0, minus1);
}

/**
 * o = scalar0 B in lane 0, scalar1 B in lane 1, for scalars below 2^253. Secret scalars leave
 * nothing in this file's working space; the caller wipes the point.
 */
export function baseMultiply(o: usize, scalar0: usize, scalar1: usize): void {
  if (!tableReady) buildTable();
  recode(recoded, scalar0);
  recode(recoded + SCALAR, scalar1);
  pointZero(o);
  for (let i: usize = 1; i < 64; i += 2) {
    choose(i >> 1, digit(recoded, i), digit(recoded + SCALAR, i));
    pointAddAffineLanes(o, o, chosen, 0, chosen, 0);
  }
  for (let i: usize = 0; i < 4; i++) pointDouble(o, o);
  for (let i: usize = 0; i < 64; i += 2) {
    choose(i >> 1, digit(recoded, i), digit(recoded + SCALAR, i));
    pointAddAffineLanes(o, o, chosen, 0, chosen, 0);
  }
  wipe(recoded, 64);
  wipe(chosen, SUMMAND);
  pointWipe();
  feWipe();
}
