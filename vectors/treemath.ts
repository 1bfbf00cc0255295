import { STATUS_INDEX } from "../bindings/core/generated/status.ts";
import { same, type Tools, type VectorKind } from "./kind.ts";

interface TreeMath {
  readonly n_leaves: number;
  readonly n_nodes: number;
  readonly root: number;
  readonly left: readonly (number | null)[];
  readonly right: readonly (number | null)[];
  readonly parent: readonly (number | null)[];
  readonly sibling: readonly (number | null)[];
}

function compute({ engine: { core } }: Tools, leafCount: number): TreeMath {
  const nodes = Array.from({ length: 2 * leafCount - 1 }, (_, node) => node);
  const ask = (question: (node: number, leafCount: number) => number): (number | null)[] =>
    nodes.map((node) => question(node, leafCount)).map((answer) => (answer === STATUS_INDEX ? null : answer));
  const parent = ask(core.nodeParent);
  return {
    n_leaves: leafCount,
    n_nodes: nodes.length,
    root: parent.indexOf(null),
    left: ask(core.nodeLeft),
    right: ask(core.nodeRight),
    parent,
    sibling: ask(core.nodeSibling),
  };
}

/** Indices of a complete binary tree (RFC 9420 appendix C). */
export const treeMath: VectorKind = {
  name: "tree-math",
  fields: ["n_leaves", "n_nodes", "root"],
  verify: (vector: TreeMath, tools) => {
    const computed = compute(tools, vector.n_leaves);
    for (const key of ["n_nodes", "root", "left", "right", "parent", "sibling"] as const) {
      same(key, computed[key], vector[key]);
    }
  },
  generate: (_suite, tools, index) => compute(tools, 2 ** (index % 10)),
};
