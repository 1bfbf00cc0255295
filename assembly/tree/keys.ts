// Finds keys in a tree: encryption keys of all nodes, signature keys of leaves (the uniqueness rules
// of RFC 9420 sections 7.3, 12.4.2 and 12.4.3.1).
//
// A table holds (hash, node and kind) pairs, no keys: what a node's key is now, the view says. So an
// entry whose node was changed later in an overlay simply no longer matches, and an overlay only has
// to list what it adds.

import { KEY_ENCRYPTION, KEY_SIGNATURE } from "../layout";
import { allocate, release } from "../memory";
import {
  contentOf,
  isPresent,
  keyCell,
  keyLengthOf,
  leafCountOf,
  VIEW_BASE,
  VIEW_KEYS,
  VIEW_KEYS_CAPACITY,
  VIEW_KEYS_COUNT,
  VIEW_SEED,
} from "./columns";
import { leafSignatureKey, leafSignatureKeyLength } from "./leaf";
import { levelOf, nodeCountOf } from "./math";
import { siphash } from "./siphash";

// An entry: low half of the hash | (node + 1) << 2 | kind. Zero is a free one.
const ENTRY: usize = 8;
const TAG: usize = 4;

function tagOf(kind: u32, node: u32): u32 {
  return ((node + 1) << 2) | kind;
}

function hashOf(view: usize, key: usize, length: usize): u32 {
  return <u32>siphash(view + VIEW_SEED, key, length);
}

function insert(table: usize, capacity: u32, hash: u32, tag: u32): void {
  let slot = hash & (capacity - 1);
  while (load<u32>(table + <usize>slot * ENTRY, TAG) != 0) slot = (slot + 1) & (capacity - 1);
  store<u32>(table + <usize>slot * ENTRY, hash);
  store<u32>(table + <usize>slot * ENTRY, tag, TAG);
}

/** Makes room for `count` more entries. */
export function reserveKeys(view: usize, count: u32): void {
  const capacity = load<u32>(view, VIEW_KEYS_CAPACITY);
  const needed = load<u32>(view, VIEW_KEYS_COUNT) + count;
  if (needed * 3 <= capacity * 2) return;
  let next: u32 = capacity == 0 ? 32 : capacity;
  while (needed * 3 > next * 2) next <<= 1;
  const old = <usize>load<u32>(view, VIEW_KEYS);
  const table = allocate(<usize>next * ENTRY);
  for (let slot: u32 = 0; slot < capacity; slot++) {
    const tag = load<u32>(old + <usize>slot * ENTRY, TAG);
    if (tag != 0) insert(table, next, load<u32>(old + <usize>slot * ENTRY), tag);
  }
  release(old);
  store<u32>(view, <u32>table, VIEW_KEYS);
  store<u32>(view, next, VIEW_KEYS_CAPACITY);
}

function addEntry(view: usize, kind: u32, node: u32, hash: u32): void {
  reserveKeys(view, 1);
  const table = <usize>load<u32>(view, VIEW_KEYS);
  insert(table, load<u32>(view, VIEW_KEYS_CAPACITY), hash, tagOf(kind, node));
  store<u32>(view, load<u32>(view, VIEW_KEYS_COUNT) + 1, VIEW_KEYS_COUNT);
}

function removeEntry(view: usize, kind: u32, node: u32, key: usize, length: usize): void {
  const table = <usize>load<u32>(view, VIEW_KEYS);
  const mask = load<u32>(view, VIEW_KEYS_CAPACITY) - 1;
  const tag = tagOf(kind, node);
  let hole = hashOf(view, key, length) & mask;
  while (load<u32>(table + <usize>hole * ENTRY, TAG) != tag) {
    if (load<u32>(table + <usize>hole * ENTRY, TAG) == 0) unreachable();
    hole = (hole + 1) & mask;
  }
  // Move up what was pushed past the hole, so that no probe stops short.
  let slot = hole;
  for (;;) {
    slot = (slot + 1) & mask;
    const entry = table + <usize>slot * ENTRY;
    if (load<u32>(entry, TAG) == 0) break;
    const home = load<u32>(entry) & mask;
    if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
    store<u64>(table + <usize>hole * ENTRY, load<u64>(entry));
    hole = slot;
  }
  store<u64>(table + <usize>hole * ENTRY, 0);
  store<u32>(view, load<u32>(view, VIEW_KEYS_COUNT) - 1, VIEW_KEYS_COUNT);
}

/** Lists the keys that `node` has now. */
export function listKeys(view: usize, node: u32): void {
  addEntry(view, KEY_ENCRYPTION, node, hashOf(view, keyCell(view, node), keyLengthOf(view)));
  if (levelOf(node) != 0) return;
  const block = contentOf(view, node);
  addEntry(view, KEY_SIGNATURE, node, hashOf(view, leafSignatureKey(block), leafSignatureKeyLength(block)));
}

/** Takes the keys that `node` has now off the base's own list. */
export function unlistKeys(base: usize, node: u32): void {
  removeEntry(base, KEY_ENCRYPTION, node, keyCell(base, node), keyLengthOf(base));
  if (levelOf(node) != 0) return;
  const block = contentOf(base, node);
  removeEntry(base, KEY_SIGNATURE, node, leafSignatureKey(block), leafSignatureKeyLength(block));
}

function hasKey(view: usize, kind: u32, node: u32, key: usize, length: usize): bool {
  if (node >= nodeCountOf(leafCountOf(view)) || !isPresent(view, node)) return false;
  if (kind == KEY_ENCRYPTION) {
    return length == keyLengthOf(view) && memory.compare(keyCell(view, node), key, length) == 0;
  }
  const block = contentOf(view, node);
  return leafSignatureKeyLength(block) == length && memory.compare(leafSignatureKey(block), key, length) == 0;
}

function probe(view: usize, owner: usize, hash: u32, kind: u32, key: usize, length: usize, except: u32): i32 {
  const table = <usize>load<u32>(owner, VIEW_KEYS);
  const capacity = load<u32>(owner, VIEW_KEYS_CAPACITY);
  if (capacity == 0) return -1;
  let slot = hash & (capacity - 1);
  let entry = table + <usize>slot * ENTRY;
  while (load<u32>(entry, TAG) != 0) {
    const tag = load<u32>(entry, TAG);
    if (load<u32>(entry) == hash && (tag & 3) == kind) {
      const node = (tag >> 2) - 1;
      if (node != except && hasKey(view, kind, node, key, length)) return <i32>node;
    }
    slot = (slot + 1) & (capacity - 1);
    entry = table + <usize>slot * ENTRY;
  }
  return -1;
}

/** A node other than `except` whose key of this kind is `key`, else -1. */
export function findKey(view: usize, kind: u32, key: usize, length: usize, except: u32): i32 {
  const hash = hashOf(view, key, length);
  const found = probe(view, view, hash, kind, key, length, except);
  const base = <usize>load<u32>(view, VIEW_BASE);
  if (found >= 0 || base == view) return found;
  return probe(view, base, hash, kind, key, length, except);
}

/** Lists one key that `node` has now, unless another node of this base has it: that node then, else -1. */
export function listNewKey(base: usize, kind: u32, node: u32, key: usize, length: usize): i32 {
  const hash = hashOf(base, key, length);
  const twin = probe(base, base, hash, kind, key, length, node);
  if (twin < 0) addEntry(base, kind, node, hash);
  return twin;
}
