import { verifyTreeLeaves } from "../bindings/validate/signatures.ts";
import { hex, same, toHex, type VectorKind } from "./kind.ts";
import { Person } from "./person.ts";
import { importTree } from "./treeoperations.ts";

interface TreeValidation {
  readonly cipher_suite: number;
  readonly tree: string;
  readonly group_id: string;
  readonly resolutions: readonly (readonly number[])[];
  readonly tree_hashes: readonly string[];
}

/** Resolutions, tree hashes, parent hashes and signatures of a whole tree (RFC 9420 sections 4.1.1, 7.8, 7.9). */
export const treeValidation: VectorKind = {
  name: "tree-validation",
  fields: ["tree", "resolutions", "tree_hashes"],
  verify: (vector: TreeValidation, tools) => {
    using tree = importTree(tools, vector.cipher_suite, vector.tree);
    same("tree", tree.export(), vector.tree);
    vector.resolutions.forEach((expected, node) => same(`resolutions[${node}]`, tree.resolution(node), expected));
    vector.tree_hashes.forEach((expected, node) => same(`tree_hashes[${node}]`, tree.nodeHash(node), expected));
    same("number of nodes", vector.resolutions.length, 2 * tree.leafCount - 1);
    tree.verifyParentHashes();
    verifyTreeLeaves(tools.suite(vector.cipher_suite), tree, hex(vector.group_id), tools.random);
  },
  generate: (suite, tools, index) => {
    const group = new Person("founder", suite, tools).createGroup(tools.bytes(16));
    const add = Array.from({ length: 1 + index }, (_, i) => new Person(`${i}`, suite, tools).keyPackage().message);
    group.commit({ add }).accept();
    group.commit(index > 1 ? { remove: [index] } : {}).accept();
    const { tree } = group.state;
    const nodes = Array.from({ length: 2 * tree.leafCount - 1 }, (_, node) => node);
    return {
      cipher_suite: suite.id,
      tree: toHex(tree.export()),
      group_id: toHex(group.groupId),
      resolutions: nodes.map((node) => tree.resolution(node)),
      tree_hashes: nodes.map((node) => toHex(tree.nodeHash(node))),
    } satisfies TreeValidation;
  },
};
