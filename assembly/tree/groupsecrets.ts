// GroupSecrets (RFC 9420 section 12.4.3.1): what each new member finds in a Welcome. Joiner and path
// secrets go in and come out as handles; only the PSK identifiers cross as bytes.

import { copyBytes } from "../bytes";
import { decryptWithLabel, encryptWithLabelMany } from "../hpke/withlabel";
import { hashLength } from "../hash/hash";
import { kemOfKeyLength } from "../hpke/kem";
import { AEAD_TAG_LENGTH, TREE_RULE_NONE } from "../layout";
import { scratch, scratchMark, scratchRelease } from "../memory";
import { secretAt, secretImport, secretLength, secretRelease } from "../secret/slots";
import {
  STATUS_ARGUMENT,
  STATUS_DECRYPT,
  STATUS_HANDLE,
  STATUS_INDEX,
  STATUS_LIMIT,
  STATUS_MALFORMED,
  STATUS_OK,
} from "../status";
import { headerLength, VECTOR_LIMIT, vectorHeader, writeHeader } from "../varint";
import { hashLengthOf, kdfOf, keyLengthOf } from "./columns";
import { fault } from "./fault";
import { isBelow } from "./math";
import { viewAt } from "./overlay";
import { pathCount, privateOf, stepNode, stepSecret } from "./private";

// "Welcome" (MLS-5.1.3-02)
const welcomeLabel: usize = memory.data<u8>([0x57, 0x65, 0x6c, 0x63, 0x6f, 0x6d, 0x65]);
const WELCOME_LABEL: usize = 7;

function vectorLength(length: usize): usize {
  return <usize>headerLength(<u32>length) + length;
}

/** Bytes of every GroupSecrets of this Welcome, all alike; `psksLength` counts their vector's header too. */
function plaintextLength(view: usize, psksLength: usize): usize {
  const secret = vectorLength(hashLengthOf(view));
  const pathSecret: usize = hasPath(view) ? 1 + secret : 1;
  return secret + pathSecret + psksLength;
}

function hasPath(view: usize): bool {
  const block = privateOf(view);
  return block != 0 && pathCount(block) != 0;
}

/** Bytes of each ciphertext that `groupSecretsSeal` writes: of all together at most VECTOR_LIMIT. */
export function groupSecretsLength(handle: i32, psksLength: usize): i32 {
  const view = viewAt(handle);
  return view == 0 ? STATUS_HANDLE : <i32>(plaintextLength(view, psksLength) + <usize>AEAD_TAG_LENGTH);
}

/** The path secret of the lowest common ancestor with a new leaf, 0 where there is none (MLS-12.4.1-08). */
function pathSecretFor(view: usize, leafIndex: u32): usize {
  const block = privateOf(view);
  for (let i: u32 = 0; i < pathCount(block); i++) {
    if (isBelow(leafIndex << 1, stepNode(block, i))) return stepSecret(block, i);
  }
  return 0;
}

/**
 * Seals the GroupSecrets of `count` new members: their init keys and leaf indices, the encoded `psks`
 * vector for all, `context` the encrypted GroupInfo (MLS-12.4.3.1-09), `seed` 32 fresh bytes.
 * A path under construction puts path secrets in. Writes KEM outputs and ciphertexts back to back.
 */
export function groupSecretsSeal(
  handle: i32,
  kem: i32,
  aead: i32,
  joiner: i32,
  psks: usize,
  psksLength: usize,
  count: u32,
  initKeys: usize,
  leafIndices: usize,
  context: usize,
  contextLength: usize,
  seed: usize,
  dstKemOutputs: usize,
  dstCiphertexts: usize,
): i32 {
  const view = viewAt(handle);
  const joinerSecret = secretAt(joiner);
  if (view == 0 || joinerSecret == 0) return STATUS_HANDLE;
  const secretBytes = hashLengthOf(view);
  if (<usize>secretLength(joiner) != secretBytes) return STATUS_ARGUMENT;
  if (kem != kemOfKeyLength(keyLengthOf(view))) return fault(STATUS_ARGUMENT, 0, TREE_RULE_NONE);
  // No product of these may leave 32 bits. A Welcome's vector holds no more; the caller has made room by the same rule.
  const length = plaintextLength(view, psksLength);
  if (psksLength > <usize>VECTOR_LIMIT || count > VECTOR_LIMIT / <u32>(length + <usize>AEAD_TAG_LENGTH)) {
    return fault(STATUS_LIMIT, 0, TREE_RULE_NONE);
  }
  const mark = scratchMark();
  const plaintexts = scratch(<usize>count * length);
  let status = STATUS_OK;
  for (let i: u32 = 0; i < count; i++) {
    let at = writeHeader(plaintexts + <usize>i * length, <u32>secretBytes);
    copyBytes(at, joinerSecret, secretBytes);
    at += secretBytes;
    if (hasPath(view)) {
      const pathSecret = pathSecretFor(view, load<u32>(leafIndices + ((<usize>i) << 2)));
      if (pathSecret == 0) {
        status = STATUS_INDEX;
        break;
      }
      store<u8>(at, 1);
      at = writeHeader(at + 1, <u32>secretBytes);
      copyBytes(at, pathSecret, secretBytes);
      at += secretBytes;
    } else {
      store<u8>(at, 0);
      at++;
    }
    copyBytes(at, psks, psksLength);
  }
  if (status == STATUS_OK) {
    status = encryptWithLabelMany(
      kem,
      kdfOf(view),
      aead,
      count,
      initKeys,
      keyLengthOf(view),
      welcomeLabel,
      WELCOME_LABEL,
      context,
      contextLength,
      plaintexts,
      length,
      length,
      seed,
      dstKemOutputs,
      keyLengthOf(view),
      dstCiphertexts,
      length + <usize>AEAD_TAG_LENGTH,
    );
  }
  scratchRelease(mark);
  return status;
}

/**
 * Opens our GroupSecrets with the private init key. Words at `out`: the joiner_secret's handle, the
 * path_secret's or 0, and address and length of the encoded `psks` vector, which lies in the scratch of
 * the caller's frame. All bytes must be used up (MLS-2.1.2-07).
 */
export function groupSecretsOpen(
  kem: i32,
  kdf: i32,
  aead: i32,
  initKey: i32,
  initPublicKey: usize,
  context: usize,
  contextLength: usize,
  kemOutput: usize,
  kemOutputLength: usize,
  ciphertext: usize,
  length: usize,
  out: usize,
): i32 {
  const privateKey = secretAt(initKey);
  if (privateKey == 0) return STATUS_HANDLE;
  if (length < <usize>AEAD_TAG_LENGTH) return STATUS_DECRYPT;
  const plaintext = scratch(length);
  const status = decryptWithLabel(
    kem,
    kdf,
    aead,
    plaintext,
    privateKey,
    initPublicKey,
    welcomeLabel,
    WELCOME_LABEL,
    context,
    contextLength,
    kemOutput,
    kemOutputLength,
    ciphertext,
    length,
  );
  if (status < 0) return status;
  return parseGroupSecrets(kdf, plaintext, length - <usize>AEAD_TAG_LENGTH, out);
}

function parseGroupSecrets(kdf: i32, bytes: usize, length: usize, out: usize): i32 {
  const end = bytes + length;
  const secretBytes = hashLength(kdf);
  const joiner = vectorHeader(bytes, end);
  if (joiner == 0 || <usize>(joiner & 0xffffffff) != secretBytes) return STATUS_MALFORMED;
  const joinerSecret = bytes + <usize>(joiner >> 32);
  let at = joinerSecret + secretBytes;
  if (at >= end) return STATUS_MALFORMED;
  const present = <u32>load<u8>(at);
  if (present > 1) return STATUS_MALFORMED; // MLS-2.1.1-01
  at++;
  let pathSecret: usize = 0;
  if (present == 1) {
    const header = vectorHeader(at, end);
    if (header == 0 || <usize>(header & 0xffffffff) != secretBytes) return STATUS_MALFORMED;
    pathSecret = at + <usize>(header >> 32);
    at = pathSecret + secretBytes;
  }
  const psks = vectorHeader(at, end);
  if (psks == 0 || at + <usize>(psks >> 32) + <usize>(psks & 0xffffffff) != end) return STATUS_MALFORMED;
  const joinerHandle = secretImport(joinerSecret, <u32>secretBytes);
  if (joinerHandle < 0) return joinerHandle;
  let pathHandle = 0;
  if (pathSecret != 0) {
    pathHandle = secretImport(pathSecret, <u32>secretBytes);
    if (pathHandle < 0) {
      secretRelease(joinerHandle);
      return pathHandle;
    }
  }
  store<i32>(out, joinerHandle);
  store<i32>(out, pathHandle, 4);
  store<u32>(out, <u32>at, 8);
  store<u32>(out, <u32>(end - at), 12);
  return STATUS_OK;
}
