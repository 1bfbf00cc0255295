// Encrypting a new path to the rest of the group (RFC 9420 section 7.5): each path secret goes to
// the resolution of the copath node, without the leaves that the same commit adds.
//
// All receivers of all nodes are sealed in one batch, so that they share one hash of the context and
// the curve's batch.

import { copyBytes } from "../bytes";
import { hpkeFaultIndex } from "../hpke/base";
import { kemOfKeyLength } from "../hpke/kem";
import { encryptWithLabelMany } from "../hpke/withlabel";
import { scratch, scratchMark, scratchRelease } from "../memory";
import { STATUS_ARGUMENT, STATUS_HANDLE, STATUS_LIMIT, STATUS_PUBLIC_KEY } from "../status";
import { headerLength, VECTOR_LIMIT, writeHeader } from "../varint";
import { AEAD_TAG_LENGTH, TREE_RULE_NONE } from "../layout";
import { hashLengthOf, kdfOf, keyCell, keyLengthOf } from "./columns";
import { fault } from "./fault";
import { childAway } from "./math";
import { overlayAt } from "./overlay";
import { pathCount, privateLeaf, privateOf, stepNode, stepPublicKey, stepSecret } from "./private";
import { resolutionOf } from "./resolution";

/** "UpdatePathNode" */
export const pathLabel: usize = memory.data<u8>([
  0x55, 0x70, 0x64, 0x61, 0x74, 0x65, 0x50, 0x61, 0x74, 0x68, 0x4e, 0x6f, 0x64, 0x65,
]);
export const PATH_LABEL_LENGTH: usize = 14;

/**
 * The resolution of a copath node without the excluded leaves (MLS-7.5-04): writes node indices
 * at `to`, which has room for the whole resolution, and returns how many are left. `excluded` are
 * `excludedCount` leaf indices in increasing order.
 */
export function receiversOf(view: usize, copathNode: u32, to: usize, excluded: usize, excludedCount: u32): u32 {
  const count = resolutionOf(view, copathNode, 0, 0);
  resolutionOf(view, copathNode, to, count);
  let kept: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const node = load<u32>(to + ((<usize>i) << 2));
    if ((node & 1) == 0 && isListed(node >> 1, excluded, excludedCount)) continue;
    store<u32>(to + ((<usize>kept) << 2), node);
    kept++;
  }
  return kept;
}

function isListed(leafIndex: u32, list: usize, count: u32): bool {
  let low: u32 = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load<u32>(list + ((<usize>middle) << 2)) < leafIndex) low = middle + 1;
    else high = middle;
  }
  return low < count && load<u32>(list + ((<usize>low) << 2)) == leafIndex;
}

/** Bytes of an HPKECiphertext that carries a path secret, and of its fields with their headers. */
function ciphertextLength(view: usize): usize {
  const kemOutput = keyLengthOf(view);
  const sealed = hashLengthOf(view) + <usize>AEAD_TAG_LENGTH;
  return <usize>headerLength(<u32>kemOutput) + kemOutput + <usize>headerLength(<u32>sealed) + sealed;
}

function nodeLength(view: usize, receivers: u32): usize {
  const ciphertexts = <usize>receivers * ciphertextLength(view);
  const keyLength = keyLengthOf(view);
  return <usize>headerLength(<u32>keyLength) + keyLength + <usize>headerLength(<u32>ciphertexts) + ciphertexts;
}

/** Bytes that `pathSeal` will write. */
export function pathSealLength(handle: i32, excluded: usize, excludedCount: u32): i32 {
  const view = overlayAt(handle);
  if (view == 0 || privateOf(view) == 0) return STATUS_HANDLE;
  const block = privateOf(view);
  let content: usize = 0;
  for (let i: u32 = 0; i < pathCount(block); i++) {
    const mark = scratchMark();
    content += nodeLength(view, stepReceivers(view, block, i, excluded, excludedCount, 0));
    scratchRelease(mark);
  }
  if (content > <usize>VECTOR_LIMIT) return STATUS_LIMIT;
  return <i32>(<usize>headerLength(<u32>content) + content);
}

/** The receivers of step `i`; writes their node indices into scratch and notes the address at `list`, if given. */
function stepReceivers(view: usize, block: usize, i: u32, excluded: usize, excludedCount: u32, list: usize): u32 {
  const copathNode = childAway(stepNode(block, i), privateLeaf(block) << 1);
  const to = scratch((<usize>resolutionOf(view, copathNode, 0, 0)) << 2);
  if (list != 0) store<u32>(list, <u32>to);
  return receiversOf(view, copathNode, to, excluded, excludedCount);
}

/**
 * Writes the `nodes` vector of the UpdatePath (MLS-7.5-05, MLS-7.6-01): `pathSealLength` bytes.
 * `context` is the provisional GroupContext (MLS-7.6-03), `seed` 32 fresh bytes. Returns the length,
 * or STATUS_PUBLIC_KEY where a member's key is unusable.
 */
export function pathSeal(
  handle: i32,
  kem: i32,
  aead: i32,
  context: usize,
  contextLength: usize,
  excluded: usize,
  excludedCount: u32,
  seed: usize,
  dst: usize,
): i32 {
  const length = pathSealLength(handle, excluded, excludedCount);
  if (length < 0) return length;
  const view = overlayAt(handle);
  if (kem != kemOfKeyLength(keyLengthOf(view))) return fault(STATUS_ARGUMENT, 0, TREE_RULE_NONE);
  const block = privateOf(view);
  const mark = scratchMark();
  const count = pathCount(block);
  const keyLength = keyLengthOf(view);
  const hashLength = hashLengthOf(view);
  const sealedLength = hashLength + <usize>AEAD_TAG_LENGTH;

  const counts = scratch((<usize>count) << 2);
  const lists = scratch((<usize>count) << 2);
  let total: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const at = (<usize>i) << 2;
    const receivers = stepReceivers(view, block, i, excluded, excludedCount, lists + at);
    store<u32>(counts + at, receivers);
    total += receivers;
  }
  const keys = scratch(<usize>total * keyLength);
  const secrets = scratch(<usize>total * hashLength);
  let receiver: usize = 0;
  for (let i: u32 = 0; i < count; i++) {
    const list = <usize>load<u32>(lists + ((<usize>i) << 2));
    for (let j: u32 = 0; j < load<u32>(counts + ((<usize>i) << 2)); j++) {
      copyBytes(keys + receiver * keyLength, keyCell(view, load<u32>(list + ((<usize>j) << 2))), keyLength);
      copyBytes(secrets + receiver * hashLength, stepSecret(block, i), hashLength);
      receiver++;
    }
  }
  const encs = scratch(<usize>total * keyLength);
  const sealed = scratch(<usize>total * sealedLength);
  const status = encryptWithLabelMany(
    kem,
    kdfOf(view),
    aead,
    total,
    keys,
    keyLength,
    pathLabel,
    PATH_LABEL_LENGTH,
    context,
    contextLength,
    secrets,
    hashLength,
    hashLength,
    seed,
    encs,
    keyLength,
    sealed,
    sealedLength,
  );
  if (status >= 0) writeNodes(dst, view, block, counts, encs, sealed, <u32>length);
  else fault(status, status == STATUS_PUBLIC_KEY ? receiverAt(lists, counts, hpkeFaultIndex()) : 0, TREE_RULE_NONE);
  scratchRelease(mark);
  return status < 0 ? status : length;
}

/** The node of receiver `index`, counted over all steps. */
function receiverAt(lists: usize, counts: usize, index: u32): u32 {
  let step: usize = 0;
  while (index >= load<u32>(counts + (step << 2))) index -= load<u32>(counts + (step++ << 2));
  return load<u32>(<usize>load<u32>(lists + (step << 2)) + ((<usize>index) << 2));
}

function writeVector(dst: usize, bytes: usize, length: usize): usize {
  const at = writeHeader(dst, <u32>length);
  copyBytes(at, bytes, length);
  return at + length;
}

function writeNodes(
  dst: usize,
  view: usize,
  block: usize,
  counts: usize,
  encs: usize,
  sealed: usize,
  length: u32,
): void {
  const keyLength = keyLengthOf(view);
  const sealedLength = hashLengthOf(view) + <usize>AEAD_TAG_LENGTH;
  // The header's length follows from the whole: it is the one that leaves that much content.
  let header: u32 = 1;
  while (headerLength(length - header) != header) header <<= 1;
  let at = writeHeader(dst, length - header);
  let receiver: usize = 0;
  for (let i: u32 = 0; i < pathCount(block); i++) {
    const receivers = load<u32>(counts + ((<usize>i) << 2));
    at = writeVector(at, stepPublicKey(block, i), keyLength);
    at = writeHeader(at, <u32>(<usize>receivers * ciphertextLength(view)));
    for (let j: u32 = 0; j < receivers; j++) {
      at = writeVector(at, encs + receiver * keyLength, keyLength);
      at = writeVector(at, sealed + receiver * sealedLength, sealedLength);
      receiver++;
    }
  }
}
