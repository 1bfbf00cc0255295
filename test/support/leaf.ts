// Encoded LeafNodes made by hand, independent of the library's own writer.

/** A vector with the shortest header. */
export function vector(...content: (number[] | Uint8Array)[]): number[] {
  const bytes = content.flatMap((part) => [...part]);
  const n = bytes.length;
  if (n < 64) return [n, ...bytes];
  if (n < 16384) return [0x40 | (n >> 8), n & 255, ...bytes];
  return [0x80 | (n >>> 24), (n >> 16) & 255, (n >> 8) & 255, n & 255, ...bytes];
}

/** Big-endian uint16 values. */
export function u16(...values: number[]): number[] {
  return values.flatMap((value) => [value >> 8, value & 255]);
}

/** A big-endian uint64. */
export function u64(value: bigint): number[] {
  return Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(56 - 8 * i)) & 255n));
}

/** The encoded fields of a LeafNode; replace what a test is about. */
export interface LeafParts {
  encryptionKey: number[];
  signatureKey: number[];
  credential: number[];
  versions: number[];
  cipherSuites: number[];
  extensionTypes: number[];
  proposals: number[];
  credentials: number[];
  source: number[];
  extensions: number[];
  signature: number[];
}

/** One encoded extension. */
export function extension(type: number, data: number[]): number[] {
  return [...u16(type), ...vector(data)];
}

/** Key package lifetime arm. */
export function lifetime(notBefore: bigint, notAfter: bigint): number[] {
  return [1, ...u64(notBefore), ...u64(notAfter)];
}

const fill = (value: number, length: number): number[] => new Array<number>(length).fill(value);

/** A leaf that breaks no rule for version 1 and suite 1. */
export function leafParts(changes: Partial<LeafParts> = {}): LeafParts {
  return {
    encryptionKey: vector(fill(0xe1, 32)),
    signatureKey: vector(fill(0x51, 32)),
    credential: [...u16(1), ...vector([0x61, 0x6c])],
    versions: vector(u16(1)),
    cipherSuites: vector(u16(1, 0x0a0a)),
    extensionTypes: vector(u16(0xf001, 0x1a1a)),
    proposals: vector(u16(0xf002)),
    credentials: vector(u16(1, 2)),
    source: lifetime(10n, 20n),
    extensions: vector(extension(1, vector([7])), extension(0xf001, [9, 9])),
    signature: vector(fill(0x77, 64)),
    ...changes,
  };
}

/** The bytes of a leaf. */
export function leafBytes(changes: Partial<LeafParts> = {}): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Object.values(leafParts(changes)).flat());
}
