// Tree hashes (RFC 9420 section 7.8): only nodes whose cached hash no longer holds, level by level
// from the leaves, each level in batches.

import { copyBytes, store32be } from "../bytes";
import { hashMany } from "../hash/hash";
import { allocate, release, scratch, scratchMark, scratchRelease } from "../memory";
import {
  contentOf,
  flagsOf,
  HASHED,
  hashCell,
  hashLengthOf,
  isPresent,
  kdfOf,
  keyCell,
  keyLengthOf,
  leafCountOf,
  setFlags,
  unmergedOf,
} from "./columns";
import { leafHashInput, leafHashInputLength, writeLeafPrefix } from "./leaf";
import { leftOf, levelOf, LEVELS, nodeCountOf, rightOf, rootOf } from "./math";
import { parentHashBytes, parentHashLength } from "./parent";
import { hasUnmerged, unmergedAt, unmergedCount } from "./unmerged";
import { writeHeader } from "../varint";

const BATCH: u32 = 128;

/**
 * A stored tree keeps the hashes from this level up: a sixteenth of all. The thirty below each node of this level are
 * made again when they are asked for.
 */
const STORED_LEVEL: u32 = 4;

// Where each level begins in the queue of nodes to hash.
const levelStarts: usize = memory.data((LEVELS + 1) << 2, 4);

/** Makes sure that the tree hash of `node` is cached; returns its address. */
export function treeHashOf(view: usize, node: u32): usize {
  if ((flagsOf(view, node) & HASHED) == 0) hashBelow(view, node);
  return hashCell(view, node);
}

/** Hashes what must be hashed in the subtree of `top`, whose own hash does not hold. */
function hashBelow(view: usize, top: u32): void {
  let capacity: usize = 64;
  let queue = allocate(capacity << 2);
  store<u32>(queue, top);
  let count: usize = 1;
  let levels: usize = 0;
  for (let from: usize = 0; from < count; levels++) {
    store<u32>(levelStarts + (levels << 2), <u32>from);
    const to = count;
    if (capacity < to + 2 * (to - from)) {
      capacity = 2 * capacity + 2 * (to - from);
      const next = allocate(capacity << 2);
      copyBytes(next, queue, count << 2);
      release(queue);
      queue = next;
    }
    for (; from < to; from++) {
      const node = load<u32>(queue + (from << 2));
      if (levelOf(node) == 0) continue;
      const left = leftOf(node);
      const right = rightOf(node);
      if ((flagsOf(view, left) & HASHED) == 0) store<u32>(queue + (count++ << 2), left);
      if ((flagsOf(view, right) & HASHED) == 0) store<u32>(queue + (count++ << 2), right);
    }
  }
  let end = <u32>count;
  while (levels > 0) {
    levels--;
    const start = load<u32>(levelStarts + (levels << 2));
    for (let at = start; at < end; at += BATCH) {
      hashBatch(view, queue + ((<usize>at) << 2), min(BATCH, end - at));
    }
    end = start;
  }
  release(queue);
}

/** Hashes nodes whose children's hashes hold. */
function hashBatch(view: usize, nodes: usize, count: u32): void {
  const mark = scratchMark();
  const messages = scratch((<usize>count) << 2);
  const lengths = scratch((<usize>count) << 2);
  const hashLength = hashLengthOf(view);
  const digests = scratch(<usize>count * hashLength);
  for (let i: usize = 0; i < <usize>count; i++) {
    const node = load<u32>(nodes + (i << 2));
    let message: usize = 0;
    let length: usize = 0;
    if (levelOf(node) != 0) {
      message = scratch(parentInputBound(view, node));
      length = writeParentInput(message, view, node, 0, hashCell(view, leftOf(node)), hashCell(view, rightOf(node)));
    } else if (isPresent(view, node)) {
      const block = contentOf(view, node);
      message = leafHashInput(block);
      length = leafHashInputLength(block);
    } else {
      message = scratch(8);
      length = writeLeafPrefix(message, node >> 1, 0);
    }
    store<u32>(messages + (i << 2), <u32>message);
    store<u32>(lengths + (i << 2), <u32>length);
  }
  hashMany(kdfOf(view), count, digests, messages, lengths);
  for (let i: usize = 0; i < <usize>count; i++) {
    const node = load<u32>(nodes + (i << 2));
    copyBytes(hashCell(view, node), digests + i * hashLength, hashLength);
    setFlags(view, node, flagsOf(view, node) | HASHED);
  }
  scratchRelease(mark);
}

// ---- Hashes that are stored with a tree, so that a restored one need not be hashed again.

/** How many hashes are stored: 2^k - 1, none for a tree below `STORED_LEVEL`. */
function storedCount(view: usize): u32 {
  return nodeCountOf(leafCountOf(view)) >> STORED_LEVEL;
}

/** Bytes that `writeHashes` writes. */
export function hashesLength(view: usize): usize {
  return <usize>storedCount(view) * hashLengthOf(view);
}

/** Writes the hashes of the stored levels, in order of their nodes. */
export function writeHashes(view: usize, dst: usize): void {
  const hashLength = hashLengthOf(view);
  const count = storedCount(view);
  if (count != 0) treeHashOf(view, rootOf(leafCountOf(view)));
  for (let i: u32 = 0; i < count; i++) {
    copyBytes(dst + <usize>i * hashLength, hashCell(view, storedNode(i)), hashLength);
  }
}

/** Takes over what `writeHashes` wrote for this very tree; `bytes` are `hashesLength` many, and trusted. */
export function adoptHashes(base: usize, bytes: usize): void {
  const hashLength = hashLengthOf(base);
  const count = storedCount(base);
  for (let i: u32 = 0; i < count; i++) {
    const node = storedNode(i);
    copyBytes(hashCell(base, node), bytes + <usize>i * hashLength, hashLength);
    setFlags(base, node, flagsOf(base, node) | HASHED);
  }
}

/** The nodes from `STORED_LEVEL` up are a tree of the same form, each 2^STORED_LEVEL as far from the left. */
function storedNode(place: u32): u32 {
  return ((place + 1) << STORED_LEVEL) - 1;
}

/** At least the bytes of the node's TreeHashInput. */
export function parentInputBound(view: usize, node: u32): usize {
  const fixed = 32 + keyLengthOf(view) + 2 * hashLengthOf(view);
  return fixed + parentHashLength(contentOf(view, node)) + ((<usize>unmergedCount(unmergedOf(view, node))) << 2);
}

/**
 * The TreeHashInput of a parent (MLS-7.8-02), without the unmerged leaves that the list `without`
 * holds. Returns its length.
 */
export function writeParentInput(
  to: usize,
  view: usize,
  node: u32,
  without: usize,
  leftHash: usize,
  rightHash: usize,
): usize {
  const hashLength = hashLengthOf(view);
  store<u8>(to, 2);
  let at = to + 1;
  if (isPresent(view, node)) {
    store<u8>(at, 1);
    at = writeVector(at + 1, keyCell(view, node), keyLengthOf(view));
    const parentHash = contentOf(view, node);
    at = writeVector(at, parentHashBytes(parentHash), parentHashLength(parentHash));
    at = writeUnmerged(at, unmergedOf(view, node), without);
  } else {
    store<u8>(at, 0);
    at++;
  }
  at = writeVector(at, leftHash, hashLength);
  at = writeVector(at, rightHash, hashLength);
  return at - to;
}

export function writeVector(to: usize, bytes: usize, length: usize): usize {
  const at = writeHeader(to, <u32>length);
  copyBytes(at, bytes, length);
  return at + length;
}

/** Writes an unmerged_leaves vector without the leaves in `without`; returns the end. */
export function writeUnmerged(to: usize, list: usize, without: usize): usize {
  const count = unmergedCount(list);
  let kept = count;
  if (without != 0) {
    for (let i: u32 = 0; i < count; i++) {
      if (hasUnmerged(without, unmergedAt(list, i))) kept--;
    }
  }
  let at = writeHeader(to, kept << 2);
  for (let i: u32 = 0; i < count; i++) {
    const leafIndex = unmergedAt(list, i);
    if (without != 0 && hasUnmerged(without, leafIndex)) continue;
    store32be(at, leafIndex);
    at += 4;
  }
  return at;
}
