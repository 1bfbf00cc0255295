import { verifyTreeLeaves } from "../bindings/validate/signatures.ts";
import { type VectorKind, vectorKind } from "./kind.ts";
import { Person } from "./person.ts";
import { bytes, list, record, same, uint16, uint32 } from "./shape.ts";
import { importTree } from "./treeoperations.ts";

const shape = record({
  cipher_suite: uint16,
  tree: bytes,
  group_id: bytes,
  resolutions: list(list(uint32)),
  tree_hashes: list(bytes),
});

/** Resolutions, tree hashes, parent hashes and signatures of a whole tree (RFC 9420 sections 4.1.1, 7.8, 7.9). */
export const treeValidation: VectorKind = vectorKind("tree-validation", shape, {
  verify: (vector, tools) => {
    const suite = tools.suite(vector.cipher_suite);
    const tree = importTree(tools, suite, vector.tree);
    const nodes = Array.from({ length: 2 * tree.leafCount - 1 }, (_, node) => node);
    same("tree", tree.export(), vector.tree);
    same("number of resolutions", vector.resolutions.length, nodes.length);
    same("number of tree_hashes", vector.tree_hashes.length, nodes.length);
    for (const node of nodes) {
      same(`resolutions[${node}]`, tree.resolution(node), vector.resolutions[node]);
      same(`tree_hashes[${node}]`, tree.nodeHash(node), vector.tree_hashes[node]);
    }
    tree.verifyParentHashes();
    verifyTreeLeaves(suite, tree, vector.group_id, tools.random);
  },
  generate: (suite, tools, index) => {
    const group = tools.own(new Person("founder", suite, tools).createGroup());
    const size = 1 + (index % 40);
    const add = Array.from({ length: size }, (_, i) => new Person(`${i}`, suite, tools).keyPackage().message);
    group.commit({ add }).accept();
    group.commit(index > 1 ? { remove: [size - 1] } : {}).accept();
    const { tree } = group.state;
    const nodes = Array.from({ length: 2 * tree.leafCount - 1 }, (_, node) => node);
    return {
      cipher_suite: suite.id,
      tree: tree.export(),
      group_id: group.groupId,
      resolutions: nodes.map((node) => tree.resolution(node)),
      tree_hashes: nodes.map((node) => tree.nodeHash(node)),
    };
  },
});
