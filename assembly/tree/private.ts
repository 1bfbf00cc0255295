// The private keys of a member's own direct path (RFC 9420 section 4.2), in a block beside the tree.
//
// The base holds the epoch's; an overlay that changes them gets a copy, which a merge adopts and a
// release wipes. While a member builds a path of its own, the block also holds its path secrets.

import { copyBytes, wipe } from "../bytes";
import { HANDLE_WRITER, TREE_RULE_NONE } from "../layout";
import { resolveHandle } from "../handle";
import { allocate } from "../memory";
import { beginItem, endItem, nextItem, readerAt, takeItem, writerExtend } from "../secret/vault";
import { secretAt, secretImport, secretLength } from "../secret/slots";
import { STATUS_ARGUMENT, STATUS_HANDLE, STATUS_INDEX, STATUS_MALFORMED, STATUS_OK } from "../status";
import { CHANGED, flagsOf, leafCountOf, VIEW_BASE, VIEW_PRIVATE } from "./columns";
import { fault } from "./fault";
import { isBelow, levelOf, LEVELS, nodeCountOf, rootOf } from "./math";
import { overlayAt, viewAt } from "./overlay";

const LEAF_INDEX: usize = 0;
const KEY_LENGTH: usize = 4;
/** Nodes of the path under construction, 0 when there is none. */
const PATH_COUNT: usize = 8;
// Per level of the direct path: 1 when the key is known, then the key.
const SLOTS: usize = 16;
const SLOT: usize = 80;
const SLOT_KEY: usize = 8;
const LONGEST_KEY: usize = 72;
// Per node of the path under construction: its index, its public key, its path secret.
const STEPS: usize = SLOTS + <usize>LEVELS * SLOT;
const STEP: usize = 224;
const STEP_PUBLIC: usize = 16;
const STEP_SECRET: usize = 160;
const BLOCK: usize = STEPS + <usize>LEVELS * STEP;

const ITEM_PRIVATE: u32 = 4;

/** The ancestor of a leaf at this level; the leaf's own node at level 0. */
export function ancestorAt(leafIndex: u32, level: u32): u32 {
  return ((leafIndex >> level) << (level + 1)) | ((1 << level) - 1);
}

/** The block that holds for this view, 0 when the member's keys are unknown. */
export function privateOf(view: usize): usize {
  const own = <usize>load<u32>(view, VIEW_PRIVATE);
  return own != 0 ? own : <usize>load<u32>(<usize>load<u32>(view, VIEW_BASE), VIEW_PRIVATE);
}

/** The view's own block: a new one, or a copy of the base's. */
export function ownPrivate(view: usize): usize {
  let block = <usize>load<u32>(view, VIEW_PRIVATE);
  if (block != 0) return block;
  const inherited = privateOf(view);
  block = allocate(BLOCK);
  if (inherited != 0) copyBytes(block, inherited, STEPS);
  setPathCount(block, 0); // the path secrets are not inherited
  store<u32>(view, <u32>block, VIEW_PRIVATE);
  return block;
}

function slotAt(block: usize, level: u32): usize {
  return block + SLOTS + <usize>level * SLOT;
}

export function privateLeaf(block: usize): u32 {
  return load<u32>(block, LEAF_INDEX);
}

export function privateKeyLength(block: usize): usize {
  return <usize>load<u32>(block, KEY_LENGTH);
}

/** The private key of a node on the member's direct path, 0 where it is not known. */
export function privateKeyOf(block: usize, node: u32): usize {
  if (!isBelow(privateLeaf(block) << 1, node)) return 0;
  const slot = slotAt(block, levelOf(node));
  return load<u32>(slot) == 0 ? 0 : slot + SLOT_KEY;
}

/** Notes the private key of a node on the member's direct path (MLS-4.2-01). */
export function setPrivateKey(block: usize, node: u32, key: usize): void {
  const slot = slotAt(block, levelOf(node));
  store<u32>(slot, 1);
  copyBytes(slot + SLOT_KEY, key, privateKeyLength(block));
}

export function forgetPrivateKey(block: usize, level: u32): void {
  wipe(slotAt(block, level), SLOT);
}

/**
 * Drops the keys of nodes that the overlay has blanked, replaced or cut off; the leaf's own stays
 * (MLS-7.5-11). Call it once the proposals, or the path, are applied.
 */
export function prunePrivate(overlay: usize): void {
  const block = ownPrivate(overlay);
  const leafIndex = privateLeaf(block);
  const top = levelOf(rootOf(leafCountOf(overlay)));
  for (let level: u32 = 1; level < <u32>LEVELS; level++) {
    if (level > top || (flagsOf(overlay, ancestorAt(leafIndex, level)) & CHANGED) != 0) forgetPrivateKey(block, level);
  }
}

// ---- The path under construction.

export function pathCount(block: usize): u32 {
  return load<u32>(block, PATH_COUNT);
}

export function setPathCount(block: usize, count: u32): void {
  store<u32>(block, count, PATH_COUNT);
}

function stepAt(block: usize, i: u32): usize {
  return block + STEPS + <usize>i * STEP;
}

export function stepNode(block: usize, i: u32): u32 {
  return load<u32>(stepAt(block, i));
}

export function setStepNode(block: usize, i: u32, node: u32): void {
  store<u32>(stepAt(block, i), node);
}

/** The public key of step `i`; room for the longest of any suite. */
export function stepPublicKey(block: usize, i: u32): usize {
  return stepAt(block, i) + STEP_PUBLIC;
}

/** The path secret of step `i`; room for the longest hash. */
export function stepSecret(block: usize, i: u32): usize {
  return stepAt(block, i) + STEP_SECRET;
}

/** Wipes the path secrets (MLS-7.5-10): once the commit and its Welcome are made. */
export function treeForgetPath(handle: i32): i32 {
  const view = viewAt(handle);
  if (view == 0) return STATUS_HANDLE;
  const block = <usize>load<u32>(view, VIEW_PRIVATE);
  if (block != 0) {
    wipe(block + STEPS, BLOCK - STEPS);
    setPathCount(block, 0);
  }
  return STATUS_OK;
}

// ---- The other side.

/** Says which leaf is the member's own, and its private key. All other keys are forgotten. */
export function treeSetOwnLeaf(handle: i32, leafIndex: u32, key: i32): i32 {
  const view = viewAt(handle);
  const from = secretAt(key);
  if (view == 0 || from == 0) return STATUS_HANDLE;
  const length = <usize>secretLength(key);
  if (length == 0 || length > LONGEST_KEY) return STATUS_ARGUMENT;
  if (leafIndex >= leafCountOf(view)) return fault(STATUS_INDEX, leafIndex << 1, TREE_RULE_NONE);
  const block = ownPrivate(view);
  wipe(block, BLOCK);
  store<u32>(block, leafIndex, LEAF_INDEX);
  store<u32>(block, <u32>length, KEY_LENGTH);
  setPrivateKey(block, leafIndex << 1, from);
  return STATUS_OK;
}

/** Replaces the private key of the member's own leaf: an Update that a commit covers (MLS-12.4.2-14). */
export function treeReplaceOwnKey(handle: i32, key: i32): i32 {
  const view = viewAt(handle);
  const from = secretAt(key);
  if (view == 0 || from == 0 || privateOf(view) == 0) return STATUS_HANDLE;
  const block = ownPrivate(view);
  if (<usize>secretLength(key) != privateKeyLength(block)) return STATUS_ARGUMENT;
  setPrivateKey(block, privateLeaf(block) << 1, from);
  return STATUS_OK;
}

/** A copy of the private key of a node as a secret; STATUS_HANDLE where it is not known. */
export function treePrivateKey(handle: i32, node: u32): i32 {
  if (treeHasPrivateKey(handle, node) == 0) return STATUS_HANDLE;
  const block = privateOf(viewAt(handle));
  return secretImport(privateKeyOf(block, node), <u32>privateKeyLength(block));
}

/** 1 when the private key of a node is known, else 0. */
export function treeHasPrivateKey(handle: i32, node: u32): i32 {
  const view = viewAt(handle);
  const block = view == 0 ? 0 : privateOf(view);
  return i32(block != 0 && node < nodeCountOf(leafCountOf(view)) && privateKeyOf(block, node) != 0);
}

/** Keeps the private key of a node on our own direct path: from a KEM that is not in the core. */
export function treeKeepPrivateKey(handle: i32, node: u32, key: i32): i32 {
  const view = viewAt(handle);
  const from = secretAt(key);
  if (view == 0 || from == 0 || privateOf(view) == 0) return STATUS_HANDLE;
  const block = ownPrivate(view);
  const isOurs = node < nodeCountOf(leafCountOf(view)) && isBelow(privateLeaf(block) << 1, node);
  if (!isOurs || <usize>secretLength(key) != privateKeyLength(block)) return STATUS_ARGUMENT;
  setPrivateKey(block, node, from);
  return STATUS_OK;
}

/** Drops the private keys of nodes that an overlay has changed (MLS-7.5-11). */
export function treePrunePrivateKeys(handle: i32): i32 {
  const view = overlayAt(handle);
  if (view == 0 || privateOf(view) == 0) return STATUS_HANDLE;
  prunePrivate(view);
  return STATUS_OK;
}

/** Drops all private keys of a view: the group is over, its members are remembered. MLS-11.2-06 */
export function treeForgetPrivateKeys(handle: i32): i32 {
  const view = viewAt(handle);
  if (view == 0 || privateOf(view) == 0) return STATUS_HANDLE;
  const block = ownPrivate(view);
  for (let level: u32 = 0; level < <u32>LEVELS; level++) forgetPrivateKey(block, level);
  return STATUS_OK;
}

/** Adds the private keys of a view to a sealed record. */
export function writerPrivateKeys(writerHandle: i32, handle: i32): i32 {
  const writer = resolveHandle(writerHandle, HANDLE_WRITER);
  const view = viewAt(handle);
  const block = view == 0 ? 0 : privateOf(view);
  if (writer == 0 || block == 0) return STATUS_HANDLE;
  const item = beginItem(writer, ITEM_PRIVATE);
  copyBytes(writerExtend(writer, STEPS), block, STEPS);
  endItem(writer, item);
  return STATUS_OK;
}

/** Takes the private keys of a view out of an opened record; on failure the view's own stay. */
export function readerPrivateKeys(readerHandle: i32, handle: i32): i32 {
  const reader = readerAt(readerHandle);
  const view = viewAt(handle);
  if (reader == 0 || view == 0) return STATUS_HANDLE;
  const length = nextItem(reader, ITEM_PRIVATE);
  if (length != <i32>STEPS) return length < 0 ? length : STATUS_MALFORMED;
  const from = takeItem(reader, length);
  // These words are offsets and lengths later on.
  const keyLength = privateKeyLength(from);
  let sound = privateLeaf(from) < leafCountOf(view) && keyLength != 0 && keyLength <= LONGEST_KEY;
  for (let level: u32 = 0; level < <u32>LEVELS; level++) sound = sound && load<u32>(slotAt(from, level)) <= 1;
  if (!sound) return STATUS_MALFORMED;
  const block = ownPrivate(view);
  copyBytes(block, from, STEPS);
  setPathCount(block, 0);
  return STATUS_OK;
}
