// Scalars of Ed25519: integers modulo the order of the base point,
// L = 2^252 + 27742317777372353535851937790883648493 (RFC 8032, section 5.1).
//
// A scalar is 32 little-endian bytes, aligned to 4; multiplication is Montgomery's with R = 2^256.
// Nothing here branches on scalars or addresses memory by them.

import { wipe } from "../bytes";

/** Bytes of a scalar. */
export const SCALAR: usize = 32;

const order: usize = memory.data<u32>(
  [0x5cf5d3ed, 0x5812631a, 0xa2f79cd6, 0x14def9de, 0x00000000, 0x00000000, 0x00000000, 0x10000000],
  16,
);
/** -1 / L modulo 2^32. */
const ORDER_INVERSE: u32 = 0x12547e1b;
/** R mod L, which stands for 1. */
const radix: usize = memory.data<u32>(
  [0x8d98951d, 0xd6ec3174, 0x737dcf70, 0xc6ef5bf4, 0xfffffffe, 0xffffffff, 0xffffffff, 0x0fffffff],
  16,
);
/** R^2 mod L. */
const radixSquared: usize = memory.data<u32>(
  [0x449c0f01, 0xa40611e3, 0x68859347, 0xd00e1ba7, 0x17f5be65, 0xceec73d2, 0x7c309a3d, 0x0399411b],
  16,
);

/** 2^128 R and 2^128 R^2 mod L, which shift by 128 bits. */
const shift: usize = memory.data<u32>(
  [0xa02a6271, 0x39822129, 0x5e4fdd95, 0xb64a7f43, 0x30a2c131, 0x7ed9ce5a, 0xd086329a, 0x02106215],
  16,
);
const shiftWide: usize = memory.data<u32>(
  [0xd301e8d4, 0xe372e8ef, 0x36cabecd, 0xad24db5f, 0x5a6e5f71, 0xf2ee573e, 0x97a331b4, 0x0b5c63aa],
  16,
);

const product: usize = memory.data(32, 16); // of the reduction under way
const partial: usize = memory.data(32, 16); // of the exported operation under way

/** Forgets what the last operations left in the working space. */
export function scalarWipe(): void {
  wipe(product, SCALAR);
  wipe(partial, SCALAR);
}

/** 1 when the 32 bytes are a number below L, else 0. */
export function scalarIsCanonical(a: usize): i32 {
  let borrow: u64 = 0;
  for (let i: usize = 0; i < 32; i += 4) {
    borrow = ((<u64>load<u32>(a + i) - <u64>load<u32>(order + i) - borrow) >> 63) & 1;
  }
  return <i32>borrow;
}

/** o = a mod L for a = (high, the eight words at `product`) < 2 L. */
function subtractOrder(o: usize, high: u64): void {
  let borrow: u64 = 0;
  for (let i: usize = 0; i < 32; i += 4) {
    borrow = ((<u64>load<u32>(product + i) - <u64>load<u32>(order + i) - borrow) >> 63) & 1;
  }
  const mask = <u32>(borrow & ~high & 1) - 1; // all ones when a >= L
  borrow = 0;
  for (let i: usize = 0; i < 32; i += 4) {
    const difference = <u64>load<u32>(product + i) - <u64>(load<u32>(order + i) & mask) - borrow;
    store<u32>(o + i, <u32>difference);
    borrow = (difference >> 63) & 1;
  }
}

/** o = a b / 2^(8 length) mod L, for any a of `length` bytes and for b < L. */
function montgomery(o: usize, a: usize, b: usize, length: usize = SCALAR): void {
  wipe(product, SCALAR);
  let high: u64 = 0;
  for (let i: usize = 0; i < length; i += 4) {
    const digit = <u64>load<u32>(a + i);
    let sum = <u64>load<u32>(product) + digit * <u64>load<u32>(b);
    // The multiple of L that clears the lowest word.
    const factor = <u64>(<u32>sum * ORDER_INVERSE);
    let carry = sum >> 32;
    let reduced = (factor * <u64>load<u32>(order) + (sum & 0xffffffff)) >> 32;
    for (let j: usize = 4; j < 32; j += 4) {
      sum = <u64>load<u32>(product + j) + digit * <u64>load<u32>(b + j) + carry;
      carry = sum >> 32;
      reduced += (sum & 0xffffffff) + factor * <u64>load<u32>(order + j);
      store<u32>(product + j - 4, <u32>reduced);
      reduced >>= 32;
    }
    high += carry + reduced;
    store<u32>(product + 28, <u32>high);
    high >>= 32;
  }
  subtractOrder(o, high);
}

/** o = a + b mod L, for a, b < L. */
export function scalarAdd(o: usize, a: usize, b: usize): void {
  let carry: u64 = 0;
  for (let i: usize = 0; i < 32; i += 4) {
    carry += <u64>load<u32>(a + i) + <u64>load<u32>(b + i);
    store<u32>(product + i, <u32>carry);
    carry >>= 32;
  }
  subtractOrder(o, carry);
}

/** o = a b + c mod L, for any 256-bit a and for b, c < L. */
export function scalarMultiplyAdd(o: usize, a: usize, b: usize, c: usize): void {
  montgomery(partial, a, b);
  montgomery(partial, partial, radixSquared);
  scalarAdd(o, partial, c);
}

/** o = the 32 bytes at a, mod L. */
export function scalarReduce(o: usize, a: usize): void {
  montgomery(o, a, radix);
}

/** o = the 64 bytes at a, mod L. */
export function scalarReduceWide(o: usize, a: usize): void {
  montgomery(partial, a + SCALAR, radixSquared);
  montgomery(o, a, radix);
  scalarAdd(o, o, partial);
}

// Coefficients of 128 bits are multiplied in half the steps, if what they meet has been shifted before.

/** o = the 64 bytes at a, times 2^128, mod L. */
export function scalarReduceWideShifted(o: usize, a: usize): void {
  montgomery(partial, a + SCALAR, shiftWide);
  montgomery(o, a, shift);
  scalarAdd(o, o, partial);
}

/** o = a b / 2^128 mod L, for a of 16 bytes and for b < L. */
export function scalarMultiplyShort(o: usize, a: usize, b: usize): void {
  montgomery(o, a, b, SCALAR / 2);
}

/** o = 2^128 a mod L. */
export function scalarShift(o: usize, a: usize): void {
  montgomery(o, a, shift);
}
