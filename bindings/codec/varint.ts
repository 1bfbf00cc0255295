// Variable-size vector headers (RFC 9420 section 2.1.2). Since only the shortest form is valid,
// the number of header bytes follows from the length.

/** Largest content of a vector, in bytes (MLS-2.1.2-03). */
export const VECTOR_LIMIT: number = 0x3fff_ffff;

/** `readHeader` found too few bytes. */
export const HEADER_SHORT: number = -1;
/** `readHeader` found a length in more bytes than it needs. */
export const HEADER_NOT_MINIMAL: number = -2;
/** `readHeader` found the invalid prefix 11. */
export const HEADER_INVALID: number = -3;

/** Bytes of the header of a vector with `length` bytes of content. */
export function headerLength(length: number): 1 | 2 | 4 {
  return length < 64 ? 1 : length < 16384 ? 2 : 4;
}

/** Bytes of a vector with `length` bytes of content, header included. */
export function vectorLength(length: number): number {
  return headerLength(length) + length;
}

/** The length in the header at `at` (the header ends before `end`), or one of the negative HEADER constants. */
export function readHeader(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return HEADER_SHORT;
  const first = bytes[at]!;
  if (first < 0x40) return first;
  if (first >= 0xc0) return HEADER_INVALID;
  if (first < 0x80) {
    if (end - at < 2) return HEADER_SHORT;
    const length = ((first & 0x3f) << 8) | bytes[at + 1]!;
    return length < 64 ? HEADER_NOT_MINIMAL : length;
  }
  if (end - at < 4) return HEADER_SHORT;
  const length = ((first & 0x3f) << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  return length < 16384 ? HEADER_NOT_MINIMAL : length;
}

/** Writes the header for `length` at `at`; returns the position after it. Throws RangeError above 2^30 - 1. */
export function writeHeader(bytes: Uint8Array, at: number, length: number): number {
  if (!(length >= 0 && length <= VECTOR_LIMIT)) throw new RangeError(`a vector cannot hold ${length} bytes`);
  switch (headerLength(length)) {
    case 1:
      bytes[at] = length;
      return at + 1;
    case 2:
      bytes[at] = 0x40 | (length >> 8);
      bytes[at + 1] = length & 0xff;
      return at + 2;
    case 4:
      bytes[at] = 0x80 | (length >> 24);
      bytes[at + 1] = (length >> 16) & 0xff;
      bytes[at + 2] = (length >> 8) & 0xff;
      bytes[at + 3] = length & 0xff;
      return at + 4;
  }
}
