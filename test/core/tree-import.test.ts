// What a received ratchet_tree is refused for, rule by rule.
import { describe, expect, it } from "vitest";
import { DecodeError, MlsError, ValidationError } from "../../bindings/errors.ts";
import { vector } from "../support/leaf.ts";
import { parentBytes } from "../support/naivetree.ts";
import { freshKey, freshLeaf, importTree, inUse, keyedLeaf } from "../support/tree.ts";

/** An optional Node: blank, an encoded leaf, or a parent's parts. */
type Entry = null | Uint8Array | { key?: Uint8Array; unmerged?: number[] };

function entry(node: Entry): number[] {
  if (node === null) return [0];
  if (node instanceof Uint8Array) return [1, 1, ...node];
  const { key = freshKey(32), unmerged = [] } = node;
  return [1, 2, ...parentBytes({ key, parentHash: new Uint8Array(), unmerged })];
}

function tree(...nodes: Entry[]): Uint8Array {
  return Uint8Array.from(vector(nodes.flatMap(entry)));
}

const leaf = (): Uint8Array => freshLeaf(32);

/** The error of importing `content`; whatever was taken for the attempt must be given back. */
function refusal(content: Uint8Array, maxLeaves?: number): MlsError {
  const atRest = inUse();
  let caught: unknown;
  try {
    importTree(1, content, maxLeaves).close();
  } catch (error) {
    caught = error;
  }
  expect(inUse()).toEqual(atRest);
  if (!(caught instanceof MlsError)) throw new Error("the tree was accepted", { cause: caught });
  return caught;
}

describe("a ratchet_tree is refused when", () => {
  it("it is empty (MLS-12.4.3.3-04)", () => {
    expect(refusal(tree())).toMatchObject({ code: "ERR_TREE", rule: "MLS-12.4.3.3-04" });
  });

  it("it ends with a blank node (MLS-12.4.3.3-02, MLS-12.4.3.3-03)", () => {
    for (const content of [tree(null), tree(leaf(), null), tree(leaf(), null, null)]) {
      expect(refusal(content)).toMatchObject({ code: "ERR_TREE", rule: "MLS-12.4.3.3-03" });
    }
  });

  it("it ends with a parent (MLS-12.4.3.3-04)", () => {
    expect(refusal(tree(leaf(), {}))).toMatchObject({ code: "ERR_TREE", rule: "MLS-12.4.3.3-04" });
  });

  it("a node's type does not fit its place (MLS-7.8-01)", () => {
    const parentFirst = tree({}, null, leaf());
    expect(refusal(parentFirst)).toMatchObject({ code: "ERR_TREE", rule: "MLS-7.8-01", leafIndex: 0 });
    const leafAtParent = tree(leaf(), leaf(), leaf());
    expect(refusal(leafAtParent)).toMatchObject({ code: "ERR_TREE", rule: "MLS-7.8-01", struct: "ParentNode" });
  });

  it.each([0, 3, 255])("a node is of type %i (MLS-7.8-01)", (type) => {
    const error = refusal(Uint8Array.from(vector([1, type, ...leaf()])));
    expect(error).toBeInstanceOf(DecodeError);
    expect(error).toMatchObject({ code: "ERR_MALFORMED", rule: "MLS-7.8-01" });
  });

  it("an octet of presence is neither 0 nor 1", () => {
    expect(refusal(Uint8Array.from(vector([2, 1, ...leaf()])))).toMatchObject({ code: "ERR_MALFORMED" });
  });

  it.each([
    ["twice", [1, 1]],
    ["out of order", [1, 0]],
  ])("unmerged leaves stand %s (MLS-7.1-01)", (_, unmerged) => {
    const error = refusal(tree(leaf(), { unmerged }, leaf()));
    expect(error).toMatchObject({ code: "ERR_MALFORMED", rule: "MLS-7.1-01" });
  });

  it("the octets of unmerged leaves are no whole number of entries", () => {
    const parent = [1, 2, ...vector(freshKey(32)), 0, ...vector([0, 0, 0])];
    const content = Uint8Array.from(vector([...entry(leaf()), ...parent, ...entry(leaf())]));
    expect(refusal(content)).toMatchObject({ code: "ERR_MALFORMED" });
  });

  it.each([
    ["is blank", 0],
    ["lies right of the parent's subtree", 2],
    ["lies right of the tree", 4],
    ["is 2^31", 2 ** 31],
    ["is 2^31 + 1, whose double is 2 in 32 bits", 2 ** 31 + 1],
    ["is 2^32 - 1", 2 ** 32 - 1],
  ])("an unmerged leaf %s (MLS-12.4.3.1-01, DEF-17)", (_, unmerged) => {
    const error = refusal(tree(null, { unmerged: [unmerged] }, leaf(), null, leaf()));
    expect(error).toMatchObject({ code: "ERR_TREE", rule: "MLS-12.4.3.1-01" });
  });

  it("an unmerged leaf lies left of the parent's subtree (MLS-12.4.3.1-01, DEF-17)", () => {
    const error = refusal(tree(leaf(), null, leaf(), null, leaf(), { unmerged: [1] }, leaf()));
    expect(error).toMatchObject({ code: "ERR_TREE", rule: "MLS-12.4.3.1-01" });
  });

  it("a parent between does not list an unmerged leaf (MLS-12.4.3.1-02)", () => {
    const leaves = [leaf(), leaf(), leaf()];
    const make = (below: number[]): Uint8Array =>
      tree(leaves[0]!, { unmerged: below }, leaves[1]!, { unmerged: [1] }, leaves[2]!);
    importTree(1, make([1])).close();
    expect(refusal(make([]))).toMatchObject({ code: "ERR_TREE", rule: "MLS-12.4.3.1-02" });
    expect(refusal(make([0]))).toMatchObject({ code: "ERR_TREE", rule: "MLS-12.4.3.1-02" });
  });

  it("a parent's key stands in another node (MLS-12.4.3.1-03)", () => {
    const key = freshKey(32);
    const twice = tree(leaf(), { key }, leaf(), { key }, leaf());
    expect(refusal(twice)).toMatchObject({ code: "ERR_TREE", rule: "MLS-12.4.3.1-03" });
    const inLeaf = tree(leaf(), { key }, keyedLeaf(key, freshKey(32)));
    expect(refusal(inLeaf)).toMatchObject({ code: "ERR_TREE", rule: "MLS-12.4.3.1-03" });
  });

  it("two leaves have one signature key (MLS-7.3-14)", () => {
    const key = freshKey(32);
    const error = refusal(tree(keyedLeaf(freshKey(32), key), null, leaf(), null, keyedLeaf(freshKey(32), key)));
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({ code: "ERR_LEAF_NODE", rule: "MLS-7.3-14", leafIndex: 2 });
  });

  it("two leaves have one encryption key (MLS-7.3-15)", () => {
    const key = freshKey(32);
    const error = refusal(tree(keyedLeaf(key, freshKey(32)), null, keyedLeaf(key, freshKey(32))));
    expect(error).toMatchObject({ code: "ERR_LEAF_NODE", rule: "MLS-7.3-15", leafIndex: 1 });
  });

  it("a parent stands above no leaf (MLS-7.9.2-02)", () => {
    const error = refusal(tree(null, {}, null, null, leaf()));
    expect(error).toMatchObject({ code: "ERR_TREE", rule: "MLS-7.9.2-02" });
  });

  it("a key has not the suite's length", () => {
    expect(refusal(tree(freshLeaf(31)))).toMatchObject({ code: "ERR_LEAF_NODE" });
    expect(refusal(tree(leaf(), { key: freshKey(33) }, leaf()))).toMatchObject({ code: "ERR_LEAF_NODE" });
  });

  it("it has more leaves than allowed (DEF-12)", () => {
    const content = tree(leaf(), null, leaf(), null, leaf());
    importTree(1, content, 4).close();
    for (const maxLeaves of [0, 1, 2]) expect(refusal(content, maxLeaves)).toMatchObject({ code: "ERR_LIMIT" });
    importTree(1, content, 2 ** 32 - 1).close();
  });

  it("it is cut short or runs on, at every length (DEF-05)", () => {
    const first = leaf();
    const parts = [first, { unmerged: [1] }, leaf()];
    const content = tree(...parts);
    importTree(1, content).close();
    for (let length = 0; length < content.length; length++) {
      expect(refusal(content.subarray(0, length))).toMatchObject({ code: "ERR_MALFORMED" });
    }
    expect(refusal(Uint8Array.from([...content, 0]))).toMatchObject({ code: "ERR_MALFORMED" });
    // The same under a header that tells the cut length. Cut after the first leaf, it is a tree of one member.
    const nodes = parts.flatMap(entry);
    for (let length = 0; length < nodes.length; length++) {
      const cut = Uint8Array.from(vector(nodes.slice(0, length)));
      if (length === entry(first).length) importTree(1, cut).close();
      else expect(refusal(cut)).toBeInstanceOf(MlsError);
    }
  });
});
