// Receiving a path (RFC 9420 section 7.5): the one parser of UpdatePathNode, the merge into a staged
// tree, finding and opening the ciphertext meant for us, and deriving what lies above. Joining with
// the path secret of a Welcome (section 12.4.3.1) derives in the same way.

import { copyBytes } from "../bytes";
import {
  AEAD_TAG_LENGTH,
  TREE_RULE_CIPHERTEXTS,
  TREE_RULE_JOIN_PATH,
  TREE_RULE_NONE,
  TREE_RULE_PATH_LENGTH,
  TREE_RULE_PATH_MISMATCH,
} from "../layout";
import { kemDeriveKeyPair, kemOfKeyLength, kemPrivateKeyLength } from "../hpke/kem";
import { decryptWithLabel } from "../hpke/withlabel";
import { scratch, scratchMark, scratchRelease } from "../memory";
import { secretAt, secretLength } from "../secret/slots";
import {
  STATUS_ARGUMENT,
  STATUS_DECRYPT,
  STATUS_HANDLE,
  STATUS_INDEX,
  STATUS_MALFORMED,
  STATUS_OK,
  STATUS_PUBLIC_KEY,
  STATUS_UPDATE_PATH,
} from "../status";
import { vectorHeader } from "../varint";
import { mergePath } from "./change";
import { hashLengthOf, isPresent, kdfOf, keyCell, keyLengthOf, leafCountOf } from "./columns";
import { fault } from "./fault";
import { childAway, childToward, isBelow, LEVELS, parentOf, rootOf } from "./math";
import { overlayAt, viewAt } from "./overlay";
import { commitSecretAfter, nextPathSecret, nodeSecret } from "./path";
import { pathLabel, PATH_LABEL_LENGTH, receiversOf } from "./pathseal";
import { ownPrivate, privateKeyOf, privateLeaf, privateOf, prunePrivate, setPrivateKey } from "./private";
import { filteredDirectPathOf, resolutionOf } from "./resolution";

const nodes: usize = memory.data(LEVELS << 2, 4);

// What `parseNodes` finds for each step: addresses of the key and of the first ciphertext, end of
// the ciphertexts, how many there are.
const STEP_KEY: usize = 0;
const STEP_FIRST: usize = 4;
const STEP_END: usize = 8;
const STEP_COUNT: usize = 12;
const STEP: usize = 16;
const steps: usize = memory.data(LEVELS << 4, 4);

function step(i: u32): usize {
  return steps + <usize>i * STEP;
}

/** Skips an HPKECiphertext; the address after it, or 0. */
function skipCiphertext(at: usize, end: usize): usize {
  for (let field = 0; field < 2; field++) {
    const header = vectorHeader(at, end);
    if (header == 0) return 0;
    at += <usize>(header >> 32) + <usize>(header & 0xffffffff);
  }
  return at;
}

/** Parses the `nodes` vector; returns how many there are, or STATUS_MALFORMED. */
function parseNodes(view: usize, bytes: usize, length: usize): i32 {
  const whole = vectorHeader(bytes, bytes + length);
  if (whole == 0) return fault(STATUS_MALFORMED, 0, TREE_RULE_NONE);
  let at = bytes + <usize>(whole >> 32);
  const end = at + <usize>(whole & 0xffffffff);
  if (end != bytes + length) return fault(STATUS_MALFORMED, 0, TREE_RULE_NONE);
  let count: u32 = 0;
  while (at < end) {
    if (count == <u32>LEVELS) return fault(STATUS_UPDATE_PATH, 0, TREE_RULE_PATH_LENGTH);
    const key = vectorHeader(at, end);
    if (key == 0) return fault(STATUS_MALFORMED, 0, TREE_RULE_NONE);
    if (<usize>(key & 0xffffffff) != keyLengthOf(view)) return fault(STATUS_PUBLIC_KEY, 0, TREE_RULE_NONE);
    at += <usize>(key >> 32);
    store<u32>(step(count), <u32>at, STEP_KEY);
    at += keyLengthOf(view);
    const list = vectorHeader(at, end);
    if (list == 0) return fault(STATUS_MALFORMED, 0, TREE_RULE_NONE);
    at += <usize>(list >> 32);
    const until = at + <usize>(list & 0xffffffff);
    store<u32>(step(count), <u32>at, STEP_FIRST);
    store<u32>(step(count), <u32>until, STEP_END);
    let ciphertexts: u32 = 0;
    while (at < until) {
      at = skipCiphertext(at, until);
      if (at == 0) return fault(STATUS_MALFORMED, 0, TREE_RULE_NONE);
      ciphertexts++;
    }
    store<u32>(step(count), ciphertexts, STEP_COUNT);
    count++;
  }
  return <i32>count;
}

/**
 * Merges the path of the committer at `leafIndex` into a staged tree with all proposals applied:
 * its new leaf and the `nodes` vector of its UpdatePath, whose numbers of nodes and of ciphertexts
 * must be right (MLS-7.6-01, MLS-7.6-02). `excluded` are the leaves this commit adds, in order.
 */
export function pathMerge(
  handle: i32,
  leafIndex: u32,
  leaf: usize,
  leafLength: usize,
  bytes: usize,
  length: usize,
  excluded: usize,
  excludedCount: u32,
): i32 {
  const view = overlayAt(handle);
  if (view == 0) return STATUS_HANDLE;
  if (leafIndex >= leafCountOf(view)) return fault(STATUS_INDEX, leafIndex << 1, TREE_RULE_NONE);
  const count = parseNodes(view, bytes, length);
  if (count < 0) return count;
  if (filteredDirectPathOf(view, leafIndex, nodes) != <u32>count) {
    return fault(STATUS_UPDATE_PATH, leafIndex << 1, TREE_RULE_PATH_LENGTH); // MLS-7.6-01
  }
  const mark = scratchMark();
  const keyLength = keyLengthOf(view);
  const keys = scratch(<usize>count * keyLength);
  let status = STATUS_OK;
  for (let i: u32 = 0; i < <u32>count && status >= 0; i++) {
    const node = load<u32>(nodes + ((<usize>i) << 2));
    const copathNode = childAway(node, leafIndex << 1);
    const inner = scratchMark();
    const to = scratch((<usize>resolutionOf(view, copathNode, 0, 0)) << 2);
    if (receiversOf(view, copathNode, to, excluded, excludedCount) != load<u32>(step(i), STEP_COUNT)) {
      status = fault(STATUS_UPDATE_PATH, node, TREE_RULE_CIPHERTEXTS); // MLS-7.6-02
    }
    scratchRelease(inner);
    copyBytes(keys + <usize>i * keyLength, <usize>load<u32>(step(i), STEP_KEY), keyLength);
  }
  if (status >= 0) status = mergePath(view, leafIndex, leaf, leafLength, keys, <u32>count);
  scratchRelease(mark);
  return status;
}

/** The step whose copath side holds our leaf: the lowest common ancestor of us and the committer. */
function commonStep(leafIndex: u32, own: u32, count: u32): i32 {
  for (let i: u32 = 0; i < count; i++) {
    const node = load<u32>(nodes + ((<usize>i) << 2));
    if (isBelow(own << 1, node)) return isBelow(own << 1, childToward(node, leafIndex << 1)) ? -1 : <i32>i;
  }
  return -1;
}

// The ciphertext that was found: step, receiver's node, and its two fields.
let foundStep: u32 = 0;
let foundNode: u32 = 0;
let foundEnc: usize = 0;
let foundSealed: usize = 0;
let foundSealedLength: usize = 0;

/** Finds the ciphertext of a receiver whose private key we hold (MLS-7.5-07). */
function findCiphertext(
  view: usize,
  block: usize,
  leafIndex: u32,
  count: u32,
  excluded: usize,
  excludedCount: u32,
): i32 {
  const own = privateLeaf(block);
  const i = commonStep(leafIndex, own, count);
  if (i < 0) return fault(STATUS_UPDATE_PATH, leafIndex << 1, TREE_RULE_PATH_LENGTH);
  const node = load<u32>(nodes + ((<usize>i) << 2));
  const copathNode = childAway(node, leafIndex << 1);
  const mark = scratchMark();
  const list = scratch((<usize>resolutionOf(view, copathNode, 0, 0)) << 2);
  const receivers = receiversOf(view, copathNode, list, excluded, excludedCount);
  let position: u32 = 0;
  let receiver: u32 = 0;
  for (; position < receivers; position++) {
    receiver = load<u32>(list + ((<usize>position) << 2));
    if (privateKeyOf(block, receiver) != 0) break;
  }
  scratchRelease(mark);
  if (position >= receivers || position >= load<u32>(step(<u32>i), STEP_COUNT))
    return fault(STATUS_DECRYPT, node, TREE_RULE_NONE);
  let at = <usize>load<u32>(step(<u32>i), STEP_FIRST);
  const end = <usize>load<u32>(step(<u32>i), STEP_END);
  for (let j: u32 = 0; j < position; j++) at = skipCiphertext(at, end);
  const enc = vectorHeader(at, end);
  at += <usize>(enc >> 32);
  foundEnc = at;
  if (<usize>(enc & 0xffffffff) != keyLengthOf(view)) return fault(STATUS_DECRYPT, node, TREE_RULE_NONE);
  at += keyLengthOf(view);
  const sealed = vectorHeader(at, end);
  foundSealed = at + <usize>(sealed >> 32);
  foundSealedLength = <usize>(sealed & 0xffffffff);
  // A path secret has the length of the hash; nothing else is opened.
  if (foundSealedLength != hashLengthOf(view) + <usize>AEAD_TAG_LENGTH)
    return fault(STATUS_DECRYPT, node, TREE_RULE_NONE);
  foundStep = <u32>i;
  foundNode = receiver;
  return STATUS_OK;
}

/**
 * Opens our part of a path that `pathMerge` has merged: decrypts the path secret, derives all above
 * it, holds every key against the tree (MLS-7.5-08, -09), and keeps the private keys. `context` is the
 * provisional GroupContext (MLS-7.6-03). Returns the commit_secret.
 */
export function pathOpen(
  handle: i32,
  kem: i32,
  aead: i32,
  leafIndex: u32,
  bytes: usize,
  length: usize,
  context: usize,
  contextLength: usize,
  excluded: usize,
  excludedCount: u32,
): i32 {
  const view = overlayAt(handle);
  if (view == 0 || privateOf(view) == 0) return STATUS_HANDLE;
  if (leafIndex >= leafCountOf(view)) return fault(STATUS_INDEX, leafIndex << 1, TREE_RULE_NONE);
  if (kem != kemOfKeyLength(keyLengthOf(view))) return fault(STATUS_ARGUMENT, 0, TREE_RULE_NONE);
  const count = parseNodes(view, bytes, length);
  if (count < 0) return count;
  if (filteredDirectPathOf(view, leafIndex, nodes) != <u32>count) {
    return fault(STATUS_UPDATE_PATH, leafIndex << 1, TREE_RULE_PATH_LENGTH);
  }
  prunePrivate(view);
  const block = ownPrivate(view);
  let status = findCiphertext(view, block, leafIndex, <u32>count, excluded, excludedCount);
  if (status < 0) return status;
  const mark = scratchMark();
  const pathSecret = scratch(hashLengthOf(view));
  status = decryptWithLabel(
    kem,
    kdfOf(view),
    aead,
    pathSecret,
    privateKeyOf(block, foundNode),
    keyCell(view, foundNode),
    pathLabel,
    PATH_LABEL_LENGTH,
    context,
    contextLength,
    foundEnc,
    keyLengthOf(view),
    foundSealed,
    foundSealedLength,
  );
  if (status < 0) fault(status, foundNode, TREE_RULE_NONE);
  for (let i = foundStep; status >= 0 && i < <u32>count; i++) {
    if (i != foundStep) nextPathSecret(view, pathSecret, pathSecret);
    status = keepKeyPair(view, block, load<u32>(nodes + ((<usize>i) << 2)), pathSecret);
  }
  if (status >= 0) status = commitSecretAfter(view, pathSecret);
  scratchRelease(mark);
  return status;
}

/** Derives the key pair of a node and keeps the private key if the public one is the tree's (MLS-7.5-08). */
function keepKeyPair(view: usize, block: usize, node: u32, pathSecret: usize): i32 {
  const mark = scratchMark();
  const secret = scratch(hashLengthOf(view));
  const kem = kemOfKeyLength(keyLengthOf(view));
  const privateKey = scratch(kemPrivateKeyLength(kem));
  const publicKey = scratch(keyLengthOf(view));
  nodeSecret(view, secret, pathSecret);
  let status = kemDeriveKeyPair(kem, privateKey, publicKey, secret, hashLengthOf(view));
  if (status < 0) {
    fault(status, node, TREE_RULE_NONE);
  } else if (memory.compare(publicKey, keyCell(view, node), keyLengthOf(view)) == 0) {
    setPrivateKey(block, node, privateKey);
  } else {
    status = fault(STATUS_UPDATE_PATH, node, TREE_RULE_PATH_MISMATCH);
  }
  scratchRelease(mark);
  return status;
}

/**
 * A new member's keys from the path secret of its Welcome: it belongs to the lowest common ancestor
 * of our leaf and the signer's, and steps up once per node that is not blank (MLS-12.4.3.1-15, -16).
 * `treeSetOwnLeaf` comes before.
 */
export function pathJoin(handle: i32, signer: u32, pathSecretHandle: i32): i32 {
  const view = viewAt(handle);
  const from = secretAt(pathSecretHandle);
  if (view == 0 || from == 0 || privateOf(view) == 0) return STATUS_HANDLE;
  if (<usize>secretLength(pathSecretHandle) != hashLengthOf(view)) return STATUS_ARGUMENT;
  const block = ownPrivate(view);
  const own = privateLeaf(block);
  if (signer >= leafCountOf(view) || own >= leafCountOf(view) || signer == own) {
    return fault(STATUS_INDEX, signer << 1, TREE_RULE_JOIN_PATH);
  }
  let node = own << 1;
  while (!isBelow(signer << 1, node)) node = parentOf(node);
  if (!isPresent(view, node)) return fault(STATUS_UPDATE_PATH, node, TREE_RULE_JOIN_PATH);
  const root = rootOf(leafCountOf(view));
  const mark = scratchMark();
  const pathSecret = scratch(hashLengthOf(view));
  copyBytes(pathSecret, from, hashLengthOf(view));
  let status = keepKeyPair(view, block, node, pathSecret);
  while (status >= 0 && node != root) {
    node = parentOf(node);
    if (!isPresent(view, node)) continue;
    nextPathSecret(view, pathSecret, pathSecret);
    status = keepKeyPair(view, block, node, pathSecret);
  }
  scratchRelease(mark);
  return status;
}
