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

/** Zero-fills; the one way secrets are forgotten in the core. */
export function wipe(at: usize, length: usize): void {
  memory.fill(at, 0, length);
}
