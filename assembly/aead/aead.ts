// The AEADs of the cipher suites (RFC 9420, section 5.1; identifiers of RFC 9180, section 7.3).
// Keys have `aeadKeyLength` bytes, nonces 12 and tags 16.

import { AEAD_AES128GCM, AEAD_AES256GCM, AEAD_CHACHA20POLY1305, AEAD_TAG_LENGTH } from "../layout";
import { STATUS_DECRYPT, STATUS_OK, STATUS_UNSUPPORTED } from "../status";
import { aesGcmOpen, aesGcmSeal } from "./aesgcm";
import { chacha20Poly1305Open, chacha20Poly1305Seal } from "./chacha20poly1305";

const TAG: usize = <usize>AEAD_TAG_LENGTH;

/** Bytes of a key, 0 for an unknown AEAD. */
export function aeadKeyLength(aead: i32): usize {
  if (aead == AEAD_AES128GCM) return 16;
  if (aead == AEAD_AES256GCM || aead == AEAD_CHACHA20POLY1305) return 32;
  return 0;
}

/**
 * Encrypts `length` bytes and writes length + 16. `dst` may be `plaintext`; they must not overlap otherwise,
 * and `aad` must not overlap `dst`.
 */
export function aeadSeal(
  aead: i32,
  dst: usize,
  key: usize,
  nonce: usize,
  aad: usize,
  aadLength: usize,
  plaintext: usize,
  length: usize,
): i32 {
  const keyLength = aeadKeyLength(aead);
  if (keyLength == 0) return STATUS_UNSUPPORTED;
  if (aead == AEAD_CHACHA20POLY1305) chacha20Poly1305Seal(dst, key, nonce, aad, aadLength, plaintext, length);
  else aesGcmSeal(dst, key, keyLength, nonce, aad, aadLength, plaintext, length);
  return STATUS_OK;
}

/**
 * Decrypts `length` bytes, tag included, and writes length - 16. STATUS_DECRYPT when the tag is wrong: `dst` is then
 * as it was. `dst` may be `ciphertext`; they must not overlap otherwise.
 */
export function aeadOpen(
  aead: i32,
  dst: usize,
  key: usize,
  nonce: usize,
  aad: usize,
  aadLength: usize,
  ciphertext: usize,
  length: usize,
): i32 {
  const keyLength = aeadKeyLength(aead);
  if (keyLength == 0) return STATUS_UNSUPPORTED;
  if (length < TAG) return STATUS_DECRYPT;
  const good =
    aead == AEAD_CHACHA20POLY1305
      ? chacha20Poly1305Open(dst, key, nonce, aad, aadLength, ciphertext, length - TAG)
      : aesGcmOpen(dst, key, keyLength, nonce, aad, aadLength, ciphertext, length - TAG);
  return good == 1 ? STATUS_OK : STATUS_DECRYPT;
}
