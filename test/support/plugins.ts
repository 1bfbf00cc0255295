// Plug-ins on @noble/curves, to prove the interface for curves outside the core.
import { ed448, x448 } from "@noble/curves/ed448.js";
import { p256, p384, p521 } from "@noble/curves/nist.js";
import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import type { KemGroup, SignatureScheme, SuitePlugin } from "../../bindings/crypto/suite.ts";
import { utf8 } from "./bytes.ts";

type Hash = typeof sha256 | typeof sha384 | typeof sha512;

/** LabeledExtract, then LabeledExpand for each label and info (RFC 9180, section 7.1.3). */
function candidates(hash: Hash, kem: number, ikm: Uint8Array, length: number) {
  const prefix = [...utf8("HPKE-v1KEM"), kem >> 8, kem & 0xff];
  const prk = extract(hash, Uint8Array.of(...prefix, ...utf8("dkp_prk"), ...ikm), new Uint8Array());
  return (label: string, info: number[]): Uint8Array =>
    expand(hash, prk, Uint8Array.of(0, length, ...prefix, ...utf8(label), ...info), length);
}

const attempt = (work: () => unknown): boolean => {
  try {
    work();
    return true;
  } catch {
    return false;
  }
};

function nist(
  cipherSuite: number,
  kem: number,
  curve: typeof p256,
  hash: Hash,
  length: number,
  mask: number,
): SuitePlugin {
  const publicKeyOf = (privateKey: Uint8Array): Uint8Array => curve.getPublicKey(privateKey, false);
  const isPublicKey = (publicKey: Uint8Array): boolean =>
    publicKey[0] === 4 && curve.utils.isValidPublicKey(publicKey, false);
  const group: KemGroup = {
    deriveKeyPair(ikm) {
      const candidate = candidates(hash, kem, ikm, length);
      for (let counter = 0; ; counter++) {
        const privateKey = candidate("candidate", [counter]);
        privateKey[0]! &= mask;
        if (curve.utils.isValidSecretKey(privateKey)) {
          return { privateKey, publicKey: publicKeyOf(privateKey) };
        }
      }
    },
    publicKey: publicKeyOf,
    isPublicKey,
    dh: (privateKey, publicKey) => curve.getSharedSecret(privateKey, publicKey, true).slice(1),
  };
  const signatureScheme: SignatureScheme = {
    generate: () => curve.utils.randomSecretKey(),
    publicKey: publicKeyOf,
    isPublicKey,
    sign: (privateKey, message) => curve.sign(message, privateKey, { format: "der", lowS: false }),
    verify: (publicKey, message, signature) => {
      let valid = false;
      attempt(() => (valid = curve.verify(signature, message, publicKey, { format: "der", lowS: false })));
      return valid;
    },
  };
  return { cipherSuite, kem: group, signatureScheme };
}

function curve448(cipherSuite: number): SuitePlugin {
  return {
    cipherSuite,
    kem: {
      deriveKeyPair(ikm) {
        const privateKey = candidates(sha512, 0x21, ikm, 56)("sk", []);
        return { privateKey, publicKey: x448.getPublicKey(privateKey) };
      },
      publicKey: (privateKey) => x448.getPublicKey(privateKey),
      isPublicKey: (publicKey) => publicKey.length === 56,
      dh(privateKey, publicKey) {
        let shared: Uint8Array | undefined;
        attempt(() => (shared = x448.getSharedSecret(privateKey, publicKey)));
        return shared;
      },
    },
    signatureScheme: {
      generate: (random) => Uint8Array.from(random(57)),
      publicKey: (privateKey) => ed448.getPublicKey(privateKey),
      isPublicKey: (publicKey) => publicKey.length === 57,
      sign: (privateKey, message) => ed448.sign(message, privateKey),
      verify: (publicKey, message, signature) => {
        let valid = false;
        attempt(() => (valid = ed448.verify(signature, message, publicKey)));
        return valid;
      },
    },
  };
}

/** Suites 2, 4, 5, 6 and 7. */
export const plugins: readonly SuitePlugin[] = [
  nist(2, 0x10, p256, sha256, 32, 0xff),
  curve448(4),
  nist(5, 0x12, p521, sha512, 66, 0x01),
  curve448(6),
  nist(7, 0x11, p384, sha384, 48, 0xff),
];
