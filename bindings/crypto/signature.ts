// SignWithLabel and VerifyWithLabel (RFC 9420, section 5.1.2). Private keys stay in the core; a
// plug-in sees its own for the time of one signature.
import { requireBytes } from "../codec/argument.ts";
import { failure } from "../core/failure.ts";
import { STATUS_SIGNATURE } from "../core/generated/status.ts";
import { Secret } from "../core/secret.ts";
import type { ErrorDetails } from "../errors.ts";
import { signContent, signContentHead, type SignatureLabel } from "./labels.ts";
import { randomBytes, type RandomSource } from "./random.ts";
import type { CipherSuite } from "./suite.ts";

const ED25519_SIGNATURE_LENGTH = 64;
const ED25519_KEY_LENGTH = 32;
const ED25519_KEY_PAIR_LENGTH = 64;

/** A signature key pair whose private half stays in the core; that of Ed25519 holds the public key as well. */
export interface SignatureKeyPair {
  readonly privateKey: Secret;
  readonly publicKey: Uint8Array;
}

/** A new key pair. */
export function generateSignatureKeyPair(suite: CipherSuite, random: RandomSource): SignatureKeyPair {
  const bytes =
    suite.plugin === undefined
      ? randomBytes(random, ED25519_KEY_LENGTH)
      : suite.plugin.signatureScheme.generate((length) => randomBytes(random, length));
  try {
    return signatureKeyPair(suite, bytes);
  } finally {
    bytes.fill(0);
  }
}

/**
 * The key pair of a private key (EdDSA: the seed; ECDSA: the scalar), of which it keeps a copy; throws RangeError for what
 * is none.
 */
export function signatureKeyPair({ engine, plugin, id }: CipherSuite, privateKey: Uint8Array): SignatureKeyPair {
  requireBytes(privateKey, "a signature private key");
  if (plugin !== undefined) {
    const secret = Secret.import(engine, privateKey);
    try {
      return { privateKey: secret, publicKey: withBytes(secret, (bytes) => plugin.signatureScheme.publicKey(bytes)) };
    } catch (cause) {
      secret.wipe();
      throw new RangeError(`no signature private key of cipher suite ${id}`, { cause });
    }
  }
  if (privateKey.length !== ED25519_KEY_LENGTH) {
    throw new RangeError(`an Ed25519 private key has 32 bytes, not ${privateKey.length}`);
  }
  const pair = Secret.blank(engine, ED25519_KEY_PAIR_LENGTH);
  engine.frame((core, frame) => core.ed25519KeyPair(pair.address, frame.put(privateKey)));
  return { privateKey: pair, publicKey: engine.copyOut(pair.address + ED25519_KEY_LENGTH, ED25519_KEY_LENGTH) };
}

/** The private key as others know it (EdDSA: the seed; ECDSA: the scalar). Wiping the copy is the caller's part. */
export function exportPrivateKey({ plugin }: CipherSuite, { privateKey }: SignatureKeyPair): Uint8Array<ArrayBuffer> {
  const bytes = privateKey.export();
  if (plugin !== undefined) return bytes;
  try {
    return bytes.slice(0, ED25519_KEY_LENGTH);
  } finally {
    bytes.fill(0);
  }
}

/** Whether the bytes have the form of a signature public key of the suite (MLS-5.1.1-02). */
export function isSignatureKey(suite: CipherSuite, publicKey: Uint8Array): boolean {
  if (publicKey.length !== suite.signatureKeyLength) return false;
  return suite.plugin === undefined || suite.plugin.signatureScheme.isPublicKey(publicKey);
}

/** SignWithLabel; the label without its prefix. */
export function signWithLabel(
  suite: CipherSuite,
  { privateKey }: SignatureKeyPair,
  label: SignatureLabel | (string & {}),
  content: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const { engine, plugin } = suite;
  if (plugin !== undefined) {
    const message = signContent(label, content);
    return Uint8Array.from(withBytes(privateKey, (bytes) => plugin.signatureScheme.sign(bytes, message)));
  }
  return engine.frame((core, frame) => {
    const dst = frame.take(ED25519_SIGNATURE_LENGTH);
    const head = signContentHead(label, content.length);
    core.ed25519Sign(dst, privateKey.address, frame.put(head, content), head.length + content.length);
    return engine.copyOut(dst, ED25519_SIGNATURE_LENGTH);
  });
}

/** VerifyWithLabel; throws `ERR_SIGNATURE`. */
export function verifyWithLabel(
  suite: CipherSuite,
  publicKey: Uint8Array,
  label: SignatureLabel | (string & {}),
  content: Uint8Array,
  signature: Uint8Array,
  details: ErrorDetails = {},
): void {
  if (!isValid(suite, publicKey, label, content, signature)) throw failure(STATUS_SIGNATURE, details);
}

function isValid(
  { engine, plugin }: CipherSuite,
  publicKey: Uint8Array,
  label: string,
  content: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (plugin !== undefined) return plugin.signatureScheme.verify(publicKey, signContent(label, content), signature);
  if (publicKey.length !== ED25519_KEY_LENGTH || signature.length !== ED25519_SIGNATURE_LENGTH) return false;
  return engine.frame((core, frame) => {
    const key = frame.put(publicKey);
    const head = signContentHead(label, content.length);
    const at = frame.put(head, content);
    return core.ed25519Verify(key, at, head.length + content.length, frame.put(signature)) >= 0;
  });
}

// Lends a private key's bytes to a plug-in and wipes the copy.
function withBytes<T>(privateKey: Secret, use: (bytes: Uint8Array) => T): T {
  const bytes = privateKey.export();
  try {
    return use(bytes);
  } finally {
    bytes.fill(0);
  }
}
