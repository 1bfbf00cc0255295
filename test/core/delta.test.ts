// Exported changes of a tree's size: what a record can justify, and what it cannot.
import { describe, expect, it } from "vitest";
import { STATUS_MALFORMED } from "../../bindings/core/generated/status.ts";
import type { StagedTree } from "../../bindings/tree/ratchettree.ts";
import { engine, freshLeaf, inUse, treeOf } from "../support/tree.ts";

/** A record of no rows, with `rest` behind. */
function header(leafCount: number, rest = 0): Uint8Array {
  const bytes = new Uint8Array(8 + rest);
  new DataView(bytes.buffer).setUint32(0, leafCount);
  return bytes;
}

describe("exported changes", () => {
  it("take no room for more leaves than they have rows for", () => {
    using tree = treeOf(4);
    using staged = tree.fork();
    const before = inUse();
    // With 4 rows of 5 bytes the tree may have 8 full leaves before it doubles once more.
    const cases = [...[16, 2 ** 10, 2 ** 24, 2 ** 25, 2 ** 31].map((count) => header(count)), header(16, 19)];
    cases.push(header(32, 20), header(2 ** 24, 1000), header(2 ** 25, 1000));
    for (const record of cases) {
      const status = engine.frame((core, frame) => core.overlayImport(staged.handle, frame.put(record), record.length));
      expect(status).toBe(STATUS_MALFORMED);
      expect(staged.leafCount).toBe(4);
    }
    expect(inUse()).toEqual(before);
  });

  const add = (staged: StagedTree, count: number): void => {
    for (let i = 0; i < count; i++) staged.add(freshLeaf(32));
  };
  const changes: [string, number, (staged: StagedTree) => void][] = [
    ["one leaf too many", 4, (staged) => add(staged, 1)],
    ["a tree of one leaf that becomes one of 64", 1, (staged) => add(staged, 40)],
    ["a place in a full tree that is not taken yet", 4, (staged) => engine.core.treeReserveLeaf(staged.handle)],
    [
      "leaves that came and went before a later one",
      4,
      (staged) => {
        add(staged, 5 + 8);
        for (let leafIndex = 0; leafIndex < 16; leafIndex++) staged.remove(leafIndex);
      },
    ],
    [
      "a tree that shrinks first",
      8,
      (staged) => {
        for (let leafIndex = 7; leafIndex > 0; leafIndex--) staged.remove(leafIndex);
        add(staged, 16);
      },
    ],
  ];
  it.each(changes)("make room for %s", (_, members, change) => {
    using tree = treeOf(members);
    using staged = tree.fork();
    change(staged);
    using replayed = tree.fork();
    replayed.applyChanges(staged.exportChanges());
    expect(replayed.leafCount).toBe(staged.leafCount);
    expect(replayed.leafCount).toBeGreaterThan(tree.leafCount);
    expect(replayed.treeHash()).toEqual(staged.treeHash());
    expect(replayed.exportChanges().length).toBe(staged.exportChanges().length);
  });
});
