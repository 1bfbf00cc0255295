// Multiples of the base point of Edwards25519 for four scalars side by side, one in each lane, in constant time: from
// the table and the digits of `base25519.ts`, whose summands have 2 Z = 1, so that a sum is seven products of quads.

import { wipe } from "../bytes";
import {
  digit,
  DIGITS,
  makeMasks,
  masks,
  masksWipe,
  neutral,
  prepareBase,
  recode,
  RECODED,
  ROW,
  table,
} from "./base25519";
import { pointDouble, pointWipe } from "./edwards25519";
import { feTranspose } from "./encoding25519";
import { FE, feAdd, feConditionalSwap, feMul, feOne, feSub, feWipe, feZero } from "./fe25519";
import { SCALAR } from "./scalar25519";

const LANES: usize = 4;

const WORK: usize = 160 + 10 * FE;
const work: usize = memory.data(<i32>WORK, 16);
// Of the summands that were chosen: Y - X, 2 d T and Y + X.
const chosen: usize = work;
const chosenMinus: usize = chosen;
const chosenT: usize = chosen + FE;
const chosenPlus: usize = chosen + 2 * FE;
const a: usize = work + 3 * FE;
const b: usize = work + 4 * FE;
const c: usize = work + 5 * FE;
const points: usize = work + 6 * FE;
const digits: usize = points + LANES * FE;
const mask: usize = digits + LANES * RECODED;

function wipeWorkingSpace(): void {
  wipe(work, WORK);
  masksWipe();
  pointWipe();
  feWipe();
}

// The summands digit * 256^position B of digit `index` of the four scalars.
function choose(index: usize): void {
  const values = i32x4(
    digit(digits, index),
    digit(digits + RECODED, index),
    digit(digits + 2 * RECODED, index),
    digit(digits + 3 * RECODED, index),
  );
  makeMasks(i32x4.abs(values));
  const row = (index >> 1) * ROW;
  for (let lane: usize = 0; lane < 3; lane++) chooseLane(chosen + lane * FE, row, lane);
  // The negative of a summand has Y - X and Y + X exchanged, and -T.
  const negative = i32x4.shr_s(values, 31);
  v128.store(mask, negative);
  feConditionalSwap(chosenMinus, chosenPlus, mask);
  for (let i: usize = 0; i < FE; i += 16) {
    v128.store(chosenT + i, i16x8.sub(v128.xor(v128.load(chosenT + i), negative), negative));
  }
}

// A lane of the chosen multiples of a row of the table, each in the lane of its scalar.
function chooseLane(o: usize, row: usize, lane: usize): void {
  const m1 = v128.load(masks);
  const m2 = v128.load(masks, 16);
  const m3 = v128.load(masks, 32);
  const m4 = v128.load(masks, 48);
  const m5 = v128.load(masks, 64);
  const m6 = v128.load(masks, 80);
  const m7 = v128.load(masks, 96);
  const m8 = v128.load(masks, 112);
  const from = lane << 2;
  let at = table + row + from;
  for (let i: usize = 0; i < FE; i += 16) {
    const first = v128.xor(v128.and(v128.load32_splat(at), m1), v128.and(v128.load32_splat(at, FE), m2));
    const second = v128.xor(v128.and(v128.load32_splat(at, 2 * FE), m3), v128.and(v128.load32_splat(at, 3 * FE), m4));
    const third = v128.xor(v128.and(v128.load32_splat(at, 4 * FE), m5), v128.and(v128.load32_splat(at, 5 * FE), m6));
    const fourth = v128.xor(v128.and(v128.load32_splat(at, 6 * FE), m7), v128.and(v128.load32_splat(at, 7 * FE), m8));
    const all = v128.xor(v128.xor(first, second), v128.xor(third, fourth));
    v128.store(o + i, v128.xor(all, v128.load32_splat(neutral + from + i)));
    at += 16;
  }
}

// p = p + the chosen summands, in each lane (the formula of `pointAdd`, with 2 Z = 1 on the right).
function addChosen(p: usize): void {
  const t = p;
  const x = p + FE;
  const y = p + 2 * FE;
  const z = p + 3 * FE;
  feSub(a, y, x);
  feMul(a, a, chosenMinus);
  feAdd(b, y, x);
  feMul(b, b, chosenPlus);
  feMul(c, t, chosenT);
  feSub(x, b, a); // E
  feAdd(y, b, a); // H
  feSub(a, z, c); // F
  feAdd(b, z, c); // G
  feMul(t, x, y);
  feMul(x, x, a);
  feMul(y, y, b);
  feMul(z, a, b);
}

// p = 16 p in each lane.
function timesSixteen(p: usize): void {
  feTranspose(points, FE, p);
  for (let point = points; point < points + LANES * FE; point += FE) {
    for (let i: usize = 0; i < 4; i++) pointDouble(point, point);
  }
  feTranspose(p, FE, points);
}

/**
 * Quads T, X, Y, Z of four multiples of the base point, for scalars below 2^253 that stand one after the other. Secret
 * scalars leave nothing in this file's working space; the caller wipes the quads.
 */
export function baseMultiplyFour(o: usize, scalars: usize): void {
  prepareBase();
  for (let lane: usize = 0; lane < LANES; lane++) recode(digits + lane * RECODED, scalars + lane * SCALAR);
  feZero(o);
  feZero(o + FE);
  feOne(o + 2 * FE);
  feOne(o + 3 * FE);
  for (let i: usize = 1; i < DIGITS; i += 2) {
    choose(i);
    addChosen(o);
  }
  timesSixteen(o);
  for (let i: usize = 0; i < DIGITS; i += 2) {
    choose(i);
    addChosen(o);
  }
  wipeWorkingSpace();
}
