// The test service names an external sender by its bare struct, the public API by the extension's list of
// them: the two differ by the length in front (RFC 9420 section 2.1.2).

/** The bytes as the only entry of a vector. */
export function asVector(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  if (length < 1 << 6) return Uint8Array.of(length, ...bytes);
  if (length < 1 << 14) return Uint8Array.of(0x40 | (length >> 8), length & 0xff, ...bytes);
  throw new RangeError(`an entry of ${length} bytes`);
}

/** What is in the vector, without its length. */
export function withoutLength(vector: Uint8Array): Uint8Array {
  return vector.slice(1 << (vector[0]! >> 6));
}
