// The parent hashes of a whole tree (RFC 9420 section 7.9.2), as a joiner verifies them: every
// parent that is not blank must be covered by exactly one chain from a leaf.
//
// P is valid with respect to at most one D on each side: the one node of resolution(C) that P does
// not list as unmerged. So each P is held against two candidates, and exactly one must fit. A
// candidate that is a parent is held against its own two, and so on down to a leaf.

import { hashMany } from "../hash/hash";
import { LEAF_SOURCE_COMMIT, TREE_RULE_CHAIN } from "../layout";
import { scratch, scratchMark, scratchRelease } from "../memory";
import { STATUS_OK, STATUS_PARENT_HASH } from "../status";
import { contentOf, hashLengthOf, isPresent, kdfOf, leafCountOf, unmergedOf } from "./columns";
import { fault } from "./fault";
import { treeHashOf } from "./hash";
import { leafParentHash, leafParentHashLength, leafSource } from "./leaf";
import { leftOf, levelOf, nodeCountOf, rightOf, rootOf } from "./math";
import { beginOriginals, endOriginals, originalHashOf } from "./originals";
import { parentHashBytes, parentHashLength } from "./parent";
import { parentHashInputBound, writeParentHashInput } from "./parenthash";
import { resolutionUpTo } from "./resolution";
import { countUnmergedBelow, hasUnmerged } from "./unmerged";

const NO_NODE: u32 = 0xffffffff;

// Parents whose hashes are computed together, and the two candidates of each (NO_NODE for none).
const BATCH: u32 = 64;
const parents: usize = memory.data(64 << 2, 4);
const candidates: usize = memory.data(64 << 3, 4);

/** MLS-7.9.2-01, -02. */
export function verifyParentHashes(view: usize): i32 {
  const leafCount = leafCountOf(view);
  treeHashOf(view, rootOf(leafCount));
  beginOriginals(view);
  let status: i32 = STATUS_OK;
  let count: u32 = 0;
  for (let node: u32 = 1; node < nodeCountOf(leafCount) && status >= 0; node += 2) {
    if (!isPresent(view, node)) continue;
    store<u32>(parents + ((<usize>count) << 2), node);
    count++;
    if (count == BATCH) {
      status = verifyBatch(view, count);
      count = 0;
    }
  }
  if (status >= 0) status = verifyBatch(view, count);
  endOriginals();
  return status;
}

function verifyBatch(view: usize, count: u32): i32 {
  const mark = scratchMark();
  const hashLength = hashLengthOf(view);
  const messages = scratch((<usize>count) << 3);
  const lengths = scratch((<usize>count) << 3);
  const digests = scratch(<usize>count * 2 * hashLength);
  let checks: usize = 0;
  for (let i: u32 = 0; i < 2 * count; i++) {
    const parent = load<u32>(parents + ((<usize>(i >> 1)) << 2));
    const left = leftOf(parent);
    const right = rightOf(parent);
    const candidate = candidateBelow(view, parent, (i & 1) == 0 ? left : right);
    store<u32>(candidates + ((<usize>i) << 2), candidate);
    if (candidate == NO_NODE) continue;
    const siblingHash = originalHashOf(view, unmergedOf(view, parent), (i & 1) == 0 ? right : left);
    const message = scratch(parentHashInputBound(view, parent));
    store<u32>(messages + (checks << 2), <u32>message);
    store<u32>(lengths + (checks << 2), <u32>writeParentHashInput(message, view, parent, siblingHash));
    checks++;
  }
  hashMany(kdfOf(view), checks, digests, messages, lengths);
  let digest = digests;
  let status: i32 = STATUS_OK;
  for (let i: u32 = 0; i < count && status >= 0; i++) {
    let chains = 0;
    for (let side: u32 = 0; side < 2; side++) {
      const candidate = load<u32>(candidates + ((<usize>(2 * i + side)) << 2));
      if (candidate == NO_NODE) continue;
      if (memory.compare(storedParentHash(view, candidate), digest, hashLength) == 0) chains++;
      digest += hashLength;
    }
    if (chains != 1) status = fault(STATUS_PARENT_HASH, load<u32>(parents + ((<usize>i) << 2)), TREE_RULE_CHAIN);
  }
  scratchRelease(mark);
  return status;
}

/**
 * The D below `child` of `parent` whose parent_hash may be that of `parent`: the only node of
 * resolution(child) outside parent.unmerged_leaves, when all of parent.unmerged_leaves below
 * `child` stand in that resolution too.
 */
function candidateBelow(view: usize, parent: u32, child: u32): u32 {
  const list = unmergedOf(view, parent);
  const unmerged = countUnmergedBelow(list, child);
  const mark = scratchMark();
  const nodes = scratch((<usize>(unmerged + 1)) << 2);
  let candidate = NO_NODE;
  // One node more than the unmerged leaves, so when all but one are among them, all of them are there.
  if (resolutionUpTo(view, child, nodes, unmerged + 1, unmerged + 1) == unmerged + 1) {
    let outside: u32 = 0;
    for (let i: u32 = 0; i <= unmerged; i++) {
      const node = load<u32>(nodes + ((<usize>i) << 2));
      if (levelOf(node) == 0 && hasUnmerged(list, node >> 1)) continue;
      candidate = node;
      outside++;
    }
    if (outside != 1 || !hasParentHash(view, candidate)) candidate = NO_NODE;
  }
  scratchRelease(mark);
  return candidate;
}

/** Whether the node stores a parent hash of the right length: a parent, or a leaf of source commit. */
function hasParentHash(view: usize, node: u32): bool {
  const block = contentOf(view, node);
  const hashLength = hashLengthOf(view);
  if (levelOf(node) != 0) return parentHashLength(block) == hashLength;
  return leafSource(block) == LEAF_SOURCE_COMMIT && leafParentHashLength(block) == hashLength;
}

function storedParentHash(view: usize, node: u32): usize {
  const block = contentOf(view, node);
  return levelOf(node) == 0 ? leafParentHash(block) : parentHashBytes(block);
}
