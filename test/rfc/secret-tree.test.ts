// The secret tree and the sender data keys against the official vectors, for all seven suites: a
// key and nonce are right when what another library seals with them opens here.
import { gcm } from "@noble/ciphers/aes.js";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { describe, expect, it } from "vitest";
import { Engine } from "../../bindings/core/engine.ts";
import { AEAD_CHACHA20POLY1305 } from "../../bindings/core/generated/layout.ts";
import { Secret } from "../../bindings/core/secret.ts";
import { suiteParameters } from "../../bindings/crypto/suite.ts";
import { defaultLimits } from "../../bindings/limits.ts";
import { type Ratchet, SecretTree } from "../../bindings/schedule/ratchet.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { loadVectors } from "../support/vectors.ts";

interface Generation {
  generation: number;
  application_key: string;
  application_nonce: string;
  handshake_key: string;
  handshake_nonce: string;
}

interface Case {
  cipher_suite: number;
  encryption_secret: string;
  sender_data: { sender_data_secret: string; ciphertext: string; key: string; nonce: string };
  leaves: Generation[][];
}

const noGuard = new Uint8Array(4);

function seal(aead: number, key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const cipher = aead === AEAD_CHACHA20POLY1305 ? chacha20poly1305(key, nonce, aad) : gcm(key, nonce, aad);
  return cipher.encrypt(plaintext);
}

const cases = loadVectors<Case[]>("mls/secret-tree.json");

describe.skipIf(cases === undefined)("secret-tree.json", () => {
  const engine = new Engine();
  const aad = utf8("header");
  const plaintext = utf8("a message");

  it.each(cases ?? [])("suite $cipher_suite, $leaves.length leaves (MLS-9-01, MLS-9-02, MLS-9.1-01)", (vector) => {
    const { kdf, aead } = suiteParameters(vector.cipher_suite);
    const tree = (): SecretTree => {
      const secret = Secret.import(engine, hex(vector.encryption_secret));
      return SecretTree.create(kdf, aead, secret, vector.leaves.length, defaultLimits);
    };
    const receiver = tree();
    for (const [leafIndex, generations] of vector.leaves.entries()) {
      for (const { generation, ...expected } of generations) {
        for (const ratchet of ["handshake", "application"] as Ratchet[]) {
          const key = hex(expected[`${ratchet}_key`]);
          const nonce = hex(expected[`${ratchet}_nonce`]);
          const ciphertext = seal(aead, key, nonce, aad, plaintext);
          const position = { leafIndex, ratchet, generation };
          expect(receiver.open(position, noGuard, aad, ciphertext)).toEqual(plaintext);
          receiver.consume(position);
        }
      }
    }
    // The sender's side makes the same bytes.
    const sender = tree();
    const last = vector.leaves.length - 1;
    for (const ratchet of ["handshake", "application"] as Ratchet[]) {
      const first = vector.leaves[last]![0]!;
      expect(first.generation).toBe(0);
      const expected = seal(aead, hex(first[`${ratchet}_key`]), hex(first[`${ratchet}_nonce`]), aad, plaintext);
      expect(sender.seal(last, ratchet, noGuard, aad, plaintext)).toEqual({
        generation: 0,
        ciphertext: Uint8Array.from(expected),
      });
    }
    sender.wipe();
    receiver.wipe();
    expect(engine.core.handlesInUse()).toBe(0);
  });

  it.each(cases ?? [])("suite $cipher_suite, $leaves.length leaves: sender data (MLS-6.3.2-02)", (vector) => {
    const { kdf, aead, hashLength } = suiteParameters(vector.cipher_suite);
    const { sender_data_secret, ciphertext, key, nonce } = vector.sender_data;
    const secret = Secret.import(engine, hex(sender_data_secret));
    const sample = hex(ciphertext).subarray(0, hashLength);
    const sealed = engine.frame((core, frame) => {
      const dst = frame.take(plaintext.length + 16);
      const status = core.secretSeal(
        kdf,
        aead,
        dst,
        secret.handle,
        frame.put(sample),
        sample.length,
        frame.put(aad),
        aad.length,
        frame.put(plaintext),
        plaintext.length,
      );
      expect(status).toBe(0);
      return engine.copyOut(dst, plaintext.length + 16);
    });
    expect(sealed).toEqual(Uint8Array.from(seal(aead, hex(key), hex(nonce), aad, plaintext)));
    secret.wipe();
  });
});
