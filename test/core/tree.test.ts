// Staged trees: what they refuse, what they leave alone, and which handles are good for what.
import { describe, expect, it } from "vitest";
import { STATUS_HANDLE, STATUS_INDEX } from "../../bindings/core/generated/status.ts";
import { MlsError } from "../../bindings/errors.ts";
import { RatchetTree, type StagedTree, type TreeView } from "../../bindings/tree/ratchettree.ts";
import { operationCounts } from "../../bindings/stats.ts";
import { toHex } from "../support/bytes.ts";
import { leafBytes, vector } from "../support/leaf.ts";
import { engine, freshKey, freshLeaf, importTree, inUse, keyedLeaf, seed, treeOf, treeSuite } from "../support/tree.ts";

const outside = [2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 1];

function thrown(operation: () => unknown): MlsError {
  try {
    operation();
  } catch (error) {
    if (error instanceof MlsError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** The keys and the leaf of a path that fits the tree. */
function commit(tree: RatchetTree, committer: number): { keys: Uint8Array[]; leaf: Uint8Array } {
  using trial = tree.fork();
  const keys = trial.filteredDirectPath(committer).map(() => freshKey(32));
  return { keys, leaf: freshLeaf(32, trial.setPath(committer, keys)) };
}

describe("indices", () => {
  it("outside the tree are refused or answer nothing, up to 2^32 - 1 (MLS-4.1.1-01)", () => {
    using tree = treeOf(5);
    using staged = tree.fork();
    expect(tree.leafCount).toBe(8);
    for (const leafIndex of [8, ...outside]) {
      expect(tree.leaf(leafIndex)).toBeUndefined();
      expect(() => tree.filteredDirectPath(leafIndex)).toThrow(MlsError);
      expect(() => staged.update(leafIndex, freshLeaf(32))).toThrow(MlsError);
      expect(() => staged.remove(leafIndex)).toThrow(MlsError);
      expect(() => staged.setLeaf(leafIndex, freshLeaf(32))).toThrow(MlsError);
      expect(() => staged.setPath(leafIndex, [])).toThrow(MlsError);
      expect(engine.core.treeNextLeaf(tree.handle, leafIndex)).toBe(STATUS_INDEX);
    }
    for (const node of [15, 16, ...outside]) {
      expect(() => tree.resolution(node)).toThrow(MlsError);
      expect(() => tree.nodeHash(node)).toThrow(MlsError);
      expect(tree.encryptionKey(node)).toBeUndefined();
    }
    for (const leafIndex of [5, 6, 7]) {
      expect(tree.leaf(leafIndex)).toBeUndefined();
      expect(() => staged.update(leafIndex, freshLeaf(32))).toThrow(MlsError);
      expect(() => staged.remove(leafIndex)).toThrow(MlsError);
    }
    expect(tree.leaf(4)).toBeDefined();
    expect(toHex(staged.export())).toBe(toHex(tree.export()));
    for (const wrong of [-1, 0.5, 2 ** 32, NaN]) expect(() => tree.leaf(wrong)).toThrow(RangeError);
  });
});

describe("handles", () => {
  it("of overlays forked before a merge are outdated by it", () => {
    const atRest = inUse();
    const tree = treeOf(4);
    const first = tree.fork();
    const second = tree.fork();
    first.remove(1);
    second.remove(2);
    const former = first.merge();
    expect(thrown(() => second.treeHash())).toMatchObject({ code: "ERR_STATE_USED" });
    expect(thrown(() => second.add(freshLeaf(32)))).toMatchObject({ code: "ERR_STATE_USED" });
    expect(thrown(() => second.merge())).toMatchObject({ code: "ERR_STATE_USED" });
    expect(first.closed).toBe(true);
    expect(thrown(() => first.treeHash())).toMatchObject({ code: "ERR_STATE_CLOSED" });
    expect([...tree.members()]).toEqual([0, 2, 3]);
    for (const handle of [second, former, tree]) handle.close();
    expect(inUse()).toEqual(atRest);
  });

  it("do not serve for what they are not", () => {
    using tree = treeOf(3);
    using staged = tree.fork();
    const { core } = engine;
    expect(core.treeFork(staged.handle)).toBe(STATUS_HANDLE);
    expect(core.treeMerge(tree.handle)).toBe(STATUS_HANDLE);
    expect(core.treeRemoveLeaf(tree.handle, 0)).toBe(STATUS_HANDLE);
    expect(core.treeUndoLeaf(staged.handle, 0, 0)).toBe(STATUS_HANDLE);
    using former = staged.merge();
    expect(core.treeLeafCount(former.handle)).toBe(STATUS_HANDLE);
    expect(core.treeMerge(former.handle)).toBe(STATUS_HANDLE);
    for (const handle of [0, -1, 2 ** 31 - 1]) expect(core.treeLeafCount(handle)).toBe(STATUS_HANDLE);
  });

  it("of overlays whose tree is gone can only be released", () => {
    const atRest = inUse();
    const tree = treeOf(3);
    const staged = tree.fork();
    staged.add(freshLeaf(32));
    tree.close();
    expect(thrown(() => staged.leafCount)).toMatchObject({ code: "ERR_STATE_USED" });
    staged.close();
    expect(inUse()).toEqual(atRest);
  });
});

describe("former leaves", () => {
  it("answer for the epoch before the merge, blanks included (DEF-09)", () => {
    using tree = treeOf(4);
    const before = [0, 1, 2, 3].map((leafIndex) => tree.leaf(leafIndex)!);
    using staged = tree.fork();
    staged.remove(3);
    staged.update(1, freshLeaf(32));
    for (let i = 0; i < 2; i++) staged.add(freshLeaf(32));
    using former = staged.merge();
    expect(former.leafCount).toBe(4);
    expect(former.leaf(0)).toBe("untouched");
    expect(former.leaf(1)).toEqual(before[1]);
    expect(former.leaf(3)).toEqual(before[3]);
    for (const leafIndex of [4, 5, ...outside]) expect(former.leaf(leafIndex)).toBe("blank");
    expect(former.changed()).toEqual([1, 3]);
    using again = tree.fork();
    again.update(0, freshLeaf(32));
    using second = again.merge();
    expect(second.leaf(0)).toEqual(before[0]);
    expect(second.leaf(4)).toBe("untouched");
    expect(second.changed()).toEqual([0]);
    // No more than there is room for is written, however many there are.
    for (const room of [0, 1, 2, 3]) {
      const words = engine.frame((core, frame) => {
        const dst = frame.take(16);
        engine.bytes.fill(0xee, dst, dst + 16);
        expect(core.treeUndoChanged(former.handle, dst, room)).toBe(2);
        return [0, 4, 8, 12].map((at) => engine.word(dst + at));
      });
      expect(words.filter((word) => word !== 0xeeeeeeee)).toHaveLength(Math.min(room, 2));
      expect(words.slice(room).every((word) => word === 0xeeeeeeee)).toBe(true);
    }
    tree.close();
    expect(former.leaf(1)).toEqual(before[1]);
  });
});

describe("the ratchet_tree extension", () => {
  it("MLS-2.1.2-01: has the shortest header, 2 bytes up to 2^14 - 1 and 4 from there on", () => {
    using tree = treeOf(60);
    const contentOf = (exported: Uint8Array): number => exported.length - (exported[0]! >> 6 === 2 ? 4 : 2);
    // What is short of 2^14 goes into the last leaf's identity: its own header stays one of two bytes.
    const withIdentity = (length: number): Uint8Array => {
      using staged = tree.fork();
      const identity = new Uint8Array(length).fill(0x61);
      const encryptionKey = vector(new Uint8Array(32).fill(0xfe));
      const signatureKey = vector(new Uint8Array(32).fill(0xfd));
      staged.add(leafBytes({ encryptionKey, signatureKey, credential: [0, 1, ...vector(identity)], source: [2] }));
      return staged.export();
    };
    const short = 2 ** 14 - contentOf(withIdentity(1000));
    const headers = new Map<number, number>();
    for (let length = 1000 + short - 4; length < 1000 + short + 4; length++) {
      const exported = withIdentity(length);
      headers.set(contentOf(exported), exported[0]! >> 6);
      using back = importTree(1, exported);
      expect(back.memberCount).toBe(61);
      expect(toHex(back.export())).toBe(toHex(exported));
    }
    const wanted = [-4, -3, -2, -1, 0, 1, 2, 3].map((off) => [2 ** 14 + off, off < 0 ? 1 : 2]);
    expect([...headers]).toEqual(wanted);
  });
});

describe("stored tree hashes", () => {
  const stored = (tree: TreeView): Uint8Array =>
    engine.frame((core, frame) => {
      const { length, write } = tree.hashes();
      const at = frame.take(length);
      write(core, at);
      return engine.copyOut(at, length);
    });
  const allHashes = (tree: RatchetTree): string[] =>
    Array.from({ length: 2 * tree.leafCount - 1 }, (_, node) => toHex(tree.nodeHash(node)));
  const imported = (content: Uint8Array): RatchetTree =>
    RatchetTree.import(engine, treeSuite(1), seed, content, 2 ** 20);
  const hashBlocks = (operation: () => unknown): number => {
    const before = operationCounts(engine).hash;
    operation();
    return operationCounts(engine).hash - before;
  };

  it("MLS-7.9-02: serve a verification of parent hashes too, which asks for those below", () => {
    using tree = treeOf(31);
    using first = tree.fork();
    const { keys, leaf } = commit(tree, 3);
    first.mergePath(3, leaf, keys);
    first.merge().close();
    using second = tree.fork();
    second.add(freshLeaf(32)); // unmerged in the nodes of the path
    second.merge().close();
    using back = imported(tree.export());
    back.adoptHashes(stored(tree));
    tree.verifyParentHashes();
    back.verifyParentHashes();
  });

  it.each([1, 15, 16, 17, 32, 33, 100, 257])(
    "spare %i leaves their hashing, now and when the tree changes",
    (members) => {
      using tree = treeOf(members);
      using first = tree.fork();
      const { keys, leaf } = commit(tree, members >> 1);
      first.mergePath(members >> 1, leaf, keys);
      first.merge().close();
      const hashes = stored(tree);
      expect(hashes.length).toBe(32 * (tree.leafCount < 16 ? 0 : tree.leafCount / 8 - 1));
      using back = imported(tree.export());
      back.adoptHashes(hashes);
      const blocks = hashBlocks(() => expect(back.treeHash()).toEqual(tree.treeHash()));
      if (tree.leafCount >= 16) expect(blocks).toBe(0);
      // Every hash is what it was, whoever computes it; so after changes of any place, and after growing and shrinking.
      using fresh = imported(tree.export());
      const [updated, added, late] = [freshLeaf(32), freshLeaf(32), freshLeaf(32)];
      const changes: ((staged: StagedTree) => void)[] = [
        (staged) => staged.update(0, updated),
        (staged) => void staged.add(added),
        (staged) => staged.remove(staged.leafCount / 2),
        (staged) => void staged.add(late),
      ];
      for (const change of changes) {
        for (const each of [tree, back, fresh]) {
          using staged = each.fork();
          change(staged);
          staged.treeHash();
          staged.merge().close();
        }
        expect(allHashes(back)).toEqual(allHashes(fresh));
        expect(allHashes(tree)).toEqual(allHashes(fresh));
        expect(stored(back)).toEqual(stored(fresh));
      }
    },
  );

  it("are taken over in their whole length, and by a tree of an epoch alone", () => {
    using tree = treeOf(40);
    const hashes = stored(tree);
    for (const wrong of [hashes.subarray(1), hashes.subarray(0, 0), Uint8Array.of(...hashes, 0)]) {
      expect(thrown(() => tree.adoptHashes(wrong))).toMatchObject({ code: "ERR_MALFORMED" });
    }
    using staged = tree.fork();
    expect(engine.core.treeAdoptHashes(staged.handle, 0, hashes.length)).toBe(STATUS_HANDLE);
  });
});

describe("a merged path is refused when", () => {
  it("it is not as long as the filtered direct path (MLS-4.1.2-02)", () => {
    using tree = treeOf(5);
    const { keys, leaf } = commit(tree, 0);
    for (const wrong of [keys.slice(1), [...keys, freshKey(32)], []]) {
      using staged = tree.fork();
      const error = thrown(() => staged.mergePath(0, leaf, wrong));
      expect(error).toMatchObject({ code: "ERR_UPDATE_PATH", rule: "MLS-4.1.2-02" });
      expect(toHex(staged.export())).toBe(toHex(tree.export()));
    }
  });

  it("a key of it stands in the tree or twice in the path (MLS-12.4.2-02)", () => {
    using tree = treeOf(4);
    const { keys, leaf } = commit(tree, 0);
    const own = tree.encryptionKey(0)!;
    const cases: [Uint8Array, Uint8Array[]][] = [
      [leaf, [tree.encryptionKey(4)!, keys[1]!]],
      [leaf, [keys[0]!, own]],
      [leaf, [keys[0]!, keys[0]!]],
      [keyedLeaf(keys[1]!, freshKey(32), new Uint8Array(32)), keys],
      [keyedLeaf(own, freshKey(32), new Uint8Array(32)), keys],
    ];
    for (const [badLeaf, badKeys] of cases) {
      using staged = tree.fork();
      const error = thrown(() => staged.mergePath(0, badLeaf, badKeys));
      expect(error).toMatchObject({ code: "ERR_UPDATE_PATH", rule: "MLS-12.4.2-02" });
      expect(toHex(staged.export())).toBe(toHex(tree.export()));
    }
  });

  it("its leaf is not of source commit (MLS-7.3-13)", () => {
    using tree = treeOf(3);
    using staged = tree.fork();
    const error = thrown(() => staged.mergePath(0, freshLeaf(32), commit(tree, 0).keys));
    expect(error).toMatchObject({ code: "ERR_COMMIT", rule: "MLS-7.3-13" });
  });

  it("the parent hash of its leaf is another (MLS-7.9.1-01, MLS-7.9.2-03)", () => {
    using tree = treeOf(3);
    const { keys, leaf } = commit(tree, 0);
    using good = tree.fork();
    good.mergePath(0, leaf, keys);
    for (const wrong of [new Uint8Array(32), new Uint8Array(), new Uint8Array(31)]) {
      using staged = tree.fork();
      const error = thrown(() => staged.mergePath(0, freshLeaf(32, wrong), keys));
      expect(error).toMatchObject({ code: "ERR_PARENT_HASH", rule: "MLS-7.9.2-03", leafIndex: 0 });
    }
  });

  it("its filtered path is empty and the parent hash is not (MLS-7.9.1-01)", () => {
    using tree = treeOf(1);
    using good = tree.fork();
    good.mergePath(0, freshLeaf(32, new Uint8Array()), []);
    using staged = tree.fork();
    const error = thrown(() => staged.mergePath(0, freshLeaf(32, new Uint8Array(32)), []));
    expect(error).toMatchObject({ code: "ERR_PARENT_HASH", rule: "MLS-7.9.2-03" });
  });
});

describe("keys are held against the resulting tree", () => {
  it.each([
    ["signature", "MLS-7.3-14"],
    ["encryption", "MLS-7.3-15"],
  ] as const)("so a removed member's %s key may come back, a present one's not (%s)", (kind, rule) => {
    using tree = treeOf(4);
    const key = freshKey(32);
    const make = (): Uint8Array => (kind === "signature" ? keyedLeaf(freshKey(32), key) : keyedLeaf(key, freshKey(32)));
    using first = tree.fork();
    first.update(2, make());
    first.checkKeys();
    first.merge().close();
    expect(tree.findKey(kind, key)).toBe(4);
    using staged = tree.fork();
    expect(staged.add(make())).toBe(4);
    expect(thrown(() => staged.checkKeys())).toMatchObject({ code: "ERR_LEAF_NODE", rule, leafIndex: 4 });
    staged.remove(2);
    staged.checkKeys();
    staged.merge().close();
    expect(tree.findKey(kind, key)).toBe(8);
  });

  it("and a leaf's key may not be a parent's (MLS-16.7-02)", () => {
    using tree = treeOf(3);
    const { keys, leaf } = commit(tree, 0);
    using path = tree.fork();
    path.mergePath(0, leaf, keys);
    path.merge().close();
    using staged = tree.fork();
    staged.add(keyedLeaf(keys[0]!, freshKey(32)));
    const error = thrown(() => staged.checkKeys());
    expect(error).toMatchObject({ code: "ERR_LEAF_NODE", rule: "MLS-16.7-02", leafIndex: 3 });
  });
});

describe("blank subtrees", () => {
  it("hash to other values at other places, also once cached (MLS-7.8-04)", () => {
    using tree = treeOf(9);
    const blank = [18, 20, 22, 24, 26, 28, 30, 21, 25, 29];
    const hashes = blank.map((node) => toHex(tree.nodeHash(node)));
    expect(new Set(hashes).size).toBe(blank.length);
    expect(blank.map((node) => toHex(tree.nodeHash(node)))).toEqual(hashes);
  });
});

describe("exported changes", () => {
  it("stay small in a large group, whatever the number of members", () => {
    using tree = treeOf(1000);
    const { keys, leaf } = commit(tree, 7);
    using staged = tree.fork();
    staged.mergePath(7, leaf, keys);
    expect(staged.exportChanges().length).toBeLessThan(10 * 100 + leaf.length + 100);
    staged.merge().close();
    using next = tree.fork();
    next.add(freshLeaf(32));
    expect(next.exportChanges().length).toBeLessThan(leaf.length + 200);
  });

  it("that are cut short, run on or lie are refused without harm", () => {
    const atRest = inUse();
    const tree = treeOf(6);
    const { keys, leaf } = commit(tree, 1);
    const staged = tree.fork();
    staged.mergePath(1, leaf, keys);
    staged.remove(4);
    staged.add(freshLeaf(32));
    const changes = staged.exportChanges();
    const before = toHex(tree.export());
    for (let length = 0; length < changes.length; length++) {
      using replayed = tree.fork();
      expect(() => replayed.applyChanges(changes.subarray(0, length))).toThrow(MlsError);
    }
    for (let i = 0; i < changes.length; i++) {
      using replayed = tree.fork();
      const lie = changes.slice();
      lie[i]! ^= 0x80;
      // Some lies are changes like any other; none may trap.
      try {
        replayed.applyChanges(lie);
      } catch (error) {
        expect(error).toBeInstanceOf(MlsError);
      }
      expect(engine.poisoned).toBe(false);
    }
    using longer = tree.fork();
    expect(() => longer.applyChanges(Uint8Array.from([...changes, 0]))).toThrow(MlsError);
    expect(toHex(tree.export())).toBe(before);
    staged.close();
    longer.close();
    tree.close();
    expect(inUse()).toEqual(atRest);
  });
});
