// Ed25519 (RFC 8032, section 5.1).
//
// One set of signatures is accepted, alone or in a batch: A and R are canonical encodings, A is not
// of small order, S < L, and [8][S]B = [8]R + [8][k]A. Verifiers without the factor 8 differ from
// this only on signatures that the holder of the key crafted with points of mixed order.

import { copyBytes, wipe } from "../bytes";
import { countOperations } from "../counters";
import { hash, hashBegin, hashFinish, hashUpdate } from "../hash/hash";
import { COUNT_SIGN, COUNT_VERIFY, HASH_CONTEXT, KDF_SHA512 } from "../layout";
import { scratch, scratchMark, scratchRelease } from "../memory";
import { STATUS_OK, STATUS_SIGNATURE } from "../status";
import { baseMultiply } from "./base25519";
import {
  POINT,
  pointAdd,
  pointCompress,
  pointIsSmallOrder,
  pointNegate,
  pointWipe,
  prepareCurve,
  summandFromPoint,
  summandNegate,
  summandsDecompress,
} from "./edwards25519";
import { feWipe } from "./fe25519";
import { halfScalars, halfScalarsWipe } from "./halfscalar25519";
import { multiScalar, multiScalarWipe, TERM, TERM_SCALAR } from "./multiscalar25519";
import {
  SCALAR,
  scalarIsCanonical,
  scalarMultiplyAdd,
  scalarReduce,
  scalarReduceWide,
  scalarWipe,
} from "./scalar25519";

const context: usize = memory.data(HASH_CONTEXT, 16);
const WORK: usize = 224 + 2 * POINT;
const work: usize = memory.data(<i32>WORK, 16);
const digest: usize = work;
const expanded: usize = work + 64; // of the seed: the secret scalar, the prefix
const nonce: usize = work + 128;
const challenge: usize = work + 160;
const encodedR: usize = work + 192;
const point: usize = work + 224;
const base: usize = point + POINT;

// The secret scalar and the prefix of a seed. The scalar is taken mod L: [s]B is the same.
function expandSeed(seed: usize): void {
  hash(KDF_SHA512, expanded, seed, 32);
  store<u8>(expanded, load<u8>(expanded) & 0xf8);
  store<u8>(expanded, (load<u8>(expanded, 31) & 0x7f) | 0x40, 31);
  scalarReduce(expanded, expanded);
}

// Secret or not: the memory is then the same whatever the seed was.
function wipeWork(): void {
  wipe(work, WORK);
  scalarWipe();
  pointWipe();
  feWipe();
}

/** Bytes of a key pair: the seed, then the public key. */
export const KEY_PAIR: usize = 64;

/** Writes the key pair of a 32-byte seed. */
export function ed25519KeyPair(dst: usize, seed: usize): void {
  copyBytes(dst, seed, 32);
  expandSeed(seed);
  baseMultiply(point, expanded);
  pointCompress(dst + 32, point);
  wipeWork();
}

/**
 * Signs; `dst` takes 64 bytes. The public key is the one that `ed25519KeyPair` left beside the seed: signatures of one
 * seed under two public keys would give the seed away.
 */
export function ed25519Sign(dst: usize, keyPair: usize, message: usize, length: usize): void {
  countOperations(COUNT_SIGN, 1);
  const publicKey = keyPair + 32;
  expandSeed(keyPair);
  hashBegin(KDF_SHA512, context);
  hashUpdate(KDF_SHA512, context, expanded + 32, 32);
  hashUpdate(KDF_SHA512, context, message, length);
  hashFinish(KDF_SHA512, context, digest);
  scalarReduceWide(nonce, digest);
  baseMultiply(point, nonce);
  pointCompress(encodedR, point);
  scalarReduceWide(challenge, ed25519Challenge(encodedR, publicKey, message, length));
  copyBytes(dst, encodedR, 32);
  // Through aligned working space: dst may stand anywhere.
  scalarMultiplyAdd(nonce, expanded, challenge, nonce);
  copyBytes(dst + 32, nonce, 32);
  wipeWork();
}

/** SHA-512(R || A || M), which is k before it is reduced; overwritten by the next hash here. */
export function ed25519Challenge(r: usize, publicKey: usize, message: usize, length: usize): usize {
  hashBegin(KDF_SHA512, context);
  hashUpdate(KDF_SHA512, context, r, 32);
  hashUpdate(KDF_SHA512, context, publicKey, 32);
  hashUpdate(KDF_SHA512, context, message, length);
  hashFinish(KDF_SHA512, context, digest);
  return digest;
}

// The y coordinates of the eight points of small order: 0, 1, -1 and the two of order 8.
const smallOrder: usize = memory.data<u64>(
  [
    0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0x0000000000000001,
    0x0000000000000000, 0x0000000000000000, 0x0000000000000000, 0xffffffffffffffec, 0xffffffffffffffff,
    0xffffffffffffffff, 0x7fffffffffffffff, 0xb027b2c28f95e826, 0xf098eff289f4c345, 0x3933c6d305acdfd5,
    0x05fc536d880238b1, 0x4fd84d3d706a17c7, 0x0f67100d760b3cba, 0xc6cc392cfa53202a, 0x7a03ac9277fdc74e,
  ],
  8,
);

// 1 when the encoding is that of a point of small order, else 0.
function isSmallOrder(encoding: usize): i32 {
  for (let at = smallOrder; at < smallOrder + 160; at += 32) {
    const rest =
      (load<u64>(encoding) ^ load<u64>(at)) |
      (load<u64>(encoding, 8) ^ load<u64>(at, 8)) |
      (load<u64>(encoding, 16) ^ load<u64>(at, 16)) |
      ((load<u64>(encoding, 24) ^ load<u64>(at, 24)) << 1);
    if (rest == 0) return 1;
  }
  return 0;
}

/** 1 when S is below L and A is not of small order, else 0. */
export function ed25519Plausible(publicKey: usize, signature: usize): i32 {
  return i32(scalarIsCanonical(signature + 32) != 0 && isSmallOrder(publicKey) == 0);
}

/** STATUS_OK or STATUS_SIGNATURE. */
export function ed25519Verify(publicKey: usize, message: usize, length: usize, signature: usize): i32 {
  countOperations(COUNT_VERIFY, 1);
  prepareCurve();
  if (ed25519Plausible(publicKey, signature) == 0) return STATUS_SIGNATURE;
  // [v S]B = [v]R + [v k]A for a v, not 0 modulo L, that makes both factors short; up to the cofactor as before.
  const mark = scratchMark();
  const terms = scratch(4 * TERM);
  const ofR = terms + TERM;
  let status = STATUS_SIGNATURE;
  if ((summandsDecompress(terms, TERM, publicKey, signature, signature, signature) & 3) == 3) {
    scalarReduceWide(challenge, ed25519Challenge(signature, publicKey, message, length));
    if (halfScalars(terms + TERM_SCALAR, ofR + TERM_SCALAR, challenge)) summandNegate(terms, terms);
    copyBytes(expanded, signature + 32, SCALAR);
    wipe(nonce, SCALAR);
    scalarMultiplyAdd(nonce, ofR + TERM_SCALAR, expanded, nonce);
    multiScalar(point, terms, 0, terms, 2);
    if (differByTorsion(point, nonce)) status = STATUS_OK;
  }
  scratchRelease(mark);
  // What was signed may be a secret, of which a digest would confirm a guess.
  wipeWork();
  halfScalarsWipe();
  multiScalarWipe();
  return status;
}

/** Whether p and [scalar]B differ by a point of small order alone; p is overwritten. */
export function differByTorsion(p: usize, scalar: usize): bool {
  copyBytes(nonce, scalar, SCALAR);
  baseMultiply(base, nonce);
  pointNegate(base, base);
  summandFromPoint(base, base);
  pointAdd(p, p, base);
  return pointIsSmallOrder(p) != 0;
}
