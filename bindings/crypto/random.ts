import { StateError } from "../errors.ts";

/** Where random bytes come from: returns `length` fresh ones. */
export type RandomSource = (length: number) => Uint8Array;

/** The runtime's generator hands out so many bytes at a time. */
const GENERATED = 65_536;

/** The runtime's cryptographic generator. */
export const systemRandom: RandomSource = (length) => {
  const bytes = new Uint8Array(length);
  if (length <= GENERATED) return crypto.getRandomValues(bytes);
  for (let at = 0; at < length; at += GENERATED) crypto.getRandomValues(bytes.subarray(at, at + GENERATED));
  return bytes;
};

// Sixteen zero bytes do not happen by chance.
const SUSPICIOUS_LENGTH = 16;

/**
 * Bytes from `source`, which are the caller's to keep or to wipe; throws `ERR_RANDOM` when it throws, gives too few, or
 * gives zeros.
 */
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
  // What an application's source gives may be the application's still.
  return source === systemRandom ? bytes : new Uint8Array(bytes);
}

/**
 * Lends a source for what is used at once: it has asked `source` for `length` bytes in one request, for requests take
 * long, and asks anew for those beyond them. What it gives is to be copied, as {@link randomBytes} does: it is wiped when
 * more is wanted, or `use` has ended.
 */
export function requestOnce<T>(source: RandomSource, length: number, use: (random: RandomSource) => T): T {
  const bytes = randomBytes(source, length);
  let at = 0;
  try {
    return use((wanted) => {
      bytes.fill(0, 0, at);
      return wanted > length - at ? source(wanted) : bytes.subarray(at, (at += wanted));
    });
  } finally {
    bytes.fill(0);
  }
}
