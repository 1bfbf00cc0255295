// The node store of a ratchet tree: struct-of-arrays columns over rows.
//
// A *view* is a base tree (row r is node r) or an overlay on a base (rows are the nodes it has
// touched, found through a small hash map). Every accessor works on either. Addresses of cells are
// good until the next row is written, because columns grow.

import { copyBytes } from "../bytes";
import { allocate, release } from "../memory";

// ---- The record behind a tree handle.
/** BASE, OVERLAY or UNDO. */
export const VIEW_KIND: usize = 0;
/** The base under an overlay; a base names itself. */
export const VIEW_BASE: usize = 4;
/** Leaves, blank or not: always a power of two. */
export const VIEW_LEAF_COUNT: usize = 8;
export const VIEW_KDF: usize = 12;
export const VIEW_KEY_LENGTH: usize = 16;
export const VIEW_HASH_LENGTH: usize = 20;
/** Another in every base and after every merge; in an overlay, the base's when it was forked. */
export const VIEW_VERSION: usize = 24;
export const VIEW_BASE_HANDLE: usize = 28;
/** Rows there is room for. */
export const VIEW_CAPACITY: usize = 32;
/** Rows in use (overlay). */
export const VIEW_ROWS: usize = 36;
/** Open-addressed map of (node + 1, row) pairs (overlay), of (leaf + 1, block) pairs (undo). */
export const VIEW_MAP: usize = 40;
export const VIEW_MAP_CAPACITY: usize = 44;
/** Open-addressed table of the keys in this view's own rows: see keys.ts. */
export const VIEW_KEYS: usize = 48;
export const VIEW_KEYS_CAPACITY: usize = 52;
export const VIEW_KEYS_COUNT: usize = 56;
/** A block with the private keys of the member's own path, 0 for none: see path.ts. */
export const VIEW_PRIVATE: usize = 60;
/** 16 bytes that key the hash tables, so that no peer can choose collisions. */
export const VIEW_SEED: usize = 64;
// Columns.
const FLAGS: usize = 80; // u8
const MEMBERS: usize = 84; // u32: leaves below that are not blank
const KEY: usize = 88; // encryption key
const HASH: usize = 92; // cached tree hash
const CONTENT: usize = 96; // u32: a leaf's block (leaf.ts), or the block of a parent's parent_hash
const UNMERGED: usize = 100; // u32: the block of a parent's unmerged leaves (unmerged.ts)
const NODE: usize = 104; // u32: the node of a row (overlay)
export const VIEW_BYTES: usize = 112;

export const BASE: u32 = 1;
export const OVERLAY: u32 = 2;
export const UNDO: u32 = 3;

// ---- Flags of a row.
/** The node is not blank. */
export const PRESENT: u32 = 1;
/**
 * The cached tree hash is valid. A change takes it from a node and all its ancestors; below a node that has one, others
 * may be without, where a restored tree came with its upper hashes alone.
 */
export const HASHED: u32 = 2;
/** This view releases the block in the CONTENT column (else it borrows the base's). */
export const OWNS_CONTENT: u32 = 4;
/** The same for the UNMERGED column. */
export const OWNS_UNMERGED: u32 = 8;
/** Set, replaced or blanked in this overlay. */
export const CHANGED: u32 = 16;
/** The unmerged leaves changed in this overlay. */
export const EXTENDED: u32 = 32;

const NO_ROW: u32 = 0xffffffff;

export function keyLengthOf(view: usize): usize {
  return <usize>load<u32>(view, VIEW_KEY_LENGTH);
}

export function hashLengthOf(view: usize): usize {
  return <usize>load<u32>(view, VIEW_HASH_LENGTH);
}

export function kdfOf(view: usize): i32 {
  return load<i32>(view, VIEW_KDF);
}

export function leafCountOf(view: usize): u32 {
  return load<u32>(view, VIEW_LEAF_COUNT);
}

// ---- Storage.

function growColumn(view: usize, column: usize, stride: usize, rows: usize, capacity: usize): void {
  const next = allocate(capacity * stride);
  const old = <usize>load<u32>(view + column);
  copyBytes(next, old, rows * stride);
  release(old);
  store<u32>(view + column, <u32>next);
}

/** Makes room for `capacity` rows. */
export function reserveRows(view: usize, capacity: u32): void {
  const rows = <usize>load<u32>(view, VIEW_CAPACITY);
  const wanted = <usize>capacity;
  if (wanted <= rows) return;
  growColumn(view, FLAGS, 1, rows, wanted);
  growColumn(view, MEMBERS, 4, rows, wanted);
  growColumn(view, KEY, keyLengthOf(view), rows, wanted);
  growColumn(view, HASH, hashLengthOf(view), rows, wanted);
  growColumn(view, CONTENT, 4, rows, wanted);
  growColumn(view, UNMERGED, 4, rows, wanted);
  if (load<u32>(view, VIEW_KIND) == OVERLAY) growColumn(view, NODE, 4, rows, wanted);
  store<u32>(view, capacity, VIEW_CAPACITY);
}

/** Wipes and releases the columns and every block that this view's rows own. */
export function releaseColumns(view: usize): void {
  lastOverlay = 0;
  const capacity = load<u32>(view, VIEW_CAPACITY);
  for (let row: u32 = 0; row < capacity; row++) {
    const flags = <u32>load<u8>(<usize>load<u32>(view, FLAGS) + row);
    if ((flags & OWNS_CONTENT) != 0) release(<usize>load<u32>(<usize>load<u32>(view, CONTENT) + ((<usize>row) << 2)));
    if ((flags & OWNS_UNMERGED) != 0) release(<usize>load<u32>(<usize>load<u32>(view, UNMERGED) + ((<usize>row) << 2)));
  }
  for (let column = FLAGS; column <= NODE; column += 4) {
    release(<usize>load<u32>(view + column));
    store<u32>(view + column, 0);
  }
  store<u32>(view, 0, VIEW_CAPACITY);
}

// ---- The map of an overlay, from node to row.

/** The slot to begin probing at: a 32-bit mixer over the name and a word of the seed. */
function slotOf(view: usize, name: u32, capacity: u32): u32 {
  let mixed = name ^ load<u32>(view, VIEW_SEED);
  mixed = (mixed ^ (mixed >> 16)) * 0x85ebca6b;
  mixed = (mixed ^ (mixed >> 13)) * 0xc2b2ae35;
  return (mixed ^ (mixed >> 16)) & (capacity - 1);
}

/** The address of the entry of `name` (never 0) in the map, or of the free entry where it belongs. */
export function mapEntry(view: usize, name: u32): usize {
  const map = <usize>load<u32>(view, VIEW_MAP);
  const capacity = load<u32>(view, VIEW_MAP_CAPACITY);
  let slot = slotOf(view, name, capacity);
  let there = load<u32>(map + ((<usize>slot) << 3));
  while (there != name && there != 0) {
    slot = (slot + 1) & (capacity - 1);
    there = load<u32>(map + ((<usize>slot) << 3));
  }
  return map + ((<usize>slot) << 3);
}

/** Gives the map `capacity` entries (a power of two of at least 2) and keeps what it holds. */
export function resizeMap(view: usize, capacity: u32): void {
  const old = <usize>load<u32>(view, VIEW_MAP);
  const entries = <usize>load<u32>(view, VIEW_MAP_CAPACITY);
  store<u32>(view, <u32>allocate((<usize>capacity) << 3), VIEW_MAP);
  store<u32>(view, capacity, VIEW_MAP_CAPACITY);
  for (let i: usize = 0; i < entries; i++) {
    const name = load<u32>(old + (i << 3));
    if (name != 0) store<u64>(mapEntry(view, name), load<u64>(old + (i << 3)));
  }
  release(old);
}

// The row found last: what looks at a node usually looks at several of its cells.
let lastOverlay: usize = 0;
let lastNode: u32 = 0;
let lastRow: u32 = 0;

function findRow(overlay: usize, node: u32): u32 {
  if (overlay == lastOverlay && node == lastNode) return lastRow;
  const entry = mapEntry(overlay, node + 1);
  if (load<u32>(entry) == 0) return NO_ROW;
  lastOverlay = overlay;
  lastNode = node;
  lastRow = load<u32>(entry, 4);
  return lastRow;
}

export function isTouched(overlay: usize, node: u32): bool {
  return findRow(overlay, node) != NO_ROW;
}

/** The node of an overlay's row. */
export function nodeOfRow(overlay: usize, row: u32): u32 {
  return load<u32>(<usize>load<u32>(overlay, NODE) + ((<usize>row) << 2));
}

/** Gives an overlay a row of its own for `node`, copied from the base; a base has its row already. */
export function ownRow(view: usize, node: u32): void {
  if (load<u32>(view, VIEW_KIND) == BASE || isTouched(view, node)) return;
  const row = load<u32>(view, VIEW_ROWS);
  if (row == load<u32>(view, VIEW_CAPACITY)) {
    reserveRows(view, row * 2);
    resizeMap(view, row * 4);
  }
  const base = <usize>load<u32>(view, VIEW_BASE);
  const flags = (<u32>load<u8>(flagsCell(base, node))) & (PRESENT | HASHED);
  const members = load<u32>(membersCell(base, node));
  const key = keyCell(base, node);
  const hash = hashCell(base, node);
  const content = load<u32>(contentCell(base, node));
  const unmerged = load<u32>(unmergedCell(base, node));
  const entry = mapEntry(view, node + 1);
  store<u32>(entry, node + 1);
  store<u32>(entry, row, 4);
  store<u32>(view, row + 1, VIEW_ROWS);
  store<u32>(<usize>load<u32>(view, NODE) + ((<usize>row) << 2), node);
  store<u8>(flagsCell(view, node), <u8>flags);
  store<u32>(membersCell(view, node), members);
  copyBytes(keyCell(view, node), key, keyLengthOf(view));
  copyBytes(hashCell(view, node), hash, hashLengthOf(view));
  store<u32>(contentCell(view, node), content);
  store<u32>(unmergedCell(view, node), unmerged);
}

// ---- Cells. `node` must be inside the tree.

function cell(view: usize, node: u32, column: usize, stride: usize): usize {
  let owner = view;
  let row = node;
  if (load<u32>(view, VIEW_KIND) != BASE) {
    const found = findRow(view, node);
    if (found != NO_ROW) row = found;
    else owner = <usize>load<u32>(view, VIEW_BASE);
  }
  return <usize>load<u32>(owner + column) + <usize>row * stride;
}

function flagsCell(view: usize, node: u32): usize {
  return cell(view, node, FLAGS, 1);
}

function membersCell(view: usize, node: u32): usize {
  return cell(view, node, MEMBERS, 4);
}

function contentCell(view: usize, node: u32): usize {
  return cell(view, node, CONTENT, 4);
}

function unmergedCell(view: usize, node: u32): usize {
  return cell(view, node, UNMERGED, 4);
}

/** The address of the node's encryption key. */
export function keyCell(view: usize, node: u32): usize {
  return cell(view, node, KEY, keyLengthOf(view));
}

/** The address of the node's cached tree hash. */
export function hashCell(view: usize, node: u32): usize {
  return cell(view, node, HASH, hashLengthOf(view));
}

export function flagsOf(view: usize, node: u32): u32 {
  return <u32>load<u8>(flagsCell(view, node));
}

export function setFlags(view: usize, node: u32, flags: u32): void {
  store<u8>(flagsCell(view, node), <u8>flags);
}

export function isPresent(view: usize, node: u32): bool {
  return (flagsOf(view, node) & PRESENT) != 0;
}

export function membersOf(view: usize, node: u32): u32 {
  return load<u32>(membersCell(view, node));
}

export function setMembers(view: usize, node: u32, count: u32): void {
  store<u32>(membersCell(view, node), count);
}

export function contentOf(view: usize, node: u32): usize {
  return <usize>load<u32>(contentCell(view, node));
}

export function unmergedOf(view: usize, node: u32): usize {
  return <usize>load<u32>(unmergedCell(view, node));
}

/** Puts a block of this view's own (or 0) in the CONTENT column. */
export function setContent(view: usize, node: u32, block: usize): void {
  const flags = flagsOf(view, node);
  if ((flags & OWNS_CONTENT) != 0) release(contentOf(view, node));
  store<u32>(contentCell(view, node), <u32>block);
  setFlags(view, node, block == 0 ? flags & ~OWNS_CONTENT : flags | OWNS_CONTENT);
}

/** Puts a block of this view's own (or 0) in the UNMERGED column. */
export function setUnmerged(view: usize, node: u32, block: usize): void {
  const flags = flagsOf(view, node);
  if ((flags & OWNS_UNMERGED) != 0) release(unmergedOf(view, node));
  store<u32>(unmergedCell(view, node), <u32>block);
  setFlags(view, node, block == 0 ? flags & ~OWNS_UNMERGED : flags | OWNS_UNMERGED);
}

/** Takes the block out of the CONTENT column of a base without releasing it. */
export function takeContent(base: usize, node: u32): usize {
  const block = contentOf(base, node);
  store<u32>(contentCell(base, node), 0);
  setFlags(base, node, flagsOf(base, node) & ~OWNS_CONTENT);
  return block;
}

/**
 * Moves an overlay's row into its base: what the overlay owns replaces what the base had (which is
 * released), what it only borrowed stays.
 */
export function moveRow(overlay: usize, base: usize, node: u32): void {
  const flags = flagsOf(overlay, node);
  const content = contentOf(overlay, node);
  const unmerged = unmergedOf(overlay, node);
  if (content != contentOf(base, node)) setContent(base, node, content);
  if (unmerged != unmergedOf(base, node)) setUnmerged(base, node, unmerged);
  setFlags(overlay, node, flags & ~(OWNS_CONTENT | OWNS_UNMERGED));
  const owns = flagsOf(base, node) & (OWNS_CONTENT | OWNS_UNMERGED);
  setFlags(base, node, owns | (flags & (PRESENT | HASHED)));
  setMembers(base, node, membersOf(overlay, node));
  copyBytes(keyCell(base, node), keyCell(overlay, node), keyLengthOf(base));
  copyBytes(hashCell(base, node), hashCell(overlay, node), hashLengthOf(base));
}
