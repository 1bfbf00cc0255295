// Drives HPKE in the core: base mode with the suites of RFC 9420.
import { Engine } from "../../bindings/core/engine.ts";
import { STATUS_OK } from "../../bindings/core/generated/status.ts";

/** The engine of these helpers. */
export const engine: Engine = new Engine();

/** DHKEM(X25519, HKDF-SHA256). */
export const X25519_KEM = 32;

export interface KeyPair {
  privateKey: Uint8Array;
  publicKey: Uint8Array;
}

export interface Suite {
  kem: number;
  kdf: number;
  aead: number;
}

export interface Sealed {
  enc: Uint8Array;
  ciphertext: Uint8Array;
}

export function deriveKeyPair(kem: number, ikm: Uint8Array): KeyPair {
  return engine.frame((core, frame) => {
    const privateLength = core.kemPrivateKeyLength(kem);
    const publicLength = core.kemPublicKeyLength(kem);
    const secret = frame.take(privateLength);
    const open = frame.take(publicLength);
    const status = core.kemDeriveKeyPair(kem, secret, open, frame.put(ikm), ikm.length);
    if (status !== STATUS_OK) throw new Error(`status ${status}`);
    return { privateKey: engine.copyOut(secret, privateLength), publicKey: engine.copyOut(open, publicLength) };
  });
}

/** Seals to many keys; one plaintext serves all, or each has its own. A status when the core refuses. */
export function sealMany(
  { kem, kdf, aead }: Suite,
  keys: readonly Uint8Array[],
  info: Uint8Array,
  plaintexts: readonly Uint8Array[],
  seed: Uint8Array = crypto.getRandomValues(new Uint8Array(32)),
): Sealed[] | { status: number; index: number } {
  return engine.frame((core, frame) => {
    const put = (items: readonly Uint8Array[], stride: number): number => {
      const at = frame.take(items.length * stride);
      items.forEach((item, i) => engine.bytes.set(item, at + stride * i));
      return at;
    };
    const n = core.kemPublicKeyLength(kem);
    const length = plaintexts[0]!.length;
    const enc = frame.take(keys.length * (n + 5));
    const ciphertext = frame.take(keys.length * (length + 16));
    const status = core.hpkeSealMany(
      kem,
      kdf,
      aead,
      keys.length,
      put(keys, n + 3),
      n + 3,
      frame.put(info),
      info.length,
      put(plaintexts, length),
      plaintexts.length === 1 ? 0 : length,
      length,
      frame.put(seed),
      enc,
      n + 5,
      ciphertext,
      length + 16,
    );
    if (status !== STATUS_OK) return { status, index: core.hpkeFaultIndex() };
    return keys.map((_, i) => ({
      enc: engine.copyOut(enc + (n + 5) * i, n),
      ciphertext: engine.copyOut(ciphertext + (length + 16) * i, length + 16),
    }));
  });
}

/** The plaintext, or the status when the core refuses. */
export function open(
  { kem, kdf, aead }: Suite,
  { privateKey, publicKey }: KeyPair,
  { enc, ciphertext }: Sealed,
  info: Uint8Array,
  aad: Uint8Array = new Uint8Array(),
): Uint8Array | number {
  return engine.frame((core, frame) => {
    const dst = frame.take(ciphertext.length);
    const status = core.hpkeOpen(
      kem,
      kdf,
      aead,
      dst,
      frame.put(privateKey),
      frame.put(publicKey),
      frame.put(enc),
      frame.put(info),
      info.length,
      frame.put(aad),
      aad.length,
      frame.put(ciphertext),
      ciphertext.length,
    );
    if (status === STATUS_OK) return engine.copyOut(dst, ciphertext.length - 16);
    if (engine.copyOut(dst, ciphertext.length).some((byte) => byte !== 0))
      throw new Error("a refused plaintext came out");
    return status;
  });
}

export function exportSend(
  { kem, kdf, aead }: Suite,
  publicKey: Uint8Array,
  info: Uint8Array,
  context: Uint8Array,
  length: number,
): { enc: Uint8Array; exported: Uint8Array } | number {
  return engine.frame((core, frame) => {
    const dst = frame.take(length);
    const n = core.kemPublicKeyLength(kem);
    const enc = frame.take(n);
    const status = core.hpkeExportSend(
      kem,
      kdf,
      aead,
      dst,
      length,
      enc,
      frame.put(publicKey),
      frame.put(info),
      info.length,
      frame.put(context),
      context.length,
      frame.put(crypto.getRandomValues(new Uint8Array(32))),
    );
    return status === STATUS_OK ? { enc: engine.copyOut(enc, n), exported: engine.copyOut(dst, length) } : status;
  });
}

export function exportReceive(
  { kem, kdf, aead }: Suite,
  { privateKey, publicKey }: KeyPair,
  enc: Uint8Array,
  info: Uint8Array,
  context: Uint8Array,
  length: number,
): Uint8Array | number {
  return engine.frame((core, frame) => {
    const dst = frame.take(length);
    const status = core.hpkeExportReceive(
      kem,
      kdf,
      aead,
      dst,
      length,
      frame.put(privateKey),
      frame.put(publicKey),
      frame.put(enc),
      frame.put(info),
      info.length,
      frame.put(context),
      context.length,
    );
    return status === STATUS_OK ? engine.copyOut(dst, length) : status;
  });
}
