// Many Ed25519 signatures at once: the same set is accepted as by `ed25519Verify`.
//
// The equations of all signatures are summed with random coefficients z of 128 bits:
// [8] (sum z R + sum z k A - [sum z S] B) = 0. A signature that fails alone passes unnoticed with
// probability 2^-128. The coefficients come from a hash of every R, A, S and k of the batch and of
// the seed, so that even with a seed that is known nobody can choose signatures to fit them.
//
// Signatures under the same key that follow each other (a key package has two) share its term.

import { copyBytes, equalBytes, wipe } from "../bytes";
import { countOperations } from "../counters";
import { hash, hashBegin, hashFinish, hashUpdate } from "../hash/hash";
import { COUNT_VERIFY, HASH_CONTEXT, KDF_SHA512 } from "../layout";
import { scratch, scratchMark, scratchRelease } from "../memory";
import { STATUS_OK, STATUS_SIGNATURE } from "../status";
import { differByTorsion, ed25519Challenge, ed25519Plausible } from "./ed25519";
import { prepareCurve, summandsDecompress } from "./edwards25519";
import { multiScalar, TERM, TERM_SCALAR } from "./multiscalar25519";
import { SCALAR, scalarAdd, scalarMultiplyShort, scalarReduceWideShifted, scalarShift } from "./scalar25519";

/** Signatures summed in one go: enough that more would gain little, about 5 MB of memory. */
const CHUNK: usize = 8192;

/** Bytes of a coefficient. */
const COEFFICIENT: usize = 16;

// The share of one signature in the sum: z, z k (first: 2^128 k) and z S / 2^128, and the number of its key.
const SHARE: usize = 112;
const SHARE_CHALLENGE: usize = 32;
const SHARE_RESPONSE: usize = 64;
const SHARE_KEY: usize = 96;

const neutral: usize = memory.data<u64>([1, 0, 0, 0], 8); // as a point's encoding
const context: usize = memory.data(HASH_CONTEXT, 16);
const root: usize = memory.data(64 + 4, 4); // of a chunk's coefficients, with a counter
const block: usize = memory.data(64, 4);
const total: usize = memory.data(32, 4);
const point: usize = memory.data(160, 16);

function at(addresses: usize, index: usize): usize {
  return <usize>load<u32>(addresses + (index << 2));
}

function scalarOf(terms: usize, index: usize): usize {
  return terms + index * TERM + TERM_SCALAR;
}

function keyOf(shares: usize, index: usize): usize {
  return <usize>load<u32>(shares + index * SHARE, SHARE_KEY);
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
  const nonces = scratch((count + 3) * TERM);
  const keys = scratch((count + 3) * TERM);
  const shares = scratch(count * SHARE);
  let sound: usize = 0;
  while (sound < count && ed25519Plausible(at(publicKeys, sound), at(signatures, sound)) != 0) sound++;
  sound = decode(nonces, signatures, sound);
  sound = decodeKeys(keys, shares, publicKeys, sound);
  for (let i: usize = 0; i < sound; i++) {
    const k = ed25519Challenge(at(signatures, i), at(publicKeys, i), at(messages, i), at(lengths, i));
    scalarReduceWideShifted(shares + i * SHARE + SHARE_CHALLENGE, k);
  }
  weigh(shares, sound, publicKeys, signatures, seed);
  if (sumIsZero(keys, nonces, shares, 0, sound)) return sound;
  return firstCulprit(keys, nonces, shares, sound);
}

// Decompresses a list of encodings to a list of terms, four at a time: there is room for three more. Returns how many
// are points before the first that is not.
function decode(terms: usize, encodings: usize, count: usize): usize {
  for (let i: usize = 0; i < count; i += 4) {
    const e1 = i + 1 < count ? at(encodings, i + 1) : neutral;
    const e2 = i + 2 < count ? at(encodings, i + 2) : neutral;
    const e3 = i + 3 < count ? at(encodings, i + 3) : neutral;
    const valid = summandsDecompress(terms + i * TERM, TERM, at(encodings, i), e1, e2, e3);
    if (valid != 15) return i + <usize>ctz(~valid);
  }
  return count;
}

// Numbers the keys, a run of equal ones with one number, and decompresses them. Returns how many
// signatures have a point for a key before the first that has not.
function decodeKeys(keys: usize, shares: usize, publicKeys: usize, count: usize): usize {
  const distinct = scratch(count << 2);
  let keyCount: usize = 0;
  for (let i: usize = 0; i < count; i++) {
    if (i == 0 || equalBytes(at(publicKeys, i), at(publicKeys, i - 1), 32) == 0) {
      store<u32>(distinct + (keyCount++ << 2), load<u32>(publicKeys + (i << 2)));
    }
    store<u32>(shares + i * SHARE, <u32>(keyCount - 1), SHARE_KEY);
  }
  const decoded = decode(keys, distinct, keyCount);
  let sound = count;
  while (sound > 0 && keyOf(shares, sound - 1) >= decoded) sound--;
  return sound;
}

// Draws the coefficients and completes the shares, which hold 2^128 k.
function weigh(shares: usize, count: usize, publicKeys: usize, signatures: usize, seed: usize): void {
  hashBegin(KDF_SHA512, context);
  hashUpdate(KDF_SHA512, context, seed, 32);
  for (let i: usize = 0; i < count; i++) {
    hashUpdate(KDF_SHA512, context, at(signatures, i), 64);
    hashUpdate(KDF_SHA512, context, at(publicKeys, i), 32);
    hashUpdate(KDF_SHA512, context, shares + i * SHARE + SHARE_CHALLENGE, SCALAR);
  }
  hashFinish(KDF_SHA512, context, root);
  for (let i: usize = 0; i < count; i++) {
    if ((i & 3) == 0) {
      store<u32>(root, <u32>(i >> 2), 64);
      hash(KDF_SHA512, block, root, 68);
    }
    const share = shares + i * SHARE;
    copyBytes(share, block + (i & 3) * COEFFICIENT, COEFFICIENT);
    scalarMultiplyShort(share + SHARE_CHALLENGE, share, share + SHARE_CHALLENGE);
    scalarMultiplyShort(share + SHARE_RESPONSE, share, at(signatures, i) + SCALAR);
  }
}

function clearScalars(terms: usize, first: usize, last: usize): void {
  for (let i = first; i <= last; i++) wipe(scalarOf(terms, i), SCALAR);
}

// Whether the weighted equations of signatures low to high - 1 sum to zero, up to the cofactor.
function sumIsZero(keys: usize, nonces: usize, shares: usize, low: usize, high: usize): bool {
  if (low == high) return true;
  const firstKey = keyOf(shares, low);
  const lastKey = keyOf(shares, high - 1);
  clearScalars(nonces, low, high - 1);
  clearScalars(keys, firstKey, lastKey);
  wipe(total, SCALAR);
  for (let i = low; i < high; i++) {
    const share = shares + i * SHARE;
    copyBytes(scalarOf(nonces, i), share, COEFFICIENT);
    const key = scalarOf(keys, keyOf(shares, i));
    scalarAdd(key, key, share + SHARE_CHALLENGE);
    scalarAdd(total, total, share + SHARE_RESPONSE);
  }
  scalarShift(total, total);
  multiScalar(point, keys + firstKey * TERM, lastKey - firstKey + 1, nonces + low * TERM, high - low);
  return differByTorsion(point, total);
}

// The first signature that fails, of `count` whose sum is not zero.
function firstCulprit(keys: usize, nonces: usize, shares: usize, count: usize): usize {
  let low: usize = 0; // all before are good
  let high = count; // one between is not
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (sumIsZero(keys, nonces, shares, low, middle)) low = middle;
    else high = middle;
  }
  return low;
}
