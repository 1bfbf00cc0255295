// treekem.json of the MLS working group: members' private states, received and own paths (RFC 9420 section 7).
import { describe, expect, it } from "vitest";
import { hex, toHex } from "../support/bytes.ts";
import {
  createPath,
  groupContext,
  joinPath,
  mergePath,
  nodePrivateKey,
  openPath,
  privateKey,
  sealPath,
  setOwnLeaf,
  suites,
} from "../support/treekem.ts";
import { engine, freshLeaf, importTree, inUse } from "../support/tree.ts";
import { loadVectors } from "../support/vectors.ts";
import { LEAF_WORDS } from "../../bindings/core/generated/layout.ts";
import type { RatchetTree } from "../../bindings/tree/ratchettree.ts";

interface TreeKem {
  cipher_suite: number;
  group_id: string;
  epoch: number;
  confirmed_transcript_hash: string;
  ratchet_tree: string;
  leaves_private: {
    index: number;
    encryption_priv: string;
    path_secrets: { node: number; path_secret: string }[];
  }[];
  update_paths: {
    sender: number;
    update_path: string;
    path_secrets: (string | null)[];
    commit_secret: string;
    tree_hash_after: string;
  }[];
}

const all = loadVectors<TreeKem[]>("mls/treekem.json");
const vectors = all?.filter(({ cipher_suite }) => suites.has(cipher_suite));

const level = (node: number): number => 31 - Math.clz32(~node & (node + 1));

/** The lowest common ancestor of two leaves, by halving. */
function commonAncestor(a: number, b: number): number {
  let k = 0;
  while (a >> k !== b >> k) k++;
  return ((a >> k) << (k + 1)) | ((1 << k) - 1);
}

/** The tree with the private state of one member. */
function memberTree(
  test: TreeKem,
  { index, encryption_priv, path_secrets }: TreeKem["leaves_private"][number],
): RatchetTree {
  const tree = importTree(test.cipher_suite, hex(test.ratchet_tree));
  expect(setOwnLeaf(tree, index, hex(encryption_priv))).toBe(0);
  // From the top, because the nodes may stem from several commits: a join derives upwards, and what it finds
  // there that is not of the same commit stops it after the node that is asked for.
  for (const { node, path_secret } of [...path_secrets].sort((a, b) => level(b.node) - level(a.node))) {
    const other = [...Array(tree.leafCount).keys()].find(
      (leaf) => leaf !== index && commonAncestor(leaf, index) === node,
    )!;
    joinPath(tree, other, hex(path_secret));
    expect(privateKey(tree, node)).toEqual(nodePrivateKey(hex(path_secret)));
  }
  return tree;
}

/** An UpdatePath as its leaf and the rest. */
function splitPath(path: Uint8Array): { leaf: Uint8Array; nodes: Uint8Array } {
  const length = engine.frame((core, frame) => {
    const out = frame.take(4 * LEAF_WORDS);
    expect(core.leafParse(frame.put(path), path.length, out)).toBeGreaterThan(0);
    return engine.word(out);
  });
  return { leaf: path.subarray(0, length), nodes: path.subarray(length) };
}

function contextOf(test: TreeKem, treeHash: Uint8Array): Uint8Array {
  const { cipher_suite, group_id, epoch, confirmed_transcript_hash } = test;
  return groupContext(cipher_suite, hex(group_id), BigInt(epoch), treeHash, hex(confirmed_transcript_hash));
}

describe.skipIf(vectors === undefined)("treekem.json", () => {
  const cases = (vectors ?? []).map((test, i) => [i, test.cipher_suite, test] as const);

  it.each(cases)("case %i, suite %i: every member opens every path (MLS-7.5-06, -07, -08, -09)", (_, __, test) => {
    const before = inUse();
    for (const member of test.leaves_private) {
      using tree = memberTree(test, member);
      for (const update of test.update_paths) {
        const expected = update.path_secrets[member.index];
        if (update.sender === member.index) {
          expect(expected).toBeNull();
          continue;
        }
        const { leaf, nodes } = splitPath(hex(update.update_path));
        using staged = tree.fork();
        expect(mergePath(staged, update.sender, leaf, nodes)).toBe(0);
        expect(toHex(staged.treeHash())).toBe(update.tree_hash_after);
        const context = contextOf(test, hex(update.tree_hash_after));
        const commitSecret = openPath(test.cipher_suite, staged, update.sender, nodes, context);
        expect(typeof commitSecret === "number" ? commitSecret : toHex(commitSecret)).toBe(update.commit_secret);
        const ancestor = commonAncestor(member.index, update.sender);
        expect(privateKey(staged, ancestor)).toEqual(nodePrivateKey(hex(expected!)));
        // The present epoch's keys are as before.
        expect(privateKey(tree, member.index * 2)).toEqual(hex(member.encryption_priv));
      }
    }
    expect(inUse()).toEqual(before);
  });

  it.each(cases)("case %i, suite %i: every other member opens a path that one makes (MLS-7.5-05)", (_, __, test) => {
    for (const member of test.leaves_private) {
      using tree = memberTree(test, member);
      using staged = tree.fork();
      const { parentHash, commitSecret } = createPath(staged, crypto.getRandomValues(new Uint8Array(32)));
      const leaf = freshLeaf(32, parentHash);
      staged.setLeaf(member.index, leaf);
      const context = contextOf(test, staged.treeHash());
      const nodes = sealPath(test.cipher_suite, staged, context) as Uint8Array;
      expect(nodes).toBeInstanceOf(Uint8Array);
      for (const other of test.leaves_private) {
        if (other.index === member.index) continue;
        using theirs = memberTree(test, other);
        using merged = theirs.fork();
        expect(mergePath(merged, member.index, leaf, nodes)).toBe(0);
        expect(merged.treeHash()).toEqual(staged.treeHash());
        expect(openPath(test.cipher_suite, merged, member.index, nodes, context)).toEqual(commitSecret);
        const lowest = level(commonAncestor(other.index, member.index));
        for (const node of staged.filteredDirectPath(member.index)) {
          if (level(node) >= lowest) expect(privateKey(merged, node)).toEqual(privateKey(staged, node));
        }
      }
    }
  });

  it("holds 22 cases of the suites with X25519, of 77", () => {
    expect(vectors).toHaveLength(22);
    expect(all).toHaveLength(77);
  });
});
