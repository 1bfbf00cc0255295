// HKDF-Expand (RFC 5869, section 2.3) of many pseudorandom keys with the same info.
//
// For SHA-256 and an output of one block, four keys go together: each expansion is the inner and
// the outer pad, the info, and the outer digest, so four compressions where the info is short.

import { store64be, wipe } from "../bytes";
import { KDF_SHA256 } from "../layout";
import { scratch } from "../memory";
import { hashLength } from "./hash";
import { hkdfExpand } from "./hkdf";
import { SHA256_BLOCK } from "./sha256";
import { STATE_X4, x4Begin, x4Compress, x4Digests, x4Load, x4SetWord, x4Wipe, x4Word } from "./sha256x4";

const NH: usize = 32;
const inner: usize = memory.data(STATE_X4, 16);
const outer: usize = memory.data(STATE_X4, 16);
const outputs: usize = memory.data(128, 16);

/**
 * Output i (`length` bytes, which the caller has checked) of the key of Nh bytes at keys + i * keyStride
 * goes to dst + i * dstStride. An output may overlap its own key and those before it. Uses scratch.
 */
export function hkdfExpandMany(
  kdf: i32,
  count: usize,
  dst: usize,
  dstStride: usize,
  length: usize,
  keys: usize,
  keyStride: usize,
  info: usize,
  infoLength: usize,
): void {
  let i: usize = 0;
  if (kdf == KDF_SHA256 && length <= NH && count > 1) {
    // What follows the inner pad is the same for all keys: info | 1 | padding.
    const blocks = (infoLength + 10 + SHA256_BLOCK - 1) / SHA256_BLOCK;
    const message = scratch(blocks * SHA256_BLOCK);
    memory.copy(message, info, infoLength);
    store<u8>(message + infoLength, 1);
    store<u8>(message + infoLength, 0x80, 1);
    store64be(message + blocks * SHA256_BLOCK - 8, (<u64>(SHA256_BLOCK + infoLength + 1)) << 3);
    // A last key alone is cheaper alone.
    for (; count - i > 1; i += min<usize>(4, count - i)) {
      const live = min<usize>(4, count - i);
      const from = keys + i * keyStride;
      const last = from + (live - 1) * keyStride;
      const third = live > 2 ? from + 2 * keyStride : last;
      expandFour(from, from + keyStride, third, last, message, blocks);
      for (let lane: usize = 0; lane < live; lane++) {
        memory.copy(dst + (i + lane) * dstStride, outputs + lane * NH, length);
      }
    }
    wipe(inner, STATE_X4);
    wipe(outer, STATE_X4);
    wipe(outputs, 4 * NH);
    x4Wipe();
  }
  for (; i < count; i++) {
    hkdfExpand(kdf, dst + i * dstStride, length, keys + i * keyStride, hashLength(kdf), info, infoLength);
  }
}

// Writes T(1) of four keys to `outputs`.
function expandFour(key0: usize, key1: usize, key2: usize, key3: usize, message: usize, blocks: usize): void {
  const innerPad = i32x4.splat(0x36363636);
  const outerPad = i32x4.splat(0x5c5c5c5c);
  x4Load(NH, key0, key1, key2, key3);
  for (let i: usize = 0; i < 8; i++) {
    x4SetWord(i, v128.xor(x4Word(i), innerPad));
    x4SetWord(i + 8, innerPad);
  }
  x4Begin(inner);
  x4Compress(inner);

  for (let i: usize = 0; i < 16; i++) x4SetWord(i, v128.xor(x4Word(i), v128.xor(innerPad, outerPad)));
  x4Begin(outer);
  x4Compress(outer);

  for (let i: usize = 0; i < blocks; i++) {
    const block = message + i * SHA256_BLOCK;
    x4Load(SHA256_BLOCK, block, block, block, block);
    x4Compress(inner);
  }

  // The inner digests are words already; their padding: a one, zeros, the length of pad and digest in bits.
  for (let i: usize = 0; i < 8; i++) {
    x4SetWord(i, v128.load(inner + (i << 4)));
    x4SetWord(i + 8, i32x4.splat(0));
  }
  x4SetWord(8, i32x4.splat(0x80000000));
  x4SetWord(15, i32x4.splat((<i32>(SHA256_BLOCK + NH)) << 3));
  x4Compress(outer);
  x4Digests(outputs, outer);
}
