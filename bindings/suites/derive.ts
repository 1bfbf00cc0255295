// DeriveKeyPair of RFC 9180 section 7.1.3 for KEMs whose group is outside the core.
import { expand, extract } from "@noble/hashes/hkdf.js";
import type { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";

/** The hash functions of the KEMs' own KDFs. */
export type KemHash = typeof sha256 | typeof sha384 | typeof sha512;

const version = Uint8Array.of(0x48, 0x50, 0x4b, 0x45, 0x2d, 0x76, 0x31); // "HPKE-v1"

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** LabeledExtract of the key material, then LabeledExpand for each label and info it is asked for. */
export function labeledKeyMaterial(
  hash: KemHash,
  kem: number,
  keyMaterial: Uint8Array,
): (label: string, info: Uint8Array, length: number) => Uint8Array {
  const encoder = new TextEncoder();
  const suite = Uint8Array.of(0x4b, 0x45, 0x4d, kem >> 8, kem & 0xff); // "KEM" and its number
  const labeled = concat(version, suite, encoder.encode("dkp_prk"), keyMaterial);
  const prk = extract(hash, labeled, new Uint8Array(0));
  labeled.fill(0);
  return (label, info, length) =>
    expand(hash, prk, concat(Uint8Array.of(0, length), version, suite, encoder.encode(label), info), length);
}

/** What `work` returns, or undefined when the curve's library refuses its input. */
export function accepted<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
