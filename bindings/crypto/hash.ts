// The suite's hash, and secrets put through its KDF, MAC and AEAD in the core.
import { ok } from "../core/failure.ts";
import { AEAD_TAG_LENGTH } from "../core/generated/layout.ts";
import { Secret } from "../core/secret.ts";
import type { ErrorDetails } from "../errors.ts";
import type { CipherSuite } from "./suite.ts";

/** The part of a suite that needs no curve: hash, KDF and AEAD are the core's for all seven. */
export type SymmetricSuite = Pick<CipherSuite, "engine" | "kdf" | "aead" | "hashLength">;

const encoder = new TextEncoder();

/** UTF-8 of a label. */
export function labelBytes(label: string): Uint8Array {
  return encoder.encode(label);
}

/** Hash of the parts one after the other. */
export function hash(
  { engine, kdf, hashLength }: SymmetricSuite,
  ...parts: readonly Uint8Array[]
): Uint8Array<ArrayBuffer> {
  return engine.frame((core, frame) => {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const at = frame.take(length);
    let end = at;
    for (const part of parts) {
      engine.bytes.set(part, end);
      end += part.length;
    }
    const dst = frame.take(hashLength);
    core.hash(kdf, dst, at, length);
    return engine.copyOut(dst, hashLength);
  });
}

/** ExpandWithLabel(secret, label, context, length), as a secret. */
export function expandWithLabel(
  { engine, kdf }: SymmetricSuite,
  secret: Secret,
  label: string,
  context: Uint8Array,
  length: number,
): Secret {
  const { handle } = secret;
  return engine.frame((core, frame) => {
    const text = labelBytes(label);
    const at = frame.put(text);
    return Secret.adopt(
      engine,
      core.secretExpandWithLabel(kdf, handle, at, text.length, frame.put(context), context.length, length),
    );
  });
}

/** DeriveSecret(secret, label). */
export function deriveSecret(suite: SymmetricSuite, secret: Secret, label: string): Secret {
  return expandWithLabel(suite, secret, label, new Uint8Array(), suite.hashLength);
}

/** The suite's MAC. */
export function mac(
  { engine, kdf, hashLength }: SymmetricSuite,
  key: Secret,
  message: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const { handle } = key;
  return engine.frame((core, frame) => {
    const dst = frame.take(hashLength);
    ok(core.secretMac(kdf, dst, handle, frame.put(message), message.length));
    return engine.copyOut(dst, hashLength);
  });
}

/** Throws `ERR_MAC` unless `tag` is the whole MAC of the message; in constant time (MLS-6.2-05, DEF-01). */
export function verifyMac(
  { engine, kdf }: SymmetricSuite,
  key: Secret,
  message: Uint8Array,
  tag: Uint8Array,
  details?: ErrorDetails,
): void {
  const { handle } = key;
  engine.frame((core, frame) => {
    ok(core.secretVerifyMac(kdf, handle, frame.put(message), message.length, frame.put(tag), tag.length), details);
  });
}

/**
 * AEAD under the key and nonce that a secret gives for "key" and "nonce" in `context`: sender data
 * (section 6.3.2) and the GroupInfo of a Welcome (section 12.4.3.1).
 */
export function sealUnder(
  { engine, kdf, aead }: SymmetricSuite,
  secret: Secret,
  context: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const { handle } = secret;
  return engine.frame((core, frame) => {
    const { length } = plaintext;
    const dst = frame.take(length + AEAD_TAG_LENGTH);
    const contextAt = frame.put(context);
    const aadAt = frame.put(aad);
    const from = frame.put(plaintext);
    ok(core.secretSeal(kdf, aead, dst, handle, contextAt, context.length, aadAt, aad.length, from, length));
    return engine.copyOut(dst, length + AEAD_TAG_LENGTH);
  });
}

/** Opens what {@link sealUnder} made; throws `ERR_DECRYPT`. */
export function openUnder(
  { engine, kdf, aead }: SymmetricSuite,
  secret: Secret,
  context: Uint8Array,
  aad: Uint8Array,
  ciphertext: Uint8Array,
  details?: ErrorDetails,
): Uint8Array<ArrayBuffer> {
  const { handle } = secret;
  return engine.frame((core, frame) => {
    const { length } = ciphertext;
    const dst = frame.take(length);
    const contextAt = frame.put(context);
    const aadAt = frame.put(aad);
    const from = frame.put(ciphertext);
    ok(core.secretOpen(kdf, aead, dst, handle, contextAt, context.length, aadAt, aad.length, from, length), details);
    return engine.copyOut(dst, length - AEAD_TAG_LENGTH);
  });
}
