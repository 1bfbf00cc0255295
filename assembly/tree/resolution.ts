// Resolutions and paths (RFC 9420 sections 4.1.1 and 4.1.2). A subtree without members has an empty
// resolution: parents above no leaf are refused at import and never arise.

import { isPresent, leafCountOf, membersOf, unmergedOf } from "./columns";
import { childAway, leftOf, LEVELS, parentOf, rightOf, rootOf } from "./math";
import { unmergedAt, unmergedCount } from "./unmerged";

// Right children that wait while a descent goes left: at most one per level.
const waiting: usize = memory.data(LEVELS << 2, 4);

/** The resolution of `node`: see `resolutionUpTo`. */
export function resolutionOf(view: usize, node: u32, to: usize, capacity: u32): u32 {
  return resolutionUpTo(view, node, to, capacity, u32.MAX_VALUE);
}

/**
 * The resolution of `node`, in order. Writes the first `capacity` node indices (u32) at `to` and
 * returns how many there are; stops early once they are more than `limit`.
 */
export function resolutionUpTo(view: usize, node: u32, to: usize, capacity: u32, limit: u32): u32 {
  let count: u32 = 0;
  let depth: usize = 1;
  store<u32>(waiting, node);
  while (depth > 0 && count <= limit) {
    depth--;
    let next = load<u32>(waiting + (depth << 2));
    // MLS-4.1.1-03: a blank parent resolves to its children, left before right.
    while (!isPresent(view, next) && membersOf(view, next) != 0) {
      store<u32>(waiting + (depth << 2), rightOf(next));
      depth++;
      next = leftOf(next);
    }
    if (!isPresent(view, next)) continue;
    // MLS-4.1.1-02: the node, then its unmerged leaves in the order of their list.
    if (count < capacity) store<u32>(to + ((<usize>count) << 2), next);
    count++;
    const list = unmergedOf(view, next);
    const unmerged = unmergedCount(list);
    for (let i: u32 = 0; i < unmerged; i++) {
      if (count < capacity) store<u32>(to + ((<usize>count) << 2), unmergedAt(list, i) << 1);
      count++;
    }
  }
  return count;
}

/**
 * The filtered direct path of a leaf (MLS-4.1.2-02), from the bottom: node indices (u32) at `to`,
 * which has room for `LEVELS`. Returns how many there are.
 */
export function filteredDirectPathOf(view: usize, leafIndex: u32, to: usize): u32 {
  const root = rootOf(leafCountOf(view));
  const leaf = leafIndex << 1;
  let count: u32 = 0;
  for (let node = leaf; node != root;) {
    node = parentOf(node);
    if (membersOf(view, childAway(node, leaf)) == 0) continue;
    store<u32>(to + ((<usize>count) << 2), node);
    count++;
  }
  return count;
}
