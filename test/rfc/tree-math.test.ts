import { describe, expect, it } from "vitest";
import { STATUS_INDEX } from "../../bindings/core/generated/status.ts";
import { engine } from "../support/tree.ts";
import { loadVectors } from "../support/vectors.ts";

interface TreeMath {
  n_leaves: number;
  n_nodes: number;
  root: number;
  left: (number | null)[];
  right: (number | null)[];
  parent: (number | null)[];
  sibling: (number | null)[];
}

const vectors = loadVectors<TreeMath[]>("mls/tree-math.json");

describe.skipIf(vectors === undefined)("tree-math.json (MLS-4.1-01, MLS-4.1.1-01)", () => {
  it.each(vectors ?? [])("$n_leaves leaves", (vector) => {
    const { core } = engine;
    for (const [name, ask] of [
      ["left", core.nodeLeft],
      ["right", core.nodeRight],
      ["parent", core.nodeParent],
      ["sibling", core.nodeSibling],
    ] as const) {
      const answers = Array.from({ length: vector.n_nodes }, (_, node) => ask(node, vector.n_leaves));
      expect(answers, name).toEqual(vector[name].map((node) => node ?? STATUS_INDEX));
    }
    expect(core.nodeParent(vector.root, vector.n_leaves)).toBe(STATUS_INDEX);
    for (const outside of [vector.n_nodes, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 2, 2 ** 32 - 1]) {
      for (const ask of [core.nodeLeft, core.nodeRight, core.nodeParent, core.nodeSibling]) {
        expect(ask(outside, vector.n_leaves)).toBe(STATUS_INDEX);
      }
    }
  });

  it("holds all ten cases", () => expect(vectors).toHaveLength(10));
});

describe("the arithmetic of node indices", () => {
  it("knows no tree whose leaf count is no power of two", () => {
    for (const leafCount of [0, 3, 6, 2 ** 31, 2 ** 32 - 1])
      expect(engine.core.nodeParent(0, leafCount)).toBe(STATUS_INDEX);
  });
});
