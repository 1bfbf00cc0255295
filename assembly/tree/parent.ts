// Parent nodes: blanking, setting, unmerged leaves, and the block that holds a parent_hash. That is a
// vector on the wire, and a stored value keeps its own length (MLS-7.9-01): a root's is never checked.

import { copyBytes, wipe } from "../bytes";
import { allocate } from "../memory";
import {
  CHANGED,
  EXTENDED,
  flagsOf,
  isPresent,
  keyCell,
  keyLengthOf,
  OWNS_UNMERGED,
  PRESENT,
  setContent,
  setFlags,
  setUnmerged,
  unmergedOf,
} from "./columns";
import { listKeys } from "./keys";
import { copyUnmergedWith, insertUnmerged } from "./unmerged";

const BYTES: usize = 4;

/** The block of a parent_hash; 0 for the empty one. */
export function newParentHash(bytes: usize, length: usize): usize {
  if (length == 0) return 0;
  const block = allocate(BYTES + length);
  store<u32>(block, <u32>length);
  copyBytes(block + BYTES, bytes, length);
  return block;
}

export function parentHashLength(block: usize): usize {
  return block == 0 ? 0 : <usize>load<u32>(block);
}

export function parentHashBytes(block: usize): usize {
  return block + BYTES;
}

/** Blanks a parent whose row is the view's own. */
export function blankParent(view: usize, node: u32): void {
  if (!isPresent(view, node)) return;
  setContent(view, node, 0);
  setUnmerged(view, node, 0);
  wipe(keyCell(view, node), keyLengthOf(view));
  setFlags(view, node, (flagsOf(view, node) & ~PRESENT) | CHANGED);
}

/** Gives a parent whose row is the view's own a key, no unmerged leaves, and this parent_hash. */
export function setParent(view: usize, node: u32, key: usize, parentHash: usize, parentHashLength: usize): void {
  setContent(view, node, newParentHash(parentHash, parentHashLength));
  setUnmerged(view, node, 0);
  copyBytes(keyCell(view, node), key, keyLengthOf(view));
  setFlags(view, node, flagsOf(view, node) | PRESENT | CHANGED);
  listKeys(view, node);
}

/** Adds a leaf to the unmerged leaves of a parent whose row is the view's own (MLS-12.1.1-02). */
export function addUnmerged(view: usize, node: u32, leafIndex: u32): void {
  const list = unmergedOf(view, node);
  if ((flagsOf(view, node) & OWNS_UNMERGED) == 0 || !insertUnmerged(list, leafIndex)) {
    setUnmerged(view, node, copyUnmergedWith(list, leafIndex));
  }
  setFlags(view, node, flagsOf(view, node) | EXTENDED);
}
