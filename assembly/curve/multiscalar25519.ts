// Sums of many multiples on Edwards25519 in variable time: for verification, where all is public.
//
// The sum is over a list of terms. A term is what one pair of signatures brings: in each lane a
// point with a full scalar (below 2^253) and a point with a short one (below 2^128). Few terms are
// summed by Straus' method (a table of small multiples per point, doublings shared), many by
// Pippenger's (points thrown into one bucket per digit).

import { scratch, scratchMark, scratchRelease } from "../memory";
import {
  POINT,
  pointAdd,
  pointAddAffineLanes,
  pointAddLanes,
  pointDouble,
  pointSelect,
  pointZero,
  SUMMAND,
  summandFromPoint,
} from "./edwards25519";

/** A term: two pairs of summands with Z = 1, then 32-byte scalars: full (lanes 0, 1), short (lanes 0, 1). */
export const TERM: usize = 2 * SUMMAND + 4 * 32;
export const FULL_POINT: usize = 0;
export const SHORT_POINT: usize = SUMMAND;
export const FULL_SCALAR: usize = 2 * SUMMAND;
export const SHORT_SCALAR: usize = FULL_SCALAR + 64;

const FULL_BITS: u32 = 253;
const SHORT_BITS: u32 = 128;

/** From here on buckets are cheaper than tables. */
const BUCKETS_FROM: usize = 56;

const ALL: u64 = 0xffffffffffffffff;

// Digits. With 2^(w - 1) added to every window of w bits but the highest, each window less
// 2^(w - 1) is a signed digit; the highest window is the digit itself, and never negative.
const RECODED: usize = 40;
const TERM_RECODED: usize = 4 * RECODED;

const sum: usize = memory.data(320, 16);
const running: usize = memory.data(320, 16);
const summand: usize = memory.data(400, 16);

function windowCount(bits: u32, width: u32): u32 {
  return bits / width + 1;
}

function recode(to: usize, scalar: usize, windows: u32, width: u32): void {
  memory.copy(to, scalar, 32);
  for (let i: u32 = 1; i < windows; i++) {
    const bit = i * width - 1;
    let at = to + ((bit >> 5) << 2);
    let carry = (<u64>1) << (bit & 31);
    while (carry != 0) {
      carry += <u64>load<u32>(at);
      store<u32>(at, <u32>carry);
      carry >>= 32;
      at += 4;
    }
  }
}

// Recodes all scalars of the terms: full 0, full 1, short 0, short 1.
function recodeAll(terms: usize, count: usize, width: u32): usize {
  const recoded = scratch(count * TERM_RECODED);
  const full = windowCount(FULL_BITS, width);
  const short = windowCount(SHORT_BITS, width);
  for (let i: usize = 0; i < count; i++) {
    const from = terms + i * TERM;
    const to = recoded + i * TERM_RECODED;
    recode(to, from + FULL_SCALAR, full, width);
    recode(to + RECODED, from + FULL_SCALAR + 32, full, width);
    recode(to + 2 * RECODED, from + SHORT_SCALAR, short, width);
    recode(to + 3 * RECODED, from + SHORT_SCALAR + 32, short, width);
  }
  return recoded;
}

function digit(recoded: usize, window: u32, windows: u32, width: u32): i32 {
  const bit = window * width;
  const value = (load<u32>(recoded + (bit >> 3)) >> (bit & 7)) & ((1 << width) - 1);
  return <i32>value - (window + 1 < windows ? 1 << (width - 1) : 0);
}

/** o = the sum of the terms, as two partial sums: one per lane. */
export function multiScalar(o: usize, terms: usize, count: usize): void {
  const mark = scratchMark();
  if (count < BUCKETS_FROM) straus(o, terms, count);
  else pippenger(o, terms, count);
  scratchRelease(mark);
}

const STRAUS_WIDTH: u32 = 4;
const MULTIPLES: usize = 9; // 0 to 8

// Multiples 0 to 8 of the point of summand q.
function multiples(table: usize, q: usize): void {
  pointZero(running);
  for (let j: usize = 0; j < MULTIPLES; j++) {
    if (j > 0) pointAdd(running, running, q);
    summandFromPoint(table + j * SUMMAND, running);
  }
}

function straus(o: usize, terms: usize, count: usize): void {
  const recoded = recodeAll(terms, count, STRAUS_WIDTH);
  const tables = scratch(2 * count * MULTIPLES * SUMMAND);
  for (let i: usize = 0; i < count; i++) {
    multiples(tables + 2 * i * MULTIPLES * SUMMAND, terms + i * TERM + FULL_POINT);
    multiples(tables + (2 * i + 1) * MULTIPLES * SUMMAND, terms + i * TERM + SHORT_POINT);
  }
  const full = windowCount(FULL_BITS, STRAUS_WIDTH);
  const short = windowCount(SHORT_BITS, STRAUS_WIDTH);
  pointZero(o);
  for (let window = full; window-- > 0;) {
    if (window + 1 < full) {
      for (let j: u32 = 0; j < STRAUS_WIDTH; j++) pointDouble(o, o);
    }
    for (let i: usize = 0; i < count; i++) {
      const table = tables + 2 * i * MULTIPLES * SUMMAND;
      addMultiple(o, table, recoded + i * TERM_RECODED, window, full);
      if (window < short) {
        addMultiple(o, table + MULTIPLES * SUMMAND, recoded + i * TERM_RECODED + 2 * RECODED, window, short);
      }
    }
  }
}

function addMultiple(o: usize, table: usize, recoded: usize, window: u32, windows: u32): void {
  const digit0 = digit(recoded, window, windows, STRAUS_WIDTH);
  const digit1 = digit(recoded + RECODED, window, windows, STRAUS_WIDTH);
  if ((digit0 | digit1) == 0) return;
  const q0 = table + <usize>abs(digit0) * SUMMAND;
  const q1 = table + <usize>abs(digit1) * SUMMAND;
  pointAddLanes(o, o, q0, digit0 >> 31, q1, digit1 >> 31);
}

// The width that costs least: 8 multiplications for a point in a window, 18 for a bucket.
function bucketWidth(count: usize): u32 {
  let best: u32 = 4;
  let least: u32 = 0xffffffff;
  for (let width: u32 = 4; width <= 12; width++) {
    const inserts = (windowCount(FULL_BITS, width) + windowCount(SHORT_BITS, width)) * <u32>count * 8;
    const cost = inserts + windowCount(FULL_BITS, width) * (18 << (width - 1));
    if (cost < least) {
      least = cost;
      best = width;
    }
  }
  return best;
}

function pippenger(o: usize, terms: usize, count: usize): void {
  const width = bucketWidth(count);
  const recoded = recodeAll(terms, count, width);
  const bucketCount: usize = 1 << (width - 1);
  // Bucket 0 takes the points with digit 0 and is not read.
  const buckets = scratch((bucketCount + 1) * POINT);
  const full = windowCount(FULL_BITS, width);
  const short = windowCount(SHORT_BITS, width);
  pointZero(o);
  for (let window = full; window-- > 0;) {
    if (window + 1 < full) {
      for (let j: u32 = 0; j < width; j++) pointDouble(o, o);
    }
    for (let j: usize = 0; j <= bucketCount; j++) pointZero(buckets + j * POINT);
    for (let i: usize = 0; i < count; i++) {
      const term = terms + i * TERM;
      const digits = recoded + i * TERM_RECODED;
      throwIn(buckets, term + FULL_POINT, digits, window, full, width);
      if (window < short) throwIn(buckets, term + SHORT_POINT, digits + 2 * RECODED, window, short, width);
    }
    addBuckets(o, buckets, bucketCount);
  }
}

function throwIn(buckets: usize, q: usize, recoded: usize, window: u32, windows: u32, width: u32): void {
  const digit0 = digit(recoded, window, windows, width);
  const digit1 = digit(recoded + RECODED, window, windows, width);
  if ((digit0 | digit1) == 0) return;
  const bucket0 = buckets + <usize>abs(digit0) * POINT;
  const bucket1 = buckets + <usize>abs(digit1) * POINT;
  pointSelect(sum, bucket0, bucket1, 0, ALL);
  pointAddAffineLanes(sum, sum, q, digit0 >> 31, q, digit1 >> 31);
  pointSelect(bucket0, bucket0, sum, ALL, 0);
  pointSelect(bucket1, bucket1, sum, 0, ALL);
}

// o += 1 bucket 1 + 2 bucket 2 + ...: every bucket is in all the running sums from its own on down.
function addBuckets(o: usize, buckets: usize, bucketCount: usize): void {
  pointZero(running);
  for (let j = bucketCount; j > 0; j--) {
    summandFromPoint(summand, buckets + j * POINT);
    pointAdd(running, running, summand);
    summandFromPoint(summand, running);
    pointAdd(o, o, summand);
  }
}
