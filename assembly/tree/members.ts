// The shape of a tree: how many leaves below a node are not blank. From that count, one descent
// finds the leftmost blank leaf and the rightmost leaf, and tells an empty half.

import {
  flagsOf,
  HASHED,
  leafCountOf,
  membersOf,
  ownRow,
  reserveRows,
  setFlags,
  setMembers,
  VIEW_BASE,
  VIEW_LEAF_COUNT,
} from "./columns";
import { LEAF_COUNT_CAP, leftOf, levelOf, parentOf, rightOf, rootOf } from "./math";
import { blankParent } from "./parent";

/** Prepares `node` for a change: its row is the view's own and its tree hash no longer holds. */
export function touch(view: usize, node: u32): void {
  ownRow(view, node);
  setFlags(view, node, flagsOf(view, node) & ~HASHED);
}

/** Prepares `node` and all its ancestors, and adds `difference` to the members of the ancestors. */
export function touchPath(view: usize, node: u32, difference: i32): void {
  const root = rootOf(leafCountOf(view));
  touch(view, node);
  while (node != root) {
    node = parentOf(node);
    touch(view, node);
    if (difference != 0) setMembers(view, node, membersOf(view, node) + difference);
  }
}

/** The leftmost blank leaf, or the leaf count when there is none (MLS-12.1.1-01). */
export function leftmostBlank(view: usize): u32 {
  const leafCount = leafCountOf(view);
  let node = rootOf(leafCount);
  if (membersOf(view, node) == leafCount) return leafCount;
  while (levelOf(node) != 0) {
    const left = leftOf(node);
    node = membersOf(view, left) < 1 << levelOf(left) ? left : rightOf(node);
  }
  return node >> 1;
}

/** The rightmost leaf that is not blank, as a leaf index; -1 in an empty tree. */
export function rightmostMember(view: usize): i32 {
  let node = rootOf(leafCountOf(view));
  if (membersOf(view, node) == 0) return -1;
  while (levelOf(node) != 0) {
    const right = rightOf(node);
    node = membersOf(view, right) != 0 ? right : leftOf(node);
  }
  return <i32>(node >> 1);
}

/** Doubles the tree (MLS-7.7-01): the old root becomes the left child of a blank one. */
export function extend(view: usize): bool {
  const leafCount = leafCountOf(view);
  if (leafCount >= LEAF_COUNT_CAP) return false;
  // The room is the base's also for an overlay: blank nodes there have their tree hashes cached
  // beyond the base's own size, where they hold for everyone (a blank leaf hashes its index alone).
  const base = <usize>load<u32>(view, VIEW_BASE);
  reserveRows(base, leafCount * 4);
  store<u32>(view, leafCount * 2, VIEW_LEAF_COUNT);
  const root = rootOf(leafCount * 2);
  touch(view, root);
  setMembers(view, root, membersOf(view, rootOf(leafCount)));
  return true;
}

/** Halves the tree while its right half is empty (MLS-7.7-02, MLS-12.1.3-01). */
export function truncate(view: usize): void {
  for (;;) {
    const leafCount = leafCountOf(view);
    const root = rootOf(leafCount);
    if (leafCount == 1 || membersOf(view, rightOf(root)) != 0) return;
    touch(view, root);
    blankParent(view, root);
    setMembers(view, root, 0);
    store<u32>(view, leafCount / 2, VIEW_LEAF_COUNT);
  }
}
