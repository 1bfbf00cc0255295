// The Montgomery ladder of one key, its coordinates in the four lanes of one element (RFC 7748, section 5): for a
// single Diffie-Hellman result, where `x25519.ts` would leave three lanes idle. Constant time.

import { wipe } from "../bytes";
import { feSplat } from "./encoding25519";
import { FE, feMul, feMulSmall } from "./fe25519";

/** (A - 2) / 4 of the curve v^2 = u^3 + 486662 u^2 + u. */
export const A24: i32 = 121665;

const WORK: usize = 5 * FE;
const work: usize = memory.data(<i32>WORK, 16);
// x2, z2, x3, z3
const state: usize = work;
const left: usize = work + FE;
const right: usize = work + 2 * FE;
const small: usize = work + 3 * FE;
// 1, 1, 1, u
const point: usize = work + 4 * FE;

/** Forgets what the last ladder left in the working space. */
export function ladderWipe(): void {
  wipe(work, WORK);
}

// Exchanges x2, z2 with x3, z3 under a mask, and makes the factors of the first product:
// A = x2 + z2, B = x2 - z2, C = x3 + z3, D = x3 - z3 and A, B, B, A.
function firstFactors(mask: v128): void {
  for (let i: usize = 0; i < FE; i += 16) {
    const v = v128.load(state + i);
    const kept = v128.bitselect(v128.shuffle<i32>(v, v, 2, 3, 0, 1), v, mask);
    const x = v128.shuffle<i32>(kept, kept, 0, 0, 2, 2);
    const z = v128.shuffle<i32>(kept, kept, 1, 1, 3, 3);
    const sums = v128.shuffle<i32>(i16x8.add(x, z), i16x8.sub(x, z), 0, 5, 2, 7);
    v128.store(left + i, sums);
    v128.store(right + i, v128.shuffle<i32>(sums, sums, 0, 1, 1, 0));
  }
}

// From AA, BB, CB, DA and 121665 E in lane 0 of `small`, E = AA - BB, the factors
// AA, E, DA + CB, DA - CB and BB, AA + 121665 E, DA + CB, DA - CB.
function secondFactors(): void {
  for (let i: usize = 0; i < FE; i += 16) {
    const v = v128.load(left + i);
    const next = v128.shuffle<i32>(v, v, 1, 0, 3, 2); // BB, AA, DA, CB
    const plus = i16x8.add(next, v); // lane 2: DA + CB
    const minus = i16x8.sub(next, v); // lane 1: E, lane 3: CB - DA, whose square is the same
    const multiple = i16x8.add(next, v128.shuffle<i32>(v128.load(small + i), v128.load(small + i), 0, 0, 0, 0));
    const tail = v128.shuffle<i32>(plus, minus, 0, 1, 2, 7);
    v128.store(left + i, v128.shuffle<i32>(v128.shuffle<i32>(v, minus, 0, 5, 2, 3), tail, 0, 1, 6, 7));
    v128.store(right + i, v128.shuffle<i32>(v128.shuffle<i32>(next, multiple, 0, 5, 2, 3), tail, 0, 1, 6, 7));
  }
}

// Lane 0 of `small` = 121665 (AA - BB).
function smallMultiple(): void {
  for (let i: usize = 0; i < FE; i += 16) {
    const v = v128.load(left + i);
    v128.store(small + i, i16x8.sub(v, v128.shuffle<i32>(v, v, 1, 0, 3, 2)));
  }
  feMulSmall(small, small, A24);
}

/** (x : z) = key u in all lanes, for a clamped key of 32 bytes and u in lane 0. */
export function ladderOverLanes(x: usize, z: usize, key: usize, u: usize): void {
  feSplat(point, u, 0);
  for (let i: usize = 0; i < FE; i += 16) {
    const one = i == 0 ? i32x4.splat(1) : i32x4.splat(0);
    v128.store(point + i, v128.shuffle<i32>(one, v128.load(point + i), 0, 1, 2, 7));
    // x2 = 1, z2 = 0, x3 = u, z3 = 1
    const start = v128.shuffle<i32>(one, v128.load(u + i), 0, 1, 4, 3);
    v128.store(state + i, v128.and(start, i32x4(-1, 0, -1, -1)));
  }
  let previous: u32 = 0;
  for (let bit: i32 = 254; bit >= 0; bit--) {
    const current = 0 - (((<u32>load<u8>(key + (bit >> 3))) >> (bit & 7)) & 1);
    firstFactors(i32x4.splat(<i32>(current ^ previous)));
    previous = current;
    feMul(left, left, right); // AA, BB, CB, DA
    smallMultiple();
    secondFactors();
    feMul(state, left, right); // x2, z2, x3 and z3 / u
    feMul(state, state, point);
  }
  // The lowest bit of a clamped scalar is zero: nothing is left to exchange.
  feSplat(x, state, 0);
  feSplat(z, state, 1);
}
