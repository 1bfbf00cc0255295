import type { Engine } from "../../bindings/core/engine.ts";
import { AEAD_AES128GCM, AEAD_AES256GCM, AEAD_CHACHA20POLY1305 } from "../../bindings/core/generated/layout.ts";

/** The AEADs by name, for `describe.each`. */
export const aeads: readonly { name: string; aead: number; keyLength: number }[] = [
  { name: "AES-128-GCM", aead: AEAD_AES128GCM, keyLength: 16 },
  { name: "AES-256-GCM", aead: AEAD_AES256GCM, keyLength: 32 },
  { name: "ChaCha20-Poly1305", aead: AEAD_CHACHA20POLY1305, keyLength: 32 },
];

/** Seals in a frame of its own; in place when asked. Returns ciphertext and tag. */
export function seal(
  engine: Engine,
  aead: number,
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
  inPlace = false,
): Uint8Array {
  return engine.frame((core, frame) => {
    const dst = frame.take(plaintext.length + 16);
    let from = dst;
    if (inPlace) engine.bytes.set(plaintext, dst);
    else from = frame.put(plaintext);
    const status = core.aeadSeal(
      aead,
      dst,
      frame.put(key),
      frame.put(nonce),
      frame.put(aad),
      aad.length,
      from,
      plaintext.length,
    );
    if (status !== 0) throw new Error(`status ${status}`);
    return engine.copyOut(dst, plaintext.length + 16);
  });
}

/**
 * Opens in a frame of its own; in place when asked. Returns the status and what stands at the destination
 * afterwards; when not in place it was filled with 0xee before.
 */
export function open(
  engine: Engine,
  aead: number,
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  ciphertext: Uint8Array,
  inPlace = false,
): { status: number; bytes: Uint8Array } {
  return engine.frame((core, frame) => {
    const from = frame.put(ciphertext);
    let dst = from;
    const length = Math.max(0, ciphertext.length - 16);
    if (!inPlace) {
      dst = frame.take(length);
      engine.bytes.fill(0xee, dst, dst + length);
    }
    const status = core.aeadOpen(
      aead,
      dst,
      frame.put(key),
      frame.put(nonce),
      frame.put(aad),
      aad.length,
      from,
      ciphertext.length,
    );
    return { status, bytes: engine.copyOut(dst, length) };
  });
}

/** Bytes that depend on `seed` alone (xorshift32); for inputs whose failure must repeat. */
export function seededBytes(seed: number, length: number): Uint8Array {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  return Uint8Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 24;
  });
}
