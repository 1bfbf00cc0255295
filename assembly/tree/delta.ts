// The public changes of an overlay as bytes, for the record of a transition: what each changed node
// is now, so that applying them to the same base gives the same tree. Member counts and hashes follow
// from that and are not written. Lists that only grew are written from where they grew.
//
// leaf count, row count, then rows: node, kind, and by kind
//   blank    -
//   leaf     length, LeafNode
//   parent   key, length of parent_hash, parent_hash, entries, unmerged leaves
//   longer   entries kept, entries added, those
// All numbers are u32 in network order, the kind is an octet.

import { copyBytes, load32be, store32be } from "../bytes";
import { STATUS_MALFORMED, STATUS_OK } from "../status";
import {
  CHANGED,
  contentOf,
  EXTENDED,
  flagsOf,
  isPresent,
  keyCell,
  keyLengthOf,
  leafCountOf,
  nodeOfRow,
  unmergedOf,
  VIEW_BASE,
  VIEW_ROWS,
} from "./columns";
import { clearLeaf, putLeaf } from "./change";
import { leafBytes, leafLength, readWholeLeaf } from "./leaf";
import { LEAF_COUNT_CAP, levelOf, nodeCountOf } from "./math";
import { extend, touchPath, truncate } from "./members";
import { addUnmerged, blankParent, parentHashBytes, parentHashLength, setParent } from "./parent";
import { unmergedAt, unmergedCount } from "./unmerged";

const BLANK: u32 = 0;
const LEAF: u32 = 1;
const PARENT: u32 = 2;
const LONGER: u32 = 3;

/** Whether the row has to be written: blank nodes beyond both trees need not be. */
function isWritten(overlay: usize, node: u32): bool {
  if ((flagsOf(overlay, node) & (CHANGED | EXTENDED)) == 0) return false;
  const base = <usize>load<u32>(overlay, VIEW_BASE);
  return node < nodeCountOf(max(leafCountOf(overlay), leafCountOf(base)));
}

/** Whether a parent is as the base has it but for entries added at the end of its list. */
function isLonger(overlay: usize, node: u32): bool {
  if ((flagsOf(overlay, node) & CHANGED) != 0) return false;
  const now = unmergedOf(overlay, node);
  const before = unmergedOf(<usize>load<u32>(overlay, VIEW_BASE), node);
  const count = unmergedCount(before);
  for (let i: u32 = 0; i < count; i++) {
    if (unmergedAt(now, i) != unmergedAt(before, i)) return false;
  }
  return true;
}

/** Entries that such a list has in the base. */
function keptEntries(overlay: usize, node: u32): u32 {
  return unmergedCount(unmergedOf(<usize>load<u32>(overlay, VIEW_BASE), node));
}

/** Bytes of the changes. */
export function deltaLength(overlay: usize): u64 {
  let length: u64 = 8;
  const rows = load<u32>(overlay, VIEW_ROWS);
  for (let row: u32 = 0; row < rows; row++) {
    const node = nodeOfRow(overlay, row);
    if (!isWritten(overlay, node)) continue;
    length += 5;
    if (!isPresent(overlay, node)) continue;
    const block = contentOf(overlay, node);
    const entries = unmergedCount(unmergedOf(overlay, node));
    if (levelOf(node) == 0) {
      length += 4 + <u64>leafLength(block);
    } else if (!isLonger(overlay, node)) {
      length += <u64>keyLengthOf(overlay) + 4 + <u64>parentHashLength(block) + 4 + 4 * <u64>entries;
    } else {
      length += 8 + 4 * <u64>(entries - keptEntries(overlay, node));
    }
  }
  return length;
}

/** Writes the changes; `dst` has room for `deltaLength` bytes. Returns the end. */
export function writeDelta(overlay: usize, dst: usize): usize {
  let at = dst + 8;
  let written: u32 = 0;
  const rows = load<u32>(overlay, VIEW_ROWS);
  for (let row: u32 = 0; row < rows; row++) {
    const node = nodeOfRow(overlay, row);
    if (!isWritten(overlay, node)) continue;
    at = writeRow(overlay, node, at);
    written++;
  }
  store32be(dst, leafCountOf(overlay));
  store32be(dst + 4, written);
  return at;
}

function writeRow(overlay: usize, node: u32, at: usize): usize {
  store32be(at, node);
  const kind = at + 4;
  at += 5;
  if (!isPresent(overlay, node)) {
    store<u8>(kind, <u8>BLANK);
    return at;
  }
  const block = contentOf(overlay, node);
  if (levelOf(node) == 0) {
    store<u8>(kind, <u8>LEAF);
    return writeCounted(at, leafBytes(block), leafLength(block));
  }
  const list = unmergedOf(overlay, node);
  let from: u32 = 0;
  if (!isLonger(overlay, node)) {
    store<u8>(kind, <u8>PARENT);
    copyBytes(at, keyCell(overlay, node), keyLengthOf(overlay));
    at = writeCounted(at + keyLengthOf(overlay), parentHashBytes(block), parentHashLength(block));
  } else {
    store<u8>(kind, <u8>LONGER);
    from = keptEntries(overlay, node);
    store32be(at, from);
    at += 4;
  }
  const count = unmergedCount(list);
  store32be(at, count - from);
  at += 4;
  for (let i = from; i < count; i++) {
    store32be(at, unmergedAt(list, i));
    at += 4;
  }
  return at;
}

function writeCounted(to: usize, bytes: usize, length: usize): usize {
  store32be(to, <u32>length);
  copyBytes(to + 4, bytes, length);
  return to + 4 + length;
}

// ---- Reading. Records are sealed, so a fault here is a fault of storage; nothing is read out of bounds all the same.

let at: usize = 0;
let end: usize = 0;
let failed: bool = false;

function take(length: usize): usize {
  const from = at;
  if (failed || length > end - at) {
    failed = true;
    return 0;
  }
  at += length;
  return from;
}

function takeNumber(): u32 {
  const from = take(4);
  return failed ? 0 : load32be(from);
}

/** Applies changes to a fresh overlay. After a failure the overlay is good only to be released. */
export function readDelta(overlay: usize, bytes: usize, length: usize): i32 {
  at = bytes;
  end = bytes + length;
  failed = false;
  const leafCount = takeNumber();
  const rows = takeNumber();
  if (failed || popcnt(leafCount) != 1 || load<u32>(overlay, VIEW_ROWS) != 0) return STATUS_MALFORMED;
  // Room is made for what the record can justify alone: a tree doubles when all its leaves are taken, and of those all
  // that the base does not have were put there by this overlay and have rows of 5 bytes at least.
  const taken = leafCountOf(overlay) + <u32>((length - 8) / 5);
  if (leafCount > LEAF_COUNT_CAP || leafCount >> 1 > taken) return STATUS_MALFORMED;
  while (leafCountOf(overlay) < leafCount) {
    if (!extend(overlay)) return STATUS_MALFORMED;
  }
  for (let row: u32 = 0; row < rows; row++) {
    const status = readRow(overlay);
    if (status < 0) return status;
  }
  if (at != end) return STATUS_MALFORMED;
  if (leafCountOf(overlay) > leafCount) truncate(overlay);
  return leafCountOf(overlay) == leafCount ? STATUS_OK : STATUS_MALFORMED;
}

function readRow(overlay: usize): i32 {
  const node = takeNumber();
  const kindAt = take(1);
  if (failed || node >= nodeCountOf(leafCountOf(overlay))) return STATUS_MALFORMED;
  const kind = <u32>load<u8>(kindAt);
  if (levelOf(node) == 0) {
    if (kind == BLANK) {
      clearLeaf(overlay, node >> 1);
      return STATUS_OK;
    }
    const leafLength = <usize>takeNumber();
    const leaf = take(leafLength);
    if (failed || kind != LEAF) return STATUS_MALFORMED;
    const status = readWholeLeaf(overlay, leaf, leafLength);
    if (status < 0) return status;
    putLeaf(overlay, node >> 1, leaf);
    return STATUS_OK;
  }
  touchPath(overlay, node, 0);
  if (kind == BLANK) {
    blankParent(overlay, node);
    return STATUS_OK;
  }
  if (kind == PARENT) {
    const key = take(keyLengthOf(overlay));
    const parentHashLength = <usize>takeNumber();
    const parentHash = take(parentHashLength);
    if (failed) return STATUS_MALFORMED;
    setParent(overlay, node, key, parentHash, parentHashLength);
  } else if (kind == LONGER) {
    if (!isPresent(overlay, node)) return STATUS_MALFORMED;
    if (takeNumber() != unmergedCount(unmergedOf(overlay, node))) return STATUS_MALFORMED;
  } else {
    return STATUS_MALFORMED;
  }
  for (let left = takeNumber(); left > 0 && !failed; left--) {
    const leafIndex = takeNumber();
    if (failed || leafIndex >= leafCountOf(overlay)) return STATUS_MALFORMED;
    addUnmerged(overlay, node, leafIndex);
  }
  return failed ? STATUS_MALFORMED : STATUS_OK;
}
