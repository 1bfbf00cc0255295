// Suites 4 and 6: X448 and Ed448 from @noble/curves, which is not constant-time.
import { ed448, x448 as curve } from "@noble/curves/ed448.js";
import { sha512 } from "@noble/hashes/sha2.js";
import type { KemGroup, SignatureScheme, SuitePlugin } from "../crypto/suite.ts";
import { accepted, labeledKeyMaterial } from "./derive.ts";

const KEM_X448 = 0x0021;
const KEY_LENGTH = 56;
const SIGNATURE_KEY_LENGTH = 57;

const group: KemGroup = {
  deriveKeyPair(keyMaterial) {
    const privateKey = labeledKeyMaterial(sha512, KEM_X448, keyMaterial)("sk", new Uint8Array(0), KEY_LENGTH);
    return { privateKey, publicKey: curve.getPublicKey(privateKey) };
  },
  publicKey: (privateKey) => curve.getPublicKey(privateKey),
  isPublicKey: (publicKey) => publicKey.length === KEY_LENGTH,
  // An all-zero result is refused by the curve's library.
  dh: (privateKey, publicKey) => accepted(() => curve.getSharedSecret(privateKey, publicKey)),
};

const signatureScheme: SignatureScheme = {
  generate: (random) => Uint8Array.from(random(SIGNATURE_KEY_LENGTH)),
  publicKey: (privateKey) => ed448.getPublicKey(privateKey),
  isPublicKey: (publicKey) => publicKey.length === SIGNATURE_KEY_LENGTH,
  sign: (privateKey, message) => ed448.sign(message, privateKey),
  verify: (publicKey, message, signature) => accepted(() => ed448.verify(signature, message, publicKey)) === true,
};

/** Cipher suites 4 and 6, for `suites` of a client. */
export const x448: readonly SuitePlugin[] = [4, 6].map((cipherSuite) => ({ cipherSuite, kem: group, signatureScheme }));
