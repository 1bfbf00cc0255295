// SHA-256 (FIPS 180-4, section 6.2): the compression of whole blocks. Padding is in hash.ts.

import { load32be, store32be, wipe } from "../bytes";
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

function expandSchedule(block: usize): void {
  for (let i: usize = 0; i < 64; i += 4) {
    store<u32>(schedule + i, load32be(block + i));
  }
  for (let at = schedule; at < schedule + SCHEDULE_LENGTH - 64; at += 4) {
    const w1 = load<u32>(at, 4);
    const w14 = load<u32>(at, 56);
    const sigma0 = rotr(w1, 7) ^ rotr(w1, 18) ^ (w1 >> 3);
    const sigma1 = rotr(w14, 17) ^ rotr(w14, 19) ^ (w14 >> 10);
    store<u32>(at, load<u32>(at) + sigma0 + load<u32>(at, 36) + sigma1, 64);
  }
}

// The two sums of a round; `i` is the number of the round.
function first(e: u32, f: u32, g: u32, h: u32, i: usize): u32 {
  const sum = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25);
  return h + sum + (g ^ (e & (f ^ g))) + load<u32>(ROUND_CONSTANTS + (i << 3), 4) + load<u32>(schedule + (i << 2));
}

function second(a: u32, b: u32, c: u32): u32 {
  const sum = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22);
  return sum + ((a & b) | (c & (a | b)));
}

/** Absorbs `count` blocks at `from`. */
export function sha256Compress(state: usize, from: usize, count: usize): void {
  for (; count != 0; count--) {
    expandSchedule(from);
    from += SHA256_BLOCK;
    let a = load<u32>(state);
    let b = load<u32>(state, 4);
    let c = load<u32>(state, 8);
    let d = load<u32>(state, 12);
    let e = load<u32>(state, 16);
    let f = load<u32>(state, 20);
    let g = load<u32>(state, 24);
    let h = load<u32>(state, 28);
    for (let i: usize = 0; i < 64; i++) {
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
