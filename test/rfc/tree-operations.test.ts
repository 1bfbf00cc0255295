import { describe, expect, it } from "vitest";
import { LEAF_WORDS } from "../../bindings/core/generated/layout.ts";
import { hex, toHex } from "../support/bytes.ts";
import { engine, importTree } from "../support/tree.ts";
import { loadVectors } from "../support/vectors.ts";

interface TreeOperation {
  cipher_suite: number;
  proposal: string;
  proposal_sender: number;
  tree_before: string;
  tree_after: string;
  tree_hash_before: string;
  tree_hash_after: string;
}

const vectors = loadVectors<TreeOperation[]>("mls/tree-operations.json");
const kinds = ["add", "update", "remove"];

/** The LeafNode that `bytes` begin with. */
function leafAt(bytes: Uint8Array): Uint8Array {
  return engine.frame((core, frame) => {
    const length = core.leafParse(frame.put(bytes), bytes.length, frame.take(4 * LEAF_WORDS));
    return bytes.slice(0, length);
  });
}

describe.skipIf(vectors === undefined)("tree-operations.json", () => {
  const cases = (vectors ?? []).map((vector, i) => {
    const proposal = hex(vector.proposal);
    return [i, kinds[proposal[1]! - 1]!, proposal, vector] as const;
  });

  it.each(cases)("case %i, %s (MLS-12.1.1-01, MLS-12.1.2-01, MLS-12.1.3-01)", (_, kind, proposal, vector) => {
    using tree = importTree(vector.cipher_suite, hex(vector.tree_before));
    expect(toHex(tree.treeHash())).toBe(vector.tree_hash_before);
    using staged = tree.fork();
    // The KeyPackage of an Add: version, cipher suite and init_key (32 bytes here) before the leaf.
    if (kind === "add") staged.add(leafAt(proposal.subarray(2 + 4 + 33)));
    else if (kind === "update") staged.update(vector.proposal_sender, leafAt(proposal.subarray(2)));
    else staged.remove(new DataView(proposal.buffer).getUint32(2));
    expect(toHex(staged.treeHash())).toBe(vector.tree_hash_after);
    expect(toHex(staged.export())).toBe(vector.tree_after);
    expect(toHex(tree.export())).toBe(vector.tree_before);
    using former = staged.merge();
    expect(former.closed).toBe(false);
    expect(toHex(tree.export())).toBe(vector.tree_after);
    expect(toHex(tree.treeHash())).toBe(vector.tree_hash_after);
  });

  it("holds all five cases", () => expect(vectors).toHaveLength(5));
});
