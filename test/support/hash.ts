// Drives the hash functions of the core one call at a time.
import { Engine } from "../../bindings/core/engine.ts";
import { HASH_CONTEXT, HMAC_CONTEXT } from "../../bindings/core/generated/layout.ts";

/** The engine of these helpers. */
export const engine: Engine = new Engine();

/** KDF identifier, digest length, block length and Wycheproof's name of the hashes. */
export const kdfs: readonly { kdf: number; digest: number; block: number; name: "sha256" | "sha384" | "sha512" }[] = [
  { kdf: 1, digest: 32, block: 64, name: "sha256" },
  { kdf: 2, digest: 48, block: 128, name: "sha384" },
  { kdf: 3, digest: 64, block: 128, name: "sha512" },
];

export function hash(kdf: number, message: Uint8Array): Uint8Array {
  return engine.frame((core, frame) => {
    const dst = frame.take(core.hashLength(kdf));
    core.hash(kdf, dst, frame.put(message), message.length);
    return engine.copyOut(dst, core.hashLength(kdf));
  });
}

export function hashPieces(kdf: number, pieces: readonly Uint8Array[]): Uint8Array {
  return engine.frame((core, frame) => {
    const dst = frame.take(core.hashLength(kdf));
    const context = frame.take(HASH_CONTEXT);
    core.hashBegin(kdf, context);
    for (const piece of pieces) core.hashUpdate(kdf, context, frame.put(piece), piece.length);
    core.hashFinish(kdf, context, dst);
    return engine.copyOut(dst, core.hashLength(kdf));
  });
}

export function hashMany(kdf: number, messages: readonly Uint8Array[]): Uint8Array[] {
  return engine.frame((core, frame) => {
    const digest = core.hashLength(kdf);
    const addresses = Uint32Array.from(messages, (message) => frame.put(message));
    const lengths = Uint32Array.from(messages, (message) => message.length);
    const dst = frame.take(digest * messages.length);
    core.hashMany(
      kdf,
      messages.length,
      dst,
      frame.put(new Uint8Array(addresses.buffer)),
      frame.put(new Uint8Array(lengths.buffer)),
    );
    return messages.map((_, i) => engine.copyOut(dst + i * digest, digest));
  });
}

export function hmac(kdf: number, key: Uint8Array, message: Uint8Array): Uint8Array {
  return engine.frame((core, frame) => {
    const dst = frame.take(core.hashLength(kdf));
    core.hmac(kdf, dst, frame.put(key), key.length, frame.put(message), message.length);
    return engine.copyOut(dst, core.hashLength(kdf));
  });
}

export function hmacPieces(kdf: number, key: Uint8Array, pieces: readonly Uint8Array[]): Uint8Array {
  return engine.frame((core, frame) => {
    const dst = frame.take(core.hashLength(kdf));
    const context = frame.take(HMAC_CONTEXT);
    core.hmacBegin(kdf, context, frame.put(key), key.length);
    for (const piece of pieces) core.hmacUpdate(kdf, context, frame.put(piece), piece.length);
    core.hmacFinish(kdf, context, dst);
    return engine.copyOut(dst, core.hashLength(kdf));
  });
}

export function hkdfExtract(kdf: number, salt: Uint8Array, ikm: Uint8Array): Uint8Array {
  return engine.frame((core, frame) => {
    const dst = frame.take(core.hashLength(kdf));
    core.hkdfExtract(kdf, dst, frame.put(salt), salt.length, frame.put(ikm), ikm.length);
    return engine.copyOut(dst, core.hashLength(kdf));
  });
}

/** The output, or the status when the core refuses. */
export function hkdfExpand(kdf: number, prk: Uint8Array, info: Uint8Array, length: number): Uint8Array | number {
  return engine.frame((core, frame) => {
    const dst = frame.take(length);
    const status = core.hkdfExpand(kdf, dst, length, frame.put(prk), prk.length, frame.put(info), info.length);
    return status < 0 ? status : engine.copyOut(dst, length);
  });
}

/** The output, or the status when the core refuses. */
export function expandWithLabel(
  kdf: number,
  secret: Uint8Array,
  label: Uint8Array,
  context: Uint8Array,
  length: number,
): Uint8Array | number {
  return engine.frame((core, frame) => {
    const [s, l, c] = [frame.put(secret), frame.put(label), frame.put(context)] as const;
    const dst = frame.take(length);
    const status = core.expandWithLabel(kdf, dst, length, s, secret.length, l, label.length, c, context.length);
    return status < 0 ? status : engine.copyOut(dst, length);
  });
}

export function deriveSecret(kdf: number, secret: Uint8Array, label: Uint8Array): Uint8Array {
  return engine.frame((core, frame) => {
    const length = core.hashLength(kdf);
    const dst = frame.take(length);
    core.deriveSecret(kdf, dst, frame.put(secret), frame.put(label), label.length);
    return engine.copyOut(dst, length);
  });
}

/** Same label and context for all secrets (of Nh bytes); `gap` bytes lie between secrets and between outputs. */
export function expandWithLabelMany(
  kdf: number,
  secrets: readonly Uint8Array[],
  label: Uint8Array,
  context: Uint8Array,
  length: number,
  gap = 0,
): Uint8Array[] | number {
  return engine.frame((core, frame) => {
    const digest = core.hashLength(kdf);
    const from = frame.take(secrets.length * (digest + gap));
    secrets.forEach((secret, i) => engine.bytes.set(secret, from + i * (digest + gap)));
    const [l, c] = [frame.put(label), frame.put(context)] as const;
    const stride = length + gap;
    const dst = frame.take(secrets.length * stride);
    const status = core.expandWithLabelMany(
      kdf,
      secrets.length,
      dst,
      stride,
      length,
      from,
      digest + gap,
      l,
      label.length,
      c,
      context.length,
    );
    if (status < 0) return status;
    const all = engine.copyOut(dst, secrets.length * stride);
    // What lies between the outputs is not the core's to write.
    const outputs = secrets.map((_, i) => all.slice(i * stride, i * stride + length));
    outputs.forEach((_, i) => {
      if (all.subarray(i * stride + length, (i + 1) * stride).some((byte) => byte !== 0)) {
        throw new Error(`bytes after output ${i} were written`);
      }
    });
    return outputs;
  });
}
