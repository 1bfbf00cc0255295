// Many Ed25519 signatures at once: the same set is accepted as by `ed25519Verify`.
//
// The equations of all signatures are summed with random coefficients z of 128 bits:
// [8] (sum z R + sum z k A - [sum z S] B) = 0. A signature that fails alone passes unnoticed with
// probability 2^-128. The coefficients come from a hash of every R, A, S and k of the batch and of
// the seed, so that even with a seed that is known nobody can choose signatures to fit them.

import { countOperations } from "../counters";
import { hash, hashBegin, hashFinish, hashUpdate } from "../hash/hash";
import { COUNT_VERIFY, HASH_CONTEXT, KDF_SHA512 } from "../layout";
import { scratch, scratchMark, scratchRelease } from "../memory";
import { STATUS_OK, STATUS_SIGNATURE } from "../status";
import { baseMultiply } from "./base25519";
import { ed25519Challenge, ed25519Plausible } from "./ed25519";
import {
  pointAdd,
  pointDecompress,
  pointFold,
  pointIsSmallOrder,
  pointNegate,
  prepareCurve,
  summandFromPoint,
} from "./edwards25519";
import { FULL_POINT, FULL_SCALAR, multiScalar, SHORT_POINT, SHORT_SCALAR, TERM } from "./multiscalar25519";
import { SCALAR, scalarAdd, scalarMultiply } from "./scalar25519";

/** Signatures summed in one go: enough that more would gain little, about 2 MB of memory. */
const CHUNK: usize = 2048;

/** Bytes of a coefficient. */
const COEFFICIENT: usize = 16;

const neutral: usize = memory.data<u64>([1, 0, 0, 0], 8); // as a point's encoding
const zero: usize = memory.data(32, 8); // as a scalar
const context: usize = memory.data(HASH_CONTEXT, 16);
const root: usize = memory.data(64 + 4, 4); // of a chunk's coefficients, with a counter
const block: usize = memory.data(64, 4);
const total: usize = memory.data(32, 4);
const point: usize = memory.data(320, 16);
const base: usize = memory.data(320, 16);
const summand: usize = memory.data(400, 16);

function at(addresses: usize, index: usize): usize {
  return <usize>load<u32>(addresses + (index << 2));
}

// Where the scalars of signature `index` stand: lane 0 or 1 of its pair's term.
function fullScalar(terms: usize, index: usize): usize {
  return terms + (index >> 1) * TERM + FULL_SCALAR + (index & 1) * SCALAR;
}

function shortScalar(terms: usize, index: usize): usize {
  return terms + (index >> 1) * TERM + SHORT_SCALAR + (index & 1) * SCALAR;
}

/**
 * Verifies `count` signatures (addresses and lengths are arrays of u32; seed of 32 bytes).
 * STATUS_OK, or STATUS_SIGNATURE with the index of the first that fails at `failure` (u32).
 */
export function ed25519VerifyBatch(
  count: usize,
  publicKeys: usize,
  messages: usize,
  lengths: usize,
  signatures: usize,
  seed: usize,
  failure: usize,
): i32 {
  countOperations(COUNT_VERIFY, <u32>count);
  prepareCurve();
  for (let first: usize = 0; first < count; first += CHUNK) {
    const size = min(CHUNK, count - first);
    const offset = first << 2;
    const mark = scratchMark();
    const good = leadingGood(size, publicKeys + offset, messages + offset, lengths + offset, signatures + offset, seed);
    scratchRelease(mark);
    if (good < size) {
      store<u32>(failure, <u32>(first + good));
      return STATUS_SIGNATURE;
    }
  }
  return STATUS_OK;
}

// How many signatures verify before the first that does not.
function leadingGood(
  count: usize,
  publicKeys: usize,
  messages: usize,
  lengths: usize,
  signatures: usize,
  seed: usize,
): usize {
  const pairs = (count + 1) >> 1;
  const terms = scratch(pairs * TERM);
  const products = scratch(2 * pairs * SCALAR);
  const sound = decode(terms, count, publicKeys, signatures);
  for (let i: usize = 0; i < sound; i++) {
    ed25519Challenge(fullScalar(terms, i), at(signatures, i), at(publicKeys, i), at(messages, i), at(lengths, i));
  }
  weigh(terms, products, sound, publicKeys, signatures, seed);
  const soundPairs = (sound + 1) >> 1;
  if (sumIsZero(terms, products, soundPairs)) return sound;
  return firstCulprit(terms, products, soundPairs);
}

// Fills the terms' points; returns how many signatures decode before the first that does not.
function decode(terms: usize, count: usize, publicKeys: usize, signatures: usize): usize {
  let sound: usize = 0;
  while (sound < count && ed25519Plausible(at(publicKeys, sound), at(signatures, sound)) != 0) sound++;
  for (let i: usize = 0; i < sound; i += 2) {
    const term = terms + (i >> 1) * TERM;
    const paired = i + 1 < sound;
    let valid = pointDecompress(point, at(publicKeys, i), paired ? at(publicKeys, i + 1) : neutral);
    summandFromPoint(term + FULL_POINT, point);
    valid &= pointDecompress(point, at(signatures, i), paired ? at(signatures, i + 1) : neutral);
    summandFromPoint(term + SHORT_POINT, point);
    if ((valid & 1) == 0) return i;
    if (valid != 3) return i + 1;
  }
  return sound;
}

// Draws the coefficients; the terms hold k and get z k and z, `products` gets z S.
function weigh(terms: usize, products: usize, count: usize, publicKeys: usize, signatures: usize, seed: usize): void {
  hashBegin(KDF_SHA512, context);
  hashUpdate(KDF_SHA512, context, seed, 32);
  for (let i: usize = 0; i < count; i++) {
    hashUpdate(KDF_SHA512, context, at(signatures, i), 64);
    hashUpdate(KDF_SHA512, context, at(publicKeys, i), 32);
    hashUpdate(KDF_SHA512, context, fullScalar(terms, i), SCALAR);
  }
  hashFinish(KDF_SHA512, context, root);
  for (let i: usize = 0; i < count; i++) {
    if ((i & 3) == 0) {
      store<u32>(root, <u32>(i >> 2), 64);
      hash(KDF_SHA512, block, root, 68);
    }
    const coefficient = shortScalar(terms, i);
    memory.copy(coefficient, block + (i & 3) * COEFFICIENT, COEFFICIENT);
    scalarMultiply(fullScalar(terms, i), coefficient, fullScalar(terms, i));
    scalarMultiply(products + i * SCALAR, coefficient, at(signatures, i) + SCALAR);
  }
}

// Whether the weighted equations of these pairs sum to zero, up to the cofactor.
function sumIsZero(terms: usize, products: usize, pairs: usize): bool {
  memory.fill(total, 0, SCALAR);
  for (let i: usize = 0; i < 2 * pairs; i++) scalarAdd(total, total, products + i * SCALAR);
  multiScalar(point, terms, pairs);
  baseMultiply(base, total, zero);
  pointNegate(base, base);
  summandFromPoint(summand, base);
  pointAdd(point, point, summand);
  pointFold(point, point);
  return (pointIsSmallOrder(point) & 1) != 0;
}

// The first signature that fails, in a list of pairs whose sum is not zero.
function firstCulprit(terms: usize, products: usize, pairs: usize): usize {
  let low: usize = 0; // all before are good
  let high = pairs; // one between is not
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (sumIsZero(terms + low * TERM, products + 2 * low * SCALAR, middle - low)) low = middle;
    else high = middle;
  }
  const first = 2 * low;
  memory.fill(fullScalar(terms, first + 1), 0, SCALAR);
  memory.fill(shortScalar(terms, first + 1), 0, SCALAR);
  memory.fill(products + (first + 1) * SCALAR, 0, SCALAR);
  return sumIsZero(terms + low * TERM, products + first * SCALAR, 1) ? first + 1 : first;
}
