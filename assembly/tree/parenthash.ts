// Parent hashes (RFC 9420 section 7.9), one at a time: along a committer's path.

import { hash } from "../hash/hash";
import { scratch, scratchMark, scratchRelease } from "../memory";
import { contentOf, hashLengthOf, kdfOf, keyCell, keyLengthOf } from "./columns";
import { treeHashOf, writeVector } from "./hash";
import { parentHashBytes, parentHashLength } from "./parent";

/** At least the bytes of the node's ParentHashInput. */
export function parentHashInputBound(view: usize, node: u32): usize {
  return 16 + keyLengthOf(view) + parentHashLength(contentOf(view, node)) + hashLengthOf(view);
}

/**
 * The ParentHashInput of `node`, always with the parent_hash it stores (MLS-7.9-01), given the
 * original tree hash of the sibling. Returns its length.
 */
export function writeParentHashInput(to: usize, view: usize, node: u32, siblingHash: usize): usize {
  const parentHash = contentOf(view, node);
  let at = writeVector(to, keyCell(view, node), keyLengthOf(view));
  at = writeVector(at, parentHashBytes(parentHash), parentHashLength(parentHash));
  at = writeVector(at, siblingHash, hashLengthOf(view));
  return at - to;
}

/** The parent hash of `node` with respect to the child `sibling`; `node` has no unmerged leaves. */
export function parentHashOf(dst: usize, view: usize, node: u32, sibling: u32): void {
  const mark = scratchMark();
  const message = scratch(parentHashInputBound(view, node));
  const length = writeParentHashInput(message, view, node, treeHashOf(view, sibling));
  hash(kdfOf(view), dst, message, length);
  scratchRelease(mark);
}
