// The ratchet tree as the other side sees it: handles and indices in, status out. Every index is
// checked here; the files beside this one take what they are given.

import { copyBytes } from "../bytes";
import { KDF_SHA256, KDF_SHA512, HANDLE_TREE, KEY_ENCRYPTION, KEY_SIGNATURE, TREE_RULE_NONE } from "../layout";
import { newHandle } from "../handle";
import {
  STATUS_ARGUMENT,
  STATUS_HANDLE,
  STATUS_INDEX,
  STATUS_LIMIT,
  STATUS_MALFORMED,
  STATUS_OK,
  STATUS_UNSUPPORTED,
} from "../status";
import { verifyParentHashes } from "./chains";
import * as change from "./change";
import { contentOf, hashLengthOf, isPresent, keyCell, keyLengthOf, leafCountOf, membersOf } from "./columns";
import { deltaLength, readDelta, writeDelta } from "./delta";
import { fault } from "./fault";
import { exportLength, exportTree } from "./export";
import { adoptHashes, hashesLength, treeHashOf, writeHashes } from "./hash";
import { importTree } from "./import";
import { findKey } from "./keys";
import { leafBytes, leafLength } from "./leaf";
import { nodeCountOf, rootOf } from "./math";
import { rightmostMember } from "./members";
import { baseAt, newBase, overlayAt, releaseView, viewAt } from "./overlay";
import { filteredDirectPathOf, resolutionOf } from "./resolution";

/** Public keys of the seven suites have 32 to 133 bytes; the columns take any length up to this. */
const KEY_LENGTH_CAP: usize = 2048;

/** An empty tree: a handle. `seed` is 16 random bytes that key the hash tables. */
export function treeCreate(kdf: i32, publicKeyLength: usize, seed: usize): i32 {
  if (kdf < KDF_SHA256 || kdf > KDF_SHA512) return STATUS_UNSUPPORTED;
  if (publicKeyLength == 0 || publicKeyLength > KEY_LENGTH_CAP) return STATUS_ARGUMENT;
  return newHandle(HANDLE_TREE, newBase(kdf, publicKeyLength, seed));
}

/** The tree of a ratchet_tree extension's content: a handle. Hashes and signatures are not checked. */
export function treeImport(
  kdf: i32,
  publicKeyLength: usize,
  seed: usize,
  bytes: usize,
  length: usize,
  maxLeaves: u32,
): i32 {
  if (kdf < KDF_SHA256 || kdf > KDF_SHA512) return STATUS_UNSUPPORTED;
  if (publicKeyLength == 0 || publicKeyLength > KEY_LENGTH_CAP) return STATUS_ARGUMENT;
  const base = newBase(kdf, publicKeyLength, seed);
  const status = importTree(base, bytes, length, maxLeaves);
  if (status >= 0) return newHandle(HANDLE_TREE, base);
  releaseView(base);
  return status;
}

export function treeExportLength(handle: i32): i32 {
  const view = viewAt(handle);
  return view == 0 ? STATUS_HANDLE : exportLength(view);
}

/** Writes the content of the ratchet_tree extension: `length` bytes, as `treeExportLength` says. */
export function treeExport(handle: i32, dst: usize, length: usize): i32 {
  const view = viewAt(handle);
  return view == 0 ? STATUS_HANDLE : exportTree(view, dst, length);
}

/** Bytes of the tree hashes that are stored with a tree; 0 for a small one. */
export function treeHashesLength(handle: i32): i32 {
  const view = viewAt(handle);
  return view == 0 ? STATUS_HANDLE : <i32>hashesLength(view);
}

/** Writes these hashes; `dst` has room for `treeHashesLength` bytes. */
export function treeExportHashes(handle: i32, dst: usize): i32 {
  const view = viewAt(handle);
  if (view == 0) return STATUS_HANDLE;
  writeHashes(view, dst);
  return <i32>hashesLength(view);
}

/** Takes over hashes that `treeExportHashes` wrote for the same tree: nobody checks them again. */
export function treeAdoptHashes(handle: i32, bytes: usize, length: usize): i32 {
  const base = baseAt(handle);
  if (base == 0) return STATUS_HANDLE;
  if (length != hashesLength(base)) return STATUS_MALFORMED;
  adoptHashes(base, bytes);
  return STATUS_OK;
}

/** Leaves, blank or not. */
export function treeLeafCount(handle: i32): i32 {
  const view = viewAt(handle);
  return view == 0 ? STATUS_HANDLE : <i32>leafCountOf(view);
}

/** Leaves that are not blank. */
export function treeMemberCount(handle: i32): i32 {
  const view = viewAt(handle);
  return view == 0 ? STATUS_HANDLE : <i32>membersOf(view, rootOf(leafCountOf(view)));
}

/** The highest leaf index that is not blank; STATUS_INDEX in an empty tree. */
export function treeRightmostLeaf(handle: i32): i32 {
  const view = viewAt(handle);
  if (view == 0) return STATUS_HANDLE;
  const rightmost = rightmostMember(view);
  return rightmost < 0 ? STATUS_INDEX : rightmost;
}

/** Writes the address and the length of the encoded LeafNode to `out`. */
export function treeLeaf(handle: i32, leafIndex: u32, out: usize): i32 {
  const view = viewAt(handle);
  if (view == 0) return STATUS_HANDLE;
  if (leafIndex >= leafCountOf(view) || !isPresent(view, leafIndex << 1)) return STATUS_INDEX;
  const block = contentOf(view, leafIndex << 1);
  store<u32>(out, <u32>leafBytes(block));
  store<u32>(out, <u32>leafLength(block), 4);
  return STATUS_OK;
}

/** The first leaf at or after `leafIndex` that is not blank; STATUS_INDEX when there is none. */
export function treeNextLeaf(handle: i32, leafIndex: u32): i32 {
  const view = viewAt(handle);
  if (view == 0) return STATUS_HANDLE;
  const leafCount = leafCountOf(view);
  for (let index = leafIndex; index < leafCount; index++) {
    if (isPresent(view, index << 1)) return <i32>index;
  }
  return STATUS_INDEX;
}

/** Copies the encryption key of a node to `dst` and returns its length; STATUS_INDEX for a blank one. */
export function treeNodeKey(handle: i32, node: u32, dst: usize): i32 {
  const view = viewAt(handle);
  if (view == 0) return STATUS_HANDLE;
  if (node >= nodeCountOf(leafCountOf(view)) || !isPresent(view, node)) return STATUS_INDEX;
  copyBytes(dst, keyCell(view, node), keyLengthOf(view));
  return <i32>keyLengthOf(view);
}

/** The node whose key of this kind (KEY_…) is `key`; STATUS_INDEX when there is none. */
export function treeFindKey(handle: i32, kind: i32, key: usize, length: usize): i32 {
  const view = viewAt(handle);
  if (view == 0) return STATUS_HANDLE;
  if (kind != KEY_ENCRYPTION && kind != KEY_SIGNATURE) return STATUS_ARGUMENT;
  const node = findKey(view, kind, key, length, 0xffffffff);
  return node < 0 ? STATUS_INDEX : node;
}

/** The resolution of a node: writes the first `capacity` node indices to `dst`, returns how many there are. */
export function treeResolution(handle: i32, node: u32, dst: usize, capacity: u32): i32 {
  const view = viewAt(handle);
  if (view == 0) return STATUS_HANDLE;
  if (node >= nodeCountOf(leafCountOf(view))) return STATUS_INDEX;
  return <i32>resolutionOf(view, node, dst, capacity);
}

/** The filtered direct path of a leaf, from the bottom; `dst` has room for 25 words. Returns its length. */
export function treeFilteredDirectPath(handle: i32, leafIndex: u32, dst: usize): i32 {
  const view = viewAt(handle);
  if (view == 0) return STATUS_HANDLE;
  if (leafIndex >= leafCountOf(view)) return STATUS_INDEX;
  return <i32>filteredDirectPathOf(view, leafIndex, dst);
}

/** The tree hash of the root; returns its length. */
export function treeHash(handle: i32, dst: usize): i32 {
  const view = viewAt(handle);
  return view == 0 ? STATUS_HANDLE : treeNodeHash(handle, rootOf(leafCountOf(view)), dst);
}

/** The tree hash of any node; returns its length. */
export function treeNodeHash(handle: i32, node: u32, dst: usize): i32 {
  const view = viewAt(handle);
  if (view == 0) return STATUS_HANDLE;
  if (node >= nodeCountOf(leafCountOf(view))) return STATUS_INDEX;
  copyBytes(dst, treeHashOf(view, node), hashLengthOf(view));
  return <i32>hashLengthOf(view);
}

/** Whether every parent is covered by exactly one parent hash chain, as a joiner has to verify. */
export function treeVerifyParentHashes(handle: i32): i32 {
  const view = viewAt(handle);
  return view == 0 ? STATUS_HANDLE : verifyParentHashes(view);
}

// ---- Changes, on overlays only.

/** Adds a leaf at the leftmost blank place; returns its leaf index. */
export function treeAddLeaf(handle: i32, leaf: usize, length: usize): i32 {
  const view = overlayAt(handle);
  return view == 0 ? STATUS_HANDLE : change.addLeaf(view, leaf, length);
}

/** The leaf index an external joiner takes: the leftmost blank leaf, which stays blank until the path is set. */
export function treeReserveLeaf(handle: i32): i32 {
  const view = overlayAt(handle);
  return view == 0 ? STATUS_HANDLE : change.reserveLeaf(view);
}

export function treeUpdateLeaf(handle: i32, leafIndex: u32, leaf: usize, length: usize): i32 {
  const view = overlayAt(handle);
  return view == 0 ? STATUS_HANDLE : change.updateLeaf(view, leafIndex, leaf, length);
}

export function treeRemoveLeaf(handle: i32, leafIndex: u32): i32 {
  const view = overlayAt(handle);
  return view == 0 ? STATUS_HANDLE : change.removeLeaf(view, leafIndex);
}

/** Puts a committer's own leaf in place after `treeSetPath`. */
export function treeSetLeaf(handle: i32, leafIndex: u32, leaf: usize, length: usize): i32 {
  const view = overlayAt(handle);
  return view == 0 ? STATUS_HANDLE : change.setLeaf(view, leafIndex, leaf, length);
}

/** Sets a committer's own path; writes the parent hash for its leaf and returns that one's length. */
export function treeSetPath(handle: i32, leafIndex: u32, keys: usize, count: u32, dstParentHash: usize): i32 {
  const view = overlayAt(handle);
  return view == 0 ? STATUS_HANDLE : change.setPath(view, leafIndex, keys, count, dstParentHash);
}

/** Merges a received path: `count` keys from the bottom of the filtered direct path, one after the other. */
export function treeMergePath(handle: i32, leafIndex: u32, leaf: usize, length: usize, keys: usize, count: u32): i32 {
  const view = overlayAt(handle);
  return view == 0 ? STATUS_HANDLE : change.mergePath(view, leafIndex, leaf, length, keys, count);
}

/** Whether any key that the overlay brings stands in its tree twice. */
export function treeCheckKeys(handle: i32): i32 {
  const view = overlayAt(handle);
  return view == 0 ? STATUS_HANDLE : change.checkKeys(view);
}

// ---- The changes of an overlay as bytes, for records.

export function overlayExportLength(handle: i32): i32 {
  const view = overlayAt(handle);
  if (view == 0) return STATUS_HANDLE;
  const length = deltaLength(view);
  return length > <u64>i32.MAX_VALUE ? STATUS_LIMIT : <i32>length;
}

/** Writes the overlay's changes; `dst` has room for `overlayExportLength` bytes. Returns how many it wrote. */
export function overlayExport(handle: i32, dst: usize): i32 {
  const view = overlayAt(handle);
  return view == 0 ? STATUS_HANDLE : <i32>(writeDelta(view, dst) - dst);
}

/** Applies exported changes to a fresh overlay on the same tree. */
export function overlayImport(handle: i32, bytes: usize, length: usize): i32 {
  const view = overlayAt(handle);
  if (view == 0) return STATUS_HANDLE;
  const status = readDelta(view, bytes, length);
  return status < 0 ? fault(status, 0, TREE_RULE_NONE) : status;
}
