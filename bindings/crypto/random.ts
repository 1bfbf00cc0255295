import { StateError } from "../errors.ts";

/** Where random bytes come from: returns `length` fresh ones. */
export type RandomSource = (length: number) => Uint8Array;

/** The runtime's cryptographic generator. */
export const systemRandom: RandomSource = (length) => {
  const bytes = new Uint8Array(length);
  // The generator hands out at most 65,536 bytes at a time.
  for (let at = 0; at < length; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
  return bytes;
};

// Sixteen zero bytes do not happen by chance.
const SUSPICIOUS_LENGTH = 16;

/** Bytes from `source`; throws `ERR_RANDOM` when it throws, gives too few, or gives zeros. */
export function randomBytes(source: RandomSource, length: number): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = source(length);
  } catch (cause) {
    throw new StateError("ERR_RANDOM", "the source of randomness failed", { cause });
  }
  if (!(bytes instanceof Uint8Array) || bytes.length !== length) {
    throw new StateError(
      "ERR_RANDOM",
      `the source of randomness gave ${bytes instanceof Uint8Array ? bytes.length : typeof bytes} instead of ${length} bytes`,
    );
  }
  if (length >= SUSPICIOUS_LENGTH && bytes.every((byte) => byte === 0)) {
    throw new StateError("ERR_RANDOM", `the source of randomness gave ${length} zeros`);
  }
  return bytes;
}
