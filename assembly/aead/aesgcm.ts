// AES-GCM (NIST SP 800-38D) with nonces of 96 and tags of 128 bits.

import { copyBytes, equalBytes, store32be, store64be, wipe } from "../bytes";
import { aesEncrypt, aesExpandKey, AES_SCHEDULE } from "./aes";
import { ghash, ghashPrepare, GHASH_TABLES } from "./ghash";
import { xorBytes } from "./xor";

// Working space, wiped after every message. The first run of the cipher gives H, the mask of the
// tag and the first 14 blocks of the key stream.
const BLOCKS: usize = 16;
const STREAM: usize = 0;
const NONCE: usize = STREAM + BLOCKS * 16;
const SUM: usize = NONCE + 16;
const LAST: usize = SUM + 16; // the last block of the hash: also where a partial block is padded
const MASK: usize = LAST + 16;
const TABLES: usize = MASK + 16;
const SCHEDULE: usize = TABLES + GHASH_TABLES;
const WORK: usize = SCHEDULE + AES_SCHEDULE;
const work: usize = memory.data(<i32>WORK, 16);
let rounds: i32 = 0;

/** Writes the counter blocks from `counter` on. */
function counters(at: usize, count: usize, counter: u32): void {
  const nonce = v128.load(work, NONCE);
  for (let i: usize = 0; i < count; i++) {
    v128.store(at, nonce);
    store32be(at + 12, counter++);
    at += 16;
  }
}

function begin(key: usize, keyLength: usize, nonce: usize, length: usize): void {
  rounds = aesExpandKey(work + SCHEDULE, key, keyLength);
  copyBytes(work + NONCE, nonce, 12);
  const needed: usize = 2 + ((length + 15) >>> 4);
  const count = needed < BLOCKS ? needed : BLOCKS;
  counters(work + STREAM + 16, count - 1, 1);
  aesEncrypt(work + SCHEDULE, rounds, work + STREAM, count);
  ghashPrepare(work + TABLES, work + STREAM);
  v128.store(work, v128.load(work, STREAM + 16), MASK);
}

/** Applies the key stream, of which the first 14 blocks are there. */
function crypt(dst: usize, from: usize, length: usize): void {
  let stream = work + STREAM + 32;
  let counter: u32 = 2;
  let blocks: usize = BLOCKS - 2;
  while (true) {
    const step = length < blocks << 4 ? length : blocks << 4;
    xorBytes(dst, from, stream, step);
    length -= step;
    if (length == 0) return;
    dst += step;
    from += step;
    counter += <u32>blocks;
    stream = work + STREAM;
    blocks = (length + 15) >>> 4;
    if (blocks > BLOCKS) blocks = BLOCKS;
    counters(stream, blocks, counter);
    aesEncrypt(work + SCHEDULE, rounds, stream, blocks);
  }
}

/** Hashes a message padded with zeros to whole blocks. */
function absorb(from: usize, length: usize): void {
  ghash(work + SUM, work + TABLES, from, length >>> 4);
  const rest = length & 15;
  if (rest == 0) return;
  v128.store(work, i64x2.splat(0), LAST);
  copyBytes(work + LAST, from + length - rest, rest);
  ghash(work + SUM, work + TABLES, work + LAST, 1);
}

/** Leaves the tag in the working space and returns its address. */
function tag(aad: usize, aadLength: usize, ciphertext: usize, length: usize): usize {
  absorb(aad, aadLength);
  absorb(ciphertext, length);
  store64be(work + LAST, (<u64>aadLength) << 3);
  store64be(work + LAST + 8, (<u64>length) << 3);
  ghash(work + SUM, work + TABLES, work + LAST, 1);
  v128.store(work, v128.xor(v128.load(work, SUM), v128.load(work, MASK)), SUM);
  return work + SUM;
}

/** Writes the ciphertext and its tag, length + 16 bytes; `dst` may be `plaintext`. */
export function aesGcmSeal(
  dst: usize,
  key: usize,
  keyLength: usize,
  nonce: usize,
  aad: usize,
  aadLength: usize,
  plaintext: usize,
  length: usize,
): void {
  begin(key, keyLength, nonce, length);
  crypt(dst, plaintext, length);
  copyBytes(dst + length, tag(aad, aadLength, dst, length), 16);
  wipe(work, WORK);
}

/** Checks the tag after `length` bytes of ciphertext, and only then decrypts; 1 if it held, else 0. */
export function aesGcmOpen(
  dst: usize,
  key: usize,
  keyLength: usize,
  nonce: usize,
  aad: usize,
  aadLength: usize,
  ciphertext: usize,
  length: usize,
): i32 {
  begin(key, keyLength, nonce, length);
  const good = equalBytes(tag(aad, aadLength, ciphertext, length), ciphertext + length, 16);
  if (good == 1) crypt(dst, ciphertext, length);
  wipe(work, WORK);
  return good;
}
