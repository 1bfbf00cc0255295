// Questions about all members at once: do they meet what the group asks (RFC 9420 section 7.3), and
// which credential types do they use.

import { copyBytes } from "../bytes";
import { LEAF_CREDENTIAL_TYPE, LEAF_WORDS, MEMBER_WORDS } from "../layout";
import { STATUS_HANDLE, STATUS_LIMIT, STATUS_OK } from "../status";
import { contentOf, isPresent, leafCountOf } from "./columns";
import { leafBytes, leafLength } from "./leaf";
import { leafParse } from "./leafnode";
import { leafRules } from "./leafrules";
import { viewAt } from "./overlay";

const parsed: usize = memory.data(<i32>(LEAF_WORDS * 4), 16);

/**
 * Asks `leafRules` about every leaf that is not blank. Returns 0 when all are in order, else the
 * answer for the first that is not, with its leaf index in the word at `out`.
 */
export function treeCheckLeaves(handle: i32, rules: usize, out: usize): i32 {
  const view = viewAt(handle);
  if (view == 0) return STATUS_HANDLE;
  const leafCount = leafCountOf(view);
  for (let leaf: u32 = 0; leaf < leafCount; leaf++) {
    if (!isPresent(view, leaf << 1)) continue;
    const block = contentOf(view, leaf << 1);
    const answer = leafRules(leafBytes(block), leafLength(block), rules);
    if (answer != 0) {
      store<u32>(out, leaf);
      return answer;
    }
  }
  return STATUS_OK;
}

/**
 * Collects the credential types of all members: at `out`, pairs of words (type, members that use
 * it), at most `capacity` of them. Returns how many types there are.
 */
export function treeCredentialTypes(handle: i32, out: usize, capacity: i32): i32 {
  const view = viewAt(handle);
  if (view == 0) return STATUS_HANDLE;
  const leafCount = leafCountOf(view);
  let count = 0;
  for (let leaf: u32 = 0; leaf < leafCount; leaf++) {
    if (!isPresent(view, leaf << 1)) continue;
    const block = contentOf(view, leaf << 1);
    leafParse(leafBytes(block), leafLength(block), parsed);
    const type = load<u32>(parsed + ((<usize>LEAF_CREDENTIAL_TYPE) << 2));
    let at = out;
    let i = 0;
    while (i < count && load<u32>(at) != type) {
      at += 8;
      i++;
    }
    if (i == count) {
      if (count == capacity) return STATUS_LIMIT;
      count++;
      store<u32>(at, type);
      store<u32>(at, 0, 4);
    }
    store<u32>(at, load<u32>(at, 4) + 1, 4);
  }
  return count;
}

/**
 * Describes members from leaf `first` on, at most `capacity` of them and as many as fit into `room` bytes: at `out`, for
 * each MEMBER_WORDS words (its leaf index, then what `leafParse` notes), and at `bytes` their encoded leaves one
 * behind the other. Returns how many, 0 when there is none left.
 */
export function treeReadMembers(handle: i32, first: u32, out: usize, capacity: i32, bytes: usize, room: i32): i32 {
  const view = viewAt(handle);
  if (view == 0) return STATUS_HANDLE;
  const leafCount = leafCountOf(view);
  const end = bytes + <usize>room;
  let to = bytes;
  let count = 0;
  for (let leaf = first; leaf < leafCount && count < capacity; leaf++) {
    if (!isPresent(view, leaf << 1)) continue;
    const block = contentOf(view, leaf << 1);
    const length = leafLength(block);
    if (length > end - to) break;
    const words = out + ((<usize>(count * MEMBER_WORDS)) << 2);
    store<u32>(words, leaf);
    leafParse(leafBytes(block), length, words + 4);
    copyBytes(to, leafBytes(block), length);
    to += length;
    count++;
  }
  return count;
}
