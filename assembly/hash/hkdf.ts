// HKDF (RFC 5869): KDF.Extract and KDF.Expand of RFC 9420, section 5.1.

import { copyBytes, wipe } from "../bytes";
import { HMAC_CONTEXT } from "../layout";
import { STATUS_ARGUMENT, STATUS_OK } from "../status";
import { hashLength } from "./hash";
import { hmac, hmacBegin, hmacFinish, hmacUpdate } from "./hmac";

// The HMAC keyed with the PRK is made once and copied for every block of output.
const keyed: usize = memory.data(HMAC_CONTEXT, 16);
const running: usize = memory.data(HMAC_CONTEXT, 16);
const BLOCK_LENGTH: usize = 64;
const block: usize = memory.data(BLOCK_LENGTH, 16);
const counter: usize = memory.data(1, 1);

/** Writes the pseudorandom key, Nh bytes. An empty salt stands for Nh zero bytes, as the RFC has it. */
export function hkdfExtract(kdf: i32, dst: usize, salt: usize, saltLength: usize, ikm: usize, ikmLength: usize): void {
  hmac(kdf, dst, salt, saltLength, ikm, ikmLength);
}

/**
 * Writes `length` bytes of output. `dst` may overlap `prk`, not `info`.
 * STATUS_ARGUMENT when more than 255 blocks are asked for.
 */
export function hkdfExpand(
  kdf: i32,
  dst: usize,
  length: usize,
  prk: usize,
  prkLength: usize,
  info: usize,
  infoLength: usize,
): i32 {
  const step = hashLength(kdf);
  if (length > 255 * step) return STATUS_ARGUMENT;
  if (length == 0) return STATUS_OK; // a MAC that is begun and never finished would leave the key behind
  hmacBegin(kdf, keyed, prk, prkLength);
  for (let done: usize = 0, i: u32 = 1; done < length; done += step, i++) {
    copyBytes(running, keyed, HMAC_CONTEXT);
    if (i != 1) hmacUpdate(kdf, running, block, step);
    hmacUpdate(kdf, running, info, infoLength);
    store<u8>(counter, <u8>i);
    hmacUpdate(kdf, running, counter, 1);
    hmacFinish(kdf, running, block);
    copyBytes(dst + done, block, min(step, length - done));
  }
  wipe(keyed, HMAC_CONTEXT);
  wipe(block, BLOCK_LENGTH);
  return STATUS_OK;
}
