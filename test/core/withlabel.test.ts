import { describe, expect, it } from "vitest";
import { STATUS_DECRYPT, STATUS_OK } from "../../bindings/core/generated/status.ts";
import { hex, toHex, utf8 } from "../support/bytes.ts";
import { engine, X25519_KEM } from "../support/hpke.ts";
import { loadVectors } from "../support/vectors.ts";

interface CryptoBasics {
  cipher_suite: number;
  encrypt_with_label: {
    label: string;
    context: string;
    priv: string;
    pub: string;
    kem_output: string;
    plaintext: string;
    ciphertext: string;
  };
}

const suites = new Map([
  [1, { kem: X25519_KEM, kdf: 1, aead: 1 }],
  [3, { kem: X25519_KEM, kdf: 1, aead: 3 }],
]);

function decrypt(
  { kem, kdf, aead }: { kem: number; kdf: number; aead: number },
  priv: Uint8Array,
  pub: Uint8Array,
  label: Uint8Array,
  context: Uint8Array,
  enc: Uint8Array,
  ciphertext: Uint8Array,
): string | number {
  return engine.frame((core, frame) => {
    const dst = frame.take(ciphertext.length);
    const keys = [frame.put(priv), frame.put(pub)] as const;
    const info = [frame.put(label), label.length, frame.put(context), context.length] as const;
    const sealed = [frame.put(enc), enc.length, frame.put(ciphertext), ciphertext.length] as const;
    const status = core.decryptWithLabel(kem, kdf, aead, dst, ...keys, ...info, ...sealed);
    return status === STATUS_OK ? toHex(engine.copyOut(dst, ciphertext.length - 16)) : status;
  });
}

function encrypt(
  { kem, kdf, aead }: { kem: number; kdf: number; aead: number },
  pub: Uint8Array,
  label: Uint8Array,
  context: Uint8Array,
  plaintext: Uint8Array,
): { enc: Uint8Array; ciphertext: Uint8Array } {
  return engine.frame((core, frame) => {
    const enc = frame.take(32);
    const ciphertext = frame.take(plaintext.length + 16);
    const info = [frame.put(label), label.length, frame.put(context), context.length] as const;
    const message = [frame.put(plaintext), 0, plaintext.length] as const;
    const seed = frame.put(crypto.getRandomValues(new Uint8Array(32)));
    const status = core.encryptWithLabelMany(
      ...([kem, kdf, aead, 1, frame.put(pub), 0] as const),
      ...info,
      ...message,
      ...([seed, enc, 0, ciphertext, 0] as const),
    );
    expect(status).toBe(STATUS_OK);
    return { enc: engine.copyOut(enc, 32), ciphertext: engine.copyOut(ciphertext, plaintext.length + 16) };
  });
}

describe("EncryptWithLabel (MLS-5.1.3-01)", () => {
  const file = loadVectors<CryptoBasics[]>("mls/crypto-basics.json")?.filter(({ cipher_suite }) =>
    suites.has(cipher_suite),
  );

  it.skipIf(file === undefined).each(file ?? [])("opens the vector of suite $cipher_suite and its own", (vector) => {
    const suite = suites.get(vector.cipher_suite)!;
    const { label, context, priv, pub, kem_output, plaintext, ciphertext } = vector.encrypt_with_label;
    const keys = [hex(priv), hex(pub)] as const;
    expect(decrypt(suite, ...keys, utf8(label), hex(context), hex(kem_output), hex(ciphertext))).toBe(plaintext);
    const own = encrypt(suite, hex(pub), utf8(label), hex(context), hex(plaintext));
    expect(decrypt(suite, ...keys, utf8(label), hex(context), own.enc, own.ciphertext)).toBe(plaintext);
    // Another label, another context, a kem_output of another length.
    expect(decrypt(suite, ...keys, utf8(label + "!"), hex(context), own.enc, own.ciphertext)).toBe(STATUS_DECRYPT);
    expect(decrypt(suite, ...keys, utf8(label), hex(context + "00"), own.enc, own.ciphertext)).toBe(STATUS_DECRYPT);
    expect(decrypt(suite, ...keys, utf8(label), hex(context), own.enc.subarray(1), own.ciphertext)).toBe(
      STATUS_DECRYPT,
    );
    const longer = Uint8Array.of(...own.enc, 0);
    expect(decrypt(suite, ...keys, utf8(label), hex(context), longer, own.ciphertext)).toBe(STATUS_DECRYPT);
  });

  it.skipIf(file === undefined)("takes labels and contexts of any length", () => {
    const suite = suites.get(1)!;
    const { pub, priv } = file![0]!.encrypt_with_label;
    for (const length of [0, 55, 56, 63, 64, 16383, 16384]) {
      const label = utf8("x".repeat(length));
      const own = encrypt(suite, hex(pub), label, label, utf8("text"));
      expect(decrypt(suite, hex(priv), hex(pub), label, label, own.enc, own.ciphertext)).toBe(toHex(utf8("text")));
    }
  });
});
