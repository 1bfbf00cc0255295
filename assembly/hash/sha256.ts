// SHA-256 (FIPS 180-4, section 6.2): the compression of whole blocks. Padding is in hash.ts.

import { store32be, wipe } from "../bytes";
import { INITIAL_STATE, ROUND_CONSTANTS } from "./constants";

/** Bytes of a block. */
export const SHA256_BLOCK: usize = 64;

// The message schedule of the block at work.
const SCHEDULE_LENGTH: usize = 256;
const schedule: usize = memory.data(SCHEDULE_LENGTH, 16);

/** Writes the initial state: 8 words of 32 bits. */
export function sha256Begin(state: usize): void {
  for (let i: usize = 0; i < 8; i++) {
    store<u32>(state + (i << 2), load<u32>(INITIAL_STATE + (i << 3), 4));
  }
}

// The schedule is made four words at a time, each with its round constant added.

function rotated(words: v128, count: i32): v128 {
  return v128.or(i32x4.shr_u(words, count), i32x4.shl(words, 32 - count));
}

function sigma0(words: v128): v128 {
  return v128.xor(v128.xor(rotated(words, 7), rotated(words, 18)), i32x4.shr_u(words, 3));
}

function sigma1(words: v128): v128 {
  return v128.xor(v128.xor(rotated(words, 17), rotated(words, 19)), i32x4.shr_u(words, 10));
}

function bigEndian(at: usize): v128 {
  const bytes = v128.load(at);
  return v128.shuffle<u8>(bytes, bytes, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
}

/** Stores the words of four rounds from number `i` on. */
function putWords(i: usize, words: v128): void {
  const constants = ROUND_CONSTANTS + (i << 3);
  const high = v128.shuffle<u32>(v128.load(constants), v128.load(constants, 16), 1, 3, 5, 7);
  v128.store(schedule + (i << 2), i32x4.add(words, high));
}

/** Words t to t + 3 from the sixteen before them. */
function nextWords(w0: v128, w4: v128, w8: v128, w12: v128): v128 {
  const w1 = v128.shuffle<u32>(w0, w4, 1, 2, 3, 4);
  const w9 = v128.shuffle<u32>(w8, w12, 1, 2, 3, 4);
  const sum = i32x4.add(i32x4.add(w0, sigma0(w1)), w9);
  // Words t + 2 and t + 3 depend on t and t + 1.
  const none = i32x4.splat(0);
  const lower = i32x4.add(sum, v128.shuffle<u32>(sigma1(w12), none, 2, 3, 4, 4));
  return i32x4.add(lower, v128.shuffle<u32>(sigma1(lower), none, 4, 4, 0, 1));
}

function makeSchedule(block: usize): void {
  let w0 = bigEndian(block);
  let w4 = bigEndian(block + 16);
  let w8 = bigEndian(block + 32);
  let w12 = bigEndian(block + 48);
  putWords(0, w0);
  putWords(4, w4);
  putWords(8, w8);
  putWords(12, w12);
  for (let i: usize = 16; i < 64; i += 16) {
    w0 = nextWords(w0, w4, w8, w12);
    putWords(i, w0);
    w4 = nextWords(w4, w8, w12, w0);
    putWords(i + 4, w4);
    w8 = nextWords(w8, w12, w0, w4);
    putWords(i + 8, w8);
    w12 = nextWords(w12, w0, w4, w8);
    putWords(i + 12, w12);
  }
}

function sum0(a: u32): u32 {
  return rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22);
}

function sum1(e: u32): u32 {
  return rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25);
}

function choice(e: u32, f: u32, g: u32): u32 {
  return g ^ (e & (f ^ g));
}

/** Absorbs `count` blocks at `from`. */
export function sha256Compress(state: usize, from: usize, count: usize): void {
  for (; count != 0; count--) {
    makeSchedule(from);
    from += SHA256_BLOCK;
    let a = load<u32>(state);
    let b = load<u32>(state, 4);
    let c = load<u32>(state, 8);
    let d = load<u32>(state, 12);
    let e = load<u32>(state, 16);
    let f = load<u32>(state, 20);
    let g = load<u32>(state, 24);
    let h = load<u32>(state, 28);
    let bc = b ^ c;
    for (let at = schedule; at < schedule + SCHEDULE_LENGTH; at += 4) {
      const t = h + sum1(e) + choice(e, f, g) + load<u32>(at);
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
    store<u32>(state, load<u32>(state) + a);
    store<u32>(state, load<u32>(state, 4) + b, 4);
    store<u32>(state, load<u32>(state, 8) + c, 8);
    store<u32>(state, load<u32>(state, 12) + d, 12);
    store<u32>(state, load<u32>(state, 16) + e, 16);
    store<u32>(state, load<u32>(state, 20) + f, 20);
    store<u32>(state, load<u32>(state, 24) + g, 24);
    store<u32>(state, load<u32>(state, 28) + h, 28);
  }
}

/** Writes the state as the digest of 32 bytes. */
export function sha256Digest(dst: usize, state: usize): void {
  for (let i: usize = 0; i < 32; i += 4) store32be(dst + i, load<u32>(state + i));
}

/** Forgets the last block. */
export function sha256Wipe(): void {
  wipe(schedule, SCHEDULE_LENGTH);
}
