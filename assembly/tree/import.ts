// Reading the ratchet_tree extension (RFC 9420 section 12.4.3.3) into a new base: one pass that
// decodes strictly and keeps the leaves, then the columns are allocated, then a second pass fills them,
// then the rules about the tree as a whole (sections 7.1, 7.3, 12.4.3.1). What the first pass keeps before the rest is
// known to be good is a copy of leaves that it has read: a small multiple of the input, and released on failure.

import { copyBytes, load32be } from "../bytes";
import {
  TREE_RULE_LENGTH,
  TREE_RULE_NO_LEAF_BELOW,
  TREE_RULE_NODE_POSITION,
  TREE_RULE_NODE_TYPE,
  TREE_RULE_NONE,
  TREE_RULE_TRAILING_BLANK,
  TREE_RULE_UNMERGED_BETWEEN,
  TREE_RULE_UNMERGED_LEAF,
  TREE_RULE_UNMERGED_ORDER,
} from "../layout";
import { allocate, release } from "../memory";
import { STATUS_LIMIT, STATUS_MALFORMED, STATUS_OK, STATUS_PUBLIC_KEY, STATUS_TREE } from "../status";
import { vectorHeader } from "../varint";
import { listNodeKeys } from "./change";
import {
  flagsOf,
  isPresent,
  keyCell,
  keyLengthOf,
  membersOf,
  PRESENT,
  reserveRows,
  setContent,
  setFlags,
  setMembers,
  setUnmerged,
  unmergedOf,
  VIEW_LEAF_COUNT,
} from "./columns";
import { fault } from "./fault";
import { reserveKeys } from "./keys";
import { leafKey, leafLength, newLeafBlock, readLeaf } from "./leaf";
import { childToward, firstBelow, lastBelow, LEAF_COUNT_CAP, leftOf, levelOf, nodeCountOf, rightOf } from "./math";
import { newParentHash } from "./parent";
import { appendUnmerged, hasUnmerged, newUnmerged, unmergedAt, unmergedCount } from "./unmerged";

const NODE_TYPE_LEAF: u32 = 1;
const NODE_TYPE_PARENT: u32 = 2;

// The parts of the parent that was read last.
let readKey: usize = 0;
let readParentHash: usize = 0;
let readParentHashLength: usize = 0;
let readUnmerged: usize = 0;
let readUnmergedCount: u32 = 0;

// What the first pass found: nodes, those that are not blank, and the blocks of the leaves among these.
let readNodes: u32 = 0;
let readPresent: u32 = 0;
let leaves: usize = 0;
let leavesCapacity: u32 = 0;
let leavesFound: u32 = 0;

/** Fills an empty base. After a failure the base is good only to be released. */
export function importTree(base: usize, bytes: usize, length: usize, maxLeaves: u32): i32 {
  const end = bytes + length;
  const header = vectorHeader(bytes, end);
  if (header == 0 || (header >> 32) + (header & 0xffffffff) != <u64>length) {
    return fault(STATUS_MALFORMED, 0, TREE_RULE_NONE);
  }
  const from = bytes + <usize>(header >> 32);
  leavesFound = 0;
  const status = scan(base, from, end, min(maxLeaves, LEAF_COUNT_CAP));
  if (status < 0) {
    for (let i: u32 = 0; i < leavesFound; i++) release(leafFound(i));
    releaseList();
    return status;
  }
  let leafCount: u32 = 1;
  while (nodeCountOf(leafCount) < readNodes) leafCount <<= 1;
  store<u32>(base, leafCount, VIEW_LEAF_COUNT);
  reserveRows(base, 2 * leafCount);
  reserveKeys(base, 2 * readPresent);
  fill(base, from, end);
  releaseList();
  countMembers(base, leafCount);
  return checkTree(base);
}

function leafFound(place: u32): usize {
  return <usize>load<u32>(leaves + ((<usize>place) << 2));
}

function keepLeaf(block: usize): void {
  if (leavesFound == leavesCapacity) {
    leavesCapacity = max(<u32>64, leavesCapacity * 2);
    const next = allocate((<usize>leavesCapacity) << 2);
    copyBytes(next, leaves, (<usize>leavesFound) << 2);
    release(leaves);
    leaves = next;
  }
  store<u32>(leaves + ((<usize>leavesFound) << 2), <u32>block);
  leavesFound++;
}

function releaseList(): void {
  release(leaves);
  leaves = 0;
  leavesCapacity = 0;
}

/** Decodes every node and checks what can be said of it alone. */
function scan(base: usize, from: usize, end: usize, maxLeaves: u32): i32 {
  let node: u32 = 0;
  let lastPresent = false;
  readPresent = 0;
  for (let at = from; at < end; node++) {
    if (maxLeaves == 0 || node >= nodeCountOf(maxLeaves)) return fault(STATUS_LIMIT, node, TREE_RULE_NONE);
    const presence = <u32>load<u8>(at);
    if (presence > 1) return fault(STATUS_MALFORMED, node, TREE_RULE_NONE);
    at++;
    lastPresent = presence == 1;
    if (!lastPresent) continue;
    const taken = readNode(base, node, at, end);
    if (taken < 0) return taken;
    if (levelOf(node) == 0) keepLeaf(newLeafBlock(node >> 1, at + 1));
    at += <usize>taken;
    readPresent++;
  }
  readNodes = node;
  if (node == 0) return fault(STATUS_TREE, 0, TREE_RULE_LENGTH); // MLS-12.4.3.3-04
  if (!lastPresent) return fault(STATUS_TREE, node - 1, TREE_RULE_TRAILING_BLANK); // MLS-12.4.3.3-03
  if ((node & 1) == 0) return fault(STATUS_TREE, node - 1, TREE_RULE_LENGTH); // MLS-12.4.3.3-04
  return STATUS_OK;
}

/** Reads a Node at `at`; returns its length. */
function readNode(base: usize, node: u32, at: usize, end: usize): i32 {
  // MLS-7.8-01
  if (at == end) return fault(STATUS_MALFORMED, node, TREE_RULE_NONE);
  const type = <u32>load<u8>(at);
  if (type != NODE_TYPE_LEAF && type != NODE_TYPE_PARENT) return fault(STATUS_MALFORMED, node, TREE_RULE_NODE_TYPE);
  const isLeaf = levelOf(node) == 0;
  if (isLeaf != (type == NODE_TYPE_LEAF)) return fault(STATUS_TREE, node, TREE_RULE_NODE_POSITION);
  const taken = isLeaf ? readLeaf(base, at + 1, end - at - 1) : readParent(base, node, at + 1, end);
  if (taken >= 0) return taken + 1;
  return isLeaf ? fault(taken, node, TREE_RULE_NONE) : taken;
}

/** Reads a ParentNode; returns its length. */
function readParent(base: usize, node: u32, from: usize, end: usize): i32 {
  let header = vectorHeader(from, end);
  if (header == 0) return fault(STATUS_MALFORMED, node, TREE_RULE_NONE);
  readKey = from + <usize>(header >> 32);
  if (<usize>(header & 0xffffffff) != keyLengthOf(base)) return fault(STATUS_PUBLIC_KEY, node, TREE_RULE_NONE);
  let at = readKey + keyLengthOf(base);
  header = vectorHeader(at, end);
  if (header == 0) return fault(STATUS_MALFORMED, node, TREE_RULE_NONE);
  readParentHash = at + <usize>(header >> 32);
  readParentHashLength = <usize>(header & 0xffffffff);
  at = readParentHash + readParentHashLength;
  header = vectorHeader(at, end);
  if (header == 0 || (header & 3) != 0) return fault(STATUS_MALFORMED, node, TREE_RULE_NONE);
  readUnmerged = at + <usize>(header >> 32);
  readUnmergedCount = (<u32>header) >> 2;
  for (let i: u32 = 1; i < readUnmergedCount; i++) {
    const entry = readUnmerged + ((<usize>i) << 2);
    if (load32be(entry) <= load32be(entry - 4)) return fault(STATUS_MALFORMED, node, TREE_RULE_UNMERGED_ORDER); // MLS-7.1-01
  }
  return <i32>(readUnmerged + ((<usize>readUnmergedCount) << 2) - from);
}

/** Fills the columns from nodes that `scan` has accepted. */
function fill(base: usize, from: usize, end: usize): void {
  let at = from;
  let leaf: u32 = 0;
  for (let node: u32 = 0; node < readNodes; node++) {
    const present = load<u8>(at) == 1;
    at++;
    if (!present) continue;
    if (levelOf(node) == 0) {
      const block = leafFound(leaf++);
      at += 1 + leafLength(block);
      setContent(base, node, block);
      setMembers(base, node, 1);
      copyBytes(keyCell(base, node), leafKey(block), keyLengthOf(base));
    } else {
      at += <usize>readNode(base, node, at, end);
      setContent(base, node, newParentHash(readParentHash, readParentHashLength));
      copyBytes(keyCell(base, node), readKey, keyLengthOf(base));
      if (readUnmergedCount != 0) setUnmerged(base, node, newUnmerged(readUnmergedCount));
      for (let i: u32 = 0; i < readUnmergedCount; i++) {
        appendUnmerged(unmergedOf(base, node), load32be(readUnmerged + ((<usize>i) << 2)));
      }
    }
    setFlags(base, node, flagsOf(base, node) | PRESENT);
  }
}

function countMembers(base: usize, leafCount: u32): void {
  for (let span: u32 = 2; span <= leafCount; span <<= 1) {
    for (let node = span - 1; node < nodeCountOf(leafCount); node += 2 * span) {
      setMembers(base, node, membersOf(base, leftOf(node)) + membersOf(base, rightOf(node)));
    }
  }
}

function checkTree(base: usize): i32 {
  for (let node: u32 = 0; node < readNodes; node += 2) {
    if (!isPresent(base, node)) continue;
    const status = listNodeKeys(base, node); // MLS-7.3-14, -15
    if (status < 0) return status;
  }
  for (let node: u32 = 1; node < readNodes; node += 2) {
    if (!isPresent(base, node)) continue;
    // No chain from a leaf can cover it (MLS-7.9.2-02).
    if (membersOf(base, node) == 0) return fault(STATUS_TREE, node, TREE_RULE_NO_LEAF_BELOW);
    let status = checkUnmerged(base, node);
    if (status < 0) return status;
    status = listNodeKeys(base, node); // MLS-12.4.3.1-03
    if (status < 0) return status;
  }
  return STATUS_OK;
}

function checkUnmerged(base: usize, node: u32): i32 {
  const list = unmergedOf(base, node);
  const count = unmergedCount(list);
  if (count == 0) return STATUS_OK;
  // MLS-12.4.3.1-01, DEF-17: each is below this node, and not blank. The list is sorted.
  if (unmergedAt(list, 0) < firstBelow(node) >> 1 || unmergedAt(list, count - 1) > lastBelow(node) >> 1) {
    return fault(STATUS_TREE, node, TREE_RULE_UNMERGED_LEAF);
  }
  for (let i: u32 = 0; i < count; i++) {
    const leaf = unmergedAt(list, i) << 1;
    if (!isPresent(base, leaf)) return fault(STATUS_TREE, node, TREE_RULE_UNMERGED_LEAF);
    // MLS-12.4.3.1-02: the next node that is not blank lists it too; what is below that one, its own check sees.
    let below = childToward(node, leaf);
    while (below != leaf && !isPresent(base, below)) below = childToward(below, leaf);
    if (below != leaf && !hasUnmerged(unmergedOf(base, below), leaf >> 1)) {
      return fault(STATUS_TREE, node, TREE_RULE_UNMERGED_BETWEEN);
    }
  }
  return STATUS_OK;
}
