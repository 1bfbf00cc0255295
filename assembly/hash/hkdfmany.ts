// HKDF (RFC 5869) of many secrets: for SHA-256 and outputs of one block, four go together.

import { copyBytes } from "../bytes";
import { KDF_SHA256 } from "../layout";
import { scratch, scratchMark, scratchRelease } from "../memory";
import { hashLength } from "./hash";
import { hkdfExpand, hkdfExtract } from "./hkdf";
import { hmacSha256Many } from "./hmacmany";

const NH: usize = 32;

// From two on, four lanes are cheaper than one after the other.
function together(kdf: i32, count: usize): bool {
  return kdf == KDF_SHA256 && count > 1;
}

/**
 * HKDF-Expand: output i (`length` bytes, which the caller has checked) of the key of Nh bytes at keys + i * keyStride
 * and the info at infos + i * infoStride (0: one for all) goes to dst + i * dstStride. An output may overlap its own
 * key and those before it. Uses scratch.
 */
export function hkdfExpandMany(
  kdf: i32,
  count: usize,
  dst: usize,
  dstStride: usize,
  length: usize,
  keys: usize,
  keyStride: usize,
  infos: usize,
  infoStride: usize,
  infoLength: usize,
): void {
  if (together(kdf, count) && length <= NH) {
    // T(1) = HMAC(PRK, info | 1)
    const mark = scratchMark();
    const messageLength = infoLength + 1;
    const messages = scratch((infoStride == 0 ? 1 : count) * messageLength);
    for (let i: usize = 0; i < count && (i == 0 || infoStride != 0); i++) {
      const message = messages + i * messageLength;
      copyBytes(message, infos + i * infoStride, infoLength);
      store<u8>(message + infoLength, 1);
    }
    const stride = infoStride == 0 ? 0 : messageLength;
    hmacSha256Many(count, dst, dstStride, length, keys, keyStride, NH, messages, stride, messageLength);
    scratchRelease(mark);
    return;
  }
  const keyLength = hashLength(kdf);
  for (let i: usize = 0; i < count; i++) {
    const info = infos + i * infoStride;
    hkdfExpand(kdf, dst + i * dstStride, length, keys + i * keyStride, keyLength, info, infoLength);
  }
}

/**
 * HKDF-Extract: key i of Nh bytes, from the salt (32 bytes, or none) at salts + i * saltStride and the key material at
 * ikms + i * ikmStride, goes to dst + i * Nh. A stride of 0 stands for one for all. Uses scratch.
 */
export function hkdfExtractMany(
  kdf: i32,
  count: usize,
  dst: usize,
  salts: usize,
  saltStride: usize,
  saltLength: usize,
  ikms: usize,
  ikmStride: usize,
  ikmLength: usize,
): void {
  if (together(kdf, count)) {
    hmacSha256Many(count, dst, NH, NH, salts, saltStride, saltLength, ikms, ikmStride, ikmLength);
    return;
  }
  for (let i: usize = 0; i < count; i++) {
    const to = dst + i * hashLength(kdf);
    hkdfExtract(kdf, to, salts + i * saltStride, saltLength, ikms + i * ikmStride, ikmLength);
  }
}
