import { STATUS_INDEX } from "../bindings/core/generated/status.ts";
import { type VectorKind, vectorKind } from "./kind.ts";
import { list, type Of, optional, record, same, uint32 } from "./shape.ts";
import type { Tools } from "./tools.ts";

const nodes = list(optional(uint32));
const shape = record({
  n_leaves: uint32,
  n_nodes: uint32,
  root: uint32,
  left: nodes,
  right: nodes,
  parent: nodes,
  sibling: nodes,
});

function compute({ engine: { core } }: Tools, leafCount: number): Of<typeof shape> {
  const all = Array.from({ length: 2 * leafCount - 1 }, (_, node) => node);
  const ask = (question: (node: number, leafCount: number) => number): (number | undefined)[] =>
    all.map((node) => question(node, leafCount)).map((answer) => (answer === STATUS_INDEX ? undefined : answer));
  const parent = ask(core.nodeParent);
  return {
    n_leaves: leafCount,
    n_nodes: all.length,
    root: parent.indexOf(undefined),
    left: ask(core.nodeLeft),
    right: ask(core.nodeRight),
    parent,
    sibling: ask(core.nodeSibling),
  };
}

/** Indices of a complete binary tree (RFC 9420 appendix C). */
export const treeMath: VectorKind = vectorKind("tree-math", shape, {
  verify: (vector, tools) => {
    // Before anything is computed that is as long as the case says.
    same("number of nodes", vector.left.length, 2 * vector.n_leaves - 1);
    const computed = compute(tools, vector.n_leaves);
    for (const [field, value] of Object.entries(computed)) same(field, value, vector[field as keyof typeof vector]);
  },
  generate: (_suite, tools, index) => compute(tools, 2 ** (index % 10)),
});
