// The handshake and application ratchets of the senders (RFC 9420, sections 9.1 and 9.2).
//
// Opening reads only: the keys are derived on a copy, and nothing changes until the message has
// proved itself and `secretTreeConsume` is called (MLS-9.2-06). Consuming takes the leaf, the
// ratchet and the generation alone, so the three numbers are also what a storage record needs to
// repeat it. Sending consumes its generation before the ciphertext exists (MLS-9.1-02).
//
// A skipped key: generation u32 | nonce, 12 bytes | key. A block of them is ordered by generation.

import { aeadKeyLength, aeadOpen, aeadSeal } from "../aead/aead";
import { copyBytes, store32be, wipe } from "../bytes";
import { hashLength } from "../hash/hash";
import { expandWithLabel } from "../hash/labels";
import { AEAD_NONCE_LENGTH } from "../layout";
import { allocate, release, scratch, scratchMark, scratchRelease } from "../memory";
import { STATUS_HANDLE, STATUS_LIMIT, STATUS_OK, STATUS_RATCHET_AHEAD, STATUS_RATCHET_CONSUMED } from "../status";
import {
  checkLeaf,
  deepestNode,
  deriveLeaf,
  NODE_LEAF,
  peekRatchet,
  RATCHET_EXHAUSTED,
  RATCHET_GENERATION,
  RATCHET_SECRET,
  RATCHET_SKIPPED,
  RATCHET_SKIPPED_COUNT,
  ratchetOf,
  secretTreeAt,
  treeAead,
  treeForward,
  treeKdf,
  treeWindow,
} from "./tree";

const SKIPPED_NONCE: usize = 4;
const SKIPPED_KEY: usize = 16;
const LONGEST_KEY: usize = 32;
const GUARD_LENGTH: usize = 4;

// "key" "nonce" "secret", and the generation they are derived in
const keyLabel: usize = memory.data<u8>([0x6b, 0x65, 0x79]);
const nonceLabel: usize = memory.data<u8>([0x6e, 0x6f, 0x6e, 0x63, 0x65]);
const secretLabel: usize = memory.data<u8>([0x73, 0x65, 0x63, 0x72, 0x65, 0x74]);
const position: usize = memory.data(4, 4);

/** Bytes of one skipped key of a tree. */
export function skippedBytes(tree: usize): usize {
  return SKIPPED_KEY + aeadKeyLength(treeAead(tree));
}

// DeriveTreeSecret (MLS-9.1-01)
function deriveTreeSecret(
  kdf: i32,
  dst: usize,
  length: usize,
  secret: usize,
  label: usize,
  labelLength: usize,
  generation: u32,
): void {
  store32be(position, generation);
  expandWithLabel(kdf, dst, length, secret, hashLength(kdf), label, labelLength, position, 4);
}

// Replaces a ratchet secret by the next generation's.
function step(kdf: i32, secret: usize, generation: u32): void {
  deriveTreeSecret(kdf, secret, hashLength(kdf), secret, secretLabel, 6, generation);
}

// Writes a generation's skipped-key record.
function deriveKey(tree: usize, dst: usize, secret: usize, generation: u32): void {
  const kdf = treeKdf(tree);
  store<u32>(dst, generation);
  deriveTreeSecret(kdf, dst + SKIPPED_NONCE, <usize>AEAD_NONCE_LENGTH, secret, nonceLabel, 5, generation);
  deriveTreeSecret(kdf, dst + SKIPPED_KEY, aeadKeyLength(treeAead(tree)), secret, keyLabel, 3, generation);
}

// The record of a skipped generation, 0 when there is none.
function findSkipped(tree: usize, ratchet: usize, generation: u32): usize {
  const stride = skippedBytes(tree);
  let at = <usize>load<u32>(ratchet, RATCHET_SKIPPED);
  const end = at + <usize>load<u32>(ratchet, RATCHET_SKIPPED_COUNT) * stride;
  for (; at < end; at += stride) {
    if (load<u32>(at) == generation) return at;
  }
  return 0;
}

// Deletes the `count` skipped keys from `at` on.
function dropSkipped(tree: usize, ratchet: usize, at: usize, count: u32): void {
  const stride = skippedBytes(tree);
  const block = <usize>load<u32>(ratchet, RATCHET_SKIPPED);
  const before = load<u32>(ratchet, RATCHET_SKIPPED_COUNT);
  const left = before - count;
  store<u32>(ratchet, left, RATCHET_SKIPPED_COUNT);
  if (left == 0) {
    store<u32>(ratchet, 0, RATCHET_SKIPPED);
    release(block);
    return;
  }
  const end = block + <usize>before * stride;
  const gap = <usize>count * stride;
  memory.copy(at, at + gap, end - (at + gap));
  wipe(end - gap, gap);
}

// Whether a generation lies behind the ratchet.
function isBehind(ratchet: usize, generation: u32): bool {
  return load<u32>(ratchet, RATCHET_EXHAUSTED) != 0 || generation < load<u32>(ratchet, RATCHET_GENERATION);
}

/**
 * STATUS_OK when the generation's key can be had. MLS-15.3-02, MLS-15.3-03: a generation too far ahead is refused
 * here, before anything is derived.
 */
function checkGeneration(tree: usize, leafIndex: u32, kind: i32, generation: u32): i32 {
  const status = checkLeaf(tree, leafIndex);
  if (status != STATUS_OK) return status;
  const node = deepestNode(tree, leafIndex);
  let head: u32 = 0;
  if (load<u32>(node) == NODE_LEAF) {
    const ratchet = ratchetOf(tree, node, kind);
    if (isBehind(ratchet, generation)) {
      // MLS-9.2-04, MLS-15.3-04
      return findSkipped(tree, ratchet, generation) == 0 ? STATUS_RATCHET_CONSUMED : STATUS_OK;
    }
    head = load<u32>(ratchet, RATCHET_GENERATION);
  }
  return generation - head > treeForward(tree) ? STATUS_RATCHET_AHEAD : STATUS_OK;
}

// Writes the key record of a generation that `checkGeneration` has passed; the tree stays as it is.
function peekKey(tree: usize, leafIndex: u32, kind: i32, generation: u32, dst: usize): void {
  const node = deepestNode(tree, leafIndex);
  const kdf = treeKdf(tree);
  const secret = scratch(hashLength(kdf));
  let head: u32 = 0;
  if (load<u32>(node) == NODE_LEAF) {
    const ratchet = ratchetOf(tree, node, kind);
    if (isBehind(ratchet, generation)) {
      copyBytes(dst, findSkipped(tree, ratchet, generation), skippedBytes(tree));
      return;
    }
    head = load<u32>(ratchet, RATCHET_GENERATION);
    copyBytes(secret, ratchet + RATCHET_SECRET, hashLength(kdf));
  } else {
    peekRatchet(tree, leafIndex, kind, secret);
  }
  for (; head != generation; head++) step(kdf, secret, head);
  deriveKey(tree, dst, secret, generation);
}

// MLS-6.3.1-04
function applyGuard(key: usize, guard: usize): void {
  store<u32>(key, load<u32>(key, SKIPPED_NONCE) ^ load<u32>(guard), SKIPPED_NONCE);
}

/**
 * Opens a message of this generation; writes length - 16 bytes. Neither success nor failure changes the tree: call
 * `secretTreeConsume` once the content has proved genuine.
 */
export function secretTreeOpen(
  handle: i32,
  leafIndex: u32,
  kind: i32,
  generation: u32,
  guard: usize,
  dst: usize,
  aad: usize,
  aadLength: usize,
  ciphertext: usize,
  length: usize,
): i32 {
  const tree = secretTreeAt(handle);
  if (tree == 0) return STATUS_HANDLE;
  let status = checkGeneration(tree, leafIndex, kind, generation);
  if (status != STATUS_OK) return status;
  const mark = scratchMark();
  const key = scratch(SKIPPED_KEY + LONGEST_KEY);
  peekKey(tree, leafIndex, kind, generation, key);
  applyGuard(key, guard);
  status = aeadOpen(treeAead(tree), dst, key + SKIPPED_KEY, key + SKIPPED_NONCE, aad, aadLength, ciphertext, length);
  scratchRelease(mark);
  return status;
}

/**
 * Uses a generation up: its key is deleted, and so are the secrets before it; the keys of generations passed over are
 * kept as far as the window reaches, the oldest are evicted (MLS-9.2-01..05, MLS-15.3-01).
 */
export function secretTreeConsume(handle: i32, leafIndex: u32, kind: i32, generation: u32): i32 {
  const tree = secretTreeAt(handle);
  if (tree == 0) return STATUS_HANDLE;
  const status = checkGeneration(tree, leafIndex, kind, generation);
  if (status != STATUS_OK) return status;
  const ratchet = ratchetOf(tree, deriveLeaf(tree, leafIndex), kind);
  if (isBehind(ratchet, generation)) dropSkipped(tree, ratchet, findSkipped(tree, ratchet, generation), 1);
  else advance(tree, ratchet, generation);
  return STATUS_OK;
}

// Moves a ratchet past `generation`, which is not behind it.
function advance(tree: usize, ratchet: usize, generation: u32): void {
  const kdf = treeKdf(tree);
  const secret = ratchet + RATCHET_SECRET;
  let head = load<u32>(ratchet, RATCHET_GENERATION);
  const kept = min(generation - head, treeWindow(tree));
  if (kept > 0) makeRoom(tree, ratchet, kept);
  for (; head != generation; head++) {
    if (generation - head <= kept) keepKey(tree, ratchet, head);
    step(kdf, secret, head);
  }
  if (generation == u32.MAX_VALUE) {
    wipe(secret, hashLength(kdf));
    store<u32>(ratchet, 1, RATCHET_EXHAUSTED);
  } else {
    step(kdf, secret, generation);
    store<u32>(ratchet, generation + 1, RATCHET_GENERATION);
  }
}

// Sees to it that `needed` more skipped keys fit the window.
function makeRoom(tree: usize, ratchet: usize, needed: u32): void {
  const window = treeWindow(tree);
  const count = load<u32>(ratchet, RATCHET_SKIPPED_COUNT);
  if (count + needed > window) {
    dropSkipped(tree, ratchet, <usize>load<u32>(ratchet, RATCHET_SKIPPED), count + needed - window);
  }
  if (load<u32>(ratchet, RATCHET_SKIPPED) == 0) {
    store<u32>(ratchet, <u32>allocate(<usize>window * skippedBytes(tree)), RATCHET_SKIPPED);
  }
}

function keepKey(tree: usize, ratchet: usize, generation: u32): void {
  const count = load<u32>(ratchet, RATCHET_SKIPPED_COUNT);
  const at = <usize>load<u32>(ratchet, RATCHET_SKIPPED) + <usize>count * skippedBytes(tree);
  deriveKey(tree, at, ratchet + RATCHET_SECRET, generation);
  store<u32>(ratchet, count + 1, RATCHET_SKIPPED_COUNT);
}

/**
 * Seals a message of our own in the next generation, which is written to `generation` and used up for ever; writes
 * length + 16 bytes. STATUS_LIMIT after generation 2^32-1 (MLS-9.1-04).
 */
export function secretTreeSeal(
  handle: i32,
  leafIndex: u32,
  kind: i32,
  generation: usize,
  guard: usize,
  dst: usize,
  aad: usize,
  aadLength: usize,
  plaintext: usize,
  length: usize,
): i32 {
  const tree = secretTreeAt(handle);
  if (tree == 0) return STATUS_HANDLE;
  let status = checkLeaf(tree, leafIndex);
  if (status != STATUS_OK) return status;
  const ratchet = ratchetOf(tree, deriveLeaf(tree, leafIndex), kind);
  if (load<u32>(ratchet, RATCHET_EXHAUSTED) != 0) return STATUS_LIMIT;
  const next = load<u32>(ratchet, RATCHET_GENERATION);
  const mark = scratchMark();
  const key = scratch(SKIPPED_KEY + LONGEST_KEY);
  deriveKey(tree, key, ratchet + RATCHET_SECRET, next);
  advance(tree, ratchet, next);
  store<u32>(generation, next);
  applyGuard(key, guard);
  status = aeadSeal(treeAead(tree), dst, key + SKIPPED_KEY, key + SKIPPED_NONCE, aad, aadLength, plaintext, length);
  scratchRelease(mark);
  return status;
}

/** Writes three words about a ratchet: its next generation, the number of skipped keys, 1 when it is exhausted. */
export function secretTreeRatchet(handle: i32, leafIndex: u32, kind: i32, out: usize): i32 {
  const tree = secretTreeAt(handle);
  if (tree == 0) return STATUS_HANDLE;
  const status = checkLeaf(tree, leafIndex);
  if (status != STATUS_OK) return status;
  wipe(out, 12);
  const node = deepestNode(tree, leafIndex);
  if (load<u32>(node) == NODE_LEAF) {
    const ratchet = ratchetOf(tree, node, kind);
    store<u32>(out, load<u32>(ratchet, RATCHET_GENERATION));
    store<u32>(out, load<u32>(ratchet, RATCHET_SKIPPED_COUNT), 4);
    store<u32>(out, load<u32>(ratchet, RATCHET_EXHAUSTED), 8);
  }
  return STATUS_OK;
}
