import { describe, expect, it } from "vitest";
import { Engine } from "../../bindings/core/engine.ts";
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
import { systemRandom } from "../../bindings/crypto/random.ts";
import { generateSignatureKeyPair, signWithLabel, verifyWithLabel } from "../../bindings/crypto/signature.ts";
import { cipherSuite } from "../../bindings/crypto/suite.ts";
import { utf8 } from "../support/bytes.ts";
import { occurrences } from "../support/memory.ts";
import { officialVectors, plugins } from "../support/official.ts";

officialVectors("crypto-basics", 7, "MLS-5.1.2-03, MLS-5.1.2-04, MLS-5.1.3-01, MLS-5.2-01, MLS-8-01, MLS-8-02");

// Suites 1 and 3 on the core; the others on plug-ins, which also proves their interface.
describe.each([1, 2, 3, 4, 5, 6, 7])("suite %i, what crypto-basics.json leaves out", (id) => {
  const engine = new Engine();
  const suite = cipherSuite(engine, id, plugins);
  const label = "a label";
  const content = utf8("a content of some forty bytes, random-like");

  it("SignWithLabel: no other label, content, key or length verifies; any label will do (MLS-5.1.2-05, MLS-5.1.2-03, MLS-5.1.2-04)", () => {
    const keyPair = generateSignatureKeyPair(suite, systemRandom);
    const { publicKey } = keyPair;
    const signature = signWithLabel(suite, keyPair, label, content);
    verifyWithLabel(suite, publicKey, label, content, signature);
    const bad = expect.objectContaining({ code: "ERR_SIGNATURE" });
    expect(() => verifyWithLabel(suite, publicKey, `${label}x`, content, signature)).toThrow(bad);
    expect(() => verifyWithLabel(suite, publicKey, label, utf8("x"), signature)).toThrow(bad);
    const other = generateSignatureKeyPair(suite, systemRandom);
    expect(() => verifyWithLabel(suite, other.publicKey, label, content, signature)).toThrow(bad);
    expect(() => verifyWithLabel(suite, publicKey, label, content, signature.subarray(1))).toThrow(bad);
    expect(() => verifyWithLabel(suite, publicKey.subarray(1), label, content, signature)).toThrow(bad);
  });

  it("EncryptWithLabel: nothing else opens, and a secret leaves no trace (MLS-5.1.3-01)", () => {
    const keyPair = generateHpkeKeyPair(suite, systemRandom);
    const context = utf8("context");
    const sealed = encryptWithLabel(suite, keyPair.publicKey, label, context, content, systemRandom);
    const other = encryptWithLabel(suite, keyPair.publicKey, label, context, content, systemRandom);
    expect(decryptWithLabel(suite, keyPair, label, context, sealed)).toEqual(content);
    const handles = engine.core.handlesInUse();
    const asSecret = decryptSecretWithLabel(suite, keyPair, label, context, sealed);
    expect(occurrences(engine, content)).toBe(1);
    expect(asSecret.export()).toEqual(content);
    asSecret.wipe();

    const refused = expect.objectContaining({ code: "ERR_DECRYPT" });
    const bad: [string, Uint8Array, typeof sealed][] = [
      [`${label}x`, context, sealed],
      [label, utf8("x"), sealed],
      [label, context, { ...sealed, kemOutput: other.kemOutput }],
      [label, context, { ...sealed, kemOutput: sealed.kemOutput.subarray(1) }],
      [label, context, { ...sealed, kemOutput: new Uint8Array(sealed.kemOutput.length) }],
      [label, context, { ...sealed, ciphertext: sealed.ciphertext.map((byte, i) => (i === 0 ? byte ^ 1 : byte)) }],
      [label, context, { ...sealed, ciphertext: sealed.ciphertext.subarray(0, 15) }],
    ];
    for (const [wrongLabel, wrongContext, message] of bad) {
      expect(() => decryptWithLabel(suite, keyPair, wrongLabel, wrongContext, message)).toThrow(refused);
      expect(() => decryptSecretWithLabel(suite, keyPair, wrongLabel, wrongContext, message)).toThrow(refused);
    }
    expect(engine.core.handlesInUse()).toBe(handles);
  });

  it("many receivers, external init (MLS-5.1.1-01, MLS-8.3-01)", () => {
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
