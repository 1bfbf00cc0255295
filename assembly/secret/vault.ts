// Sealed records: secrets go from the core to storage and back without crossing to TypeScript.
//
// A writer collects tagged items (plain bytes, secrets, secret trees); sealing encrypts them all
// under a key of their own. A reader opens a record and hands the items out by kind: plain bytes as
// bytes, secrets and trees as handles alone.
//
// A record: 32 random bytes | ChaCha20-Poly1305 ciphertext. Its key and nonce are
// HKDF(salt = the random bytes, the storage key, info = "grove record" | the caller's info).
// An item: tag u8 | length u32 | bytes.

import { copyBytes } from "../bytes";
import { aeadOpen, aeadSeal } from "../aead/aead";
import { freeHandle, newHandle, resolveHandle } from "../handle";
import { hkdfExpand, hkdfExtract } from "../hash/hkdf";
import { AEAD_CHACHA20POLY1305, HANDLE_READER, HANDLE_WRITER, KDF_SHA256, RECORD_OVERHEAD } from "../layout";
import { allocate, release, scratch, scratchMark, scratchRelease } from "../memory";
import { STATUS_ARGUMENT, STATUS_DECRYPT, STATUS_HANDLE, STATUS_MALFORMED, STATUS_OK } from "../status";
import { secretAt, secretImport, secretLength } from "./slots";

/** Tags of items. */
export const ITEM_BYTES: u32 = 1;
export const ITEM_SECRET: u32 = 2;
export const ITEM_SECRET_TREE: u32 = 3;
const ITEM_HEADER: usize = 5;

// A writer: block u32 | capacity u32 | length u32. A reader: block u32 | length u32 | position u32.
const WRITER_BLOCK: usize = 0;
const WRITER_CAPACITY: usize = 4;
const WRITER_LENGTH: usize = 8;
const READER_BLOCK: usize = 0;
const READER_LENGTH: usize = 4;
const READER_AT: usize = 8;
const STATE_BYTES: usize = 16;
const FIRST_CAPACITY: usize = 1024;

const RANDOM_LENGTH: usize = 32;
const KEY_LENGTH: usize = 32;
const NONCE_LENGTH: usize = 12;

// "grove record"
const infoPrefix: usize = memory.data<u8>([0x67, 0x72, 0x6f, 0x76, 0x65, 0x20, 0x72, 0x65, 0x63, 0x6f, 0x72, 0x64]);
const INFO_PREFIX_LENGTH: usize = 12;

/** A new, empty writer; its handle. */
export function writerCreate(): i32 {
  const writer = allocate(STATE_BYTES);
  store<u32>(writer, <u32>allocate(FIRST_CAPACITY), WRITER_BLOCK);
  store<u32>(writer, <u32>FIRST_CAPACITY, WRITER_CAPACITY);
  return newHandle(HANDLE_WRITER, writer);
}

/** The writer behind a handle, 0 for a handle that is none. */
export function writerAt(handle: i32): usize {
  return resolveHandle(handle, HANDLE_WRITER);
}

/** Room for `length` more bytes in a writer; the address to fill, good until the next call. */
export function writerExtend(writer: usize, length: usize): usize {
  const used = <usize>load<u32>(writer, WRITER_LENGTH);
  let capacity = <usize>load<u32>(writer, WRITER_CAPACITY);
  if (length > 0x7fffffff - used) unreachable();
  if (used + length > capacity) {
    while (used + length > capacity) capacity *= 2;
    const block = allocate(capacity);
    const before = <usize>load<u32>(writer, WRITER_BLOCK);
    copyBytes(block, before, used);
    release(before);
    store<u32>(writer, <u32>block, WRITER_BLOCK);
    store<u32>(writer, <u32>capacity, WRITER_CAPACITY);
  }
  store<u32>(writer, <u32>(used + length), WRITER_LENGTH);
  return <usize>load<u32>(writer, WRITER_BLOCK) + used;
}

/** Opens an item whose length `endItem` fills in; returns what to give it. */
export function beginItem(writer: usize, tag: u32): u32 {
  const at = writerExtend(writer, ITEM_HEADER);
  store<u8>(at, <u8>tag);
  return load<u32>(writer, WRITER_LENGTH);
}

/** Closes the item that `beginItem` opened. */
export function endItem(writer: usize, start: u32): void {
  const at = <usize>load<u32>(writer, WRITER_BLOCK) + <usize>start;
  store<u32>(at - 4, load<u32>(writer, WRITER_LENGTH) - start);
}

function writeItem(writer: usize, tag: u32, bytes: usize, length: usize): void {
  const start = beginItem(writer, tag);
  copyBytes(writerExtend(writer, length), bytes, length);
  endItem(writer, start);
}

/** Adds plain bytes. */
export function writerBytes(handle: i32, bytes: usize, length: usize): i32 {
  const writer = writerAt(handle);
  if (writer == 0) return STATUS_HANDLE;
  writeItem(writer, ITEM_BYTES, bytes, length);
  return STATUS_OK;
}

/** Adds a secret. */
export function writerSecret(handle: i32, secret: i32): i32 {
  const writer = writerAt(handle);
  const at = secretAt(secret);
  if (writer == 0 || at == 0) return STATUS_HANDLE;
  writeItem(writer, ITEM_SECRET, at, <usize>secretLength(secret));
  return STATUS_OK;
}

/** Bytes of the record that `writerSeal` would make now. */
export function writerLength(handle: i32): i32 {
  const writer = writerAt(handle);
  return writer == 0 ? STATUS_HANDLE : load<i32>(writer, WRITER_LENGTH) + RECORD_OVERHEAD;
}

// Writes key and nonce of a record, 44 bytes.
function deriveRecordKey(dst: usize, storageKey: i32, random: usize, info: usize, infoLength: usize): void {
  const prk = scratch(KEY_LENGTH);
  const whole = scratch(INFO_PREFIX_LENGTH + infoLength);
  copyBytes(whole, infoPrefix, INFO_PREFIX_LENGTH);
  copyBytes(whole + INFO_PREFIX_LENGTH, info, infoLength);
  hkdfExtract(KDF_SHA256, prk, random, RANDOM_LENGTH, secretAt(storageKey), <usize>secretLength(storageKey));
  hkdfExpand(KDF_SHA256, dst, KEY_LENGTH + NONCE_LENGTH, prk, KEY_LENGTH, whole, INFO_PREFIX_LENGTH + infoLength);
}

/**
 * Seals everything written so far into a record of `writerLength` bytes at `dst`, bound to `info` and `aad`. `random`
 * is 32 fresh bytes, so that two states under one sequence number never share a key.
 */
export function writerSeal(
  handle: i32,
  storageKey: i32,
  random: usize,
  info: usize,
  infoLength: usize,
  aad: usize,
  aadLength: usize,
  dst: usize,
): i32 {
  const writer = writerAt(handle);
  if (writer == 0 || secretAt(storageKey) == 0) return STATUS_HANDLE;
  if (secretLength(storageKey) < 16) return STATUS_ARGUMENT;
  const mark = scratchMark();
  const key = scratch(KEY_LENGTH + NONCE_LENGTH);
  deriveRecordKey(key, storageKey, random, info, infoLength);
  copyBytes(dst, random, RANDOM_LENGTH);
  const status = aeadSeal(
    AEAD_CHACHA20POLY1305,
    dst + RANDOM_LENGTH,
    key,
    key + KEY_LENGTH,
    aad,
    aadLength,
    <usize>load<u32>(writer, WRITER_BLOCK),
    <usize>load<u32>(writer, WRITER_LENGTH),
  );
  scratchRelease(mark);
  return status;
}

/** Wipes a writer and forgets its handle. */
export function writerRelease(handle: i32): i32 {
  const writer = writerAt(handle);
  if (writer == 0) return STATUS_HANDLE;
  release(<usize>load<u32>(writer, WRITER_BLOCK));
  release(writer);
  freeHandle(handle);
  return STATUS_OK;
}

/** Opens a record; the handle of its reader, or STATUS_DECRYPT. */
export function readerOpen(
  storageKey: i32,
  info: usize,
  infoLength: usize,
  aad: usize,
  aadLength: usize,
  record: usize,
  length: usize,
): i32 {
  if (secretAt(storageKey) == 0) return STATUS_HANDLE;
  if (length < <usize>RECORD_OVERHEAD) return STATUS_DECRYPT;
  const plainLength = length - <usize>RECORD_OVERHEAD;
  const block = allocate(plainLength);
  const mark = scratchMark();
  const key = scratch(KEY_LENGTH + NONCE_LENGTH);
  deriveRecordKey(key, storageKey, record, info, infoLength);
  const status = aeadOpen(
    AEAD_CHACHA20POLY1305,
    block,
    key,
    key + KEY_LENGTH,
    aad,
    aadLength,
    record + RANDOM_LENGTH,
    length - RANDOM_LENGTH,
  );
  scratchRelease(mark);
  if (status != STATUS_OK) {
    release(block);
    return status;
  }
  const reader = allocate(STATE_BYTES);
  store<u32>(reader, <u32>block, READER_BLOCK);
  store<u32>(reader, <u32>plainLength, READER_LENGTH);
  return newHandle(HANDLE_READER, reader);
}

/** The reader behind a handle, 0 for a handle that is none. */
export function readerAt(handle: i32): usize {
  return resolveHandle(handle, HANDLE_READER);
}

/** Bytes not read yet. */
export function readerLeft(handle: i32): i32 {
  const reader = readerAt(handle);
  return reader == 0 ? STATUS_HANDLE : load<i32>(reader, READER_LENGTH) - load<i32>(reader, READER_AT);
}

/** The length of the next item if it has this tag, else STATUS_MALFORMED. */
export function nextItem(reader: usize, tag: u32): i32 {
  const at = <usize>load<u32>(reader, READER_AT);
  const left = <usize>load<u32>(reader, READER_LENGTH) - at;
  if (left < ITEM_HEADER) return STATUS_MALFORMED;
  const item = <usize>load<u32>(reader, READER_BLOCK) + at;
  const length = load<u32>(item, 1);
  if (<u32>load<u8>(item) != tag || <usize>length > left - ITEM_HEADER) return STATUS_MALFORMED;
  return <i32>length;
}

/** The address of the content of the next item, which is then read; its length is known from `nextItem`. */
export function takeItem(reader: usize, length: i32): usize {
  const at = <usize>load<u32>(reader, READER_AT);
  store<u32>(reader, <u32>(at + ITEM_HEADER) + <u32>length, READER_AT);
  return <usize>load<u32>(reader, READER_BLOCK) + at + ITEM_HEADER;
}

/** Length of the plain bytes that come next. */
export function readerBytesLength(handle: i32): i32 {
  const reader = readerAt(handle);
  return reader == 0 ? STATUS_HANDLE : nextItem(reader, ITEM_BYTES);
}

/** Reads plain bytes to `dst`; never a secret. */
export function readerBytes(handle: i32, dst: usize): i32 {
  const length = readerBytesLength(handle);
  if (length >= 0) copyBytes(dst, takeItem(readerAt(handle), length), <usize>length);
  return length;
}

/** Reads a secret; its handle. */
export function readerSecret(handle: i32): i32 {
  const reader = readerAt(handle);
  if (reader == 0) return STATUS_HANDLE;
  const length = nextItem(reader, ITEM_SECRET);
  return length < 0 ? length : secretImport(takeItem(reader, length), <u32>length);
}

/** Wipes a reader and forgets its handle. */
export function readerRelease(handle: i32): i32 {
  const reader = readerAt(handle);
  if (reader == 0) return STATUS_HANDLE;
  release(<usize>load<u32>(reader, READER_BLOCK));
  release(reader);
  freeHandle(handle);
  return STATUS_OK;
}
