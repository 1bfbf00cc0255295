// A secret tree inside a sealed record: five words of parameters, then its nodes from the root
// down, left before right. Between two records the numbers given to `secretTreeConsume` suffice.
//
// A node: kind u8, then a secret's bytes, a branch's two nodes, or a leaf's two ratchets.
// A ratchet: generation u32 | exhausted u32 | number of skipped keys u32 | secret | skipped keys.

import { copyBytes } from "../bytes";
import { newHandle } from "../handle";
import { hashLength } from "../hash/hash";
import { HANDLE_SECRET_TREE } from "../layout";
import { allocate } from "../memory";
import { STATUS_HANDLE, STATUS_MALFORMED, STATUS_OK } from "../status";
import { skippedBytes } from "./ratchet";
import {
  BRANCH_LEFT,
  BRANCH_RIGHT,
  newBranch,
  newLeaf,
  newSecretNode,
  newTree,
  NODE_BRANCH,
  NODE_HEADER,
  NODE_LEAF,
  NODE_SECRET,
  RATCHET_EXHAUSTED,
  RATCHET_GENERATION,
  RATCHET_SECRET,
  RATCHET_SKIPPED,
  RATCHET_SKIPPED_COUNT,
  ratchetOf,
  releaseTree,
  secretTreeAt,
  setTreeRoot,
  treeAead,
  treeDepth,
  treeForward,
  treeKdf,
  treeRoot,
  treeWindow,
} from "./tree";
import { beginItem, endItem, ITEM_SECRET_TREE, nextItem, readerAt, takeItem, writerAt, writerExtend } from "./vault";

const PARAMETERS: usize = 20;
const RATCHET_FIELDS: usize = 12;

/** Adds a secret tree to a record, whole. */
export function writerSecretTree(handle: i32, secretTree: i32): i32 {
  const writer = writerAt(handle);
  const tree = secretTreeAt(secretTree);
  if (writer == 0 || tree == 0) return STATUS_HANDLE;
  const start = beginItem(writer, ITEM_SECRET_TREE);
  const at = writerExtend(writer, PARAMETERS);
  store<i32>(at, treeKdf(tree));
  store<i32>(at, treeAead(tree), 4);
  store<u32>(at, treeDepth(tree), 8);
  store<u32>(at, treeWindow(tree), 12);
  store<u32>(at, treeForward(tree), 16);
  writeNode(writer, tree, treeRoot(tree));
  endItem(writer, start);
  return STATUS_OK;
}

function writeNode(writer: usize, tree: usize, node: usize): void {
  const kind = load<u32>(node);
  store<u8>(writerExtend(writer, 1), <u8>kind);
  if (kind == NODE_SECRET) {
    const length = hashLength(treeKdf(tree));
    copyBytes(writerExtend(writer, length), node + NODE_HEADER, length);
  } else if (kind == NODE_BRANCH) {
    writeNode(writer, tree, <usize>load<u32>(node, BRANCH_LEFT));
    writeNode(writer, tree, <usize>load<u32>(node, BRANCH_RIGHT));
  } else {
    writeRatchet(writer, tree, ratchetOf(tree, node, 0));
    writeRatchet(writer, tree, ratchetOf(tree, node, 1));
  }
}

function writeRatchet(writer: usize, tree: usize, ratchet: usize): void {
  const count = load<u32>(ratchet, RATCHET_SKIPPED_COUNT);
  const secretLength = hashLength(treeKdf(tree));
  const skippedLength = <usize>count * skippedBytes(tree);
  const at = writerExtend(writer, RATCHET_FIELDS + secretLength + skippedLength);
  store<u32>(at, load<u32>(ratchet, RATCHET_GENERATION));
  store<u32>(at, load<u32>(ratchet, RATCHET_EXHAUSTED), 4);
  store<u32>(at, count, 8);
  copyBytes(at + RATCHET_FIELDS, ratchet + RATCHET_SECRET, secretLength);
  copyBytes(at + RATCHET_FIELDS + secretLength, <usize>load<u32>(ratchet, RATCHET_SKIPPED), skippedLength);
}

// What is read at present: the next byte, and the end of the item.
let position: usize = 0;
let end: usize = 0;

/** Reads a secret tree; its handle. */
export function readerSecretTree(handle: i32): i32 {
  const reader = readerAt(handle);
  if (reader == 0) return STATUS_HANDLE;
  const length = nextItem(reader, ITEM_SECRET_TREE);
  if (length < 0) return length;
  if (<usize>length < PARAMETERS) return STATUS_MALFORMED;
  const at = takeItem(reader, length);
  const tree = newTree(load<i32>(at), load<i32>(at, 4), load<u32>(at, 8), load<u32>(at, 12), load<u32>(at, 16));
  if (tree == 0) return STATUS_MALFORMED;
  position = at + PARAMETERS;
  end = at + <usize>length;
  const root = readNode(tree, treeDepth(tree));
  setTreeRoot(tree, root);
  if (root == 0 || position != end) {
    releaseTree(tree);
    return STATUS_MALFORMED;
  }
  return newHandle(HANDLE_SECRET_TREE, tree);
}

// The node at `position`, 0 when the bytes are none; half a branch is kept for `releaseTree`.
function readNode(tree: usize, level: u32): usize {
  if (position >= end) return 0;
  const kind = <u32>load<u8>(position++);
  if (kind == NODE_SECRET) {
    const length = hashLength(treeKdf(tree));
    if (end - position < length) return 0;
    const node = newSecretNode(tree);
    copyBytes(node + NODE_HEADER, position, length);
    position += length;
    return node;
  }
  if (kind == NODE_BRANCH && level > 0) {
    const left = readNode(tree, level - 1);
    const right = left == 0 ? 0 : readNode(tree, level - 1);
    if (right == 0) end = 0;
    return newBranch(left, right);
  }
  if (kind == NODE_LEAF && level == 0) {
    const leaf = newLeaf(tree);
    if (!readRatchet(tree, ratchetOf(tree, leaf, 0)) || !readRatchet(tree, ratchetOf(tree, leaf, 1))) end = 0;
    return leaf;
  }
  return 0;
}

function readRatchet(tree: usize, ratchet: usize): bool {
  const secretLength = hashLength(treeKdf(tree));
  if (position > end || end - position < RATCHET_FIELDS + secretLength) return false;
  const count = load<u32>(position, 8);
  const skippedLength = <usize>count * skippedBytes(tree);
  if (count > treeWindow(tree) || end - position - RATCHET_FIELDS - secretLength < skippedLength) return false;
  store<u32>(ratchet, load<u32>(position), RATCHET_GENERATION);
  store<u32>(ratchet, load<u32>(position, 4), RATCHET_EXHAUSTED);
  copyBytes(ratchet + RATCHET_SECRET, position + RATCHET_FIELDS, secretLength);
  position += RATCHET_FIELDS + secretLength;
  if (count > 0) {
    const block = allocate(<usize>treeWindow(tree) * skippedBytes(tree));
    copyBytes(block, position, skippedLength);
    store<u32>(ratchet, count, RATCHET_SKIPPED_COUNT);
    store<u32>(ratchet, <u32>block, RATCHET_SKIPPED);
    position += skippedLength;
  }
  return true;
}
