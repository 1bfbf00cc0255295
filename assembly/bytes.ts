// Big-endian access, masks and constant-time comparison.

export function load32be(from: usize): u32 {
  return bswap<u32>(load<u32>(from));
}

export function store32be(to: usize, value: u32): void {
  store<u32>(to, bswap<u32>(value));
}

export function load64be(from: usize): u64 {
  return bswap<u64>(load<u64>(from));
}

export function store64be(to: usize, value: u64): void {
  store<u64>(to, bswap<u64>(value));
}

export function load16be(from: usize): u32 {
  return ((<u32>load<u8>(from)) << 8) | (<u32>load<u8>(from, 1));
}

export function store16be(to: usize, value: u32): void {
  store<u8>(to, <u8>(value >> 8));
  store<u8>(to, <u8>value, 1);
}

/** All ones when `a` equals `b`, else zero; no branch. */
export function maskEqual32(a: u32, b: u32): u32 {
  const difference = a ^ b;
  return ((difference | (0 - difference)) >> 31) - 1;
}

/** 1 when the `length` bytes are equal, else 0; the time depends on `length` alone (DEF-01: lengths are the caller's to compare). */
export function equalBytes(a: usize, b: usize, length: usize): i32 {
  let difference: u32 = 0;
  for (let i: usize = 0; i < length; i++) {
    difference |= (<u32>load<u8>(a + i)) ^ (<u32>load<u8>(b + i));
  }
  return <i32>(maskEqual32(difference, 0) & 1);
}

/** 1 when all `length` bytes are zero, else 0; the time depends on `length` alone. */
export function isZero(a: usize, length: usize): i32 {
  let bits: u32 = 0;
  for (let i: usize = 0; i < length; i++) {
    bits |= <u32>load<u8>(a + i);
  }
  return <i32>(maskEqual32(bits, 0) & 1);
}

// The engine's own fill and copy are calls into its runtime, which cost more than what they do for a few bytes; and some
// processors run slower for a while after the wide instructions that such a call may use. So short lengths stay here.
const LONG: usize = 2048;

/** Zero-fills; the one way secrets are forgotten in the core. */
export function wipe(at: usize, length: usize): void {
  const end = at + length;
  if (length <= LONG) {
    const none = i32x4.splat(0);
    for (; at + 64 <= end; at += 64) {
      v128.store(at, none);
      v128.store(at, none, 16);
      v128.store(at, none, 32);
      v128.store(at, none, 48);
    }
    for (; at + 16 <= end; at += 16) v128.store(at, none);
    for (; at + 4 <= end; at += 4) store<u32>(at, 0);
    for (; at < end; at++) store<u8>(at, 0);
  } else {
    memory.fill(at, 0, length);
  }
}

/** Copies `length` bytes between places that do not overlap. */
export function copyBytes(to: usize, from: usize, length: usize): void {
  const end = from + length;
  if (length <= LONG) {
    for (; from + 16 <= end; from += 16, to += 16) v128.store(to, v128.load(from));
    for (; from + 4 <= end; from += 4, to += 4) store<u32>(to, load<u32>(from));
    for (; from < end; from++, to++) store<u8>(to, load<u8>(from));
  } else {
    memory.copy(to, from, length);
  }
}
