// A member's new path (RFC 9420 sections 7.4 and 7.5): path secrets, node secrets and key pairs
// along the filtered direct path of a leaf, set in a staged tree.
//
// begin (path secrets) → key pairs → finish (public keys and parent hashes in the tree).

import { copyBytes } from "../bytes";
import { deriveSecret } from "../hash/labels";
import { kemDeriveKeyPairs, kemOfKeyLength, kemPrivateKeyLength } from "../hpke/kem";
import { scratch, scratchMark, scratchRelease } from "../memory";
import { secretAt, secretImport, secretLength, secretNew } from "../secret/slots";
import { STATUS_ARGUMENT, STATUS_HANDLE, STATUS_INDEX, STATUS_OK } from "../status";
import { hashLengthOf, isPresent, kdfOf, keyLengthOf, leafCountOf } from "./columns";
import { childToward, isBelow, LEVELS } from "./math";
import { setPath } from "./change";
import { overlayAt } from "./overlay";
import {
  forgetPrivateKey,
  ownPrivate,
  pathCount,
  privateKeyLength,
  privateLeaf,
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
  // The whole direct path is replaced; what is not in the filtered one becomes blank (MLS-7.5-11).
  for (let level: u32 = 1; level < <u32>LEVELS; level++) forgetPrivateKey(block, level);
  const count = filteredDirectPathOf(view, leafIndex, nodes);
  setPathCount(block, count);
  let secret = from;
  for (let i: u32 = 0; i < count; i++) {
    setStepNode(block, i, load<u32>(nodes + ((<usize>i) << 2)));
    if (i == 0) copyBytes(stepSecret(block, 0), from, hashLengthOf(view));
    else nextPathSecret(view, stepSecret(block, i), secret);
    secret = stepSecret(block, i);
  }
  return <i32>count;
}

/**
 * The key pairs of all steps (MLS-7.4-02), from their node secrets. STATUS_UNSUPPORTED for a tree whose KEM this build
 * does not have.
 */
export function pathDeriveKeyPairs(handle: i32): i32 {
  const view = overlayAt(handle);
  if (view == 0) return STATUS_HANDLE;
  const block = ownPrivate(view);
  const count = pathCount(block);
  const kem = kemOfKeyLength(keyLengthOf(view));
  const hashLength = hashLengthOf(view);
  const keyLength = keyLengthOf(view);
  const privateLength = kemPrivateKeyLength(kem);
  if (kem != 0 && privateLength != privateKeyLength(block)) return STATUS_ARGUMENT;
  const mark = scratchMark();
  const secrets = scratch(<usize>count * hashLength);
  const privateKeys = scratch(<usize>count * privateLength);
  const publicKeys = scratch(<usize>count * keyLength);
  for (let i: u32 = 0; i < count; i++) nodeSecret(view, secrets + <usize>i * hashLength, stepSecret(block, i));
  const status = kemDeriveKeyPairs(kem, privateKeys, publicKeys, secrets, hashLength, hashLength, count);
  for (let i: u32 = 0; i < count && status == STATUS_OK; i++) {
    setPrivateKey(block, stepNode(block, i), privateKeys + <usize>i * privateLength);
    copyBytes(stepPublicKey(block, i), publicKeys + <usize>i * keyLength, keyLength);
  }
  scratchRelease(mark);
  return status;
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
  for (let i: u32 = 0; i < count; i++) copyBytes(keys + <usize>i * keyLength, stepPublicKey(block, i), keyLength);
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

/**
 * The path secret for the member at `leafIndex`, which a Welcome carries: that of its lowest common ancestor with us
 * (MLS-12.4.3.1-15). STATUS_INDEX where there is none.
 */
export function pathSecretFor(handle: i32, leafIndex: u32): i32 {
  const view = overlayAt(handle);
  if (view == 0) return STATUS_HANDLE;
  const block = ownPrivate(view);
  const count = pathCount(block);
  if (leafIndex >= leafCountOf(view) || !isPresent(view, leafIndex << 1)) return STATUS_INDEX;
  if (leafIndex == privateLeaf(block)) return STATUS_INDEX;
  let i: u32 = 0;
  while (i < count && !isBelow(leafIndex << 1, stepNode(block, i))) i++;
  if (i == count || isBelow(leafIndex << 1, childToward(stepNode(block, i), privateLeaf(block) << 1)))
    return STATUS_INDEX;
  return secretImport(stepSecret(block, i), <u32>hashLengthOf(view));
}
