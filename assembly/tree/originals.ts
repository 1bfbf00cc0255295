// Original sibling tree hashes (RFC 9420 section 7.9): the tree hash of S as it was when P was made,
// which is with all of P.unmerged_leaves blank and in nobody's list (MLS-7.9-02).
//
// A node's original hash depends on which leaves below it are left out. For one node, the sets that
// different P leave out are nested, because what P lists, every node between P and the leaf lists as
// well (MLS-12.4.3.1-02). So the number of leaves left out tells whether a remembered hash still fits.

import { copyBytes } from "../bytes";
import { hashMany } from "../hash/hash";
import { allocate, release, scratch, scratchMark, scratchRelease } from "../memory";
import { hashLengthOf, kdfOf, leafCountOf } from "./columns";
import { parentInputBound, treeHashOf, writeParentInput } from "./hash";
import { writeLeafPrefix } from "./leaf";
import { firstBelow, leftOf, levelOf, nodeCountOf, parentOf, rightOf } from "./math";
import { countUnmergedBelow, unmergedAt, unmergedPosition } from "./unmerged";

const BATCH: u32 = 128;

// Per node: how many leaves its remembered hash leaves out (0 for no hash), and the hash.
let leftOut: usize = 0;
let hashes: usize = 0;

/** Begins with nothing remembered. The view must not change until `endOriginals`. */
export function beginOriginals(view: usize): void {
  leftOut = 0;
  hashes = 0;
}

export function endOriginals(): void {
  release(leftOut);
  release(hashes);
  leftOut = 0;
  hashes = 0;
}

/** The address of the tree hash of `top` without the leaves in `list`. */
export function originalHashOf(view: usize, list: usize, top: u32): usize {
  const count = countUnmergedBelow(list, top);
  if (count == 0) return treeHashOf(view, top);
  if (leftOut == 0) {
    const nodes = <usize>nodeCountOf(leafCountOf(view));
    leftOut = allocate(nodes << 2);
    hashes = allocate(nodes * hashLengthOf(view));
  }
  if (remembered(top) != count) rehash(view, list, top, count);
  return hashAt(view, top);
}

function remembered(node: u32): u32 {
  return load<u32>(leftOut + ((<usize>node) << 2));
}

function hashAt(view: usize, node: u32): usize {
  return hashes + <usize>node * hashLengthOf(view);
}

/** Hashes the paths from the leaves left out up to `top`, level by level. */
function rehash(view: usize, list: usize, top: u32, count: u32): void {
  const mark = scratchMark();
  const nodes = scratch((<usize>count) << 2);
  const first = unmergedPosition(list, firstBelow(top) >> 1);
  for (let i: u32 = 0; i < count; i++) store<u32>(nodes + ((<usize>i) << 2), unmergedAt(list, first + i) << 1);
  hashLevel(view, list, nodes, count);
  for (let level = levelOf(top); level > 0; level--) {
    // Neighbours may have the same parent.
    let kept: u32 = 0;
    for (let i: u32 = 0; i < count; i++) {
      const parent = parentOf(load<u32>(nodes + ((<usize>i) << 2)));
      if (kept != 0 && load<u32>(nodes + ((<usize>(kept - 1)) << 2)) == parent) continue;
      store<u32>(nodes + ((<usize>kept) << 2), parent);
      kept++;
    }
    count = kept;
    hashLevel(view, list, nodes, count);
  }
  scratchRelease(mark);
}

function hashLevel(view: usize, list: usize, nodes: usize, count: u32): void {
  for (let at: u32 = 0; at < count; at += BATCH)
    hashBatch(view, list, nodes + ((<usize>at) << 2), min(BATCH, count - at));
}

function hashBatch(view: usize, list: usize, nodes: usize, count: u32): void {
  const mark = scratchMark();
  const hashLength = hashLengthOf(view);
  const messages = scratch((<usize>count) << 2);
  const lengths = scratch((<usize>count) << 2);
  const targets = scratch((<usize>count) << 2);
  const digests = scratch(<usize>count * hashLength);
  let pending: usize = 0;
  for (let i: u32 = 0; i < count; i++) {
    const node = load<u32>(nodes + ((<usize>i) << 2));
    const without = countUnmergedBelow(list, node);
    if (remembered(node) == without) continue;
    store<u32>(leftOut + ((<usize>node) << 2), without);
    store<u32>(targets + (pending << 2), node);
    let message: usize = 0;
    let length: usize = 0;
    if (levelOf(node) == 0) {
      message = scratch(8);
      length = writeLeafPrefix(message, node >> 1, 0);
    } else {
      message = scratch(parentInputBound(view, node));
      length = writeParentInput(
        message,
        view,
        node,
        list,
        childHash(view, list, leftOf(node)),
        childHash(view, list, rightOf(node)),
      );
    }
    store<u32>(messages + (pending << 2), <u32>message);
    store<u32>(lengths + (pending << 2), <u32>length);
    pending++;
  }
  hashMany(kdfOf(view), pending, digests, messages, lengths);
  for (let i: usize = 0; i < pending; i++) {
    copyBytes(hashAt(view, load<u32>(targets + (i << 2))), digests + i * hashLength, hashLength);
  }
  scratchRelease(mark);
}

function childHash(view: usize, list: usize, node: u32): usize {
  return countUnmergedBelow(list, node) == 0 ? treeHashOf(view, node) : hashAt(view, node);
}
