// A leaf's block: a few numbers from its one parse, and the encoded LeafNode behind the six bytes
// that come before it in TreeHashInput (RFC 9420 section 7.8), so that hashing a leaf copies nothing.

import { copyBytes, store32be } from "../bytes";
import {
  LEAF_ARM,
  LEAF_ENCRYPTION_KEY,
  LEAF_SIGNATURE_KEY,
  LEAF_SOURCE,
  LEAF_SOURCE_COMMIT,
  LEAF_WORDS,
} from "../layout";
import { allocate } from "../memory";
import { STATUS_MALFORMED, STATUS_PUBLIC_KEY } from "../status";
import { keyLengthOf } from "./columns";
import { leafParse } from "./leafnode";

const LENGTH: usize = 0;
const KEY_OFFSET: usize = 4;
const SIGNATURE_KEY_OFFSET: usize = 8;
const SIGNATURE_KEY_LENGTH: usize = 12;
const SOURCE: usize = 16;
const PARENT_HASH_OFFSET: usize = 20;
const PARENT_HASH_LENGTH: usize = 24;
const PREFIX: usize = 34;
const LEAF_NODE: usize = 40;
const PREFIX_LENGTH: usize = LEAF_NODE - PREFIX;

const words: usize = memory.data(<i32>(LEAF_WORDS << 2), 4);

function word(index: i32): u32 {
  return load<u32>(words + ((<usize>index) << 2));
}

/**
 * Parses the LeafNode at `bytes` for `newLeafBlock`. Returns the bytes it takes, or a status; a key
 * that no node of this tree can have is refused here.
 */
export function readLeaf(view: usize, bytes: usize, length: usize): i32 {
  const consumed = leafParse(bytes, length, words);
  if (consumed < 0) return consumed;
  if (<usize>word(LEAF_ENCRYPTION_KEY + 1) != keyLengthOf(view)) return STATUS_PUBLIC_KEY;
  return consumed;
}

/** The same for exactly `length` bytes. */
export function readWholeLeaf(view: usize, bytes: usize, length: usize): i32 {
  const consumed = readLeaf(view, bytes, length);
  if (consumed >= 0 && <usize>consumed != length) return STATUS_MALFORMED;
  return consumed;
}

/** The offset of the encryption key in the leaf that was read last. */
export function readLeafKey(): usize {
  return <usize>word(LEAF_ENCRYPTION_KEY);
}

/** The source of the leaf that was read last. */
export function readLeafSource(): i32 {
  return <i32>word(LEAF_SOURCE);
}

/** The block of the leaf that was read last. */
export function newLeafBlock(leafIndex: u32, bytes: usize): usize {
  const length = <usize>word(0);
  const block = allocate(LEAF_NODE + length);
  store<u32>(block, <u32>length, LENGTH);
  store<u32>(block, word(LEAF_ENCRYPTION_KEY), KEY_OFFSET);
  store<u32>(block, word(LEAF_SIGNATURE_KEY), SIGNATURE_KEY_OFFSET);
  store<u32>(block, word(LEAF_SIGNATURE_KEY + 1), SIGNATURE_KEY_LENGTH);
  store<u32>(block, word(LEAF_SOURCE), SOURCE);
  if (word(LEAF_SOURCE) == LEAF_SOURCE_COMMIT) {
    store<u32>(block, word(LEAF_ARM), PARENT_HASH_OFFSET);
    store<u32>(block, word(LEAF_ARM + 1), PARENT_HASH_LENGTH);
  }
  writeLeafPrefix(block + PREFIX, leafIndex, 1);
  copyBytes(block + LEAF_NODE, bytes, length);
  return block;
}

/** NodeType leaf, leaf_index, and the presence octet of the optional LeafNode (MLS-7.8-02, -03). */
export function writeLeafPrefix(to: usize, leafIndex: u32, present: u32): usize {
  store<u8>(to, 1);
  store32be(to + 1, leafIndex);
  store<u8>(to, <u8>present, 5);
  return PREFIX_LENGTH;
}

/** The encoded LeafNode. */
export function leafBytes(block: usize): usize {
  return block + LEAF_NODE;
}

export function leafLength(block: usize): usize {
  return <usize>load<u32>(block, LENGTH);
}

/** The TreeHashInput of the leaf. */
export function leafHashInput(block: usize): usize {
  return block + PREFIX;
}

export function leafHashInputLength(block: usize): usize {
  return PREFIX_LENGTH + leafLength(block);
}

export function leafKey(block: usize): usize {
  return block + LEAF_NODE + <usize>load<u32>(block, KEY_OFFSET);
}

export function leafSignatureKey(block: usize): usize {
  return block + LEAF_NODE + <usize>load<u32>(block, SIGNATURE_KEY_OFFSET);
}

export function leafSignatureKeyLength(block: usize): usize {
  return <usize>load<u32>(block, SIGNATURE_KEY_LENGTH);
}

export function leafSource(block: usize): i32 {
  return load<i32>(block, SOURCE);
}

/** The parent_hash of a leaf whose source is `commit`; of length 0 for the others. */
export function leafParentHash(block: usize): usize {
  return block + LEAF_NODE + <usize>load<u32>(block, PARENT_HASH_OFFSET);
}

export function leafParentHashLength(block: usize): usize {
  return <usize>load<u32>(block, PARENT_HASH_LENGTH);
}
