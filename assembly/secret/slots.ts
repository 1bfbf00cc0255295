// Secrets behind handles: length u32, then the bytes at an aligned address. What the other side
// holds is the handle; releasing it wipes the bytes.

import { copyBytes, equalBytes } from "../bytes";
import { freeHandle, newHandle, resolveHandle } from "../handle";
import { HANDLE_SECRET, SECRET_LIMIT } from "../layout";
import { allocate, release } from "../memory";
import { STATUS_ARGUMENT, STATUS_HANDLE, STATUS_OK } from "../status";

const BYTES: usize = 16;

/** A new secret of `length` zero bytes for the core to fill; its handle. */
export function secretNew(length: u32): i32 {
  if (length > <u32>SECRET_LIMIT) return STATUS_ARGUMENT;
  const block = allocate(BYTES + <usize>length);
  store<u32>(block, length);
  return newHandle(HANDLE_SECRET, block);
}

/** A new secret with a copy of these bytes; its handle. */
export function secretImport(bytes: usize, length: u32): i32 {
  const handle = secretNew(length);
  if (handle >= 0) copyBytes(secretAt(handle), bytes, <usize>length);
  return handle;
}

/** The address of a secret's bytes, 0 for a handle that is none. */
export function secretAt(handle: i32): usize {
  const block = resolveHandle(handle, HANDLE_SECRET);
  return block == 0 ? 0 : block + BYTES;
}

/** A secret's length in bytes. */
export function secretLength(handle: i32): i32 {
  const block = resolveHandle(handle, HANDLE_SECRET);
  return block == 0 ? STATUS_HANDLE : load<i32>(block);
}

/** Copies a secret to `dst`, which has room for its length: only for what the RFC exports. */
export function secretExport(handle: i32, dst: usize): i32 {
  const at = secretAt(handle);
  if (at == 0) return STATUS_HANDLE;
  copyBytes(dst, at, <usize>secretLength(handle));
  return STATUS_OK;
}

/** A second handle with a copy of the same bytes. */
export function secretCopy(handle: i32): i32 {
  const at = secretAt(handle);
  return at == 0 ? STATUS_HANDLE : secretImport(at, <u32>secretLength(handle));
}

/** 1 when two secrets are equal, 0 when not; of equal lengths in constant time. */
export function secretEqual(a: i32, b: i32): i32 {
  const first = secretAt(a);
  const second = secretAt(b);
  if (first == 0 || second == 0) return STATUS_HANDLE;
  const length = secretLength(a);
  return length == secretLength(b) ? equalBytes(first, second, <usize>length) : 0;
}

/** Wipes a secret and forgets its handle. */
export function secretRelease(handle: i32): i32 {
  const block = resolveHandle(handle, HANDLE_SECRET);
  if (block == 0) return STATUS_HANDLE;
  release(block);
  freeHandle(handle);
  return STATUS_OK;
}
