// Variable-size vector headers (RFC 9420 section 2.1.2): one, two or four bytes, always the shortest.

/** Largest content of a vector: 30 bits. */
export const VECTOR_LIMIT: u32 = 0x3fffffff;

/**
 * Reads the header at `at` of a vector whose content must end before or at `end`. Returns the
 * bytes of the header << 32 | the bytes of the content, or 0 when the header is malformed, not
 * minimal, or promises more than there is (MLS-2.1.2-01, -02, -03).
 */
export function vectorHeader(at: usize, end: usize): u64 {
  if (at >= end) return 0;
  const first = <u32>load<u8>(at);
  let header: u32 = 1;
  let length = first & 0x3f;
  if (first >= 0x40) {
    if (first >= 0xc0) return 0;
    header = first >= 0x80 ? 4 : 2;
    if (end - at < <usize>header) return 0;
    for (let i: u32 = 1; i < header; i++) length = (length << 8) | (<u32>load<u8>(at + <usize>i));
    if (headerLength(length) != header) return 0;
  }
  if (<usize>length > end - at - <usize>header) return 0;
  return ((<u64>header) << 32) | (<u64>length);
}

/** Bytes of the header of a vector with `length` bytes of content. */
export function headerLength(length: u32): u32 {
  return length < 64 ? 1 : length < 16384 ? 2 : 4;
}

/** Writes the header for `length` bytes of content (at most VECTOR_LIMIT); returns the address after it. */
export function writeHeader(dst: usize, length: u32): usize {
  const header = headerLength(length);
  const prefix: u32 = header == 1 ? 0 : header == 2 ? 0x40 : 0x80;
  for (let i: u32 = 0; i < header; i++) store<u8>(dst + <usize>i, <u8>(length >> (8 * (header - 1 - i))));
  store<u8>(dst, <u8>((<u32>load<u8>(dst)) | prefix));
  return dst + <usize>header;
}
