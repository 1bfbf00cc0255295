// Four blocks of Poly1305 at a time, one in each lane: ten limbs of 13 bits, so that one instruction makes and adds two
// products a lane.
//
// Lane j sums the blocks j, j + 4, j + 8, ..., each sum times r^4 before the next block. Bounds: limbs that are multiplied
// stay between -130 and 8,330; those of r^4 are signed, within 4,100, five times that 20,500; a sum of ten products is
// below 2^31.

import { wipe } from "../bytes";

const LIMB: i32 = (1 << 13) - 1;

/** Bytes of the table of a power: 18 pairs of limbs in all lanes. */
const TABLE: usize = 288;
const SUMS: usize = 160;
const work: usize = memory.data(<i32>(TABLE + SUMS), 16);
const sums: usize = work + TABLE;

// What is added to limbs of 26 bits so that none is negative: 4 * (2^130 - 5).
const LEAST_LIMB: u64 = 4 * (0x4000000 - 5);
const OTHER_LIMB: u64 = 4 * (0x4000000 - 1);

/** The limb of 13 bits at place k of five limbs of 26 bits. */
function limbOf(limbs: usize, k: usize): i32 {
  const both = load<u64>(limbs + ((k >> 1) << 3));
  return (k & 1) == 0 ? (<i32>both) & LIMB : <i32>(both >> 13);
}

/**
 * The table of a multiplier: entry m + 8, for m from -8 to 9, holds its limbs m and m - 1, those below 0 from the upper
 * end, times five, because 2^130 = 5.
 */
function tabulate(power: usize): void {
  const limbs = sums; // used for the signed limbs meanwhile
  let carry: i32 = 0;
  for (let k: usize = 0; k < 10; k++) {
    const limb = limbOf(power, k) + carry;
    carry = (limb + 4096) >> 13;
    store<i32>(limbs + (k << 2), limb - (carry << 13));
  }
  store<i32>(limbs, load<i32>(limbs) + 5 * carry);
  for (let m: i32 = -8; m < 10; m++) {
    const first = m < 0 ? 5 * load<i32>(limbs + ((<usize>(m + 10)) << 2)) : load<i32>(limbs + ((<usize>m) << 2));
    const second = m < 1 ? 5 * load<i32>(limbs + ((<usize>(m + 9)) << 2)) : load<i32>(limbs + ((<usize>(m - 1)) << 2));
    v128.store(work + ((<usize>(m + 8)) << 4), i32x4.splat((second << 16) | (first & 0xffff)));
  }
}

/** Limbs k and k + 1 in the halves of each lane. */
function pair(even: v128, odd: v128): v128 {
  return v128.shuffle<i16>(even, i32x4.shl(odd, 16), 0, 9, 2, 11, 4, 13, 6, 15);
}

/** Limb k of the product with the tabulated number. */
function product(k: usize, x01: v128, x23: v128, x45: v128, x67: v128, x89: v128): v128 {
  const entry = work + (k << 4);
  return i32x4.add(
    i32x4.add(
      i32x4.add(i32x4.dot_i16x8_s(x01, v128.load(entry, 128)), i32x4.dot_i16x8_s(x23, v128.load(entry, 96))),
      i32x4.add(i32x4.dot_i16x8_s(x45, v128.load(entry, 64)), i32x4.dot_i16x8_s(x67, v128.load(entry, 32))),
    ),
    i32x4.dot_i16x8_s(x89, v128.load(entry)),
  );
}

/** What is left of a limb once it has carried, and the carry from below. */
function carried(limb: v128, below: v128): v128 {
  return i32x4.add(v128.and(limb, i32x4.splat(LIMB)), i32x4.shr_s(below, 13));
}

/** The same for limb 0: what limb 9 carries counts five times. */
function carriedAround(limb: v128, below: v128): v128 {
  const carry = i32x4.shr_s(below, 13);
  return i32x4.add(carried(limb, below), i32x4.shl(carry, 2));
}

function bits(words: v128, shift: i32): v128 {
  return v128.and(i32x4.shr_u(words, shift), i32x4.splat(LIMB));
}

/** Bits from `shift` up of the lower word, the others of the upper one. */
function bitsAcross(lower: v128, shift: i32, upper: v128): v128 {
  const both = v128.or(i32x4.shr_u(lower, shift), i32x4.shl(upper, 32 - shift));
  return v128.and(both, i32x4.splat(LIMB));
}

/**
 * Adds `groups` (not 0) times four blocks: `lanes` is five limbs of 26 bits for each lane, before that of the sum so far
 * (in lane 0) and after it of the four sums; `power` is r^4.
 */
export function poly1305Lanes(lanes: usize, power: usize, from: usize, groups: usize): void {
  tabulate(power);
  let x0 = i32x4.replace_lane(i32x4.splat(0), 0, limbOf(lanes, 0));
  let x1 = i32x4.replace_lane(i32x4.splat(0), 0, limbOf(lanes, 1));
  let x2 = i32x4.replace_lane(i32x4.splat(0), 0, limbOf(lanes, 2));
  let x3 = i32x4.replace_lane(i32x4.splat(0), 0, limbOf(lanes, 3));
  let x4 = i32x4.replace_lane(i32x4.splat(0), 0, limbOf(lanes, 4));
  let x5 = i32x4.replace_lane(i32x4.splat(0), 0, limbOf(lanes, 5));
  let x6 = i32x4.replace_lane(i32x4.splat(0), 0, limbOf(lanes, 6));
  let x7 = i32x4.replace_lane(i32x4.splat(0), 0, limbOf(lanes, 7));
  let x8 = i32x4.replace_lane(i32x4.splat(0), 0, limbOf(lanes, 8));
  let x9 = i32x4.replace_lane(i32x4.splat(0), 0, limbOf(lanes, 9));
  while (true) {
    // The words of the four blocks, one block a lane.
    const a = v128.load(from);
    const b = v128.load(from, 16);
    const c = v128.load(from, 32);
    const d = v128.load(from, 48);
    const ab01 = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
    const ab23 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
    const cd01 = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
    const cd23 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
    const w0 = v128.shuffle<i64>(ab01, cd01, 0, 2);
    const w1 = v128.shuffle<i64>(ab01, cd01, 1, 3);
    const w2 = v128.shuffle<i64>(ab23, cd23, 0, 2);
    const w3 = v128.shuffle<i64>(ab23, cd23, 1, 3);
    const y0 = i32x4.add(x0, v128.and(w0, i32x4.splat(LIMB)));
    const y1 = i32x4.add(x1, bits(w0, 13));
    const y2 = i32x4.add(x2, bitsAcross(w0, 26, w1));
    const y3 = i32x4.add(x3, bits(w1, 7));
    const y4 = i32x4.add(x4, bitsAcross(w1, 20, w2));
    const y5 = i32x4.add(x5, bits(w2, 1));
    const y6 = i32x4.add(x6, bits(w2, 14));
    const y7 = i32x4.add(x7, bitsAcross(w2, 27, w3));
    const y8 = i32x4.add(x8, bits(w3, 8));
    const y9 = i32x4.add(x9, v128.or(i32x4.shr_u(w3, 21), i32x4.splat(1 << 11)));
    x0 = carriedAround(y0, y9);
    x1 = carried(y1, y0);
    x2 = carried(y2, y1);
    x3 = carried(y3, y2);
    x4 = carried(y4, y3);
    x5 = carried(y5, y4);
    x6 = carried(y6, y5);
    x7 = carried(y7, y6);
    x8 = carried(y8, y7);
    x9 = carried(y9, y8);
    from += 64;
    if (--groups == 0) break;
    const x01 = pair(x0, x1);
    const x23 = pair(x2, x3);
    const x45 = pair(x4, x5);
    const x67 = pair(x6, x7);
    const x89 = pair(x8, x9);
    const p0 = product(0, x01, x23, x45, x67, x89);
    const p1 = product(1, x01, x23, x45, x67, x89);
    const p2 = product(2, x01, x23, x45, x67, x89);
    const p3 = product(3, x01, x23, x45, x67, x89);
    const p4 = product(4, x01, x23, x45, x67, x89);
    const p5 = product(5, x01, x23, x45, x67, x89);
    const p6 = product(6, x01, x23, x45, x67, x89);
    const p7 = product(7, x01, x23, x45, x67, x89);
    const p8 = product(8, x01, x23, x45, x67, x89);
    const p9 = product(9, x01, x23, x45, x67, x89);
    x0 = carriedAround(p0, p9);
    x1 = carried(p1, p0);
    x2 = carried(p2, p1);
    x3 = carried(p3, p2);
    x4 = carried(p4, p3);
    x5 = carried(p5, p4);
    x6 = carried(p6, p5);
    x7 = carried(p7, p6);
    x8 = carried(p8, p7);
    x9 = carried(p9, p8);
  }
  v128.store(sums, x0);
  v128.store(sums, x1, 16);
  v128.store(sums, x2, 32);
  v128.store(sums, x3, 48);
  v128.store(sums, x4, 64);
  v128.store(sums, x5, 80);
  v128.store(sums, x6, 96);
  v128.store(sums, x7, 112);
  v128.store(sums, x8, 128);
  v128.store(sums, x9, 144);
  for (let lane: usize = 0; lane < 4; lane++) {
    for (let k: usize = 0; k < 5; k++) {
      const at = sums + (k << 5) + (lane << 2);
      const limb = <i64>load<i32>(at) + ((<i64>load<i32>(at, 16)) << 13);
      store<u64>(lanes + lane * 40 + (k << 3), <u64>limb + (k == 0 ? LEAST_LIMB : OTHER_LIMB));
    }
  }
  wipe(work, TABLE + SUMS);
}
