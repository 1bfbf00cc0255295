// HMAC-SHA-256 (RFC 2104) of many messages of one length, four at a time.

import { copyBytes, store64be, wipe } from "../bytes";
import { scratch, scratchMark, scratchRelease } from "../memory";
import { SHA256_BLOCK } from "./sha256";
import { STATE_X4, x4Begin, x4Compress, x4Digests, x4Load, x4SetWord, x4Wipe, x4Word } from "./sha256x4";

const NH: usize = 32;

// The states after inner and outer pad, then the states at work, and the MACs.
const inner: usize = memory.data(STATE_X4, 16);
const outer: usize = memory.data(STATE_X4, 16);
const running: usize = memory.data(STATE_X4, 16);
const macs: usize = memory.data(128, 16);

/**
 * The first `length` (at most 32) bytes of MAC i, of the message at messages + i * messageStride under the key at
 * keys + i * keyStride, go to dst + i * dstStride. Keys have 32 bytes, or none, and any stride of 0 stands for one for
 * all. A MAC may be written over its own key and those before it. Uses scratch.
 */
export function hmacSha256Many(
  count: usize,
  dst: usize,
  dstStride: usize,
  length: usize,
  keys: usize,
  keyStride: usize,
  keyLength: usize,
  messages: usize,
  messageStride: usize,
  messageLength: usize,
): void {
  const mark = scratchMark();
  const blocks = (messageLength + 9 + SHA256_BLOCK - 1) / SHA256_BLOCK;
  const room = blocks * SHA256_BLOCK;
  const padded = scratch(4 * room);
  const step: usize = messageStride == 0 ? 0 : room;
  for (let lane: usize = 0; lane < 4; lane++) {
    store<u8>(padded + lane * step + messageLength, 0x80);
    store64be(padded + lane * step + room - 8, (<u64>(SHA256_BLOCK + messageLength)) << 3);
  }
  for (let i: usize = 0; i < count; i += 4) {
    const last = min<usize>(3, count - i - 1); // lane `last` stands in for those after it
    if (i == 0 || keyStride != 0) begin(keys + i * keyStride, keyStride, keyLength, last);
    for (let lane: usize = 0; lane <= last; lane++) {
      if (i + lane == 0 || messageStride != 0) {
        copyBytes(padded + lane * step, messages + (i + lane) * messageStride, messageLength);
      }
    }
    finish(padded, step, blocks);
    for (let lane: usize = 0; lane <= last; lane++) {
      copyBytes(dst + (i + lane) * dstStride, macs + lane * NH, length);
    }
  }
  wipe(inner, STATE_X4);
  wipe(outer, STATE_X4);
  wipe(running, STATE_X4);
  wipe(macs, 4 * NH);
  x4Wipe();
  scratchRelease(mark);
}

// Absorbs the pads of four keys.
function begin(keys: usize, stride: usize, keyLength: usize, last: usize): void {
  const innerPad = i32x4.splat(0x36363636);
  const outerPad = i32x4.splat(0x5c5c5c5c);
  x4Load(
    keyLength,
    keys,
    keys + min<usize>(1, last) * stride,
    keys + min<usize>(2, last) * stride,
    keys + last * stride,
  );
  for (let i: usize = 0; i < 16; i++) {
    x4SetWord(i, i << 2 < keyLength ? v128.xor(x4Word(i), innerPad) : innerPad);
  }
  x4Begin(inner);
  x4Compress(inner);
  for (let i: usize = 0; i < 16; i++) x4SetWord(i, v128.xor(x4Word(i), v128.xor(innerPad, outerPad)));
  x4Begin(outer);
  x4Compress(outer);
}

// Writes the MACs of four padded messages.
function finish(padded: usize, step: usize, blocks: usize): void {
  copyBytes(running, inner, STATE_X4);
  for (let i: usize = 0; i < blocks; i++) {
    const block = padded + i * SHA256_BLOCK;
    x4Load(SHA256_BLOCK, block, block + step, block + 2 * step, block + 3 * step);
    x4Compress(running);
  }
  // The inner digests are words already; their padding: a one, zeros, the length of pad and digest in bits.
  for (let i: usize = 0; i < 8; i++) {
    x4SetWord(i, v128.load(running + (i << 4)));
    x4SetWord(i + 8, i32x4.splat(0));
  }
  x4SetWord(8, i32x4.splat(0x80000000));
  x4SetWord(15, i32x4.splat((<i32>(SHA256_BLOCK + NH)) << 3));
  copyBytes(running, outer, STATE_X4);
  x4Compress(running);
  x4Digests(macs, running);
}
