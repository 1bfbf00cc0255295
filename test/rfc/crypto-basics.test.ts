import { describe, expect, it } from "vitest";
import { Engine } from "../../bindings/core/engine.ts";
import { Secret } from "../../bindings/core/secret.ts";
import { deriveSecret, expandWithLabel } from "../../bindings/crypto/hash.ts";
import {
  decryptSecretWithLabel,
  decryptWithLabel,
  encryptToMany,
  encryptWithLabel,
  generateHpkeKeyPair,
  type HPKEKeyPair,
  receiveExternalInit,
  sendExternalInit,
} from "../../bindings/crypto/hpke.ts";
import { refHash } from "../../bindings/crypto/labels.ts";
import { systemRandom } from "../../bindings/crypto/random.ts";
import {
  generateSignatureKeyPair,
  signatureKeyPair,
  signWithLabel,
  verifyWithLabel,
} from "../../bindings/crypto/signature.ts";
import { cipherSuite } from "../../bindings/crypto/suite.ts";
import { hex, toHex, utf8 } from "../support/bytes.ts";
import { occurrences } from "../support/memory.ts";
import { nist } from "../../bindings/suites/nist.ts";
import { x448 } from "../../bindings/suites/x448.ts";
import { loadVectors } from "../support/vectors.ts";

interface Case {
  cipher_suite: number;
  ref_hash: { label: string; value: string; out: string };
  expand_with_label: { secret: string; label: string; context: string; length: number; out: string };
  derive_secret: { secret: string; label: string; out: string };
  derive_tree_secret: { secret: string; label: string; generation: number; length: number; out: string };
  sign_with_label: { priv: string; pub: string; content: string; label: string; signature: string };
  encrypt_with_label: {
    priv: string;
    pub: string;
    label: string;
    context: string;
    plaintext: string;
    kem_output: string;
    ciphertext: string;
  };
}

const cases = loadVectors<Case[]>("mls/crypto-basics.json");

// Suites 1 and 3 on the core; the others on plug-ins, which also proves their interface.
describe.skipIf(cases === undefined)("crypto-basics.json", () => {
  const engine = new Engine();
  const secret = (text: string): Secret => Secret.import(engine, hex(text));

  it.each(cases ?? [])("suite $cipher_suite: hash and KDF (MLS-8-01, MLS-8-02, MLS-5.2-01)", (vector) => {
    const suite = cipherSuite(engine, vector.cipher_suite, [...nist, ...x448]);
    const { ref_hash: ref, expand_with_label: ewl, derive_secret: derived, derive_tree_secret: tree } = vector;
    expect(toHex(refHash(suite, ref.label, hex(ref.value)))).toBe(ref.out);
    const expanded = expandWithLabel(suite, secret(ewl.secret), ewl.label, hex(ewl.context), ewl.length);
    expect(toHex(expanded.export())).toBe(ewl.out);
    expect(toHex(deriveSecret(suite, secret(derived.secret), derived.label).export())).toBe(derived.out);
    const generation = new Uint8Array(4);
    new DataView(generation.buffer).setUint32(0, tree.generation);
    expect(toHex(expandWithLabel(suite, secret(tree.secret), tree.label, generation, tree.length).export())).toBe(
      tree.out,
    );
  });

  it.each(cases ?? [])("suite $cipher_suite: SignWithLabel (MLS-5.1.2-03, MLS-5.1.2-04)", (vector) => {
    const suite = cipherSuite(engine, vector.cipher_suite, [...nist, ...x448]);
    const { priv, pub, content, label, signature } = vector.sign_with_label;
    const keyPair = signatureKeyPair(suite, secret(priv));
    expect(toHex(keyPair.publicKey)).toBe(pub);
    verifyWithLabel(suite, hex(pub), label, hex(content), hex(signature));
    const own = signWithLabel(suite, keyPair, label, hex(content));
    verifyWithLabel(suite, hex(pub), label, hex(content), own);
    const bad = expect.objectContaining({ code: "ERR_SIGNATURE" });
    expect(() => verifyWithLabel(suite, hex(pub), `${label}x`, hex(content), own)).toThrow(bad);
    expect(() => verifyWithLabel(suite, hex(pub), label, utf8("x"), own)).toThrow(bad);
    const other = generateSignatureKeyPair(suite, systemRandom);
    expect(() => verifyWithLabel(suite, other.publicKey, label, hex(content), own)).toThrow(bad);
    expect(() => verifyWithLabel(suite, hex(pub), label, hex(content), own.subarray(1))).toThrow(bad);
    expect(() => verifyWithLabel(suite, hex(pub).subarray(1), label, hex(content), own)).toThrow(bad);
  });

  it.each(cases ?? [])("suite $cipher_suite: EncryptWithLabel (MLS-5.1.3-01)", (vector) => {
    const suite = cipherSuite(engine, vector.cipher_suite, [...nist, ...x448]);
    const { priv, pub, label, context, plaintext, kem_output, ciphertext } = vector.encrypt_with_label;
    const keyPair: HPKEKeyPair = { privateKey: secret(priv), publicKey: hex(pub) };
    const known = { kemOutput: hex(kem_output), ciphertext: hex(ciphertext) };
    expect(toHex(decryptWithLabel(suite, keyPair, label, hex(context), known))).toBe(plaintext);
    const asSecret = decryptSecretWithLabel(suite, keyPair, label, hex(context), known);
    expect(occurrences(engine, hex(plaintext))).toBe(1);
    expect(toHex(asSecret.export())).toBe(plaintext);
    asSecret.wipe();
    const own = encryptWithLabel(suite, hex(pub), label, hex(context), hex(plaintext), systemRandom);
    expect(toHex(decryptWithLabel(suite, keyPair, label, hex(context), own))).toBe(plaintext);

    const refused = expect.objectContaining({ code: "ERR_DECRYPT" });
    const handles = engine.core.handlesInUse();
    const bad: [string, Uint8Array, typeof own][] = [
      [`${label}x`, hex(context), own],
      [label, utf8("x"), own],
      [label, hex(context), { ...own, kemOutput: known.kemOutput }],
      [label, hex(context), { ...own, kemOutput: own.kemOutput.subarray(1) }],
      [label, hex(context), { ...own, kemOutput: new Uint8Array(own.kemOutput.length) }],
      [label, hex(context), { ...own, ciphertext: own.ciphertext.map((byte, i) => (i === 0 ? byte ^ 1 : byte)) }],
      [label, hex(context), { ...own, ciphertext: own.ciphertext.subarray(0, 15) }],
    ];
    for (const [wrongLabel, wrongContext, sealed] of bad) {
      expect(() => decryptWithLabel(suite, keyPair, wrongLabel, wrongContext, sealed)).toThrow(refused);
      expect(() => decryptSecretWithLabel(suite, keyPair, wrongLabel, wrongContext, sealed)).toThrow(refused);
    }
    expect(engine.core.handlesInUse()).toBe(handles);
  });

  it.each(cases ?? [])("suite $cipher_suite: many receivers, external init (MLS-5.1.1-01, MLS-8.3-01)", (vector) => {
    const suite = cipherSuite(engine, vector.cipher_suite, [...nist, ...x448]);
    const pairs = Array.from({ length: 5 }, () => generateHpkeKeyPair(suite, systemRandom));
    const keys = pairs.map(({ publicKey }) => publicKey);
    const plaintexts = keys.map((_, i) => new Uint8Array(20).fill(i));
    const sealed = encryptToMany(suite, keys, "Welcome", utf8("context"), plaintexts, systemRandom);
    for (const [i, pair] of pairs.entries()) {
      expect(decryptWithLabel(suite, pair, "Welcome", utf8("context"), sealed[i]!)).toEqual(plaintexts[i]);
    }
    expect(encryptToMany(suite, [], "Welcome", utf8("context"), [], systemRandom)).toEqual([]);
    for (const wrong of [new Uint8Array(suite.publicKeyLength), keys[0]!.subarray(1), new Uint8Array()]) {
      const bent = keys.map((key, i) => (i === 3 ? wrong : key));
      expect(() => encryptToMany(suite, bent, "Welcome", utf8("context"), plaintexts, systemRandom)).toThrow(
        expect.objectContaining({ code: "ERR_LEAF_NODE", rule: "MLS-5.1.1-01", index: 3 }),
      );
    }

    const [external, other] = pairs as [HPKEKeyPair, HPKEKeyPair];
    const { kemOutput, initSecret } = sendExternalInit(suite, external.publicKey, systemRandom);
    expect(initSecret.length).toBe(suite.hashLength);
    expect(receiveExternalInit(suite, external, kemOutput).equals(initSecret)).toBe(true);
    expect(receiveExternalInit(suite, other, kemOutput).equals(initSecret)).toBe(false);
    const refused = expect.objectContaining({ code: "ERR_DECRYPT", rule: "MLS-8.3-01" });
    for (const wrong of [new Uint8Array(suite.publicKeyLength), kemOutput.subarray(1)]) {
      expect(() => receiveExternalInit(suite, external, wrong)).toThrow(refused);
    }
  });
});
