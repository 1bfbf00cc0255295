// Poly1305 (RFC 8439, section 2.5) on whole blocks, which is all its AEAD needs: five limbs of 26 bits; four
// blocks at a time where there are many (`poly1305x4.ts`).

import { copyBytes, wipe } from "../bytes";
import { scratch, scratchMark, scratchRelease } from "../memory";
import { poly1305Lanes } from "./poly1305x4";

const MASK26: u64 = 0x3ffffff;
const LIMBS: usize = 40;

/** Blocks from which on four at a time pay for the power of r that they need: 2 KiB. */
const MANY: usize = 128;

// r0..r4 | h0..h4 | s, the two halves of the final sum's addend
const R: usize = 0;
const H: usize = 40;
const S: usize = 80;

/** Bytes of the state. */
export const POLY1305_STATE: usize = 96;

/** Splits 16 bytes into limbs. */
function limbs(to: usize, from: usize): void {
  const low = load<u64>(from);
  const high = load<u64>(from, 8);
  store<u64>(to, low & MASK26);
  store<u64>(to, (low >> 26) & MASK26, 8);
  store<u64>(to, ((low >> 52) | (high << 12)) & MASK26, 16);
  store<u64>(to, (high >> 14) & MASK26, 24);
  store<u64>(to, high >> 40, 32);
}

/** Starts with the 32 bytes of a one-time key. */
export function poly1305Begin(state: usize, key: usize): void {
  wipe(state, POLY1305_STATE);
  store<u64>(state, load<u64>(key) & 0x0ffffffc0fffffff, S);
  store<u64>(state, load<u64>(key, 8) & 0x0ffffffc0ffffffc, S + 8);
  limbs(state + R, state + S);
  v128.store(state, v128.load(key, 16), S);
}

/** Adds `count` blocks of 16 bytes. */
export function poly1305Blocks(state: usize, from: usize, count: usize): void {
  let single = count;
  let at = from;
  if (count >= MANY) {
    single = count & 3;
    at += (count - single) << 4;
    addGroups(state, from, count >> 2);
  }
  addBlocks(state, at, single);
}

/** Adds `groups` times four blocks: h = (((lane 0 * r + lane 1) * r + lane 2) * r + lane 3) * r. */
function addGroups(state: usize, from: usize, groups: usize): void {
  const mark = scratchMark();
  const power = scratch(LIMBS);
  const lanes = scratch(4 * LIMBS);
  copyBytes(power, state + R, LIMBS);
  for (let i = 1; i < 4; i++) timesR(power, state);
  copyBytes(lanes, state + H, LIMBS);
  poly1305Lanes(lanes, power, from, groups);
  copyBytes(state + H, lanes, LIMBS);
  timesR(state + H, state);
  for (let lane: usize = 1; lane < 4; lane++) {
    for (let k: usize = 0; k < LIMBS; k += 8) {
      store<u64>(state + H + k, load<u64>(state + H + k) + load<u64>(lanes + lane * LIMBS + k));
    }
    timesR(state + H, state);
  }
  scratchRelease(mark);
}

/** Multiplies the limbs at `x`, below 2^29, by r. */
function timesR(x: usize, state: usize): void {
  const r0 = load<u64>(state, R);
  const r1 = load<u64>(state, R + 8);
  const r2 = load<u64>(state, R + 16);
  const r3 = load<u64>(state, R + 24);
  const r4 = load<u64>(state, R + 32);
  const x0 = load<u64>(x);
  const x1 = load<u64>(x, 8);
  const x2 = load<u64>(x, 16);
  const x3 = load<u64>(x, 24);
  const x4 = load<u64>(x, 32);
  const d0 = x0 * r0 + (x1 * r4 + x2 * r3 + x3 * r2 + x4 * r1) * 5;
  const d1 = x0 * r1 + x1 * r0 + (x2 * r4 + x3 * r3 + x4 * r2) * 5 + (d0 >> 26);
  const d2 = x0 * r2 + x1 * r1 + x2 * r0 + (x3 * r4 + x4 * r3) * 5 + (d1 >> 26);
  const d3 = x0 * r3 + x1 * r2 + x2 * r1 + x3 * r0 + x4 * r4 * 5 + (d2 >> 26);
  const d4 = x0 * r4 + x1 * r3 + x2 * r2 + x3 * r1 + x4 * r0 + (d3 >> 26);
  const h0 = (d0 & MASK26) + (d4 >> 26) * 5;
  store<u64>(x, h0 & MASK26);
  store<u64>(x, (d1 & MASK26) + (h0 >> 26), 8);
  store<u64>(x, d2 & MASK26, 16);
  store<u64>(x, d3 & MASK26, 24);
  store<u64>(x, d4 & MASK26, 32);
}

function addBlocks(state: usize, from: usize, count: usize): void {
  const r0 = load<u64>(state, R);
  const r1 = load<u64>(state, R + 8);
  const r2 = load<u64>(state, R + 16);
  const r3 = load<u64>(state, R + 24);
  const r4 = load<u64>(state, R + 32);
  // 2^130 = 5
  const s1 = r1 * 5;
  const s2 = r2 * 5;
  const s3 = r3 * 5;
  const s4 = r4 * 5;
  let h0 = load<u64>(state, H);
  let h1 = load<u64>(state, H + 8);
  let h2 = load<u64>(state, H + 16);
  let h3 = load<u64>(state, H + 24);
  let h4 = load<u64>(state, H + 32);
  for (let end = from + (count << 4); from < end; from += 16) {
    const low = load<u64>(from);
    const high = load<u64>(from, 8);
    h0 += low & MASK26;
    h1 += (low >> 26) & MASK26;
    h2 += ((low >> 52) | (high << 12)) & MASK26;
    h3 += (high >> 14) & MASK26;
    h4 += (high >> 40) | (1 << 24);
    // Limbs stay below 2^28, so every sum below 2^61.
    const d0 = h0 * r0 + h1 * s4 + h2 * s3 + h3 * s2 + h4 * s1;
    let d1 = h0 * r1 + h1 * r0 + h2 * s4 + h3 * s3 + h4 * s2;
    let d2 = h0 * r2 + h1 * r1 + h2 * r0 + h3 * s4 + h4 * s3;
    let d3 = h0 * r3 + h1 * r2 + h2 * r1 + h3 * r0 + h4 * s4;
    let d4 = h0 * r4 + h1 * r3 + h2 * r2 + h3 * r1 + h4 * r0;
    d1 += d0 >> 26;
    d2 += d1 >> 26;
    d3 += d2 >> 26;
    d4 += d3 >> 26;
    h0 = (d0 & MASK26) + (d4 >> 26) * 5;
    h1 = (d1 & MASK26) + (h0 >> 26);
    h0 &= MASK26;
    h2 = d2 & MASK26;
    h3 = d3 & MASK26;
    h4 = d4 & MASK26;
  }
  store<u64>(state, h0, H);
  store<u64>(state, h1, H + 8);
  store<u64>(state, h2, H + 16);
  store<u64>(state, h3, H + 24);
  store<u64>(state, h4, H + 32);
}

/** Writes the tag of 16 bytes. */
export function poly1305Finish(dst: usize, state: usize): void {
  let h0 = load<u64>(state, H);
  let h1 = load<u64>(state, H + 8);
  let h2 = load<u64>(state, H + 16);
  let h3 = load<u64>(state, H + 24);
  let h4 = load<u64>(state, H + 32);
  h2 += h1 >> 26;
  h3 += h2 >> 26;
  h4 += h3 >> 26;
  h0 += (h4 >> 26) * 5;
  h1 = (h1 & MASK26) + (h0 >> 26);
  h0 &= MASK26;
  h2 = (h2 & MASK26) + (h1 >> 26);
  h1 &= MASK26;
  h3 &= MASK26;
  h4 &= MASK26;
  // h - p = h + 5 - 2^130: taken when the addition of 5 carries out of the top limb.
  const c0 = (h0 + 5) >> 26;
  const c1 = (h1 + c0) >> 26;
  const c2 = (h2 + c1) >> 26;
  const c3 = (h3 + c2) >> 26;
  h0 += ((h4 + c3) >> 26) * 5;
  h1 += h0 >> 26;
  h0 &= MASK26;
  h2 += h1 >> 26;
  h1 &= MASK26;
  h3 += h2 >> 26;
  h2 &= MASK26;
  h4 += h3 >> 26;
  h3 &= MASK26;
  const low = h0 | (h1 << 26) | (h2 << 52);
  const high = (h2 >> 12) | (h3 << 14) | (h4 << 40);
  const sum = low + load<u64>(state, S);
  store<u64>(dst, sum);
  store<u64>(dst, high + load<u64>(state, S + 8) + u64(sum < low), 8);
}
