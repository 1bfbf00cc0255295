// HMAC (RFC 2104) over the hash of a KDF.

import { copyBytes, wipe } from "../bytes";
import { HASH_CONTEXT, HMAC_CONTEXT } from "../layout";
import { hash, hashBegin, hashBlockLength, hashFinish, hashLength, hashUpdate } from "./hash";

// A context (HMAC_CONTEXT bytes): the inner hash | the outer hash with the outer pad absorbed.
const OUTER: usize = HASH_CONTEXT;

const oneShot: usize = memory.data(HMAC_CONTEXT, 16);
const PAD_LENGTH: usize = 128;
const pad: usize = memory.data(PAD_LENGTH, 16);
const DIGEST_LENGTH: usize = 64;
const innerDigest: usize = memory.data(DIGEST_LENGTH, 16);

function flipPad(mask: u64): void {
  for (let i: usize = 0; i < PAD_LENGTH; i += 8) store<u64>(pad + i, load<u64>(pad + i) ^ mask);
}

/** Starts a MAC under `key`, of any length. */
export function hmacBegin(kdf: i32, context: usize, key: usize, keyLength: usize): void {
  const block = hashBlockLength(kdf);
  if (keyLength > block) hash(kdf, pad, key, keyLength);
  else copyBytes(pad, key, keyLength);
  flipPad(0x3636363636363636);
  hashBegin(kdf, context);
  hashUpdate(kdf, context, pad, block);
  flipPad(0x3636363636363636 ^ 0x5c5c5c5c5c5c5c5c);
  hashBegin(kdf, context + OUTER);
  hashUpdate(kdf, context + OUTER, pad, block);
  wipe(pad, PAD_LENGTH);
}

/** Absorbs `length` bytes. */
export function hmacUpdate(kdf: i32, context: usize, from: usize, length: usize): void {
  hashUpdate(kdf, context, from, length);
}

/** Writes the MAC (Nh bytes) and wipes the context. */
export function hmacFinish(kdf: i32, context: usize, dst: usize): void {
  hashFinish(kdf, context, innerDigest);
  hashUpdate(kdf, context + OUTER, innerDigest, hashLength(kdf));
  hashFinish(kdf, context + OUTER, dst);
  wipe(innerDigest, DIGEST_LENGTH);
}

/** The MAC of one message; `dst` may overlap key and message. */
export function hmac(kdf: i32, dst: usize, key: usize, keyLength: usize, message: usize, length: usize): void {
  hmacBegin(kdf, oneShot, key, keyLength);
  hmacUpdate(kdf, oneShot, message, length);
  hmacFinish(kdf, oneShot, dst);
}
