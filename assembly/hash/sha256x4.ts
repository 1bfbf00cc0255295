// SHA-256 of four messages at a time: a vector holds the same word of four lanes, and a lane
// never depends on its neighbours.

import { wipe } from "../bytes";
import { countOperations } from "../counters";
import { COUNT_HASH } from "../layout";
import { INITIAL_STATE, ROUND_CONSTANTS } from "./constants";

/** Bytes of the state of four lanes: 8 vectors. */
export const STATE_X4: usize = 128;

// The message schedule of the blocks at work: 64 vectors.
const SCHEDULE_LENGTH: usize = 1024;
const schedule: usize = memory.data(SCHEDULE_LENGTH, 16);
// Half of each digest, on the way out.
const TURNED_LENGTH: usize = 64;
const turned: usize = memory.data(TURNED_LENGTH, 16);

/** Writes the initial state into all lanes. */
export function x4Begin(state: usize): void {
  for (let lane: usize = 0; lane < 4; lane++) x4BeginLane(state, lane);
}

/** Writes the initial state into one lane. */
export function x4BeginLane(state: usize, lane: usize): void {
  const to = state + (lane << 2);
  for (let i: usize = 0; i < 8; i++) {
    store<u32>(to + (i << 4), load<u32>(INITIAL_STATE + (i << 3), 4));
  }
}

/** Copies the state of one lane out, as 8 words of 32 bits. */
export function x4CopyLane(dst: usize, state: usize, lane: usize): void {
  const from = state + (lane << 2);
  for (let i: usize = 0; i < 8; i++) store<u32>(dst + (i << 2), load<u32>(from + (i << 4)));
}

// Writes four vectors at `to` whose lane i comes from the vector i given, in the other byte order.
function transpose(to: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab01 = v128.shuffle<u8>(a, b, 3, 2, 1, 0, 19, 18, 17, 16, 7, 6, 5, 4, 23, 22, 21, 20);
  const ab23 = v128.shuffle<u8>(a, b, 11, 10, 9, 8, 27, 26, 25, 24, 15, 14, 13, 12, 31, 30, 29, 28);
  const cd01 = v128.shuffle<u8>(c, d, 3, 2, 1, 0, 19, 18, 17, 16, 7, 6, 5, 4, 23, 22, 21, 20);
  const cd23 = v128.shuffle<u8>(c, d, 11, 10, 9, 8, 27, 26, 25, 24, 15, 14, 13, 12, 31, 30, 29, 28);
  v128.store(to, v128.shuffle<u64>(ab01, cd01, 0, 2));
  v128.store(to, v128.shuffle<u64>(ab01, cd01, 1, 3), 16);
  v128.store(to, v128.shuffle<u64>(ab23, cd23, 0, 2), 32);
  v128.store(to, v128.shuffle<u64>(ab23, cd23, 1, 3), 48);
}

/** Takes `length` bytes (a multiple of 16) of each lane as the first words of its next block. */
export function x4Load(length: usize, from0: usize, from1: usize, from2: usize, from3: usize): void {
  for (let i: usize = 0; i < length; i += 16) {
    transpose(
      schedule + (i << 2),
      v128.load(from0 + i),
      v128.load(from1 + i),
      v128.load(from2 + i),
      v128.load(from3 + i),
    );
  }
}

/** Word `i` (0 to 15) of the blocks at work, each lane's. */
export function x4Word(i: usize): v128 {
  return v128.load(schedule + (i << 4));
}

/** Sets word `i` of the next blocks: for messages that are words already. */
export function x4SetWord(i: usize, words: v128): void {
  v128.store(schedule + (i << 4), words);
}

function rotate(x: v128, n: i32): v128 {
  return v128.or(v128.shr<u32>(x, n), v128.shl<u32>(x, 32 - n));
}

function xor3(a: v128, b: v128, c: v128): v128 {
  return v128.xor(v128.xor(a, b), c);
}

function add(a: v128, b: v128): v128 {
  return v128.add<u32>(a, b);
}

function expandSchedule(): void {
  for (let at = schedule; at < schedule + SCHEDULE_LENGTH - 256; at += 16) {
    const w1 = v128.load(at, 16);
    const w14 = v128.load(at, 224);
    const sigma0 = xor3(rotate(w1, 7), rotate(w1, 18), v128.shr<u32>(w1, 3));
    const sigma1 = xor3(rotate(w14, 17), rotate(w14, 19), v128.shr<u32>(w14, 10));
    v128.store(at, add(add(v128.load(at), sigma0), add(v128.load(at, 144), sigma1)), 256);
  }
}

// The two sums of a round; `i` is the number of the round.
function first(e: v128, f: v128, g: v128, h: v128, i: usize): v128 {
  const word = add(v128.load32_splat(ROUND_CONSTANTS + (i << 3), 4), v128.load(schedule + (i << 4)));
  const choice = v128.xor(g, v128.and(e, v128.xor(f, g)));
  return add(add(h, word), add(xor3(rotate(e, 6), rotate(e, 11), rotate(e, 25)), choice));
}

function second(a: v128, b: v128, c: v128): v128 {
  const majority = v128.or(v128.and(a, b), v128.and(c, v128.or(a, b)));
  return add(xor3(rotate(a, 2), rotate(a, 13), rotate(a, 22)), majority);
}

function addTo(at: usize, words: v128): void {
  v128.store(at, add(v128.load(at), words));
}

/** Absorbs the next block of every lane; words 0 to 15 stay as they are. */
export function x4Compress(state: usize): void {
  countOperations(COUNT_HASH, 4);
  expandSchedule();
  let a = v128.load(state);
  let b = v128.load(state, 16);
  let c = v128.load(state, 32);
  let d = v128.load(state, 48);
  let e = v128.load(state, 64);
  let f = v128.load(state, 80);
  let g = v128.load(state, 96);
  let h = v128.load(state, 112);
  for (let i: usize = 0; i < 64; i++) {
    const t = first(e, f, g, h, i);
    h = g;
    g = f;
    f = e;
    e = add(d, t);
    d = c;
    c = b;
    b = a;
    a = add(t, second(b, c, d));
  }
  addTo(state, a);
  addTo(state + 16, b);
  addTo(state + 32, c);
  addTo(state + 48, d);
  addTo(state + 64, e);
  addTo(state + 80, f);
  addTo(state + 96, g);
  addTo(state + 112, h);
}

/** Writes the four digests, 32 bytes each, one after the other. */
export function x4Digests(dst: usize, state: usize): void {
  for (let half: usize = 0; half < 2; half++) {
    // A transposition brings the lanes back: vector i of the four is half a digest of lane i.
    const from = state + (half << 6);
    transpose(turned, v128.load(from), v128.load(from, 16), v128.load(from, 32), v128.load(from, 48));
    for (let lane: usize = 0; lane < 4; lane++) {
      v128.store(dst + (lane << 5) + (half << 4), v128.load(turned + (lane << 4)));
    }
  }
}

/** Forgets the last blocks and digests. */
export function x4Wipe(): void {
  wipe(schedule, SCHEDULE_LENGTH);
  wipe(turned, TURNED_LENGTH);
}
