// Writing the ratchet_tree extension (RFC 9420 section 12.4.3.3).

import { copyBytes } from "../bytes";
import { STATUS_LIMIT, STATUS_TREE } from "../status";
import { headerLength, VECTOR_LIMIT, writeHeader } from "../varint";
import { contentOf, isPresent, keyCell, keyLengthOf, unmergedOf } from "./columns";
import { writeUnmerged, writeVector } from "./hash";
import { leafBytes, leafLength } from "./leaf";
import { levelOf } from "./math";
import { rightmostMember } from "./members";
import { parentHashBytes, parentHashLength } from "./parent";
import { unmergedCount } from "./unmerged";

function vectorLength(content: usize): u64 {
  return <u64>headerLength(<u32>content) + content;
}

/** Bytes of the vector's content; up to the last node that is not blank, which is a leaf (MLS-12.4.3.3-02). */
function contentLength(view: usize, last: u32): u64 {
  let length: u64 = 0;
  for (let node: u32 = 0; node <= last; node++) {
    length++;
    if (!isPresent(view, node)) continue;
    const block = contentOf(view, node);
    if (levelOf(node) == 0) {
      length += 1 + <u64>leafLength(block);
    } else {
      length += 1 + vectorLength(keyLengthOf(view)) + vectorLength(parentHashLength(block));
      length += vectorLength((<usize>unmergedCount(unmergedOf(view, node))) << 2);
    }
  }
  return length;
}

/** The length of a vector's content, from that of the whole vector. */
function withoutHeader(length: usize): usize {
  let content = length - 1;
  if (content >= 1 << 6) content = length - 2;
  if (content >= 1 << 14) content = length - 4;
  return content;
}

/** Bytes of the extension's content. A tree without members has none. */
export function exportLength(view: usize): i32 {
  const rightmost = rightmostMember(view);
  if (rightmost < 0) return STATUS_TREE;
  const length = contentLength(view, (<u32>rightmost) << 1);
  if (length > <u64>VECTOR_LIMIT) return STATUS_LIMIT;
  return <i32>(headerLength(<u32>length) + <u32>length);
}

/** Writes the extension's content to `dst`, which has room for `length` bytes: what `exportLength` says. */
export function exportTree(view: usize, dst: usize, length: usize): i32 {
  const rightmost = rightmostMember(view);
  if (rightmost < 0) return STATUS_TREE;
  const last = (<u32>rightmost) << 1;
  let at = writeHeader(dst, <u32>withoutHeader(length));
  for (let node: u32 = 0; node <= last; node++) {
    const present = isPresent(view, node);
    store<u8>(at++, present ? 1 : 0);
    if (!present) continue;
    const block = contentOf(view, node);
    if (levelOf(node) == 0) {
      store<u8>(at++, 1);
      copyBytes(at, leafBytes(block), leafLength(block));
      at += leafLength(block);
    } else {
      store<u8>(at++, 2);
      at = writeVector(at, keyCell(view, node), keyLengthOf(view));
      at = writeVector(at, parentHashBytes(block), parentHashLength(block));
      at = writeUnmerged(at, unmergedOf(view, node), 0);
    }
  }
  return <i32>(at - dst);
}
