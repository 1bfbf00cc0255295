// HPKE as MLS uses it (RFC 9420, sections 5.1.3 and 8.3): EncryptWithLabel, DecryptWithLabel and the
// export of external init. Private keys and what is exported stay in the core.
import type { Frame } from "../core/engine.ts";
import { failure, ok } from "../core/failure.ts";
import type { CoreExports } from "../core/generated/exports.ts";
import { AEAD_TAG_LENGTH } from "../core/generated/layout.ts";
import { STATUS_DECRYPT, STATUS_PUBLIC_KEY } from "../core/generated/status.ts";
import { wiping } from "../core/owned.ts";
import { Secret } from "../core/secret.ts";
import { dhkemDecrypt, dhkemEncrypt, dhkemExportReceive, dhkemExportSend } from "./dhkem.ts";
import { labelBytes } from "./hash.ts";
import { encryptContext, type EncryptionLabel } from "./labels.ts";
import { randomBytes, type RandomSource } from "./random.ts";
import type { CipherSuite } from "./suite.ts";

/** An HPKE key pair whose private half stays in the core. */
export interface HPKEKeyPair {
  readonly privateKey: Secret;
  readonly publicKey: Uint8Array;
}

/** HPKECiphertext. */
export interface HPKESealed {
  readonly kemOutput: Uint8Array;
  readonly ciphertext: Uint8Array;
}

const SEED_LENGTH = 32;
const externalInitContext = labelBytes("MLS 1.0 external init secret");

/** KEM.DeriveKeyPair (MLS-8-07); `keyMaterial` stays. */
export function deriveHpkeKeyPair(suite: CipherSuite, keyMaterial: Secret): HPKEKeyPair {
  const { engine, plugin, kem } = suite;
  if (plugin !== undefined) {
    const ikm = keyMaterial.export();
    try {
      const { privateKey, publicKey } = plugin.kem.deriveKeyPair(ikm);
      const secret = Secret.import(engine, privateKey);
      privateKey.fill(0);
      return { privateKey: secret, publicKey };
    } finally {
      ikm.fill(0);
    }
  }
  const { core } = engine;
  const privateKey = Secret.blank(engine, core.kemPrivateKeyLength(kem));
  const publicKey = engine.frame((_core, frame) => {
    const dst = frame.take(suite.publicKeyLength);
    ok(core.kemDeriveKeyPair(kem, privateKey.address, dst, keyMaterial.address, keyMaterial.length));
    return engine.copyOut(dst, suite.publicKeyLength);
  });
  return { privateKey, publicKey };
}

/** A new key pair. */
export function generateHpkeKeyPair(suite: CipherSuite, random: RandomSource): HPKEKeyPair {
  const bytes = randomBytes(random, suite.hashLength);
  const seed = Secret.import(suite.engine, bytes);
  bytes.fill(0);
  return wiping(seed, (keyMaterial) => deriveHpkeKeyPair(suite, keyMaterial));
}

/** New key pairs, made together: for many, that is cheaper than one by one. */
export function generateHpkeKeyPairs(suite: CipherSuite, count: number, random: RandomSource): HPKEKeyPair[] {
  if (suite.plugin !== undefined || count < 2) return oneByOne(suite, count, random);
  const { engine, kem, publicKeyLength, hashLength: ikmLength } = suite;
  const bytes = randomBytes(random, count * ikmLength);
  return engine.frame((core, frame) => {
    const ikm = frame.put(bytes);
    bytes.fill(0);
    const privateKeyLength = core.kemPrivateKeyLength(kem);
    const privateKeys = frame.take(count * privateKeyLength);
    const publicKeys = frame.take(count * publicKeyLength);
    ok(core.kemDeriveKeyPairs(kem, privateKeys, publicKeys, ikm, ikmLength, ikmLength, count));
    return Array.from({ length: count }, (_, i) => ({
      privateKey: Secret.adopt(engine, core.secretImport(privateKeys + i * privateKeyLength, privateKeyLength)),
      publicKey: engine.copyOut(publicKeys + i * publicKeyLength, publicKeyLength),
    }));
  });
}

function oneByOne(suite: CipherSuite, count: number, random: RandomSource): HPKEKeyPair[] {
  const pairs: HPKEKeyPair[] = [];
  try {
    while (pairs.length < count) pairs.push(generateHpkeKeyPair(suite, random));
    return pairs;
  } catch (error) {
    for (const { privateKey } of pairs) privateKey.wipe();
    throw error;
  }
}

/** Whether the bytes have the form of an HPKE public key of the suite (MLS-5.1.1-01). */
export function isHpkeKey(suite: CipherSuite, publicKey: Uint8Array): boolean {
  if (publicKey.length !== suite.publicKeyLength) return false;
  return suite.plugin === undefined || suite.plugin.kem.isPublicKey(publicKey);
}

/** EncryptWithLabel to one key. */
export function encryptWithLabel(
  suite: CipherSuite,
  publicKey: Uint8Array,
  label: EncryptionLabel | (string & {}),
  context: Uint8Array,
  plaintext: Uint8Array,
  random: RandomSource,
): HPKESealed {
  return encryptToMany(suite, [publicKey], label, context, [plaintext], random)[0]!;
}

/**
 * EncryptWithLabel to many keys under one label and context, a plaintext for each; all plaintexts
 * have one length. An unusable key throws `ERR_LEAF_NODE` with its index.
 */
export function encryptToMany(
  suite: CipherSuite,
  publicKeys: readonly Uint8Array[],
  label: EncryptionLabel | (string & {}),
  context: Uint8Array,
  plaintexts: readonly Uint8Array[],
  random: RandomSource,
): HPKESealed[] {
  const count = publicKeys.length;
  const length = plaintexts[0]?.length ?? 0;
  if (plaintexts.length !== count || plaintexts.some((plaintext) => plaintext.length !== length)) {
    throw new TypeError("every key needs a plaintext, and all of them one length");
  }
  const unusable = publicKeys.findIndex((publicKey) => !isHpkeKey(suite, publicKey));
  if (unusable >= 0) throw keyFailure(unusable);
  if (suite.plugin !== undefined) {
    const info = encryptContext(label, context);
    return publicKeys.map((publicKey, i) => {
      return dhkemEncrypt(suite, publicKey, info, plaintexts[i]!, random) ?? fail(keyFailure(i));
    });
  }
  const { engine, kem, kdf, aead, publicKeyLength } = suite;
  const seed = randomBytes(random, SEED_LENGTH);
  const sealedLength = length + AEAD_TAG_LENGTH;
  return engine.frame((core, frame) => {
    const put = (parts: readonly Uint8Array[], stride: number): number => {
      const at = frame.take(count * stride);
      for (const [i, part] of parts.entries()) engine.bytes.set(part, at + i * stride);
      return at;
    };
    const text = labelBytes(label);
    const [labelAt, contextAt, seedAt] = [frame.put(text), frame.put(context), frame.put(seed)];
    const [keysAt, plaintextsAt] = [put(publicKeys, publicKeyLength), put(plaintexts, length)];
    const [outputs, ciphertexts] = [frame.take(count * publicKeyLength), frame.take(count * sealedLength)];
    const status = core.encryptWithLabelMany(
      kem,
      kdf,
      aead,
      count,
      keysAt,
      publicKeyLength,
      labelAt,
      text.length,
      contextAt,
      context.length,
      plaintextsAt,
      length,
      length,
      seedAt,
      outputs,
      publicKeyLength,
      ciphertexts,
      sealedLength,
    );
    if (status === STATUS_PUBLIC_KEY) throw keyFailure(core.hpkeFaultIndex() >>> 0);
    ok(status);
    return publicKeys.map((_, i) => ({
      kemOutput: engine.copyOut(outputs + i * publicKeyLength, publicKeyLength),
      ciphertext: engine.copyOut(ciphertexts + i * sealedLength, sealedLength),
    }));
  });
}

/** DecryptWithLabel; throws `ERR_DECRYPT`. */
export function decryptWithLabel(
  suite: CipherSuite,
  keyPair: HPKEKeyPair,
  label: EncryptionLabel | (string & {}),
  context: Uint8Array,
  sealed: HPKESealed,
): Uint8Array<ArrayBuffer> {
  const { engine } = suite;
  const length = plaintextLength(sealed);
  return engine.frame((core, frame) => {
    const dst = frame.take(length);
    decryptTo(core, frame, dst, suite, keyPair, label, context, sealed);
    return engine.copyOut(dst, length);
  });
}

/** DecryptWithLabel of a secret, which does not leave the core. */
export function decryptSecretWithLabel(
  suite: CipherSuite,
  keyPair: HPKEKeyPair,
  label: EncryptionLabel | (string & {}),
  context: Uint8Array,
  sealed: HPKESealed,
): Secret {
  const secret = Secret.blank(suite.engine, plaintextLength(sealed));
  try {
    suite.engine.frame((core, frame) => decryptTo(core, frame, secret.address, suite, keyPair, label, context, sealed));
    return secret;
  } catch (error) {
    secret.wipe();
    throw error;
  }
}

function plaintextLength({ ciphertext }: HPKESealed): number {
  if (ciphertext.length < AEAD_TAG_LENGTH) throw failure(STATUS_DECRYPT);
  return ciphertext.length - AEAD_TAG_LENGTH;
}

function decryptTo(
  core: CoreExports,
  frame: Frame,
  dst: number,
  suite: CipherSuite,
  { privateKey, publicKey }: HPKEKeyPair,
  label: string,
  context: Uint8Array,
  { kemOutput, ciphertext }: HPKESealed,
): void {
  if (suite.plugin !== undefined) {
    const info = encryptContext(label, context);
    if (!dhkemDecrypt(suite, dst, privateKey, publicKey, kemOutput, info, ciphertext)) throw failure(STATUS_DECRYPT);
    return;
  }
  const text = labelBytes(label);
  const [keyAt, labelAt, contextAt] = [frame.put(publicKey), frame.put(text), frame.put(context)];
  const [enc, from] = [frame.put(kemOutput), frame.put(ciphertext)];
  ok(
    core.decryptWithLabel(
      suite.kem,
      suite.kdf,
      suite.aead,
      dst,
      privateKey.address,
      keyAt,
      labelAt,
      text.length,
      contextAt,
      context.length,
      enc,
      kemOutput.length,
      from,
      ciphertext.length,
    ),
  );
}

/** What an external joiner makes of the group's external_pub: the kem_output to send, and the init_secret (MLS-8.3-01). */
export function sendExternalInit(
  suite: CipherSuite,
  externalPub: Uint8Array,
  random: RandomSource,
): { readonly kemOutput: Uint8Array; readonly initSecret: Secret } {
  const { engine, kem, kdf, aead, hashLength, publicKeyLength } = suite;
  if (!isHpkeKey(suite, externalPub)) throw externalPubFailure();
  const initSecret = Secret.blank(engine, hashLength);
  try {
    if (suite.plugin !== undefined) {
      const kemOutput = dhkemExportSend(suite, initSecret, externalPub, externalInitContext, random);
      return { kemOutput: kemOutput ?? fail(externalPubFailure()), initSecret };
    }
    const seed = randomBytes(random, SEED_LENGTH);
    const kemOutput = engine.frame((core, frame) => {
      const enc = frame.take(publicKeyLength);
      const [keyAt, contextAt, seedAt] = [frame.put(externalPub), frame.put(externalInitContext), frame.put(seed)];
      const { address } = initSecret;
      const { length } = externalInitContext;
      const status = core.hpkeExportSend(
        kem,
        kdf,
        aead,
        address,
        hashLength,
        enc,
        keyAt,
        0,
        0,
        contextAt,
        length,
        seedAt,
      );
      if (status === STATUS_PUBLIC_KEY) throw externalPubFailure();
      ok(status);
      return engine.copyOut(enc, publicKeyLength);
    });
    return { kemOutput, initSecret };
  } catch (error) {
    initSecret.wipe();
    throw error;
  }
}

/** The init_secret that a member of the group takes from a kem_output; throws `ERR_DECRYPT` (MLS-8.3-01). */
export function receiveExternalInit(suite: CipherSuite, external: HPKEKeyPair, kemOutput: Uint8Array): Secret {
  const { engine, kem, kdf, aead, hashLength } = suite;
  const { privateKey, publicKey } = external;
  const rule = { rule: "MLS-8.3-01" };
  if (kemOutput.length !== suite.publicKeyLength) throw failure(STATUS_DECRYPT, rule);
  const initSecret = Secret.blank(engine, hashLength);
  try {
    if (suite.plugin !== undefined) {
      const done = dhkemExportReceive(suite, initSecret, privateKey, publicKey, kemOutput, externalInitContext);
      if (!done) throw failure(STATUS_DECRYPT, rule);
      return initSecret;
    }
    engine.frame((core, frame) => {
      const [keyAt, enc, contextAt] = [frame.put(publicKey), frame.put(kemOutput), frame.put(externalInitContext)];
      const [from, to] = [privateKey.address, initSecret.address];
      const { length } = externalInitContext;
      ok(core.hpkeExportReceive(kem, kdf, aead, to, hashLength, from, keyAt, enc, 0, 0, contextAt, length), rule);
    });
    return initSecret;
  } catch (error) {
    initSecret.wipe();
    throw error;
  }
}

function keyFailure(index: number): Error {
  return failure(STATUS_PUBLIC_KEY, { rule: "MLS-5.1.1-01", index });
}

function externalPubFailure(): Error {
  return failure(STATUS_PUBLIC_KEY, { rule: "MLS-8.3-01" });
}

function fail(error: Error): never {
  throw error;
}
