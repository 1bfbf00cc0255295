// SHA-512 and SHA-384 (FIPS 180-4, sections 6.4 and 6.5): the compression of whole blocks.
// Padding is in hash.ts.

import { copyBytes, store64be, wipe } from "../bytes";
import { INITIAL_STATE, INITIAL_STATE_384, ROUND_CONSTANTS } from "./constants";

/** Bytes of a block. */
export const SHA512_BLOCK: usize = 128;

// The message schedule of the block at work.
const SCHEDULE_LENGTH: usize = 640;
const schedule: usize = memory.data(SCHEDULE_LENGTH, 16);

/** Writes the initial state of SHA-512: 8 words of 64 bits. */
export function sha512Begin(state: usize): void {
  copyBytes(state, INITIAL_STATE, 64);
}

/** Writes the initial state of SHA-384. */
export function sha384Begin(state: usize): void {
  copyBytes(state, INITIAL_STATE_384, 64);
}

// The schedule is made two words at a time, each with its round constant added.

function rotated(words: v128, count: i32): v128 {
  return v128.or(i64x2.shr_u(words, count), i64x2.shl(words, 64 - count));
}

function sigma0(words: v128): v128 {
  return v128.xor(v128.xor(rotated(words, 1), rotated(words, 8)), i64x2.shr_u(words, 7));
}

function sigma1(words: v128): v128 {
  return v128.xor(v128.xor(rotated(words, 19), rotated(words, 61)), i64x2.shr_u(words, 6));
}

function bigEndian(at: usize): v128 {
  const bytes = v128.load(at);
  return v128.shuffle<u8>(bytes, bytes, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8);
}

/** Stores the words of two rounds. */
function putWords(offset: usize, words: v128): void {
  v128.store(schedule + offset, i64x2.add(words, v128.load(ROUND_CONSTANTS + offset)));
}

/** Words t and t + 1 from eight of the sixteen before them. */
function nextWords(w0: v128, w2: v128, w8: v128, w10: v128, w14: v128): v128 {
  const w1 = v128.shuffle<u64>(w0, w2, 1, 2);
  const w9 = v128.shuffle<u64>(w8, w10, 1, 2);
  return i64x2.add(i64x2.add(w0, sigma0(w1)), i64x2.add(w9, sigma1(w14)));
}

function makeSchedule(block: usize): void {
  let w0 = bigEndian(block);
  let w2 = bigEndian(block + 16);
  let w4 = bigEndian(block + 32);
  let w6 = bigEndian(block + 48);
  let w8 = bigEndian(block + 64);
  let w10 = bigEndian(block + 80);
  let w12 = bigEndian(block + 96);
  let w14 = bigEndian(block + 112);
  putWords(0, w0);
  putWords(16, w2);
  putWords(32, w4);
  putWords(48, w6);
  putWords(64, w8);
  putWords(80, w10);
  putWords(96, w12);
  putWords(112, w14);
  for (let offset: usize = 128; offset < SCHEDULE_LENGTH; offset += 128) {
    w0 = nextWords(w0, w2, w8, w10, w14);
    putWords(offset, w0);
    w2 = nextWords(w2, w4, w10, w12, w0);
    putWords(offset + 16, w2);
    w4 = nextWords(w4, w6, w12, w14, w2);
    putWords(offset + 32, w4);
    w6 = nextWords(w6, w8, w14, w0, w4);
    putWords(offset + 48, w6);
    w8 = nextWords(w8, w10, w0, w2, w6);
    putWords(offset + 64, w8);
    w10 = nextWords(w10, w12, w2, w4, w8);
    putWords(offset + 80, w10);
    w12 = nextWords(w12, w14, w4, w6, w10);
    putWords(offset + 96, w12);
    w14 = nextWords(w14, w0, w6, w8, w12);
    putWords(offset + 112, w14);
  }
}

function sum0(a: u64): u64 {
  return rotr(a, 28) ^ rotr(a, 34) ^ rotr(a, 39);
}

function sum1(e: u64): u64 {
  return rotr(e, 14) ^ rotr(e, 18) ^ rotr(e, 41);
}

function choice(e: u64, f: u64, g: u64): u64 {
  return g ^ (e & (f ^ g));
}

/** Absorbs `count` blocks at `from`. */
export function sha512Compress(state: usize, from: usize, count: usize): void {
  for (; count != 0; count--) {
    makeSchedule(from);
    from += SHA512_BLOCK;
    let a = load<u64>(state);
    let b = load<u64>(state, 8);
    let c = load<u64>(state, 16);
    let d = load<u64>(state, 24);
    let e = load<u64>(state, 32);
    let f = load<u64>(state, 40);
    let g = load<u64>(state, 48);
    let h = load<u64>(state, 56);
    let bc = b ^ c;
    for (let at = schedule; at < schedule + SCHEDULE_LENGTH; at += 8) {
      const t = h + sum1(e) + choice(e, f, g) + load<u64>(at);
      // The majority of a, b and c; the next round has use for a ^ b.
      const ab = a ^ b;
      const most = b ^ (ab & bc);
      bc = ab;
      h = g;
      g = f;
      f = e;
      e = d + t;
      d = c;
      c = b;
      b = a;
      a = t + sum0(b) + most;
    }
    store<u64>(state, load<u64>(state) + a);
    store<u64>(state, load<u64>(state, 8) + b, 8);
    store<u64>(state, load<u64>(state, 16) + c, 16);
    store<u64>(state, load<u64>(state, 24) + d, 24);
    store<u64>(state, load<u64>(state, 32) + e, 32);
    store<u64>(state, load<u64>(state, 40) + f, 40);
    store<u64>(state, load<u64>(state, 48) + g, 48);
    store<u64>(state, load<u64>(state, 56) + h, 56);
  }
}

/** Writes the first `length` bytes of the state (64, or 48 for SHA-384) as the digest. */
export function sha512Digest(dst: usize, state: usize, length: usize): void {
  for (let i: usize = 0; i < length; i += 8) store64be(dst + i, load<u64>(state + i));
}

/** Forgets the last block. */
export function sha512Wipe(): void {
  wipe(schedule, SCHEDULE_LENGTH);
}
