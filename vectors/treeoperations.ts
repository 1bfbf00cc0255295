import { treeSuite } from "../bindings/group/epoch.ts";
import { decodeProposal, encodeProposal, type Proposal } from "../bindings/message/proposals.ts";
import { RatchetTree, type StagedTree, type TreeSuite } from "../bindings/tree/ratchettree.ts";
import { type VectorKind, vectorKind } from "./kind.ts";
import { Person } from "./person.ts";
import { bytes, Difference, record, same, uint16, uint32 } from "./shape.ts";
import type { Tools } from "./tools.ts";

const shape = record({
  cipher_suite: uint16,
  proposal: bytes,
  proposal_sender: uint32,
  tree_before: bytes,
  tree_after: bytes,
  tree_hash_before: bytes,
  tree_hash_after: bytes,
});

const LEAVES_LIMIT = 1 << 20;
const SEED_LENGTH = 16;

/** The tree in the content of a ratchet_tree extension, for the time of the case. */
export function importTree(tools: Tools, suite: TreeSuite, content: Uint8Array): RatchetTree {
  const seed = tools.bytes(SEED_LENGTH);
  return tools.own(RatchetTree.import(tools.engine, suite, seed, content, LEAVES_LIMIT));
}

function apply(tree: StagedTree, proposal: Proposal, sender: number): void {
  if (proposal.kind === "add") tree.add(proposal.keyPackage.leafNode.encoded);
  else if (proposal.kind === "update") tree.update(sender, proposal.leafNode.encoded);
  else if (proposal.kind === "remove") tree.remove(proposal.removed);
  else throw new Difference(`a ${proposal.kind} does not change the tree`);
}

/** What one proposal does to a tree (RFC 9420 section 12.1). */
export const treeOperations: VectorKind = vectorKind("tree-operations", shape, {
  verify: (vector, tools) => {
    const tree = importTree(tools, tools.symmetric(vector.cipher_suite), vector.tree_before);
    same("tree_hash_before", tree.treeHash(), vector.tree_hash_before);
    const sender = tree.leaf(vector.proposal_sender);
    if (sender === undefined) throw new Difference(`leaf ${vector.proposal_sender} proposes, but is blank`);
    const staged = tools.own(tree.fork());
    apply(staged, decodeProposal(vector.proposal), vector.proposal_sender);
    same("tree_hash_after", staged.treeHash(), vector.tree_hash_after);
    same("tree_after", staged.export(), vector.tree_after);
    same("tree_before, while changes are staged", tree.export(), vector.tree_before);
    tools.own(staged.merge());
    same("tree_after, once merged", tree.export(), vector.tree_after);
  },
  generate: (suite, tools, index) => {
    const group = tools.own(new Person("founder", suite, tools).createGroup());
    const names = ["one", "two", "three", "four"];
    group.commit({ add: names.map((name) => new Person(name, suite, tools).keyPackage().message) }).accept();
    group.commit().accept();
    const tree = importTree(tools, treeSuite(suite), group.ratchetTree());
    const { keyPackage } = new Person("late", suite, tools).keyPackage();
    const proposals: readonly Proposal[] = [
      { kind: "update", leafNode: keyPackage.leafNode },
      { kind: "add", keyPackage },
      { kind: "remove", removed: 4 },
    ];
    const proposal = proposals[index % proposals.length]!;
    const before = { tree_before: tree.export(), tree_hash_before: tree.treeHash() };
    const staged = tools.own(tree.fork());
    apply(staged, proposal, 2);
    return {
      cipher_suite: suite.id,
      proposal: encodeProposal(proposal),
      proposal_sender: 2,
      ...before,
      tree_after: staged.export(),
      tree_hash_after: staged.treeHash(),
    };
  },
});
