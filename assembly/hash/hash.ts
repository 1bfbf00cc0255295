// The hash functions of the cipher suites, named by their KDF (RFC 9420, section 5.1):
// one-shot, streaming, and many messages at a time.
//
// Contexts and message schedules are wiped when a digest is done: HMAC runs on this, too.

import { copyBytes, store64be, wipe } from "../bytes";
import { countOperations } from "../counters";
import { COUNT_HASH, HASH_CONTEXT, KDF_SHA256, KDF_SHA384, KDF_SHA512 } from "../layout";
import { SHA256_BLOCK, sha256Begin, sha256Compress, sha256Digest, sha256Wipe } from "./sha256";
import { sha256Many } from "./sha256many";
import { SHA512_BLOCK, sha384Begin, sha512Begin, sha512Compress, sha512Digest, sha512Wipe } from "./sha512";

// A context (HASH_CONTEXT bytes): state | the bytes of a block not full yet | bytes absorbed so far, u64.
const BUFFER: usize = 64;
const TOTAL: usize = 192;

const oneShot: usize = memory.data(HASH_CONTEXT, 16);

/** The length of a digest (Nh), or 0 for a KDF this core does not know. */
export function hashLength(kdf: i32): usize {
  if (kdf == KDF_SHA256) return 32;
  if (kdf == KDF_SHA384) return 48;
  if (kdf == KDF_SHA512) return 64;
  return 0;
}

/** The length of a block, which is also that of the HMAC pads. */
export function hashBlockLength(kdf: i32): usize {
  return kdf == KDF_SHA256 ? SHA256_BLOCK : SHA512_BLOCK;
}

/** Starts a digest in `context`. */
export function hashBegin(kdf: i32, context: usize): void {
  store<u64>(context, 0, TOTAL);
  if (kdf == KDF_SHA256) sha256Begin(context);
  else if (kdf == KDF_SHA384) sha384Begin(context);
  else if (kdf == KDF_SHA512) sha512Begin(context);
  else unreachable();
}

function compress(kdf: i32, context: usize, from: usize, count: usize): void {
  countOperations(COUNT_HASH, <u32>count);
  if (kdf == KDF_SHA256) sha256Compress(context, from, count);
  else sha512Compress(context, from, count);
}

/** Absorbs `length` bytes. */
export function hashUpdate(kdf: i32, context: usize, from: usize, length: usize): void {
  const block = hashBlockLength(kdf);
  const total = load<u64>(context, TOTAL);
  store<u64>(context, total + <u64>length, TOTAL);
  const held = (<usize>total) & (block - 1);
  if (held != 0) {
    const missing = block - held;
    copyBytes(context + BUFFER + held, from, min(missing, length));
    if (length < missing) return;
    compress(kdf, context, context + BUFFER, 1);
    from += missing;
    length -= missing;
  }
  const whole = length & ~(block - 1);
  if (whole != 0) compress(kdf, context, from, whole / block);
  copyBytes(context + BUFFER, from + whole, length - whole);
}

/** Writes the digest and wipes the context. */
export function hashFinish(kdf: i32, context: usize, dst: usize): void {
  const block = hashBlockLength(kdf);
  const buffer = context + BUFFER;
  const total = load<u64>(context, TOTAL);
  let held = (<usize>total) & (block - 1);
  store<u8>(buffer + held++, 0x80);
  wipe(buffer + held, block - held);
  // The length takes an eighth of a block. No message has 2^64 bits: the high word of SHA-512's is zero.
  if (held > block - (block >> 3)) {
    compress(kdf, context, buffer, 1);
    wipe(buffer, block);
  }
  store64be(buffer + block - 8, total << 3);
  compress(kdf, context, buffer, 1);
  if (kdf == KDF_SHA256) {
    sha256Digest(dst, context);
    sha256Wipe();
  } else {
    sha512Digest(dst, context, hashLength(kdf));
    sha512Wipe();
  }
  wipe(context, HASH_CONTEXT);
}

/** The digest of one message; `dst` may overlap it. */
export function hash(kdf: i32, dst: usize, message: usize, length: usize): void {
  hashBegin(kdf, oneShot);
  hashUpdate(kdf, oneShot, message, length);
  hashFinish(kdf, oneShot, dst);
}

/**
 * The digests of `count` messages of any lengths, message i of lengths[i] bytes at messages[i]
 * (arrays of u32); digest i goes to dst + i * Nh. `dst` must not overlap a message.
 */
export function hashMany(kdf: i32, count: usize, dst: usize, messages: usize, lengths: usize): void {
  if (kdf == KDF_SHA256) {
    sha256Many(count, dst, messages, lengths);
    return;
  }
  const step = hashLength(kdf);
  for (let i: usize = 0; i < count; i++) {
    hash(kdf, dst + i * step, <usize>load<u32>(messages + (i << 2)), <usize>load<u32>(lengths + (i << 2)));
  }
}
