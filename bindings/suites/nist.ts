// Suites 2, 5 and 7: P-256, P-521 and P-384 from @noble/curves, which is not constant-time.
import { p256, p384, p521 } from "@noble/curves/nist.js";
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import type { KemGroup, SignatureScheme, SuitePlugin } from "../crypto/suite.ts";
import { accepted, type KemHash, labeledKeyMaterial } from "./derive.ts";

interface NistSuite {
  readonly cipherSuite: number;
  readonly kem: number;
  readonly curve: typeof p256;
  readonly hash: KemHash;
  /** Bytes of a scalar. */
  readonly length: number;
  /** For the first byte of a candidate (RFC 9180 section 7.1.3). */
  readonly mask: number;
}

const UNCOMPRESSED = 4;
const CANDIDATES = 256;

function plugin({ cipherSuite, kem, curve, hash, length, mask }: NistSuite): SuitePlugin {
  // A leading zero may be missing where a key comes from elsewhere.
  const whole = (privateKey: Uint8Array): Uint8Array => {
    const scalar = new Uint8Array(length);
    scalar.set(privateKey, length - privateKey.length);
    return scalar;
  };
  const publicKey = (privateKey: Uint8Array): Uint8Array => curve.getPublicKey(whole(privateKey), false);
  // MLS-5.1.1-01, MLS-5.1.1-02: uncompressed points on the curve, and nothing else
  const isPublicKey = (key: Uint8Array): boolean => key[0] === UNCOMPRESSED && curve.utils.isValidPublicKey(key, false);
  const group: KemGroup = {
    deriveKeyPair(keyMaterial) {
      const expand = labeledKeyMaterial(hash, kem, keyMaterial);
      for (let counter = 0; counter < CANDIDATES; counter++) {
        const privateKey = expand("candidate", Uint8Array.of(counter), length);
        privateKey[0]! &= mask;
        if (curve.utils.isValidSecretKey(privateKey)) return { privateKey, publicKey: publicKey(privateKey) };
      }
      throw new RangeError("no candidate is a private key");
    },
    publicKey,
    isPublicKey,
    dh: (privateKey, other) =>
      isPublicKey(other) ? accepted(() => curve.getSharedSecret(whole(privateKey), other, true).slice(1)) : undefined,
  };
  const signatureScheme: SignatureScheme = {
    generate(random) {
      for (let counter = 0; counter < CANDIDATES; counter++) {
        const privateKey = Uint8Array.from(random(length));
        privateKey[0]! &= mask;
        if (curve.utils.isValidSecretKey(privateKey)) return privateKey;
      }
      throw new RangeError("no candidate is a private key");
    },
    publicKey,
    isPublicKey,
    // MLS-5.1.2-02
    sign: (privateKey, message) => curve.sign(message, whole(privateKey), { format: "der", lowS: false }),
    verify: (key, message, signature) =>
      isPublicKey(key) &&
      accepted(() => curve.verify(signature, message, key, { format: "der", lowS: false })) === true,
  };
  return { cipherSuite, kem: group, signatureScheme };
}

/** Cipher suites 2 (P-256), 5 (P-521) and 7 (P-384), for `suites` of a client. */
export const nist: readonly SuitePlugin[] = [
  plugin({ cipherSuite: 2, kem: 0x0010, curve: p256, hash: sha256, length: 32, mask: 0xff }),
  plugin({ cipherSuite: 5, kem: 0x0012, curve: p521, hash: sha512, length: 66, mask: 0x01 }),
  plugin({ cipherSuite: 7, kem: 0x0011, curve: p384, hash: sha384, length: 48, mask: 0xff }),
];
