// The signatures in the official vectors: in the core for suites 1 and 3, by way of `leafSignContent`
// and an independent implementation for the others.
import { ed448 } from "@noble/curves/ed448.js";
import { p256, p384, p521 } from "@noble/curves/nist.js";
import { describe, expect, it } from "vitest";
import { LEAF_SIGNATURE, LEAF_SIGNATURE_KEY, LEAF_WORDS } from "../../bindings/core/generated/layout.ts";
import { STATUS_OK, STATUS_SIGNATURE } from "../../bindings/core/generated/status.ts";
import { hex, toHex } from "../support/bytes.ts";
import {
  coreSignContent,
  type PlacedLeaf,
  verifyKeyPackages,
  verifyLeaves,
  verifyTree,
} from "../support/signedleaf.ts";
import { engine, importTree } from "../support/tree.ts";
import { loadVectors } from "../support/vectors.ts";

interface TreeValidation {
  cipher_suite: number;
  tree: string;
  group_id: string;
}

interface PassiveClient {
  cipher_suite: number;
  key_package: string;
}

const vectors = loadVectors<TreeValidation[]>("mls/tree-validation.json");
const clients = loadVectors<PassiveClient[]>("mls/passive-client-welcome.json");
const inCore = (suite: number): boolean => suite === 1 || suite === 3;

function leavesOf(vector: TreeValidation): PlacedLeaf[] {
  using tree = importTree(vector.cipher_suite, hex(vector.tree));
  return Array.from({ length: tree.leafCount }, (_, leafIndex) => ({ leaf: tree.leaf(leafIndex), leafIndex })).filter(
    (item): item is PlacedLeaf => item.leaf !== undefined,
  );
}

// Positions of signature_key and signature.
function keyAndSignature(leaf: Uint8Array): [Uint8Array, Uint8Array] {
  return engine.frame((core, frame) => {
    const words = frame.take(4 * LEAF_WORDS);
    expect(core.leafParse(frame.put(leaf), leaf.length, words)).toBe(leaf.length);
    const field = (index: number): Uint8Array => {
      const offset = engine.word(words + 4 * index);
      return leaf.slice(offset, offset + engine.word(words + 4 * index + 4));
    };
    return [field(LEAF_SIGNATURE_KEY), field(LEAF_SIGNATURE)];
  });
}

describe.skipIf(vectors === undefined)("leaf signatures of tree-validation.json", () => {
  const ours = (vectors ?? []).filter(({ cipher_suite }) => inCore(cipher_suite));

  it.each(ours.map((vector, i) => [i, vector.cipher_suite, vector] as const))(
    "case %i, suite %i (MLS-7.3-03, MLS-7.3-16)",
    (_, suite, vector) => {
      const content = hex(vector.tree);
      const group = hex(vector.group_id);
      using tree = importTree(suite, content);
      expect(verifyTree(engine, tree.handle, group)).toEqual({ status: STATUS_OK });
      const leaves = leavesOf(vector);
      expect(leaves.length).toBe(tree.memberCount);
      expect(verifyLeaves(engine, leaves, group)).toEqual({ status: STATUS_OK });
      leaves.forEach((item, i) => {
        const changed = item.leaf.slice();
        changed[changed.length - 40]! ^= 16; // in the signature
        const list = leaves.with(i, { ...item, leaf: changed });
        expect(verifyLeaves(engine, list, group)).toEqual({ status: STATUS_SIGNATURE, failure: i });
      });
    },
  );

  it("fail when a bit of the tree flips, and the leaf's index is named", () => {
    const vector = ours.reduce((a, b) => (a.tree.length > b.tree.length ? a : b));
    const leaves = leavesOf(vector);
    expect(leaves.length).toBeGreaterThan(20);
    for (const { leaf, leafIndex } of leaves) {
      const end = vector.tree.indexOf(toHex(leaf)) / 2 + leaf.length;
      const content = hex(vector.tree);
      content[end - 1 - (leafIndex % 60)]! ^= 1 << (leafIndex % 8);
      using tree = importTree(vector.cipher_suite, content);
      expect(verifyTree(engine, tree.handle, hex(vector.group_id))).toEqual({
        status: STATUS_SIGNATURE,
        failure: leafIndex,
      });
    }
  });

  it("verify for the other suites over the SignContent that the core writes (MLS-5.1.2-02)", () => {
    const schemes: Record<number, (signature: Uint8Array, message: Uint8Array, key: Uint8Array) => boolean> = {
      2: (signature, message, key) => p256.verify(signature, message, key, { format: "der", lowS: false }),
      4: (signature, message, key) => ed448.verify(signature, message, key),
      5: (signature, message, key) => p521.verify(signature, message, key, { format: "der", lowS: false }),
      6: (signature, message, key) => ed448.verify(signature, message, key),
      7: (signature, message, key) => p384.verify(signature, message, key, { format: "der", lowS: false }),
    };
    const verified: Record<number, number> = {};
    for (const vector of vectors!.filter(({ cipher_suite }) => !inCore(cipher_suite))) {
      const suite = vector.cipher_suite;
      // The slower curves: the first leaves of each tree.
      for (const item of leavesOf(vector).slice(0, 3)) {
        const [key, signature] = keyAndSignature(item.leaf);
        const content = coreSignContent(engine, item, hex(vector.group_id));
        expect(schemes[suite]!(signature, content, key)).toBe(true);
        verified[suite] = (verified[suite] ?? 0) + 1;
      }
    }
    console.log("leaf signatures verified outside the core, by suite:", JSON.stringify(verified));
    expect(Object.keys(verified)).toEqual(["2", "4", "5", "6", "7"]);
  });
});

describe.skipIf(clients === undefined)("key package signatures of passive-client-welcome.json", () => {
  // MLSMessage: version, wire format, then the KeyPackage.
  const packages = (clients ?? [])
    .filter(({ cipher_suite }) => inCore(cipher_suite))
    .map(({ key_package }) => hex(key_package).subarray(4));

  it("verify in one batch, and a flipped bit names its package (MLS-10-05, MLS-10.1-03)", () => {
    expect(packages.length).toBe(16);
    expect(verifyKeyPackages(engine, packages)).toEqual({ status: STATUS_OK });
    packages.forEach((bytes, i) => {
      const changed = bytes.slice();
      changed[changed.length - 1 - i]! ^= 1;
      expect(verifyKeyPackages(engine, packages.with(i, changed))).toEqual({ status: STATUS_SIGNATURE, failure: i });
    });
  });
});
