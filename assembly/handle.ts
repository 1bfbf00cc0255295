// Handles: the only names the other side has for secrets and trees. A handle carries the
// generation of its slot, so that a handle used after its release is found out.

import { copyBytes } from "./bytes";
import { allocate, release } from "./memory";

// 31 bits, so that a handle is never negative: generation (11) | slot (20).
const SLOT_BITS: u32 = 20;
const SLOT_MASK: u32 = (1 << SLOT_BITS) - 1;
const GENERATION_MASK: u32 = 0x7ff;

// A slot: address u32 | kind u16 | generation u16. A free slot's address is the next free slot.
const SLOT: usize = 8;
let slots: usize = 0;
let slotCount: u32 = 0;
let slotCapacity: u32 = 0;
// The generations of a slot repeat after 2,047 uses. So free slots queue up, by number (slot 0 is never used), and a new
// one is made until so many wait: a handle comes back after some 131,000 releases at the earliest.
const FEWEST_FREE: u32 = 64;
let firstFree: u32 = 0;
let lastFree: u32 = 0;
let liveHandles: i32 = 0;

function grow(): void {
  const capacity: u32 = slotCapacity == 0 ? 256 : slotCapacity * 2;
  if (capacity > SLOT_MASK + 1) unreachable();
  const next = allocate(<usize>capacity * SLOT);
  if (slots != 0) {
    copyBytes(next, slots, <usize>slotCount * SLOT);
    release(slots);
  } else {
    slotCount = 1;
  }
  slots = next;
  slotCapacity = capacity;
}

/** Names the block at `address` (not 0) by a handle of the given kind. */
export function newHandle(kind: i32, address: usize): i32 {
  let slot = firstFree;
  let at: usize;
  if (slotCount > <u32>liveHandles + FEWEST_FREE) {
    at = slots + <usize>slot * SLOT;
    firstFree = load<u32>(at);
  } else {
    if (slotCount >= slotCapacity) grow();
    slot = slotCount++;
    at = slots + <usize>slot * SLOT;
    store<u16>(at, 1, 6);
  }
  store<u32>(at, <u32>address);
  store<u16>(at, <u16>kind, 4);
  liveHandles++;
  return <i32>(((<u32>load<u16>(at, 6)) << SLOT_BITS) | slot);
}

/** The address behind a live handle of this kind, else 0. */
export function resolveHandle(handle: i32, kind: i32): usize {
  const slot = (<u32>handle) & SLOT_MASK;
  if (slot == 0 || slot >= slotCount) return 0;
  const at = slots + <usize>slot * SLOT;
  if (<u32>load<u16>(at, 6) != (<u32>handle) >> SLOT_BITS || <i32>load<u16>(at, 4) != kind) return 0;
  return <usize>load<u32>(at);
}

/** Points a live handle at another block. */
export function repointHandle(handle: i32, address: usize): void {
  store<u32>(slots + <usize>((<u32>handle) & SLOT_MASK) * SLOT, <u32>address);
}

/** Forgets a live handle; the block behind it is the caller's to release. */
export function freeHandle(handle: i32): void {
  const slot = (<u32>handle) & SLOT_MASK;
  const at = slots + <usize>slot * SLOT;
  let generation = (<u32>load<u16>(at, 6) + 1) & GENERATION_MASK;
  if (generation == 0) generation = 1;
  store<u64>(at, (<u64>generation) << 48);
  if (firstFree == 0) firstFree = slot;
  else store<u32>(slots + <usize>lastFree * SLOT, slot);
  lastFree = slot;
  liveHandles--;
}

/** Handles alive at present; the leak alarm of the tests reads it. */
export function handlesInUse(): i32 {
  return liveHandles;
}
