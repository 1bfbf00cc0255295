import { describe, expect, it } from "vitest";
import { defaultContext, type DecodeContext } from "../../bindings/codec/context.ts";
import { Engine } from "../../bindings/core/engine.ts";
import { decodeLeafNode, encodeLeafNode, leafNodeTbs } from "../../bindings/message/leafnode.ts";
import { decodeRatchetTree } from "../../bindings/message/ratchettree.ts";
import { hex, toHex } from "../support/bytes.ts";
import { contentOf } from "../support/forge.ts";
import { extension, leafBytes, lifetime, u16, vector, type LeafParts } from "../support/leaf.ts";
import { loadVectors } from "../support/vectors.ts";

const fault = (code: string, rule: string): unknown => expect.objectContaining({ code, rule, struct: "LeafNode" });

const position = { groupId: Uint8Array.of(1, 2), leafIndex: 0x8000_0000 };

describe("LeafNode", () => {
  it("reads every field", () => {
    const leaf = decodeLeafNode(leafBytes());
    expect(contentOf(leaf)).toEqual({
      encryptionKey: new Uint8Array(32).fill(0xe1),
      signatureKey: new Uint8Array(32).fill(0x51),
      credential: { kind: "basic", identity: Uint8Array.of(0x61, 0x6c) },
      capabilities: {
        versions: [1],
        cipherSuites: [1, 0x0a0a],
        extensions: [0xf001, 0x1a1a],
        proposals: [0xf002],
        credentials: [1, 2],
      },
      source: { kind: "keyPackage", lifetime: { notBefore: 10n, notAfter: 20n } },
      extensions: [
        { extensionType: 1, extensionData: Uint8Array.of(1, 7) },
        { extensionType: 0xf001, extensionData: Uint8Array.of(9, 9) },
      ],
    });
    expect(leaf.signature).toEqual(new Uint8Array(64).fill(0x77));
    expect(leaf.credentialType).toBe(1);
    expect(leaf.credential).toBe(leaf.credential);
  });

  const variants: [string, Partial<LeafParts>][] = [
    ["a key package's leaf", {}],
    ["a leaf with an endless lifetime", { source: lifetime(0n, 2n ** 64n - 1n) }],
    ["an updated leaf", { source: [2], extensions: vector() }],
    ["a committer's leaf", { source: [3, ...vector(new Uint8Array(32).fill(9))] }],
    ["a leaf with certificates", { credential: [...u16(2), ...vector(vector([1]), vector(new Uint8Array(300)))] }],
    ["a leaf with long extensions", { extensions: vector(extension(0xf001, new Array<number>(20_000).fill(1))) }],
  ];
  it.each(variants)("MLS-13.4-01 %s is written as it was read", (_name, changes) => {
    const bytes = leafBytes(changes);
    const leaf = decodeLeafNode(bytes);
    expect(toHex(leaf.encoded)).toBe(toHex(bytes));
    expect(toHex(encodeLeafNode(contentOf(leaf), () => leaf.signature))).toBe(toHex(bytes));
  });

  it("MLS-7.2-02 is signed with its position unless it comes from a key package", () => {
    for (const changes of [{}, { source: [2] }, { source: [3, 1, 9] }]) {
      const parts = leafBytes({ ...changes, signature: [] });
      const leaf = decodeLeafNode(leafBytes(changes));
      const at = leaf.source.kind === "keyPackage" ? undefined : position;
      const tail = at === undefined ? [] : [2, 1, 2, 0x80, 0, 0, 0];
      const expected = toHex(Uint8Array.from([...parts, ...tail]));
      expect(toHex(leafNodeTbs(leaf, at))).toBe(expected);
      expect(toHex(leafNodeTbs(contentOf(leaf), at))).toBe(expected);
      expect(() => leafNodeTbs(leaf, at === undefined ? position : undefined)).toThrow(TypeError);
    }
  });

  it("keeps no view of the caller's buffer, nor of the core's memory", () => {
    const bytes = leafBytes();
    const leaf = decodeLeafNode(bytes);
    bytes.fill(0);
    decodeLeafNode(leafBytes({ encryptionKey: vector(new Uint8Array(32).fill(1)) }));
    expect(leaf.encryptionKey).toEqual(new Uint8Array(32).fill(0xe1));
  });

  it("says why it refuses, and where", () => {
    const extensions = (...list: number[][]): Uint8Array => leafBytes({ extensions: vector(...list) });
    expect(() => decodeLeafNode(leafBytes({ source: [0] }))).toThrow(fault("ERR_MALFORMED", "MLS-7.2-01"));
    expect(() => decodeLeafNode(leafBytes({ credential: [9, 9, 0] }))).toThrow(fault("ERR_UNSUPPORTED", "MLS-5.3-01"));
    const twice = extensions(extension(0xf001, []), extension(0xf001, []));
    expect(() => decodeLeafNode(twice)).toThrow(fault("ERR_EXTENSION", "MLS-13.4-06"));
    expect(() => decodeLeafNode(extensions(extension(2, [])))).toThrow(fault("ERR_EXTENSION", "MLS-17.3-01"));
    const many = Array.from({ length: 65 }, (_, i) => extension(0x4000 + i, []));
    expect(() => decodeLeafNode(extensions(...many))).toThrow(fault("ERR_LIMIT", "DEF-12"));
    const inTree = Uint8Array.from(
      vector([1, 1, ...leafBytes()], [0], [1, 1, ...leafBytes({ versions: vector([0]) })]),
    );
    const offset = 3 + leafBytes().length + 1 + 2 + 33 + 33 + 5;
    expect(() => decodeRatchetTree(inTree)).toThrow(
      expect.objectContaining({ code: "ERR_MALFORMED", offset: offset + 1 }),
    );
  });

  it("MLS-2.1.2-04 tells a leaf that is too long from one that is cut off", () => {
    const long = leafBytes({ extensions: vector(extension(0xf001, new Array<number>(270_000).fill(1))) });
    const tree = (leaf: Uint8Array, rest: number): Uint8Array =>
      Uint8Array.from(vector([1, 1, ...leaf, ...new Array<number>(rest).fill(0)]));
    expect(() => decodeLeafNode(long)).toThrow(fault("ERR_LIMIT", "DEF-12"));
    expect(() => decodeRatchetTree(tree(long, 10))).toThrow(fault("ERR_LIMIT", "DEF-12"));
    expect(() => decodeRatchetTree(tree(long.subarray(0, -100), 0))).toThrow(fault("ERR_MALFORMED", "MLS-7.2-01"));
    const broken = leafBytes({ source: [9] });
    expect(() => decodeRatchetTree(tree(broken, 300_000))).toThrow(fault("ERR_MALFORMED", "MLS-7.2-01"));
  });

  it("MLS-5.3-01 takes a registered credential type for the client that registered it alone", () => {
    const engine = new Engine();
    const bytes = leafBytes({ credential: [...u16(0xf00d), ...vector([5])] });
    const registered: DecodeContext = { ...defaultContext, engine, customCredentialTypes: new Set([0xf00d]) };
    const leaf = decodeLeafNode(bytes, registered);
    expect(leaf.credential).toEqual({ kind: "custom", credentialType: 0xf00d, data: Uint8Array.of(5) });
    expect(toHex(encodeLeafNode(contentOf(leaf), () => leaf.signature))).toBe(toHex(bytes));
    expect(() => decodeLeafNode(bytes, { ...defaultContext, engine })).toThrow(fault("ERR_UNSUPPORTED", "MLS-5.3-01"));
  });

  it("is found in long input without copying all of it for each leaf", () => {
    const small = [1, 1, ...leafBytes()];
    const large = [1, 1, ...leafBytes({ extensions: vector(extension(0xf001, new Array<number>(5000).fill(1))) })];
    const count = 2000;
    const body: number[] = [];
    for (let i = 0; i < count; i++) body.push(...(i % 100 === 0 ? large : small), 0);
    body.pop();
    const tree = Uint8Array.from(vector(body));
    const started = performance.now();
    const nodes = decodeRatchetTree(tree);
    expect(nodes.length).toBe(2 * count - 1);
    // With the rest of the input copied for each leaf this would be over a gigabyte.
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it("reads the leaves of tree-validation.json", () => {
    const cases = loadVectors<{ tree: string }[]>("mls/tree-validation.json");
    if (cases === undefined) return console.log("skipped: no vectors at hand");
    let leaves = 0;
    for (const { tree } of cases) {
      for (const node of decodeRatchetTree(hex(tree))) {
        if (node?.kind !== "leaf") continue;
        leaves++;
        const bytes = encodeLeafNode(contentOf(node.leafNode), () => node.leafNode.signature);
        expect(toHex(bytes)).toBe(toHex(node.leafNode.encoded));
      }
    }
    expect(leaves).toBeGreaterThan(500);
  });
});
