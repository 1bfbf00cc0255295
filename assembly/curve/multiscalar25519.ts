// Sums of many multiples on Edwards25519 in variable time: for verification, where all is public.
//
// A term is a pair of points, one per lane, and a pair of scalars. Terms come in two lists: with full
// scalars (below 2^253) and with short ones (below 2^128). Few terms are summed by Straus' method (a
// table of small multiples per point, doublings shared), many by Pippenger's (points thrown into one
// bucket per digit).

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

/** A term: a pair of summands with Z = 1, then a 32-byte scalar for each lane. */
export const TERM: usize = SUMMAND + 64;
export const TERM_SCALARS: usize = SUMMAND;

const FULL_BITS: u32 = 253;
const SHORT_BITS: u32 = 128;

/** From so many terms on buckets are cheaper than tables. */
const BUCKETS_FROM: usize = 112;

const ALL: u64 = 0xffffffffffffffff;

// Digits. With 2^(w - 1) added to every window of w bits but the highest, each window less
// 2^(w - 1) is a signed digit; the highest window is the digit itself, and never negative.
const RECODED: usize = 40;
const TERM_RECODED: usize = 2 * RECODED;

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

// The recoded scalars of all terms, in scratch.
function recodeAll(terms: usize, count: usize, windows: u32, width: u32): usize {
  const recoded = scratch(count * TERM_RECODED);
  for (let i: usize = 0; i < count; i++) {
    const scalars = terms + i * TERM + TERM_SCALARS;
    recode(recoded + i * TERM_RECODED, scalars, windows, width);
    recode(recoded + i * TERM_RECODED + RECODED, scalars + 32, windows, width);
  }
  return recoded;
}

function digit(recoded: usize, window: u32, windows: u32, width: u32): i32 {
  const bit = window * width;
  const value = (load<u32>(recoded + (bit >> 3)) >> (bit & 7)) & ((1 << width) - 1);
  return <i32>value - (window + 1 < windows ? 1 << (width - 1) : 0);
}

/** o = the sum of both lists of terms, as two partial sums: one per lane. */
export function multiScalar(o: usize, full: usize, fullCount: usize, short: usize, shortCount: usize): void {
  const mark = scratchMark();
  if (fullCount + shortCount < BUCKETS_FROM) straus(o, full, fullCount, short, shortCount);
  else pippenger(o, full, fullCount, short, shortCount);
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

function tablesOf(terms: usize, count: usize): usize {
  const tables = scratch(count * MULTIPLES * SUMMAND);
  for (let i: usize = 0; i < count; i++) multiples(tables + i * MULTIPLES * SUMMAND, terms + i * TERM);
  return tables;
}

function straus(o: usize, full: usize, fullCount: usize, short: usize, shortCount: usize): void {
  const fullWindows = windowCount(FULL_BITS, STRAUS_WIDTH);
  const shortWindows = windowCount(SHORT_BITS, STRAUS_WIDTH);
  const fullRecoded = recodeAll(full, fullCount, fullWindows, STRAUS_WIDTH);
  const shortRecoded = recodeAll(short, shortCount, shortWindows, STRAUS_WIDTH);
  const fullTables = tablesOf(full, fullCount);
  const shortTables = tablesOf(short, shortCount);
  pointZero(o);
  for (let window = fullWindows; window-- > 0;) {
    if (window + 1 < fullWindows) {
      for (let j: u32 = 0; j < STRAUS_WIDTH; j++) pointDouble(o, o);
    }
    addMultiples(o, fullTables, fullRecoded, fullCount, window, fullWindows);
    if (window < shortWindows) addMultiples(o, shortTables, shortRecoded, shortCount, window, shortWindows);
  }
}

function addMultiples(o: usize, tables: usize, recoded: usize, count: usize, window: u32, windows: u32): void {
  for (let i: usize = 0; i < count; i++) {
    const table = tables + i * MULTIPLES * SUMMAND;
    const digits = recoded + i * TERM_RECODED;
    const digit0 = digit(digits, window, windows, STRAUS_WIDTH);
    const digit1 = digit(digits + RECODED, window, windows, STRAUS_WIDTH);
    if ((digit0 | digit1) == 0) continue;
    const q0 = table + <usize>abs(digit0) * SUMMAND;
    const q1 = table + <usize>abs(digit1) * SUMMAND;
    pointAddLanes(o, o, q0, digit0 >> 31, q1, digit1 >> 31);
  }
}

// The width that costs least: 8 multiplications for a point in a window, 18 for a bucket.
function bucketWidth(fullCount: usize, shortCount: usize): u32 {
  let best: u32 = 4;
  let least: u32 = 0xffffffff;
  for (let width: u32 = 4; width <= 12; width++) {
    const fullWindows = windowCount(FULL_BITS, width);
    const inserts = fullWindows * <u32>fullCount + windowCount(SHORT_BITS, width) * <u32>shortCount;
    const cost = inserts * 8 + fullWindows * (18 << (width - 1));
    if (cost < least) {
      least = cost;
      best = width;
    }
  }
  return best;
}

function pippenger(o: usize, full: usize, fullCount: usize, short: usize, shortCount: usize): void {
  const width = bucketWidth(fullCount, shortCount);
  const fullWindows = windowCount(FULL_BITS, width);
  const shortWindows = windowCount(SHORT_BITS, width);
  const fullRecoded = recodeAll(full, fullCount, fullWindows, width);
  const shortRecoded = recodeAll(short, shortCount, shortWindows, width);
  const bucketCount: usize = 1 << (width - 1);
  // Bucket 0 takes the points with digit 0 and is not read.
  const buckets = scratch((bucketCount + 1) * POINT);
  pointZero(o);
  for (let window = fullWindows; window-- > 0;) {
    if (window + 1 < fullWindows) {
      for (let j: u32 = 0; j < width; j++) pointDouble(o, o);
    }
    for (let j: usize = 0; j <= bucketCount; j++) pointZero(buckets + j * POINT);
    throwIn(buckets, full, fullRecoded, fullCount, window, fullWindows, width);
    if (window < shortWindows) throwIn(buckets, short, shortRecoded, shortCount, window, shortWindows, width);
    addBuckets(o, buckets, bucketCount);
  }
}

function throwIn(
  buckets: usize,
  terms: usize,
  recoded: usize,
  count: usize,
  window: u32,
  windows: u32,
  width: u32,
): void {
  for (let i: usize = 0; i < count; i++) {
    const q = terms + i * TERM;
    const digits = recoded + i * TERM_RECODED;
    const digit0 = digit(digits, window, windows, width);
    const digit1 = digit(digits + RECODED, window, windows, width);
    if ((digit0 | digit1) == 0) continue;
    const bucket0 = buckets + <usize>abs(digit0) * POINT;
    const bucket1 = buckets + <usize>abs(digit1) * POINT;
    pointSelect(sum, bucket0, bucket1, 0, ALL);
    pointAddAffineLanes(sum, sum, q, digit0 >> 31, q, digit1 >> 31);
    pointSelect(bucket0, bucket0, sum, ALL, 0);
    pointSelect(bucket1, bucket1, sum, 0, ALL);
  }
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
