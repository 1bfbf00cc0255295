// Elements of GF(2^255 - 19) as 32 little-endian bytes (RFC 7748, section 5), four at once, and moves between lanes:
// what stands in the four lanes of one quad, or in one lane of four quads.

import { wipe } from "../bytes";
import { column, feCarry, LIMB, put } from "./columns25519";
import { FE } from "./fe25519";

// Word i of four numbers, one per lane.
const words: usize = memory.data(144, 16);

/** Forgets what the last conversion left in the working space. */
export function encodingWipe(): void {
  wipe(words, 144);
}

/** Four vectors, one every `sourceStride` bytes, become four others: word j of vector i is word i of vector j. */
function transpose(to: usize, toStride: usize, from: usize, fromStride: usize): void {
  transposeFrom(to, toStride, from, from + fromStride, from + 2 * fromStride, from + 3 * fromStride);
}

function transposeFrom(to: usize, stride: usize, from0: usize, from1: usize, from2: usize, from3: usize): void {
  const a = v128.load(from0);
  const b = v128.load(from1);
  const c = v128.load(from2);
  const d = v128.load(from3);
  const lowAB = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const lowCD = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const highAB = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const highCD = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(lowAB, lowCD, 0, 2));
  v128.store(to + stride, v128.shuffle<i64>(lowAB, lowCD, 1, 3));
  v128.store(to + 2 * stride, v128.shuffle<i64>(highAB, highCD, 0, 2));
  v128.store(to + 3 * stride, v128.shuffle<i64>(highAB, highCD, 1, 3));
}

/** Four quads, dense, become four others, one every `stride` bytes: lane j of quad i is lane i of quad j. */
export function feTranspose(to: usize, stride: usize, from: usize): void {
  for (let p: usize = 0; p < FE; p += 16) transpose(to + p, stride, from + p, FE);
}

/** o = lane `lane` of a, in all lanes. */
export function feSplat(o: usize, a: usize, lane: usize): void {
  for (let p: usize = 0; p < FE; p += 16) v128.store(o + p, v128.load32_splat(a + p + (lane << 2)));
}

/** o = a, each lane one place further down: lane i is lane i + 1 of a. */
export function feRotate(o: usize, a: usize): void {
  for (let p: usize = 0; p < FE; p += 16) {
    const v = v128.load(a + p);
    v128.store(o + p, v128.shuffle<i32>(v, v, 1, 2, 3, 0));
  }
}

// Limb i begins at bit 13 i: in word `bit >> 5`, and reaches into the next one where more than 19 bits stand before it.
const SPILL: i32 = 32 - 13;

/** o = the little-endian numbers of 32 bytes at four places, one per lane; bit 255 is ignored. */
export function feFromBytes(o: usize, bytes0: usize, bytes1: usize, bytes2: usize, bytes3: usize): void {
  transposeFrom(words, 16, bytes0, bytes1, bytes2, bytes3);
  transposeFrom(words + 64, 16, bytes0 + 16, bytes1 + 16, bytes2 + 16, bytes3 + 16);
  for (let i: usize = 0; i < 20; i++) {
    const at = words + (((13 * i) >> 5) << 4);
    const shift = (<i32>(13 * i)) & 31;
    let limb = i32x4.shr_u(v128.load(at), shift);
    if (shift > SPILL) limb = v128.or(limb, i32x4.shl(v128.load(at, 16), 32 - shift));
    put(i, v128.and(limb, i32x4.splat(i < 19 ? LIMB : LAST_LIMB)));
  }
  feCarry(o);
}

// Bits 247 to 254 are the last limb's, in an element below 2^255.
const LAST_LIMB: i32 = 255;

/** Writes the canonical 32 bytes of lanes 0 to 3, 128 bytes in all. `a` may have weight 6. */
export function feToBytes(bytes: usize, a: usize): void {
  // Made positive by 128 p = 2^262 - 2432, the number is t 2^255 and a rest below 2^255, t < 2^8.
  for (let p: usize = 0; p < 10; p++) {
    const limbs = v128.load(a + (p << 4));
    put(p << 1, i32x4.shr_s(i32x4.shl(limbs, 16), 16));
    put((p << 1) + 1, i32x4.shr_s(limbs, 16));
  }
  const above = propagate(i32x4.splat(-2432));
  const t = i32x4.add(i32x4.shr_s(column(19), 8), i32x4.shl(i32x4.add(above, i32x4.splat(4)), 5));
  const nineteen = i32x4.splat(19);
  let extra = i32x4.mul(t, nineteen);
  put(19, v128.and(column(19), i32x4.splat(LAST_LIMB)));
  // The number is now rest + 19 t < 2 p, and at least p when 19 more reach 2^255.
  let carry = i32x4.add(extra, nineteen);
  for (let i: usize = 0; i < 19; i++) carry = i32x4.shr_s(i32x4.add(column(i), carry), 13);
  const reaches = i32x4.shr_s(i32x4.add(column(19), carry), 8);
  extra = i32x4.add(extra, i32x4.mul(reaches, nineteen));
  propagate(extra);
  put(19, v128.and(column(19), i32x4.splat(LAST_LIMB)));
  writeWords(bytes);
}

// Brings all columns into 13 bits, unsigned; returns what goes beyond column 19.
function propagate(first: v128): v128 {
  let carry = first;
  for (let i: usize = 0; i < 20; i++) {
    const sum = i32x4.add(column(i), carry);
    put(i, v128.and(sum, i32x4.splat(LIMB)));
    carry = i32x4.shr_s(sum, 13);
  }
  return carry;
}

function writeWords(bytes: usize): void {
  wipe(words, 144);
  for (let i: usize = 0; i < 20; i++) {
    const at = words + (((13 * i) >> 5) << 4);
    const shift = (<i32>(13 * i)) & 31;
    v128.store(at, v128.or(v128.load(at), i32x4.shl(column(i), shift)));
    if (shift > SPILL) v128.store(at, i32x4.shr_u(column(i), 32 - shift), 16);
  }
  transpose(bytes, 32, words, 16);
  transpose(bytes + 16, 32, words + 64, 16);
}
