// Sums of many multiples on Edwards25519 in variable time: for verification, where all is public.
//
// A term is a summand and a scalar. Terms come in two lists: with full scalars (below 2^253) and with short ones
// (below 2^128). Few terms are summed by Straus' method (a table of small multiples per term, doublings shared),
// many by Pippenger's (summands thrown into one bucket per digit).

import { copyBytes, wipe } from "../bytes";
import { scratch, scratchMark, scratchRelease } from "../memory";
import { POINT, pointAdd, pointDouble, pointZero, summandFromPoint, summandNegate } from "./edwards25519";
import { SCALAR } from "./scalar25519";

/** A term: a summand, then a 32-byte scalar. */
export const TERM: usize = POINT + SCALAR;
export const TERM_SCALAR: usize = POINT;

const FULL_BITS: u32 = 253;
const SHORT_BITS: u32 = 128;

/** From so many terms on buckets are cheaper than tables. */
const BUCKETS_FROM: usize = 224;

const running: usize = memory.data(160, 16);
const summand: usize = memory.data(160, 16);
const padded: usize = memory.data(40, 16);

/** o = the sum of both lists of terms. */
export function multiScalar(o: usize, full: usize, fullCount: usize, short: usize, shortCount: usize): void {
  const mark = scratchMark();
  if (fullCount + shortCount < BUCKETS_FROM) straus(o, full, fullCount, short, shortCount);
  else pippenger(o, full, fullCount, short, shortCount);
  scratchRelease(mark);
}

/** Wipes the working space. */
export function multiScalarWipe(): void {
  wipe(running, POINT);
  wipe(summand, POINT);
  wipe(padded, RECODED);
}

// o = p + q, or p - q where `sign` is not 0.
function addSigned(o: usize, p: usize, q: usize, sign: i32): void {
  if (sign == 0) {
    pointAdd(o, p, q);
  } else {
    summandNegate(summand, q);
    pointAdd(o, p, summand);
  }
}

function bitsAt(number: usize, bit: u32, count: u32): u32 {
  return (load<u32>(number + (bit >> 3)) >> (bit & 7)) & ((1 << count) - 1);
}

// ---- Straus. Scalars are written with odd digits below 16 in absolute value, at least four zeros after each.

const NAF_WIDTH: u32 = 5;
const NAF_LENGTH: u32 = 256;
const MULTIPLES: usize = 8; // 1, 3, ... 15

function writeNaf(digits: usize, scalar: usize): void {
  copyBytes(padded, scalar, SCALAR);
  let carry: u32 = 0;
  let bit: u32 = 0;
  while (bit < NAF_LENGTH) {
    const window = bitsAt(padded, bit, NAF_WIDTH) + carry;
    if ((window & 1) == 0) {
      bit++;
      continue;
    }
    carry = window >> (NAF_WIDTH - 1);
    store<i8>(digits + bit, <i8>(<i32>window - <i32>(carry << NAF_WIDTH)));
    bit += NAF_WIDTH;
  }
}

function writeMultiples(table: usize, q: usize): void {
  pointZero(running);
  pointAdd(running, running, q);
  copyBytes(table, q, POINT);
  const double = table + POINT; // for now
  pointDouble(double, running);
  summandFromPoint(summand, double);
  for (let j: usize = 1; j < MULTIPLES; j++) {
    pointAdd(running, running, summand);
    summandFromPoint(table + j * POINT, running);
  }
}

// Tables and digits of a list of terms, for each the one behind the other.
const STRAUS_TERM: usize = MULTIPLES * POINT + <usize>NAF_LENGTH;

function prepareTerms(to: usize, terms: usize, count: usize): void {
  for (let i: usize = 0; i < count; i++) {
    writeMultiples(to + i * STRAUS_TERM, terms + i * TERM);
    writeNaf(to + i * STRAUS_TERM + MULTIPLES * POINT, terms + i * TERM + TERM_SCALAR);
  }
}

function straus(o: usize, full: usize, fullCount: usize, short: usize, shortCount: usize): void {
  const count = fullCount + shortCount;
  const prepared = scratch(count * STRAUS_TERM);
  prepareTerms(prepared, full, fullCount);
  prepareTerms(prepared + fullCount * STRAUS_TERM, short, shortCount);
  pointZero(o);
  for (let bit = <i32>(fullCount == 0 ? SHORT_BITS : FULL_BITS); bit >= 0; bit--) {
    pointDouble(o, o);
    for (let i: usize = 0; i < count; i++) {
      const table = prepared + i * STRAUS_TERM;
      const digit = <i32>load<i8>(table + MULTIPLES * POINT + <usize>bit);
      if (digit != 0) addSigned(o, o, table + <usize>(abs(digit) >> 1) * POINT, digit >> 31);
    }
  }
}

// ---- Pippenger. With 2^(w - 1) added to every window of w bits but the highest, each window less 2^(w - 1)
// is a signed digit; the highest window is the digit itself, and never negative.

const RECODED: usize = 40;

function windowCount(bits: u32, width: u32): u32 {
  return bits / width + 1;
}

function recode(to: usize, scalar: usize, windows: u32, width: u32): void {
  copyBytes(to, scalar, SCALAR);
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
  const recoded = scratch(count * RECODED);
  for (let i: usize = 0; i < count; i++) {
    recode(recoded + i * RECODED, terms + i * TERM + TERM_SCALAR, windows, width);
  }
  return recoded;
}

function digitOf(recoded: usize, window: u32, windows: u32, width: u32): i32 {
  const value = bitsAt(recoded, window * width, width);
  return <i32>value - (window + 1 < windows ? 1 << (width - 1) : 0);
}

// The width that costs least: a bucket costs what three summands do.
function bucketWidth(fullCount: usize, shortCount: usize): u32 {
  let best: u32 = 4;
  let least: u32 = 0xffffffff;
  for (let width: u32 = 4; width <= 13; width++) {
    const fullWindows = windowCount(FULL_BITS, width);
    const inserts = fullWindows * <u32>fullCount + windowCount(SHORT_BITS, width) * <u32>shortCount;
    const cost = inserts + fullWindows * (3 << (width - 1));
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
  const buckets = scratch(bucketCount * POINT) - POINT; // number 1 is the first
  pointZero(o);
  for (let window = fullWindows; window-- > 0;) {
    for (let j: u32 = 0; j < width; j++) pointDouble(o, o);
    for (let j: usize = 1; j <= bucketCount; j++) pointZero(buckets + j * POINT);
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
    const digit = digitOf(recoded + i * RECODED, window, windows, width);
    if (digit == 0) continue;
    const bucket = buckets + <usize>abs(digit) * POINT;
    addSigned(bucket, bucket, terms + i * TERM, digit >> 31);
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
