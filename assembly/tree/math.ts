// Index arithmetic of the array representation (RFC 9420 Appendix C): leaf L is node 2L, the nodes
// stand in in-order, and a tree of 2^d leaves has its root at node 2^d - 1. Doubling a tree keeps
// every index.

import { STATUS_INDEX } from "../status";

/** The largest tree this core holds, in leaves; node indices then fit 25 bits. */
export const LEAF_COUNT_CAP: u32 = 1 << 24;

/** Levels a path can have, the leaf's own included. */
export const LEVELS: i32 = 25;

/** 0 for a leaf, else the height of the subtree below `node`. */
export function levelOf(node: u32): u32 {
  return ctz(~node);
}

/** Nodes of a tree of `leafCount` leaves (a power of two). */
export function nodeCountOf(leafCount: u32): u32 {
  return 2 * leafCount - 1;
}

export function rootOf(leafCount: u32): u32 {
  return leafCount - 1;
}

export function leftOf(parent: u32): u32 {
  return parent ^ (1 << (levelOf(parent) - 1));
}

export function rightOf(parent: u32): u32 {
  return parent ^ (3 << (levelOf(parent) - 1));
}

/** The parent of a node that is not the root. */
export function parentOf(node: u32): u32 {
  const level = levelOf(node);
  const turn = (node >> (level + 1)) & 1;
  return (node | (1 << level)) ^ (turn << (level + 1));
}

export function siblingOf(node: u32): u32 {
  const parent = parentOf(node);
  return node < parent ? rightOf(parent) : leftOf(parent);
}

/** The child of `ancestor` whose subtree holds `node`. */
export function childToward(ancestor: u32, node: u32): u32 {
  return node < ancestor ? leftOf(ancestor) : rightOf(ancestor);
}

/** The child of `ancestor` whose subtree does not hold `node`. */
export function childAway(ancestor: u32, node: u32): u32 {
  return node < ancestor ? rightOf(ancestor) : leftOf(ancestor);
}

/** First node of the subtree under `node`. */
export function firstBelow(node: u32): u32 {
  return node + 1 - (1 << levelOf(node));
}

/** Last node of the subtree under `node`. */
export function lastBelow(node: u32): u32 {
  return node - 1 + (1 << levelOf(node));
}

export function isBelow(node: u32, ancestor: u32): bool {
  return node >= firstBelow(ancestor) && node <= lastBelow(ancestor);
}

// The same for the other side of the boundary, with every argument checked (MLS-4.1.1-01).

function isNode(node: u32, leafCount: u32): bool {
  return leafCount != 0 && popcnt(leafCount) == 1 && leafCount <= LEAF_COUNT_CAP && node < nodeCountOf(leafCount);
}

export function nodeLeft(node: u32, leafCount: u32): i32 {
  if (!isNode(node, leafCount) || levelOf(node) == 0) return STATUS_INDEX;
  return <i32>leftOf(node);
}

export function nodeRight(node: u32, leafCount: u32): i32 {
  if (!isNode(node, leafCount) || levelOf(node) == 0) return STATUS_INDEX;
  return <i32>rightOf(node);
}

export function nodeParent(node: u32, leafCount: u32): i32 {
  if (!isNode(node, leafCount) || node == rootOf(leafCount)) return STATUS_INDEX;
  return <i32>parentOf(node);
}

export function nodeSibling(node: u32, leafCount: u32): i32 {
  if (!isNode(node, leafCount) || node == rootOf(leafCount)) return STATUS_INDEX;
  return <i32>siblingOf(node);
}
