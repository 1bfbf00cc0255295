// A member's new path (RFC 9420 sections 7.4 and 7.5): path secrets, node secrets and key pairs
// along the filtered direct path of a leaf, set in a staged tree.
//
// begin → one key pair per step (by the core, or by a plug-in for other KEMs) → finish.

import { deriveSecret } from "../hash/labels";
import { x25519DeriveKeyPair } from "../hpke/kem";
import { scratch, scratchMark, scratchRelease } from "../memory";
import { secretAt, secretLength, secretNew } from "../secret/slots";
import { STATUS_ARGUMENT, STATUS_HANDLE, STATUS_INDEX, STATUS_OK } from "../status";
import { hashLengthOf, kdfOf, keyLengthOf, leafCountOf } from "./columns";
import { LEVELS } from "./math";
import { setPath } from "./change";
import { overlayAt } from "./overlay";
import {
  ownPrivate,
  pathCount,
  privateKeyLength,
  privateLeaf,
  prunePrivate,
  setPathCount,
  setPrivateKey,
  setStepNode,
  stepNode,
  stepPublicKey,
  stepSecret,
} from "./private";
import { filteredDirectPathOf } from "./resolution";

// "path", "node"
const pathLabel: usize = memory.data<u8>([0x70, 0x61, 0x74, 0x68]);
const nodeLabel: usize = memory.data<u8>([0x6e, 0x6f, 0x64, 0x65]);
const LABEL_LENGTH: usize = 4;

const nodes: usize = memory.data(LEVELS << 2, 4);

/** The path secret of the next node up: DeriveSecret(., "path") (MLS-7.4-02). */
export function nextPathSecret(view: usize, dst: usize, pathSecret: usize): void {
  deriveSecret(kdfOf(view), dst, pathSecret, pathLabel, LABEL_LENGTH);
}

/** The node secret of a path secret: DeriveSecret(., "node") (MLS-7.4-02). */
export function nodeSecret(view: usize, dst: usize, pathSecret: usize): void {
  deriveSecret(kdfOf(view), dst, pathSecret, nodeLabel, LABEL_LENGTH);
}

/** The commit_secret above the last path secret, as a new secret (MLS-12.4.1-01). */
export function commitSecretAfter(view: usize, lastPathSecret: usize): i32 {
  const commitSecret = secretNew(<u32>hashLengthOf(view));
  nextPathSecret(view, secretAt(commitSecret), lastPathSecret);
  return commitSecret;
}

/**
 * Begins the path of the member's own leaf with `first` as path_secret[0]: derives a path secret
 * for each node of the filtered direct path (MLS-7.4-03). Returns how many there are.
 */
export function pathBegin(handle: i32, first: i32): i32 {
  const view = overlayAt(handle);
  const from = secretAt(first);
  if (view == 0 || from == 0) return STATUS_HANDLE;
  if (<usize>secretLength(first) != hashLengthOf(view)) return STATUS_ARGUMENT;
  const block = ownPrivate(view);
  const leafIndex = privateLeaf(block);
  if (leafIndex >= leafCountOf(view)) return STATUS_INDEX;
  prunePrivate(view);
  const count = filteredDirectPathOf(view, leafIndex, nodes);
  setPathCount(block, count);
  let secret = from;
  for (let i: u32 = 0; i < count; i++) {
    setStepNode(block, i, load<u32>(nodes + ((<usize>i) << 2)));
    if (i == 0) memory.copy(stepSecret(block, 0), from, hashLengthOf(view));
    else nextPathSecret(view, stepSecret(block, i), secret);
    secret = stepSecret(block, i);
  }
  return <i32>count;
}

/** The node secret of step `i`, for a KEM that is not in the core. */
export function pathNodeSecret(handle: i32, i: u32): i32 {
  const view = overlayAt(handle);
  if (view == 0) return STATUS_HANDLE;
  const block = ownPrivate(view);
  if (i >= pathCount(block)) return STATUS_INDEX;
  const secret = secretNew(<u32>hashLengthOf(view));
  nodeSecret(view, secretAt(secret), stepSecret(block, i));
  return secret;
}

/** The key pair of step `i`, from a KEM that is not in the core. */
export function pathPutKeyPair(handle: i32, i: u32, privateKey: i32, publicKey: usize): i32 {
  const view = overlayAt(handle);
  const from = secretAt(privateKey);
  if (view == 0 || from == 0) return STATUS_HANDLE;
  const block = ownPrivate(view);
  if (i >= pathCount(block)) return STATUS_INDEX;
  if (<usize>secretLength(privateKey) != privateKeyLength(block)) return STATUS_ARGUMENT;
  setPrivateKey(block, stepNode(block, i), from);
  memory.copy(stepPublicKey(block, i), publicKey, keyLengthOf(view));
  return STATUS_OK;
}

/** The key pairs of all steps by X25519. */
export function pathDeriveKeyPairs(handle: i32): i32 {
  const view = overlayAt(handle);
  if (view == 0) return STATUS_HANDLE;
  const block = ownPrivate(view);
  const mark = scratchMark();
  const node = scratch(hashLengthOf(view));
  const privateKey = scratch(32);
  for (let i: u32 = 0; i < pathCount(block); i++) {
    nodeSecret(view, node, stepSecret(block, i));
    x25519DeriveKeyPair(privateKey, stepPublicKey(block, i), node, hashLengthOf(view));
    setPrivateKey(block, stepNode(block, i), privateKey);
  }
  scratchRelease(mark);
  return STATUS_OK;
}

/**
 * Sets the path in the tree: public keys, blanks, parent hashes. Writes the parent hash for the
 * leaf and returns its length, 0 when the filtered direct path is empty.
 */
export function pathFinish(handle: i32, dstParentHash: usize): i32 {
  const view = overlayAt(handle);
  if (view == 0) return STATUS_HANDLE;
  const block = ownPrivate(view);
  const count = pathCount(block);
  const keyLength = keyLengthOf(view);
  const mark = scratchMark();
  const keys = scratch(<usize>count * keyLength);
  for (let i: u32 = 0; i < count; i++) memory.copy(keys + <usize>i * keyLength, stepPublicKey(block, i), keyLength);
  const length = setPath(view, privateLeaf(block), keys, count, dstParentHash);
  scratchRelease(mark);
  return length;
}

/**
 * The commit_secret of the path under construction. Without any node above the leaf it comes from
 * `first`, which is fresh and known to nobody else (MLS-12.4.1-12).
 */
export function pathCommitSecret(handle: i32, first: i32): i32 {
  const view = overlayAt(handle);
  const from = secretAt(first);
  if (view == 0 || from == 0) return STATUS_HANDLE;
  const block = ownPrivate(view);
  const count = pathCount(block);
  return commitSecretAfter(view, count == 0 ? from : stepSecret(block, count - 1));
}
