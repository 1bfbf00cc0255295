// Life of a tree handle. A base holds an epoch's tree; `fork` stages changes beside it without a
// copy; `merge` makes them the base's and leaves an undo that still answers for the leaves of the
// epoch before; `release` forgets any of the three.

import { copyBytes } from "../bytes";
import { freeHandle, newHandle, repointHandle, resolveHandle } from "../handle";
import { HANDLE_TREE, UNDO_BLANK, UNDO_UNTOUCHED } from "../layout";
import { allocate, release } from "../memory";
import { STATUS_HANDLE, STATUS_OK } from "../status";
import {
  BASE,
  CHANGED,
  flagsOf,
  isPresent,
  leafCountOf,
  mapEntry,
  moveRow,
  nodeOfRow,
  OVERLAY,
  releaseColumns,
  reserveRows,
  resizeMap,
  takeContent,
  UNDO,
  VIEW_BASE,
  VIEW_BASE_HANDLE,
  VIEW_BYTES,
  VIEW_HASH_LENGTH,
  VIEW_KDF,
  VIEW_KEY_LENGTH,
  VIEW_KEYS,
  VIEW_KIND,
  VIEW_LEAF_COUNT,
  VIEW_MAP,
  VIEW_MAP_CAPACITY,
  VIEW_PRIVATE,
  VIEW_ROWS,
  VIEW_SEED,
  VIEW_VERSION,
} from "./columns";
import { hashLength } from "../hash/hash";
import { listKeys, reserveKeys, unlistKeys } from "./keys";
import { leafBytes, leafLength } from "./leaf";
import { levelOf } from "./math";

const FIRST_ROWS: u32 = 32;

// No two trees, and no two epochs of one, have the same version: a new base may stand where one that is gone has stood.
let lastVersion: u32 = 0;

/** A base of one blank leaf. */
export function newBase(kdf: i32, publicKeyLength: usize, seed: usize): usize {
  const view = allocate(VIEW_BYTES);
  store<u32>(view, BASE, VIEW_KIND);
  store<u32>(view, <u32>view, VIEW_BASE);
  store<u32>(view, 1, VIEW_LEAF_COUNT);
  store<u32>(view, ++lastVersion, VIEW_VERSION);
  store<i32>(view, kdf, VIEW_KDF);
  store<u32>(view, <u32>publicKeyLength, VIEW_KEY_LENGTH);
  store<u32>(view, <u32>hashLength(kdf), VIEW_HASH_LENGTH);
  copyBytes(view + VIEW_SEED, seed, 16);
  reserveRows(view, 2);
  return view;
}

/** The base or the overlay behind a handle; 0 for anything else and for an overlay that a merge has outdated. */
export function viewAt(handle: i32): usize {
  const view = resolveHandle(handle, HANDLE_TREE);
  if (view == 0) return 0;
  const kind = load<u32>(view, VIEW_KIND);
  if (kind == BASE) return view;
  if (kind == UNDO) return 0;
  const base = resolveHandle(load<i32>(view, VIEW_BASE_HANDLE), HANDLE_TREE);
  // Another tree may have come to the handle of one that is gone.
  if (<u32>base != load<u32>(view, VIEW_BASE) || load<u32>(base, VIEW_VERSION) != load<u32>(view, VIEW_VERSION))
    return 0;
  return view;
}

/** The base behind a handle, else 0. */
export function baseAt(handle: i32): usize {
  const view = viewAt(handle);
  return view == 0 || load<u32>(view, VIEW_KIND) != BASE ? 0 : view;
}

/** The overlay behind a handle, else 0. */
export function overlayAt(handle: i32): usize {
  const view = viewAt(handle);
  return view == 0 || load<u32>(view, VIEW_KIND) == BASE ? 0 : view;
}

/** Stages changes to a base: a new handle. The base must not be forked from an overlay. */
export function treeFork(handle: i32): i32 {
  const base = baseAt(handle);
  if (base == 0) return STATUS_HANDLE;
  const view = allocate(VIEW_BYTES);
  store<u32>(view, OVERLAY, VIEW_KIND);
  store<u32>(view, <u32>base, VIEW_BASE);
  store<u32>(view, leafCountOf(base), VIEW_LEAF_COUNT);
  store<i32>(view, load<i32>(base, VIEW_KDF), VIEW_KDF);
  store<u32>(view, load<u32>(base, VIEW_KEY_LENGTH), VIEW_KEY_LENGTH);
  store<u32>(view, load<u32>(base, VIEW_HASH_LENGTH), VIEW_HASH_LENGTH);
  store<u32>(view, load<u32>(base, VIEW_VERSION), VIEW_VERSION);
  store<i32>(view, handle, VIEW_BASE_HANDLE);
  copyBytes(view + VIEW_SEED, base + VIEW_SEED, 16);
  reserveRows(view, FIRST_ROWS);
  resizeMap(view, FIRST_ROWS * 2);
  return newHandle(HANDLE_TREE, view);
}

/**
 * Makes the overlay's tree the base's. The overlay's handle then names the undo; overlays forked
 * from the same epoch are outdated.
 */
export function treeMerge(handle: i32): i32 {
  const overlay = overlayAt(handle);
  if (overlay == 0) return STATUS_HANDLE;
  const base = <usize>load<u32>(overlay, VIEW_BASE);
  const rows = load<u32>(overlay, VIEW_ROWS);
  const undo = newUndo(overlay, base);
  let added: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const node = nodeOfRow(overlay, row);
    if ((flagsOf(overlay, node) & CHANGED) == 0) continue;
    if (isPresent(base, node)) unlistKeys(base, node);
    if (isPresent(overlay, node)) added += 2;
    if (levelOf(node) == 0) {
      const entry = mapEntry(undo, (node >> 1) + 1);
      store<u32>(entry, (node >> 1) + 1);
      store<u32>(entry, <u32>takeContent(base, node), 4);
    }
  }
  reserveKeys(base, added);
  for (let row: u32 = 0; row < rows; row++) {
    const node = nodeOfRow(overlay, row);
    const changed = (flagsOf(overlay, node) & CHANGED) != 0;
    moveRow(overlay, base, node);
    if (changed && isPresent(base, node)) listKeys(base, node);
  }
  store<u32>(base, leafCountOf(overlay), VIEW_LEAF_COUNT);
  store<u32>(base, ++lastVersion, VIEW_VERSION);
  if (load<u32>(overlay, VIEW_PRIVATE) != 0) {
    release(<usize>load<u32>(base, VIEW_PRIVATE));
    store<u32>(base, load<u32>(overlay, VIEW_PRIVATE), VIEW_PRIVATE);
    store<u32>(overlay, 0, VIEW_PRIVATE);
  }
  releaseView(overlay);
  repointHandle(handle, undo);
  return STATUS_OK;
}

/** An undo with room for every leaf that the overlay changed. */
function newUndo(overlay: usize, base: usize): usize {
  const rows = load<u32>(overlay, VIEW_ROWS);
  let leaves: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    if (levelOf(nodeOfRow(overlay, row)) == 0) leaves++;
  }
  const undo = allocate(VIEW_BYTES);
  store<u32>(undo, UNDO, VIEW_KIND);
  store<u32>(undo, leafCountOf(base), VIEW_LEAF_COUNT);
  copyBytes(undo + VIEW_SEED, base + VIEW_SEED, 16);
  let capacity: u32 = 4;
  while (capacity < leaves * 2) capacity <<= 1;
  resizeMap(undo, capacity);
  return undo;
}

/** Forgets a base, discards an overlay or drops an undo, whatever the handle names. */
export function treeRelease(handle: i32): i32 {
  const view = resolveHandle(handle, HANDLE_TREE);
  if (view == 0) return STATUS_HANDLE;
  releaseView(view);
  freeHandle(handle);
  return STATUS_OK;
}

export function releaseView(view: usize): void {
  if (load<u32>(view, VIEW_KIND) == UNDO) {
    const map = <usize>load<u32>(view, VIEW_MAP);
    const capacity = <usize>load<u32>(view, VIEW_MAP_CAPACITY);
    for (let i: usize = 0; i < capacity; i++) release(<usize>load<u32>(map + (i << 3), 4));
  } else {
    releaseColumns(view);
  }
  release(<usize>load<u32>(view, VIEW_MAP));
  release(<usize>load<u32>(view, VIEW_KEYS));
  release(<usize>load<u32>(view, VIEW_PRIVATE));
  release(view);
}

function undoAt(handle: i32): usize {
  const view = resolveHandle(handle, HANDLE_TREE);
  return view == 0 || load<u32>(view, VIEW_KIND) != UNDO ? 0 : view;
}

/** Leaves that the tree had before the merge, blank or not. */
export function treeUndoLeafCount(handle: i32): i32 {
  const undo = undoAt(handle);
  return undo == 0 ? STATUS_HANDLE : <i32>leafCountOf(undo);
}

/**
 * The leaf as it was before the merge: STATUS_OK and its address and length at `out`, UNDO_BLANK, or
 * UNDO_UNTOUCHED where that merge did not change it (ask the next one, at last the base).
 */
export function treeUndoLeaf(handle: i32, leafIndex: u32, out: usize): i32 {
  const undo = undoAt(handle);
  if (undo == 0) return STATUS_HANDLE;
  if (leafIndex >= leafCountOf(undo)) return UNDO_BLANK;
  const entry = mapEntry(undo, leafIndex + 1);
  if (load<u32>(entry) == 0) return UNDO_UNTOUCHED;
  const block = <usize>load<u32>(entry, 4);
  if (block == 0) return UNDO_BLANK;
  store<u32>(out, <u32>leafBytes(block));
  store<u32>(out, <u32>leafLength(block), 4);
  return STATUS_OK;
}

/** Writes the leaf indices that the merge changed to `dst`, in no order, and returns how many there are of them. */
export function treeUndoChanged(handle: i32, dst: usize, capacity: u32): i32 {
  const undo = undoAt(handle);
  if (undo == 0) return STATUS_HANDLE;
  const map = <usize>load<u32>(undo, VIEW_MAP);
  const entries = <usize>load<u32>(undo, VIEW_MAP_CAPACITY);
  let count: u32 = 0;
  for (let i: usize = 0; i < entries; i++) {
    const name = load<u32>(map + (i << 3));
    if (name == 0 || name > leafCountOf(undo)) continue;
    if (count < capacity) store<u32>(dst + ((<usize>count) << 2), name - 1);
    count++;
  }
  return <i32>count;
}
