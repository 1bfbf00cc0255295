import { describe, expect, it } from "vitest";
import { STATUS_INDEX } from "../../bindings/core/generated/status.ts";
import { officialVectors } from "../support/official.ts";
import { engine } from "../support/tree.ts";

officialVectors("tree-math", 10, "MLS-4.1-01, MLS-4.1.1-01");

describe("the arithmetic of node indices", () => {
  const { core } = engine;

  it("knows no node outside the tree", () => {
    for (let leafCount = 1; leafCount <= 512; leafCount *= 2) {
      for (const outside of [2 * leafCount - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 2, 2 ** 32 - 1]) {
        for (const ask of [core.nodeLeft, core.nodeRight, core.nodeParent, core.nodeSibling]) {
          expect(ask(outside, leafCount)).toBe(STATUS_INDEX);
        }
      }
    }
  });

  it("knows no tree whose leaf count is no power of two", () => {
    for (const leafCount of [0, 3, 6, 2 ** 31, 2 ** 32 - 1]) {
      expect(core.nodeParent(0, leafCount)).toBe(STATUS_INDEX);
    }
  });
});
