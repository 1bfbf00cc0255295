// SHA-512 and SHA-384 (FIPS 180-4, sections 6.4 and 6.5): the compression of whole blocks.
// Padding is in hash.ts.

import { load64be, store64be, wipe } from "../bytes";
import { INITIAL_STATE, INITIAL_STATE_384, ROUND_CONSTANTS } from "./constants";

/** Bytes of a block. */
export const SHA512_BLOCK: usize = 128;

// The message schedule of the block at work.
const SCHEDULE_LENGTH: usize = 640;
const schedule: usize = memory.data(SCHEDULE_LENGTH, 16);

/** Writes the initial state of SHA-512: 8 words of 64 bits. */
export function sha512Begin(state: usize): void {
  memory.copy(state, INITIAL_STATE, 64);
}

/** Writes the initial state of SHA-384. */
export function sha384Begin(state: usize): void {
  memory.copy(state, INITIAL_STATE_384, 64);
}

function expandSchedule(block: usize): void {
  for (let i: usize = 0; i < 128; i += 8) {
    store<u64>(schedule + i, load64be(block + i));
  }
  for (let at = schedule; at < schedule + SCHEDULE_LENGTH - 128; at += 8) {
    const w1 = load<u64>(at, 8);
    const w14 = load<u64>(at, 112);
    const sigma0 = rotr(w1, 1) ^ rotr(w1, 8) ^ (w1 >> 7);
    const sigma1 = rotr(w14, 19) ^ rotr(w14, 61) ^ (w14 >> 6);
    store<u64>(at, load<u64>(at) + sigma0 + load<u64>(at, 72) + sigma1, 128);
  }
}

// The two sums of a round; `i` is the offset of its constant and of its word.
function first(e: u64, f: u64, g: u64, h: u64, i: usize): u64 {
  const sum = rotr(e, 14) ^ rotr(e, 18) ^ rotr(e, 41);
  return h + sum + (g ^ (e & (f ^ g))) + load<u64>(ROUND_CONSTANTS + i) + load<u64>(schedule + i);
}

function second(a: u64, b: u64, c: u64): u64 {
  const sum = rotr(a, 28) ^ rotr(a, 34) ^ rotr(a, 39);
  return sum + ((a & b) | (c & (a | b)));
}

/** Absorbs `count` blocks at `from`. */
export function sha512Compress(state: usize, from: usize, count: usize): void {
  for (; count != 0; count--) {
    expandSchedule(from);
    from += SHA512_BLOCK;
    let a = load<u64>(state);
    let b = load<u64>(state, 8);
    let c = load<u64>(state, 16);
    let d = load<u64>(state, 24);
    let e = load<u64>(state, 32);
    let f = load<u64>(state, 40);
    let g = load<u64>(state, 48);
    let h = load<u64>(state, 56);
    for (let i: usize = 0; i < SCHEDULE_LENGTH; i += 8) {
      const t = first(e, f, g, h, i);
      h = g;
      g = f;
      f = e;
      e = d + t;
      d = c;
      c = b;
      b = a;
      a = t + second(b, c, d);
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
