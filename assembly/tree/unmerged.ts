// A parent's unmerged leaves: a block of (count, room, entries…), strictly increasing (RFC 9420
// sections 4.1.1 and 7.1). Address 0 is the empty list.

import { allocate } from "../memory";
import { firstBelow, lastBelow } from "./math";

const ROOM: usize = 4;
const ENTRIES: usize = 8;

export function unmergedCount(list: usize): u32 {
  return list == 0 ? 0 : load<u32>(list);
}

export function unmergedAt(list: usize, position: u32): u32 {
  return load<u32>(list + ENTRIES + ((<usize>position) << 2));
}

/** An empty list with room for `room` entries. */
export function newUnmerged(room: u32): usize {
  const list = allocate(ENTRIES + ((<usize>room) << 2));
  store<u32>(list, room, ROOM);
  return list;
}

/** Appends where there is room; the caller keeps the order. */
export function appendUnmerged(list: usize, leafIndex: u32): void {
  const count = load<u32>(list);
  store<u32>(list + ENTRIES + ((<usize>count) << 2), leafIndex);
  store<u32>(list, count + 1);
}

/** The position of the first entry of at least `leafIndex`. */
export function unmergedPosition(list: usize, leafIndex: u32): u32 {
  let low: u32 = 0;
  let high = unmergedCount(list);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (unmergedAt(list, middle) < leafIndex) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function hasUnmerged(list: usize, leafIndex: u32): bool {
  const position = unmergedPosition(list, leafIndex);
  return position < unmergedCount(list) && unmergedAt(list, position) == leafIndex;
}

/** Entries that are leaves below `node`. */
export function countUnmergedBelow(list: usize, node: u32): u32 {
  return unmergedPosition(list, (lastBelow(node) >> 1) + 1) - unmergedPosition(list, firstBelow(node) >> 1);
}

/** A new list with `leafIndex` put in its place, with room to grow. */
export function copyUnmergedWith(list: usize, leafIndex: u32): usize {
  const count = unmergedCount(list);
  const next = newUnmerged(count < 4 ? 6 : count * 2);
  const position = unmergedPosition(list, leafIndex);
  const tail = (<usize>(count - position)) << 2;
  const from = list + ENTRIES;
  const to = next + ENTRIES;
  if (list != 0) {
    memory.copy(to, from, (<usize>position) << 2);
    memory.copy(to + ((<usize>(position + 1)) << 2), from + ((<usize>position) << 2), tail);
  }
  store<u32>(to + ((<usize>position) << 2), leafIndex);
  store<u32>(next, count + 1);
  return next;
}

/** Puts `leafIndex` in its place when there is room in the block; false when there is none. */
export function insertUnmerged(list: usize, leafIndex: u32): bool {
  if (list == 0 || load<u32>(list) == load<u32>(list, ROOM)) return false;
  const count = load<u32>(list);
  const position = unmergedPosition(list, leafIndex);
  const at = list + ENTRIES + ((<usize>position) << 2);
  memory.copy(at + 4, at, (<usize>(count - position)) << 2);
  store<u32>(at, leafIndex);
  store<u32>(list, count + 1);
  return true;
}
