import { describe, expect, it } from "vitest";
import {
  acceptAnyCredential,
  basicCredential,
  chooseCipherSuite,
  Client,
  type ClientOptions,
  Engine,
} from "../../bindings/index.ts";
import { nist } from "../../bindings/suites/nist.ts";
import { decodeMLSMessage, encodeMLSMessage } from "../../bindings/message/mlsmessage.ts";
import { decodeLeafNode, encodeLeafNode } from "../../bindings/message/leafnode.ts";

const engine = await Engine.create();

function keyPackage(options: Partial<ClientOptions> = {}): Uint8Array {
  const credential = basicCredential("somebody");
  return Client.create({ credential, authenticate: acceptAnyCredential, engine, ...options }).keyPackage();
}

/** The same key package of somebody who knows other versions alone; its signatures do not matter here. */
function withVersions(message: Uint8Array, versions: readonly number[]): Uint8Array {
  const decoded = decodeMLSMessage(message);
  if (decoded.kind !== "keyPackage") throw new Error(decoded.kind);
  const { leafNode, ...rest } = decoded.keyPackage;
  const { encryptionKey, signatureKey, credential, source, extensions, signature } = leafNode;
  const capabilities = { ...leafNode.capabilities, versions };
  const content = { encryptionKey, signatureKey, credential, capabilities, source, extensions };
  const changed = decodeLeafNode(encodeLeafNode(content, () => signature));
  const { version, cipherSuite, initKey } = rest;
  const keyPackage = { version, cipherSuite, initKey, leafNode: changed, extensions: rest.extensions };
  return encodeMLSMessage({ kind: "keyPackage", keyPackage: { ...keyPackage, signature: rest.signature } });
}

describe("MLS-11-02: the choice of a cipher suite", () => {
  it("takes the first that all support", () => {
    expect(chooseCipherSuite([keyPackage(), keyPackage({ cipherSuite: 3 })])).toBe(1);
    expect(chooseCipherSuite([keyPackage(), keyPackage({ cipherSuite: 3 })], [7, 3, 1])).toBe(3);
    expect(chooseCipherSuite([], [5])).toBe(5);
  });

  it("refuses when there is none, or none that is wanted", () => {
    const refusal = expect.objectContaining({ code: "ERR_UNSUPPORTED", rule: "MLS-11-02" });
    const p256 = keyPackage({ cipherSuite: 2, suites: nist });
    expect(() => chooseCipherSuite([keyPackage(), p256])).toThrow(refusal);
    expect(() => chooseCipherSuite([keyPackage()], [2])).toThrow(refusal);
    expect(() => chooseCipherSuite([withVersions(keyPackage(), [2])])).toThrow(
      expect.objectContaining({ code: "ERR_UNSUPPORTED", rule: "MLS-11-02", index: 0 }),
    );
  });

  it("names what is no key package", () => {
    expect(() => chooseCipherSuite([keyPackage(), Uint8Array.of(1)])).toThrow(
      expect.objectContaining({ code: "ERR_KEY_PACKAGE", index: 1 }),
    );
  });
});
