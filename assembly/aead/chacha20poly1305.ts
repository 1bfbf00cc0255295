// ChaCha20-Poly1305 (RFC 8439, section 2.8).

import { copyBytes, equalBytes, wipe } from "../bytes";
import { CHACHA20_STATE, CHACHA20_STREAM, chacha20Begin, chacha20Blocks } from "./chacha20";
import { POLY1305_STATE, poly1305Begin, poly1305Blocks, poly1305Finish } from "./poly1305";
import { xorBytes } from "./xor";

// Working space, wiped after every message. Block 0 of the key stream is the one-time key.
const STREAM: usize = 0;
const STATE: usize = STREAM + CHACHA20_STREAM;
const MAC: usize = STATE + CHACHA20_STATE;
const LAST: usize = MAC + POLY1305_STATE; // the last block of the MAC: also where a partial block is padded
const TAG: usize = LAST + 16;
const WORK: usize = TAG + 16;
const work: usize = memory.data(<i32>WORK, 16);

function begin(key: usize, nonce: usize): void {
  chacha20Begin(work + STATE, key, nonce);
  chacha20Blocks(work + STREAM, work + STATE);
  poly1305Begin(work + MAC, work + STREAM);
}

/** Applies the key stream, of which blocks 1 to 3 are there. */
function crypt(dst: usize, from: usize, length: usize): void {
  let start: usize = 64;
  while (true) {
    const ready = CHACHA20_STREAM - start;
    const step = length < ready ? length : ready;
    xorBytes(dst, from, work + STREAM + start, step);
    length -= step;
    if (length == 0) return;
    dst += step;
    from += step;
    start = 0;
    chacha20Blocks(work + STREAM, work + STATE);
  }
}

/** Adds a message padded with zeros to whole blocks. */
function absorb(from: usize, length: usize): void {
  poly1305Blocks(work + MAC, from, length >>> 4);
  const rest = length & 15;
  if (rest == 0) return;
  v128.store(work, i64x2.splat(0), LAST);
  copyBytes(work + LAST, from + length - rest, rest);
  poly1305Blocks(work + MAC, work + LAST, 1);
}

/** Leaves the tag in the working space and returns its address. */
function tag(aad: usize, aadLength: usize, ciphertext: usize, length: usize): usize {
  absorb(aad, aadLength);
  absorb(ciphertext, length);
  store<u64>(work, <u64>aadLength, LAST);
  store<u64>(work, <u64>length, LAST + 8);
  poly1305Blocks(work + MAC, work + LAST, 1);
  poly1305Finish(work + TAG, work + MAC);
  return work + TAG;
}

/** Writes the ciphertext and its tag, length + 16 bytes; `dst` may be `plaintext`. */
export function chacha20Poly1305Seal(
  dst: usize,
  key: usize,
  nonce: usize,
  aad: usize,
  aadLength: usize,
  plaintext: usize,
  length: usize,
): void {
  begin(key, nonce);
  crypt(dst, plaintext, length);
  copyBytes(dst + length, tag(aad, aadLength, dst, length), 16);
  wipe(work, WORK);
}

/** Checks the tag after `length` bytes of ciphertext, and only then decrypts; 1 if it held, else 0. */
export function chacha20Poly1305Open(
  dst: usize,
  key: usize,
  nonce: usize,
  aad: usize,
  aadLength: usize,
  ciphertext: usize,
  length: usize,
): i32 {
  begin(key, nonce);
  const good = equalBytes(tag(aad, aadLength, ciphertext, length), ciphertext + length, 16);
  if (good == 1) crypt(dst, ciphertext, length);
  wipe(work, WORK);
  return good;
}
