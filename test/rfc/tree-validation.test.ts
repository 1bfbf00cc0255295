import { describe, expect, it } from "vitest";
import { hex, toHex } from "../support/bytes.ts";
import { importTree, inUse } from "../support/tree.ts";
import { loadVectors } from "../support/vectors.ts";

interface TreeValidation {
  cipher_suite: number;
  tree: string;
  tree_hashes: string[];
  resolutions: number[][];
}

const vectors = loadVectors<TreeValidation[]>("mls/tree-validation.json");

describe.skipIf(vectors === undefined)("tree-validation.json", () => {
  it.each((vectors ?? []).map((vector, i) => [i, vector.cipher_suite, vector] as const))(
    "case %i, suite %i (MLS-4.1.1-02, MLS-4.1.1-03, MLS-7.8-02, MLS-7.8-03, MLS-7.9.2-02, MLS-12.4.3.3-01)",
    (_, cipherSuite, vector) => {
      const atRest = inUse();
      const content = hex(vector.tree);
      using tree = importTree(cipherSuite, content);
      expect(vector.resolutions.map((_, node) => tree.resolution(node))).toEqual(vector.resolutions);
      expect(vector.tree_hashes.map((_, node) => toHex(tree.nodeHash(node)))).toEqual(vector.tree_hashes);
      expect(toHex(tree.export())).toBe(vector.tree);
      tree.verifyParentHashes(); // MLS-7.9.2-01, MLS-7.9.2-02
      tree.close();
      expect(inUse()).toEqual(atRest);
    },
  );

  it("holds all 98 cases", () => expect(vectors).toHaveLength(98));
});
