import { treeSuite } from "../bindings/group/epoch.ts";
import { decodeProposal, encodeProposal, type Proposal } from "../bindings/message/proposals.ts";
import { RatchetTree, type StagedTree } from "../bindings/tree/ratchettree.ts";
import { Difference, hex, same, toHex, type Tools, type VectorKind } from "./kind.ts";
import { Person } from "./person.ts";

interface TreeOperation {
  readonly cipher_suite: number;
  readonly proposal: string;
  readonly proposal_sender: number;
  readonly tree_before: string;
  readonly tree_after: string;
  readonly tree_hash_before: string;
  readonly tree_hash_after: string;
}

const LEAVES_LIMIT = 1 << 20;
const SEED_LENGTH = 16;

/** The tree in the content of a ratchet_tree extension. */
export function importTree(tools: Tools, suite: number, content: string): RatchetTree {
  const seed = tools.bytes(SEED_LENGTH);
  return RatchetTree.import(tools.engine, treeSuite(tools.suite(suite)), seed, hex(content), LEAVES_LIMIT);
}

function apply(tree: StagedTree, proposal: Proposal, sender: number): void {
  if (proposal.kind === "add") tree.add(proposal.keyPackage.leafNode.encoded);
  else if (proposal.kind === "update") tree.update(sender, proposal.leafNode.encoded);
  else if (proposal.kind === "remove") tree.remove(proposal.removed);
  else throw new Difference(`a ${proposal.kind} does not change the tree`);
}

/** What one proposal does to a tree (RFC 9420 section 12.1). */
export const treeOperations: VectorKind = {
  name: "tree-operations",
  fields: ["proposal_sender", "tree_before", "tree_after"],
  verify: (vector: TreeOperation, tools) => {
    using tree = importTree(tools, vector.cipher_suite, vector.tree_before);
    same("tree_hash_before", tree.treeHash(), vector.tree_hash_before);
    using staged = tree.fork();
    apply(staged, decodeProposal(hex(vector.proposal)), vector.proposal_sender);
    same("tree_hash_after", staged.treeHash(), vector.tree_hash_after);
    same("tree_after", staged.export(), vector.tree_after);
  },
  generate: (suite, tools, index) => {
    const group = new Person("founder", suite, tools).createGroup(tools.bytes(16));
    const names = ["one", "two", "three", "four"];
    group.commit({ add: names.map((name) => new Person(name, suite, tools).keyPackage().message) }).accept();
    group.commit().accept();
    const { tree } = group.state;
    const { keyPackage } = new Person("late", suite, tools).keyPackage();
    const proposal = (
      [
        { kind: "add", keyPackage },
        { kind: "update", leafNode: keyPackage.leafNode },
        { kind: "remove", removed: 4 },
      ] as const
    )[index % 3]!;
    using staged = tree.fork();
    apply(staged, proposal, 2);
    return {
      cipher_suite: suite.id,
      proposal: toHex(encodeProposal(proposal)),
      proposal_sender: 2,
      tree_before: toHex(tree.export()),
      tree_after: toHex(staged.export()),
      tree_hash_before: toHex(tree.treeHash()),
      tree_hash_after: toHex(staged.treeHash()),
    } satisfies TreeOperation;
  },
};
