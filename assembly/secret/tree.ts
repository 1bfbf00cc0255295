// The secret tree (RFC 9420, section 9), derived only as far as it is used.
//
// A node is one of three records: a secret not yet used, a branch whose secret is gone, or a leaf
// with its two ratchets. Deriving a leaf turns every secret on its path into a branch and leaves
// the siblings (MLS-9.2-03), so a group of 2^17 members costs what its senders cost.
//
// A tree: kdf | aead | depth | window | forward limit | root.
// A ratchet: generation u32 | state u32 | number of skipped keys u32 | their block u32 | secret.

import { copyBytes } from "../bytes";
import { aeadKeyLength } from "../aead/aead";
import { freeHandle, newHandle, resolveHandle } from "../handle";
import { hashLength } from "../hash/hash";
import { deriveSecret, expandWithLabel } from "../hash/labels";
import { HANDLE_SECRET_TREE, RATCHET_APPLICATION } from "../layout";
import { allocate, release } from "../memory";
import { STATUS_ARGUMENT, STATUS_HANDLE, STATUS_INDEX, STATUS_OK, STATUS_UNSUPPORTED } from "../status";
import { secretAt, secretLength, secretRelease } from "./slots";

const TREE_KDF: usize = 0;
const TREE_AEAD: usize = 4;
const TREE_DEPTH: usize = 8;
const TREE_WINDOW: usize = 12;
const TREE_FORWARD: usize = 16;
const TREE_ROOT: usize = 20;
const TREE_BYTES: usize = 32;

/** Kinds of nodes, the first word of each. */
export const NODE_SECRET: u32 = 1;
export const NODE_BRANCH: u32 = 2;
export const NODE_LEAF: u32 = 3;

/** Where a branch holds the addresses of its children; where secrets and ratchets begin. */
export const BRANCH_LEFT: usize = 4;
export const BRANCH_RIGHT: usize = 8;
export const NODE_HEADER: usize = 16;

export const RATCHET_GENERATION: usize = 0;
/** 0 while the ratchet can move, 1 after generation 2^32-1. */
export const RATCHET_EXHAUSTED: usize = 4;
export const RATCHET_SKIPPED_COUNT: usize = 8;
export const RATCHET_SKIPPED: usize = 12;
export const RATCHET_SECRET: usize = 16;

// "tree" "left" "right" "handshake" "application"
const treeLabel: usize = memory.data<u8>([0x74, 0x72, 0x65, 0x65]);
const leftContext: usize = memory.data<u8>([0x6c, 0x65, 0x66, 0x74]);
const rightContext: usize = memory.data<u8>([0x72, 0x69, 0x67, 0x68, 0x74]);
const handshakeLabel: usize = memory.data<u8>([0x68, 0x61, 0x6e, 0x64, 0x73, 0x68, 0x61, 0x6b, 0x65]);
const applicationLabel: usize = memory.data<u8>([0x61, 0x70, 0x70, 0x6c, 0x69, 0x63, 0x61, 0x74, 0x69, 0x6f, 0x6e]);

export function treeKdf(tree: usize): i32 {
  return load<i32>(tree, TREE_KDF);
}
export function treeAead(tree: usize): i32 {
  return load<i32>(tree, TREE_AEAD);
}
export function treeDepth(tree: usize): u32 {
  return load<u32>(tree, TREE_DEPTH);
}
/** Keys kept per ratchet for messages that have not come yet. */
export function treeWindow(tree: usize): u32 {
  return load<u32>(tree, TREE_WINDOW);
}
/** Generations by which one message may move a ratchet. */
export function treeForward(tree: usize): u32 {
  return load<u32>(tree, TREE_FORWARD);
}
export function treeRoot(tree: usize): usize {
  return <usize>load<u32>(tree, TREE_ROOT);
}
export function setTreeRoot(tree: usize, node: usize): void {
  store<u32>(tree, <u32>node, TREE_ROOT);
}

/** A tree without a root; 0 when a parameter is not usable. */
export function newTree(kdf: i32, aead: i32, depth: u32, window: u32, forward: u32): usize {
  if (hashLength(kdf) == 0 || aeadKeyLength(aead) == 0 || depth > 31 || window > 65536) return 0;
  const tree = allocate(TREE_BYTES);
  store<i32>(tree, kdf, TREE_KDF);
  store<i32>(tree, aead, TREE_AEAD);
  store<u32>(tree, depth, TREE_DEPTH);
  store<u32>(tree, window, TREE_WINDOW);
  store<u32>(tree, forward, TREE_FORWARD);
  return tree;
}

/** An empty leaf; its ratchets are the caller's to fill. */
export function newLeaf(tree: usize): usize {
  const leaf = allocate(NODE_HEADER + 2 * ratchetBytes(tree));
  store<u32>(leaf, NODE_LEAF);
  return leaf;
}

/** A node with a secret of Nh bytes, the caller's to fill. */
export function newSecretNode(tree: usize): usize {
  const node = allocate(NODE_HEADER + hashLength(treeKdf(tree)));
  store<u32>(node, NODE_SECRET);
  return node;
}

export function newBranch(left: usize, right: usize): usize {
  const branch = allocate(NODE_HEADER);
  store<u32>(branch, NODE_BRANCH);
  store<u32>(branch, <u32>left, BRANCH_LEFT);
  store<u32>(branch, <u32>right, BRANCH_RIGHT);
  return branch;
}

function ratchetBytes(tree: usize): usize {
  return RATCHET_SECRET + hashLength(treeKdf(tree));
}

/** The ratchet of a kind in a leaf. */
export function ratchetOf(tree: usize, leaf: usize, kind: i32): usize {
  return leaf + NODE_HEADER + (kind == RATCHET_APPLICATION ? ratchetBytes(tree) : 0);
}

/**
 * The secret tree of an epoch for `leafCount` leaves (a power of two), rooted in the encryption_secret, which is
 * wiped: the tree now owns it.
 */
export function secretTreeCreate(
  kdf: i32,
  aead: i32,
  encryptionSecret: i32,
  leafCount: u32,
  window: u32,
  forward: u32,
): i32 {
  const from = secretAt(encryptionSecret);
  if (from == 0) return STATUS_HANDLE;
  if (leafCount == 0 || (leafCount & (leafCount - 1)) != 0) return STATUS_ARGUMENT;
  if (secretLength(encryptionSecret) != <i32>hashLength(kdf)) return STATUS_ARGUMENT;
  const tree = newTree(kdf, aead, ctz(leafCount), window, forward);
  if (tree == 0) return STATUS_UNSUPPORTED;
  const root = newSecretNode(tree);
  copyBytes(root + NODE_HEADER, from, hashLength(kdf));
  setTreeRoot(tree, root);
  secretRelease(encryptionSecret);
  return newHandle(HANDLE_SECRET_TREE, tree);
}

/** The tree behind a handle, 0 for a handle that is none. */
export function secretTreeAt(handle: i32): usize {
  return resolveHandle(handle, HANDLE_SECRET_TREE);
}

/** Wipes the whole tree and forgets its handle. */
export function secretTreeRelease(handle: i32): i32 {
  const tree = secretTreeAt(handle);
  if (tree == 0) return STATUS_HANDLE;
  releaseTree(tree);
  freeHandle(handle);
  return STATUS_OK;
}

export function releaseTree(tree: usize): void {
  releaseNode(tree, treeRoot(tree));
  release(tree);
}

// At most 32 deep, as deep as the tree.
function releaseNode(tree: usize, node: usize): void {
  if (node == 0) return;
  const kind = load<u32>(node);
  if (kind == NODE_BRANCH) {
    releaseNode(tree, <usize>load<u32>(node, BRANCH_LEFT));
    releaseNode(tree, <usize>load<u32>(node, BRANCH_RIGHT));
  } else if (kind == NODE_LEAF) {
    release(<usize>load<u32>(ratchetOf(tree, node, 0), RATCHET_SKIPPED));
    release(<usize>load<u32>(ratchetOf(tree, node, 1), RATCHET_SKIPPED));
  }
  release(node);
}

/** STATUS_OK when the tree has this leaf. */
export function checkLeaf(tree: usize, leafIndex: u32): i32 {
  return (<u64>leafIndex) >> (<u64>treeDepth(tree)) == 0 ? STATUS_OK : STATUS_INDEX;
}

// Where the path to the leaf goes below the node at `level` (the leaf's own level is 0).
function childSlot(leafIndex: u32, level: u32): usize {
  return ((leafIndex >> (level - 1)) & 1) == 0 ? BRANCH_LEFT : BRANCH_RIGHT;
}

/** The deepest record on the way to a leaf: the leaf itself once it is derived, else an ancestor's (or its own) secret. */
export function deepestNode(tree: usize, leafIndex: u32): usize {
  let node = treeRoot(tree);
  let level = treeDepth(tree);
  while (load<u32>(node) == NODE_BRANCH) node = <usize>load<u32>(node + childSlot(leafIndex, level--));
  return node;
}

function levelOfDeepest(tree: usize, leafIndex: u32): u32 {
  let node = treeRoot(tree);
  let level = treeDepth(tree);
  while (load<u32>(node) == NODE_BRANCH) node = <usize>load<u32>(node + childSlot(leafIndex, level--));
  return level;
}

// MLS-9-01
function deriveChild(kdf: i32, dst: usize, secret: usize, slot: usize): void {
  const length = hashLength(kdf);
  if (slot == BRANCH_LEFT) expandWithLabel(kdf, dst, length, secret, length, treeLabel, 4, leftContext, 4);
  else expandWithLabel(kdf, dst, length, secret, length, treeLabel, 4, rightContext, 5);
}

// MLS-9-02
function deriveRatchet(kdf: i32, dst: usize, leafSecret: usize, kind: i32): void {
  if (kind == RATCHET_APPLICATION) deriveSecret(kdf, dst, leafSecret, applicationLabel, 11);
  else deriveSecret(kdf, dst, leafSecret, handshakeLabel, 9);
}

/** Writes the first ratchet secret of a leaf that is not derived yet, and leaves the tree as it is (MLS-9.2-06). */
export function peekRatchet(tree: usize, leafIndex: u32, kind: i32, dst: usize): void {
  const kdf = treeKdf(tree);
  copyBytes(dst, deepestNode(tree, leafIndex) + NODE_HEADER, hashLength(kdf));
  for (let level = levelOfDeepest(tree, leafIndex); level > 0; level--) {
    deriveChild(kdf, dst, dst, childSlot(leafIndex, level));
  }
  deriveRatchet(kdf, dst, dst, kind);
}

/** The leaf's record, derived if need be: every secret on its path is deleted, the siblings stay (MLS-9.2-03). */
export function deriveLeaf(tree: usize, leafIndex: u32): usize {
  const kdf = treeKdf(tree);
  let at = tree + TREE_ROOT;
  let level = treeDepth(tree);
  while (true) {
    const node = <usize>load<u32>(at);
    const kind = load<u32>(node);
    if (kind == NODE_LEAF) return node;
    if (level == 0) {
      const leaf = newLeaf(tree);
      deriveRatchet(kdf, ratchetOf(tree, leaf, 0) + RATCHET_SECRET, node + NODE_HEADER, 0);
      deriveRatchet(kdf, ratchetOf(tree, leaf, 1) + RATCHET_SECRET, node + NODE_HEADER, 1);
      store<u32>(at, <u32>leaf);
      release(node);
      return leaf;
    }
    let branch = node;
    if (kind == NODE_SECRET) {
      const left = newSecretNode(tree);
      const right = newSecretNode(tree);
      deriveChild(kdf, left + NODE_HEADER, node + NODE_HEADER, BRANCH_LEFT);
      deriveChild(kdf, right + NODE_HEADER, node + NODE_HEADER, BRANCH_RIGHT);
      branch = newBranch(left, right);
      store<u32>(at, <u32>branch);
      release(node);
    }
    at = branch + childSlot(leafIndex, level);
    level--;
  }
  return 0;
}
