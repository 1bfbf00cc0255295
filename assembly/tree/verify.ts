// Ed25519 signatures of leaf nodes and key packages, verified in batches (RFC 9420 sections 7.3, 10.1).
//
// Items are gathered with their SignContent and verified when there are enough of them. What fails
// is named by its owner: the leaf index, or the place in the list. Of several failures it is always
// the first, so whatever was gathered before an item that does not decode is verified first.

import { ed25519VerifyBatch } from "../curve/ed25519batch";
import {
  LEAF_SIGNATURE,
  LEAF_SIGNATURE_KEY,
  LEAF_SOURCE,
  LEAF_SOURCE_KEY_PACKAGE,
  LEAF_WORDS,
  SIGN_CONTENT_EXTRA,
} from "../layout";
import { scratch, scratchMark, scratchRelease } from "../memory";
import {
  STATUS_ARGUMENT,
  STATUS_HANDLE,
  STATUS_LEAF_NODE,
  STATUS_MALFORMED,
  STATUS_OK,
  STATUS_PUBLIC_KEY,
  STATUS_SIGNATURE,
} from "../status";
import { VECTOR_LIMIT, vectorHeader } from "../varint";
import { contentOf, isPresent, leafCountOf } from "./columns";
import { leafBytes, leafLength } from "./leaf";
import { leafParse } from "./leafnode";
import { viewAt } from "./overlay";
import { writeKeyPackageContent, writeLeafContent } from "./signcontent";

// Items of one batch, and the bytes of SignContent after which a smaller batch is verified.
const BATCH_ITEMS: usize = 8192;
const BATCH_BYTES: usize = 4 << 20;

const PUBLIC_KEY_LENGTH: u32 = 32;
const SIGNATURE_LENGTH: u32 = 64;

const words: usize = memory.data(<i32>(LEAF_WORDS << 2), 4);

// The batch being gathered: five arrays of BATCH_ITEMS words.
let publicKeys: usize = 0;
let messages: usize = 0;
let lengths: usize = 0;
let signatures: usize = 0;
let owners: usize = 0;
let itemCount: usize = 0;
let contentBytes: usize = 0;
let contentMark: usize = 0;

function word(index: i32): u32 {
  return load<u32>(words + ((<usize>index) << 2));
}

function at(array: usize, index: usize): usize {
  return <usize>load<u32>(array + (index << 2));
}

/** Starts a batch; all scratch since `scratchMark` is the batch's, to be released by the caller. */
function beginBatch(): void {
  publicKeys = scratch(5 * BATCH_ITEMS * 4);
  messages = publicKeys + BATCH_ITEMS * 4;
  lengths = messages + BATCH_ITEMS * 4;
  signatures = lengths + BATCH_ITEMS * 4;
  owners = signatures + BATCH_ITEMS * 4;
  itemCount = 0;
  contentBytes = 0;
  contentMark = scratchMark();
}

function gather(publicKey: usize, message: usize, length: usize, signature: usize, owner: usize): void {
  const offset = itemCount++ << 2;
  store<u32>(publicKeys + offset, <u32>publicKey);
  store<u32>(messages + offset, <u32>message);
  store<u32>(lengths + offset, <u32>length);
  store<u32>(signatures + offset, <u32>signature);
  store<u32>(owners + offset, <u32>owner);
  contentBytes += length;
}

// A key package brings two items.
function batchIsFull(): bool {
  return itemCount + 2 > BATCH_ITEMS || contentBytes >= BATCH_BYTES;
}

// Verifies what has been gathered and starts afresh.
function verifyGathered(seed: usize, failure: usize): i32 {
  const status = ed25519VerifyBatch(itemCount, publicKeys, messages, lengths, signatures, seed, failure);
  if (status < 0) store<u32>(failure, <u32>at(owners, <usize>load<u32>(failure)));
  scratchRelease(contentMark);
  itemCount = 0;
  contentBytes = 0;
  return status;
}

// After item `owner` has been gathered with this status: goes on, or says what failed first.
function proceed(status: i32, owner: usize, seed: usize, failure: usize): i32 {
  if (status >= 0 && !batchIsFull()) return STATUS_OK;
  const earlier = verifyGathered(seed, failure);
  if (earlier < 0 || status >= 0) return earlier;
  store<u32>(failure, <u32>owner);
  return status;
}

// Parses a leaf to `words` and checks what Ed25519 fixes.
function parseLeaf(leaf: usize, length: usize): i32 {
  const consumed = leafParse(leaf, length, words);
  if (consumed < 0) return consumed;
  if (word(LEAF_SIGNATURE_KEY + 1) != PUBLIC_KEY_LENGTH) return STATUS_PUBLIC_KEY;
  if (word(LEAF_SIGNATURE + 1) != SIGNATURE_LENGTH) return STATUS_SIGNATURE;
  return consumed;
}

// MLS-7.3-03: the leaf in `words` is signed under its own signature_key.
function gatherLeaf(leaf: usize, groupId: usize, groupIdLength: usize, leafIndex: u32, owner: usize): void {
  const content = scratch(<usize>word(0) + groupIdLength + <usize>SIGN_CONTENT_EXTRA);
  const length = writeLeafContent(content, leaf, words, groupId, groupIdLength, leafIndex);
  gather(leaf + <usize>word(LEAF_SIGNATURE_KEY), content, length, leaf + <usize>word(LEAF_SIGNATURE), owner);
}

function takeLeaf(leaf: usize, length: usize, groupId: usize, groupIdLength: usize, leafIndex: u32, owner: usize): i32 {
  const consumed = parseLeaf(leaf, length);
  if (consumed < 0) return consumed;
  if (<usize>consumed != length) return STATUS_MALFORMED;
  gatherLeaf(leaf, groupId, groupIdLength, leafIndex, owner);
  return STATUS_OK;
}

/**
 * Verifies the signatures of all leaves of a tree view. On failure the leaf index of the first bad
 * one is stored at `failure`.
 */
export function treeVerifyLeaves(handle: i32, groupId: usize, groupIdLength: usize, seed: usize, failure: usize): i32 {
  const view = viewAt(handle);
  if (view == 0) return STATUS_HANDLE;
  if (groupIdLength > <usize>(VECTOR_LIMIT >> 1)) return STATUS_ARGUMENT;
  const mark = scratchMark();
  beginBatch();
  const leafCount = leafCountOf(view);
  let status = STATUS_OK;
  for (let i: u32 = 0; i < leafCount && status >= 0; i++) {
    if (!isPresent(view, i << 1)) continue;
    const block = contentOf(view, i << 1);
    status = takeLeaf(leafBytes(block), leafLength(block), groupId, groupIdLength, i, <usize>i);
    status = proceed(status, <usize>i, seed, failure);
  }
  if (status >= 0) status = verifyGathered(seed, failure);
  scratchRelease(mark);
  return status;
}

/**
 * Verifies the signatures of `count` encoded leaves, leaf i of lengths[i] bytes at leaves[i] and
 * for leaf index indices[i]. On failure the place in the list of the first bad one is stored at
 * `failure`.
 */
export function leavesVerify(
  count: usize,
  leaves: usize,
  leafLengths: usize,
  indices: usize,
  groupId: usize,
  groupIdLength: usize,
  seed: usize,
  failure: usize,
): i32 {
  if (groupIdLength > <usize>(VECTOR_LIMIT >> 1)) return STATUS_ARGUMENT;
  const mark = scratchMark();
  beginBatch();
  let status = STATUS_OK;
  for (let i: usize = 0; i < count && status >= 0; i++) {
    status = takeLeaf(at(leaves, i), at(leafLengths, i), groupId, groupIdLength, <u32>at(indices, i), i);
    status = proceed(status, i, seed, failure);
  }
  if (status >= 0) status = verifyGathered(seed, failure);
  scratchRelease(mark);
  return status;
}

/**
 * Verifies both signatures of `count` key packages: the leaf's and the package's own (MLS-10-05,
 * MLS-10.1-03), package i of lengths[i] bytes at packages[i]. On failure the place in the list of
 * the first bad package is stored at `failure`.
 */
export function keyPackagesVerify(
  count: usize,
  packages: usize,
  packageLengths: usize,
  seed: usize,
  failure: usize,
): i32 {
  const mark = scratchMark();
  beginBatch();
  let status = STATUS_OK;
  for (let i: usize = 0; i < count && status >= 0; i++) {
    status = proceed(takeKeyPackage(at(packages, i), at(packageLengths, i), i), i, seed, failure);
  }
  if (status >= 0) status = verifyGathered(seed, failure);
  scratchRelease(mark);
  return status;
}

// Bytes of the vector at `from` with its header, or 0 when it is malformed.
function vectorBytes(from: usize, end: usize): usize {
  const header = vectorHeader(from, end);
  return <usize>(header >> 32) + <usize>(<u32>header);
}

// version, cipher_suite, init_key, leaf_node, extensions, signature (section 10).
function takeKeyPackage(keyPackage: usize, length: usize, owner: usize): i32 {
  const end = keyPackage + length;
  if (length < 4) return STATUS_MALFORMED;
  const initKeyBytes = vectorBytes(keyPackage + 4, end);
  if (initKeyBytes == 0) return STATUS_MALFORMED;
  const leaf = keyPackage + 4 + initKeyBytes;
  const consumed = parseLeaf(leaf, end - leaf);
  if (consumed < 0) return consumed;
  // MLS-7.3-10: any other leaf would be signed for a place in a group.
  if (word(LEAF_SOURCE) != LEAF_SOURCE_KEY_PACKAGE) return STATUS_LEAF_NODE;
  const extensions = leaf + <usize>consumed;
  const extensionsBytes = vectorBytes(extensions, end);
  if (extensionsBytes == 0) return STATUS_MALFORMED;
  const signature = extensions + extensionsBytes;
  const header = vectorHeader(signature, end);
  if (header == 0 || signature + vectorBytes(signature, end) != end) return STATUS_MALFORMED;
  if (<u32>header != SIGNATURE_LENGTH) return STATUS_SIGNATURE;
  gatherLeaf(leaf, 0, 0, 0, owner);
  const fields = signature - keyPackage;
  const content = scratch(fields + <usize>SIGN_CONTENT_EXTRA);
  const contentLength = writeKeyPackageContent(content, keyPackage, fields);
  gather(leaf + <usize>word(LEAF_SIGNATURE_KEY), content, contentLength, signature + <usize>(header >> 32), owner);
  return STATUS_OK;
}
