// ExpandWithLabel and DeriveSecret (RFC 9420, section 8).

import { copyBytes, store16be, store32be } from "../bytes";
import { scratch, scratchMark, scratchRelease } from "../memory";
import { STATUS_ARGUMENT, STATUS_OK } from "../status";
import { hashLength } from "./hash";
import { hkdfExpand } from "./hkdf";
import { hkdfExpandMany } from "./hkdfmany";

// "MLS 1.0 "
const prefix: usize = memory.data<u8>([0x4d, 0x4c, 0x53, 0x20, 0x31, 0x2e, 0x30, 0x20]);
const PREFIX_LENGTH: usize = 8;

// The longest vector (section 2.1.2).
const LONGEST_VECTOR: usize = 0x3fffffff;
// The fields of KDFLabel beside the contents: length, and two vector lengths of at most 4 bytes.
const FIELDS_LENGTH: usize = 10;

// Writes the length of a vector in its shortest form and returns the address after it.
function storeVectorLength(to: usize, length: usize): usize {
  if (length < 0x40) {
    store<u8>(to, <u8>length);
    return to + 1;
  }
  if (length < 0x4000) {
    store16be(to, 0x4000 | (<u32>length));
    return to + 2;
  }
  store32be(to, 0x80000000 | (<u32>length));
  return to + 4;
}

// Writes KDFLabel and returns its length.
function storeKdfLabel(
  to: usize,
  length: usize,
  label: usize,
  labelLength: usize,
  context: usize,
  contextLength: usize,
): usize {
  store16be(to, <u32>length);
  let at = storeVectorLength(to + 2, PREFIX_LENGTH + labelLength);
  copyBytes(at, prefix, PREFIX_LENGTH);
  copyBytes(at + PREFIX_LENGTH, label, labelLength);
  at = storeVectorLength(at + PREFIX_LENGTH + labelLength, contextLength);
  copyBytes(at, context, contextLength);
  return at + contextLength - to;
}

// Whether the lengths fit their fields and the KDF. What the KDF can give at most (255 * Nh) fits
// the 16 bits of the length field.
function fits(kdf: i32, length: usize, labelLength: usize, contextLength: usize): bool {
  return (
    length <= 255 * hashLength(kdf) && labelLength <= LONGEST_VECTOR - PREFIX_LENGTH && contextLength <= LONGEST_VECTOR
  );
}

/**
 * MLS-8-01: KDF.Expand(secret, KDFLabel, length). `label` comes without its prefix "MLS 1.0 ".
 * `dst` may overlap `secret`. STATUS_ARGUMENT when a length does not fit its field or the KDF.
 */
export function expandWithLabel(
  kdf: i32,
  dst: usize,
  length: usize,
  secret: usize,
  secretLength: usize,
  label: usize,
  labelLength: usize,
  context: usize,
  contextLength: usize,
): i32 {
  if (!fits(kdf, length, labelLength, contextLength)) return STATUS_ARGUMENT;
  const mark = scratchMark();
  const info = scratch(FIELDS_LENGTH + PREFIX_LENGTH + labelLength + contextLength);
  const infoLength = storeKdfLabel(info, length, label, labelLength, context, contextLength);
  const status = hkdfExpand(kdf, dst, length, secret, secretLength, info, infoLength);
  scratchRelease(mark);
  return status;
}

/** MLS-8-02: ExpandWithLabel(secret, label, "", Nh), for a secret of Nh bytes. */
export function deriveSecret(kdf: i32, dst: usize, secret: usize, label: usize, labelLength: usize): i32 {
  const length = hashLength(kdf);
  return expandWithLabel(kdf, dst, length, secret, length, label, labelLength, 0, 0);
}

/**
 * The same label and context for `count` secrets of Nh bytes: secret i is at secrets + i * secretStride,
 * its output goes to dst + i * dstStride. An output may overlap its own secret and those before it.
 */
export function expandWithLabelMany(
  kdf: i32,
  count: usize,
  dst: usize,
  dstStride: usize,
  length: usize,
  secrets: usize,
  secretStride: usize,
  label: usize,
  labelLength: usize,
  context: usize,
  contextLength: usize,
): i32 {
  if (!fits(kdf, length, labelLength, contextLength)) return STATUS_ARGUMENT;
  const mark = scratchMark();
  const info = scratch(FIELDS_LENGTH + PREFIX_LENGTH + labelLength + contextLength);
  const infoLength = storeKdfLabel(info, length, label, labelLength, context, contextLength);
  hkdfExpandMany(kdf, count, dst, dstStride, length, secrets, secretStride, info, 0, infoLength);
  scratchRelease(mark);
  return STATUS_OK;
}
