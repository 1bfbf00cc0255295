// Half-size scalars for the verification of one signature: for a public k, the pair u, v below 2^127 with
// v k = u or -u modulo L. With the equation multiplied by v all doublings above bit 127 are saved.
//
// The pair is the middle of Euclid's algorithm on L and k: with r0 > r1 the remainders and t0, t1 their cofactors,
// r0 t1 + r1 t0 = L all along, so that the first r1 below 2^127 has a t1 of at most L / 2^127 < 2^127, above 0.
// Variable time: everything here is public.

import { copyBytes, wipe } from "../bytes";
import { SCALAR } from "./scalar25519";

const LIMBS: usize = 32; // four of 64 bits

const order: usize = memory.data<u64>([0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0, 0x1000000000000000], 8);
const WORK: usize = 5 * LIMBS;
const work: usize = memory.data(<i32>WORK, 8);
const remainders: usize = work;
const cofactors: usize = work + 2 * LIMBS;
const shifted: usize = work + 4 * LIMBS;

function bitLength(a: usize): i32 {
  for (let i: usize = LIMBS; i > 0; i -= 8) {
    const limb = load<u64>(a + i - 8);
    if (limb != 0) return ((<i32>i) << 3) - <i32>clz(limb);
  }
  return 0;
}

// `shifted` = a 2^count.
function shift(a: usize, count: i32): void {
  const words: usize = ((<usize>count) >> 6) << 3;
  const bits: u64 = (<u64>count) & 63;
  let below: u64 = 0;
  for (let i: usize = 0; i < LIMBS; i += 8) {
    if (i < words) {
      store<u64>(shifted + i, 0);
      continue;
    }
    const limb = load<u64>(a + i - words);
    store<u64>(shifted + i, (limb << bits) | below);
    below = bits == 0 ? 0 : limb >> (64 - bits);
  }
}

// a -= b; whether it went below zero.
function subtract(a: usize, b: usize): bool {
  let borrow: u64 = 0;
  for (let i: usize = 0; i < LIMBS; i += 8) {
    const x = load<u64>(a + i);
    const y = load<u64>(b + i);
    const difference = x - y;
    store<u64>(a + i, difference - borrow);
    borrow = u64(x < y) | u64(difference < borrow);
  }
  return borrow != 0;
}

// a += b.
function add(a: usize, b: usize): void {
  let carry: u64 = 0;
  for (let i: usize = 0; i < LIMBS; i += 8) {
    const x = load<u64>(a + i);
    const sum = x + load<u64>(b + i);
    store<u64>(a + i, sum + carry);
    carry = u64(sum < x) | u64(sum + carry < sum);
  }
}

/** Writes u and v, 32 bytes each, for k below L. True when v k = -u, false when v k = u, modulo L. */
export function halfScalars(u: usize, v: usize, k: usize): bool {
  let large = remainders;
  let small = remainders + LIMBS;
  let largeCofactor = cofactors;
  let smallCofactor = cofactors + LIMBS;
  copyBytes(large, order, SCALAR);
  copyBytes(small, k, SCALAR);
  wipe(cofactors, 2 * LIMBS);
  store<u64>(smallCofactor, 1);
  let negative = false; // v k = -u: the cofactors' signs alternate
  let smallBits = bitLength(small);
  let largeBits = bitLength(large);
  while (smallBits > 127) {
    // The quotient, a power of two at a time: the greatest that may fit, or the half of it.
    while (largeBits >= smallBits) {
      let count = largeBits - smallBits;
      shift(small, count);
      if (subtract(large, shifted)) {
        add(large, shifted);
        if (count == 0) break;
        shift(small, --count);
        subtract(large, shifted);
      }
      shift(smallCofactor, count);
      add(largeCofactor, shifted);
      largeBits = bitLength(large);
    }
    let swap = large;
    large = small;
    small = swap;
    swap = largeCofactor;
    largeCofactor = smallCofactor;
    smallCofactor = swap;
    const bits = largeBits;
    largeBits = smallBits;
    smallBits = bits;
    negative = !negative;
  }
  copyBytes(u, small, SCALAR);
  copyBytes(v, smallCofactor, SCALAR);
  return negative;
}

/** Wipes the working space: of a signature over secret content the scalar is as good as a digest. */
export function halfScalarsWipe(): void {
  wipe(work, WORK);
}
