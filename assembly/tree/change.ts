// Changes to a staged tree: Add, Update and Remove (RFC 9420 section 12.1) and a committer's path
// (sections 7.4, 7.5).
//
// What breaks a rule is refused before anything is written, a wrong parent hash apart: after that
// failure the overlay is good only to be released. Whether a key stands twice is asked once all
// changes are in (`checkKeys`), because those rules speak of the resulting membership.

import { copyBytes, wipe } from "../bytes";
import {
  KEY_ENCRYPTION,
  KEY_SIGNATURE,
  LEAF_SOURCE_COMMIT,
  TREE_RULE_ENCRYPTION_KEY,
  TREE_RULE_LEAF_PARENT_KEY,
  TREE_RULE_NONE,
  TREE_RULE_PARENT_KEY,
  TREE_RULE_PATH_KEY,
  TREE_RULE_PATH_LENGTH,
  TREE_RULE_PATH_PARENT_HASH,
  TREE_RULE_PATH_SOURCE,
  TREE_RULE_SIGNATURE_KEY,
} from "../layout";
import { scratch, scratchMark, scratchRelease } from "../memory";
import {
  STATUS_DUPLICATE_KEY,
  STATUS_INDEX,
  STATUS_LIMIT,
  STATUS_OK,
  STATUS_PARENT_HASH,
  STATUS_UPDATE_PATH,
} from "../status";
import {
  CHANGED,
  contentOf,
  flagsOf,
  hashLengthOf,
  isPresent,
  keyCell,
  keyLengthOf,
  leafCountOf,
  nodeOfRow,
  PRESENT,
  setContent,
  setFlags,
  setMembers,
  VIEW_ROWS,
} from "./columns";
import { fault } from "./fault";
import { findKey, listKeys, listNewKey } from "./keys";
import {
  leafKey,
  leafParentHash,
  leafParentHashLength,
  leafSignatureKey,
  leafSignatureKeyLength,
  newLeafBlock,
  readLeafKey,
  readLeafSource,
  readWholeLeaf,
} from "./leaf";
import { childAway, levelOf, LEVELS, parentOf, rootOf } from "./math";
import { extend, leftmostBlank, touchPath, truncate } from "./members";
import { addUnmerged, blankParent, setParent } from "./parent";
import { parentHashOf } from "./parenthash";
import { filteredDirectPathOf } from "./resolution";

const NO_NODE: u32 = 0xffffffff;

// The nodes of the filtered direct path at work.
const path: usize = memory.data(LEVELS << 2, 4);

/** Puts the leaf that was read last in place; its ancestors keep what they are. */
export function putLeaf(view: usize, leafIndex: u32, bytes: usize): void {
  const node = leafIndex << 1;
  const added = isPresent(view, node) ? 0 : 1;
  touchPath(view, node, added);
  const block = newLeafBlock(leafIndex, bytes);
  setContent(view, node, block);
  setMembers(view, node, 1);
  copyBytes(keyCell(view, node), leafKey(block), keyLengthOf(view));
  setFlags(view, node, flagsOf(view, node) | PRESENT | CHANGED);
  listKeys(view, node);
}

/** Blanks the direct path of a leaf whose path has been touched. */
function blankPath(view: usize, leafIndex: u32): void {
  const root = rootOf(leafCountOf(view));
  for (let node = leafIndex << 1; node != root;) {
    node = parentOf(node);
    blankParent(view, node);
  }
}

/** The leftmost blank leaf, made by doubling where there is none (MLS-12.1.1-01). */
export function reserveLeaf(view: usize): i32 {
  const leafIndex = leftmostBlank(view);
  if (leafIndex == leafCountOf(view) && !extend(view)) return fault(STATUS_LIMIT, leafIndex << 1, TREE_RULE_NONE);
  return <i32>leafIndex;
}

export function addLeaf(view: usize, leaf: usize, length: usize): i32 {
  const read = readWholeLeaf(view, leaf, length);
  if (read < 0) return fault(read, leftmostBlank(view) << 1, TREE_RULE_NONE);
  const leafIndex = reserveLeaf(view);
  if (leafIndex < 0) return leafIndex;
  putLeaf(view, leafIndex, leaf);
  const root = rootOf(leafCountOf(view));
  for (let node = (<u32>leafIndex) << 1; node != root;) {
    node = parentOf(node);
    if (isPresent(view, node)) addUnmerged(view, node, leafIndex);
  }
  return leafIndex;
}

/** Puts a leaf in place without blanking its direct path: a committer's own, after `setPath`. */
export function setLeaf(view: usize, leafIndex: u32, leaf: usize, length: usize): i32 {
  if (leafIndex >= leafCountOf(view)) return fault(STATUS_INDEX, leafIndex << 1, TREE_RULE_NONE);
  const read = readWholeLeaf(view, leaf, length);
  if (read < 0) return fault(read, leafIndex << 1, TREE_RULE_NONE);
  putLeaf(view, leafIndex, leaf);
  return STATUS_OK;
}

/** MLS-12.1.2-01. */
export function updateLeaf(view: usize, leafIndex: u32, leaf: usize, length: usize): i32 {
  if (!isMember(view, leafIndex)) return fault(STATUS_INDEX, leafIndex << 1, TREE_RULE_NONE);
  const read = readWholeLeaf(view, leaf, length);
  if (read < 0) return fault(read, leafIndex << 1, TREE_RULE_NONE);
  putLeaf(view, leafIndex, leaf);
  blankPath(view, leafIndex);
  return STATUS_OK;
}

/** MLS-12.1.3-01, -02. */
export function removeLeaf(view: usize, leafIndex: u32): i32 {
  if (!isMember(view, leafIndex)) return fault(STATUS_INDEX, leafIndex << 1, TREE_RULE_NONE);
  clearLeaf(view, leafIndex);
  blankPath(view, leafIndex);
  truncate(view);
  return STATUS_OK;
}

/** Blanks a leaf; its ancestors keep what they are. */
export function clearLeaf(view: usize, leafIndex: u32): void {
  const node = leafIndex << 1;
  touchPath(view, node, isPresent(view, node) ? -1 : 0);
  setContent(view, node, 0);
  setMembers(view, node, 0);
  wipe(keyCell(view, node), keyLengthOf(view));
  setFlags(view, node, (flagsOf(view, node) & ~PRESENT) | CHANGED);
}

function isMember(view: usize, leafIndex: u32): bool {
  return leafIndex < leafCountOf(view) && isPresent(view, leafIndex << 1);
}

/**
 * A committer's new path: blanks the direct path, gives the nodes of the filtered one the `count`
 * keys at `keys` (from the bottom), no unmerged leaves, and their parent hashes from the root down
 * (MLS-7.5-06, MLS-7.9-01). Writes the parent hash for the leaf and returns its length, 0 when the
 * filtered path is empty (MLS-7.9.1-01).
 */
export function setPath(view: usize, leafIndex: u32, keys: usize, count: u32, dstParentHash: usize): i32 {
  const checked = checkPath(view, leafIndex, keys, count);
  if (checked < 0) return checked;
  const keyLength = keyLengthOf(view);
  const hashLength = hashLengthOf(view);
  const leaf = leafIndex << 1;
  touchPath(view, leaf, 0);
  blankPath(view, leafIndex);
  let length: usize = 0;
  for (let i = count; i > 0; i--) {
    const node = load<u32>(path + ((<usize>(i - 1)) << 2));
    setParent(view, node, keys + <usize>(i - 1) * keyLength, dstParentHash, length);
    parentHashOf(dstParentHash, view, node, childAway(node, leaf));
    length = hashLength;
  }
  return <i32>length;
}

/** Finds the filtered direct path and holds the keys against it and against the tree (MLS-4.1.2-02, MLS-12.4.2-02). */
function checkPath(view: usize, leafIndex: u32, keys: usize, count: u32): i32 {
  if (leafIndex >= leafCountOf(view)) return fault(STATUS_INDEX, leafIndex << 1, TREE_RULE_NONE);
  if (filteredDirectPathOf(view, leafIndex, path) != count) {
    return fault(STATUS_UPDATE_PATH, leafIndex << 1, TREE_RULE_PATH_LENGTH);
  }
  const keyLength = keyLengthOf(view);
  for (let i: u32 = 0; i < count; i++) {
    const key = keys + <usize>i * keyLength;
    let found = findKey(view, KEY_ENCRYPTION, key, keyLength, NO_NODE) >= 0;
    for (let j: u32 = 0; j < i; j++) found = found || memory.compare(keys + <usize>j * keyLength, key, keyLength) == 0;
    if (found) return fault(STATUS_DUPLICATE_KEY, load<u32>(path + ((<usize>i) << 2)), TREE_RULE_PATH_KEY);
  }
  return STATUS_OK;
}

/** A received path (section 7.5): the keys and the leaf of the UpdatePath, whose parent hash must fit (MLS-7.9.2-03). */
export function mergePath(view: usize, leafIndex: u32, leaf: usize, leafLength: usize, keys: usize, count: u32): i32 {
  const read = readWholeLeaf(view, leaf, leafLength);
  if (read < 0) return fault(read, leafIndex << 1, TREE_RULE_NONE);
  if (readLeafSource() != LEAF_SOURCE_COMMIT) {
    return fault(STATUS_UPDATE_PATH, leafIndex << 1, TREE_RULE_PATH_SOURCE); // MLS-7.3-13
  }
  const key = leaf + readLeafKey();
  const keyLength = keyLengthOf(view);
  let found = findKey(view, KEY_ENCRYPTION, key, keyLength, NO_NODE) >= 0;
  for (let i: u32 = 0; i < count && !found; i++)
    found = memory.compare(keys + <usize>i * keyLength, key, keyLength) == 0;
  if (found) return fault(STATUS_DUPLICATE_KEY, leafIndex << 1, TREE_RULE_PATH_KEY);
  const mark = scratchMark();
  const parentHash = scratch(hashLengthOf(view));
  const length = setPath(view, leafIndex, keys, count, parentHash);
  let status = length;
  if (length >= 0) {
    putLeaf(view, leafIndex, leaf);
    const block = contentOf(view, leafIndex << 1);
    const fits =
      leafParentHashLength(block) == <usize>length &&
      memory.compare(leafParentHash(block), parentHash, <usize>length) == 0;
    status = fits ? STATUS_OK : fault(STATUS_PARENT_HASH, leafIndex << 1, TREE_RULE_PATH_PARENT_HASH);
  }
  scratchRelease(mark);
  return status;
}

/** Whether the keys of what an overlay changed stand elsewhere in its tree too. */
export function checkKeys(overlay: usize): i32 {
  const rows = load<u32>(overlay, VIEW_ROWS);
  for (let row: u32 = 0; row < rows; row++) {
    const node = nodeOfRow(overlay, row);
    if ((flagsOf(overlay, node) & CHANGED) == 0 || !isPresent(overlay, node)) continue;
    const checked = checkNodeKeys(overlay, node);
    if (checked < 0) return checked;
  }
  return STATUS_OK;
}

/** The same for one node: MLS-7.3-14, -15, MLS-16.7-02, MLS-12.4.3.1-03. */
function checkNodeKeys(view: usize, node: u32): i32 {
  const twin = findKey(view, KEY_ENCRYPTION, keyCell(view, node), keyLengthOf(view), node);
  if (twin >= 0) return encryptionKeyTwice(node, <u32>twin);
  if (levelOf(node) != 0) return STATUS_OK;
  const block = contentOf(view, node);
  if (findKey(view, KEY_SIGNATURE, leafSignatureKey(block), leafSignatureKeyLength(block), node) < 0) return STATUS_OK;
  return fault(STATUS_DUPLICATE_KEY, node, TREE_RULE_SIGNATURE_KEY);
}

/** Lists the keys of a node of a new base, and checks them as `checkKeys` does against those listed before. */
export function listNodeKeys(base: usize, node: u32): i32 {
  const twin = listNewKey(base, KEY_ENCRYPTION, node, keyCell(base, node), keyLengthOf(base));
  if (twin >= 0) return encryptionKeyTwice(node, <u32>twin);
  if (levelOf(node) != 0) return STATUS_OK;
  const block = contentOf(base, node);
  const key = leafSignatureKey(block);
  if (listNewKey(base, KEY_SIGNATURE, node, key, leafSignatureKeyLength(block)) < 0) return STATUS_OK;
  return fault(STATUS_DUPLICATE_KEY, node, TREE_RULE_SIGNATURE_KEY);
}

function encryptionKeyTwice(node: u32, twin: u32): i32 {
  if (levelOf(node) != 0) return fault(STATUS_DUPLICATE_KEY, node, TREE_RULE_PARENT_KEY);
  const rule = levelOf(twin) != 0 ? TREE_RULE_LEAF_PARENT_KEY : TREE_RULE_ENCRYPTION_KEY;
  return fault(STATUS_DUPLICATE_KEY, node, rule);
}
