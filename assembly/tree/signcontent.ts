// What signatures of leaf nodes and key packages cover: SignContent (RFC 9420 section 5.1.2) around
// LeafNodeTBS (section 7.2) and KeyPackageTBS (section 10).

import { copyBytes, store32be } from "../bytes";
import { LEAF_SOURCE, LEAF_SOURCE_KEY_PACKAGE, LEAF_TBS_LENGTH, LEAF_WORDS } from "../layout";
import { STATUS_ARGUMENT, STATUS_MALFORMED } from "../status";
import { headerLength, VECTOR_LIMIT, writeHeader } from "../varint";
import { leafParse } from "./leafnode";

// The label vectors: "MLS 1.0 LeafNodeTBS", "MLS 1.0 KeyPackageTBS" (MLS-5.1.2-03, -04).
const leafLabel: usize = memory.data<u8>([
  19, 0x4d, 0x4c, 0x53, 0x20, 0x31, 0x2e, 0x30, 0x20, 0x4c, 0x65, 0x61, 0x66, 0x4e, 0x6f, 0x64, 0x65, 0x54, 0x42, 0x53,
]);
const keyPackageLabel: usize = memory.data<u8>([
  21, 0x4d, 0x4c, 0x53, 0x20, 0x31, 0x2e, 0x30, 0x20, 0x4b, 0x65, 0x79, 0x50, 0x61, 0x63, 0x6b, 0x61, 0x67, 0x65, 0x54,
  0x42, 0x53,
]);

const words: usize = memory.data(<i32>(LEAF_WORDS << 2), 4);

function word(leaf: usize, index: i32): u32 {
  return load<u32>(leaf + ((<usize>index) << 2));
}

function writeLabel(dst: usize, label: usize): usize {
  const length = 1 + <usize>load<u8>(label);
  copyBytes(dst, label, length);
  return dst + length;
}

/**
 * Writes the SignContent of a leaf that was parsed to `parsed`; returns its length. `dst` has room
 * for the leaf, the group_id and SIGN_CONTENT_EXTRA bytes. A leaf of a key package is bound to no
 * group and no place, the others are to both (MLS-7.2-02).
 */
export function writeLeafContent(
  dst: usize,
  leaf: usize,
  parsed: usize,
  groupId: usize,
  groupIdLength: usize,
  leafIndex: u32,
): usize {
  const fields = <usize>word(parsed, LEAF_TBS_LENGTH);
  const placed = <i32>word(parsed, LEAF_SOURCE) != LEAF_SOURCE_KEY_PACKAGE;
  const place = placed ? <usize>headerLength(<u32>groupIdLength) + groupIdLength + 4 : 0;
  let at = writeHeader(writeLabel(dst, leafLabel), <u32>(fields + place));
  copyBytes(at, leaf, fields);
  at += fields;
  if (placed) {
    at = writeHeader(at, <u32>groupIdLength);
    copyBytes(at, groupId, groupIdLength);
    at += groupIdLength;
    store32be(at, leafIndex);
    at += 4;
  }
  return at - dst;
}

/** Writes the SignContent of a key package whose fields above the signature have `length` bytes; returns its length. */
export function writeKeyPackageContent(dst: usize, keyPackage: usize, length: usize): usize {
  const at = writeHeader(writeLabel(dst, keyPackageLabel), <u32>length);
  copyBytes(at, keyPackage, length);
  return at + length - dst;
}

/**
 * The same as `writeLeafContent` for an encoded leaf of exactly `length` bytes: what a signature
 * scheme outside the core has to verify or sign. Returns the length written, or a status.
 */
export function leafSignContent(
  dst: usize,
  leaf: usize,
  length: usize,
  groupId: usize,
  groupIdLength: usize,
  leafIndex: u32,
): i32 {
  if (groupIdLength > <usize>(VECTOR_LIMIT >> 1)) return STATUS_ARGUMENT;
  const consumed = leafParse(leaf, length, words);
  if (consumed < 0) return consumed;
  if (<usize>consumed != length) return STATUS_MALFORMED;
  return <i32>writeLeafContent(dst, leaf, words, groupId, groupIdLength, leafIndex);
}
