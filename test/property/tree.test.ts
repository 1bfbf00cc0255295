// The core's tree against the naive one of test/support/naivetree.ts, over random epochs.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MlsError } from "../../bindings/errors.ts";
import { RatchetTree, type StagedTree, type TreeView } from "../../bindings/tree/ratchettree.ts";
import { toHex } from "../support/bytes.ts";
import { NaiveTree } from "../support/naivetree.ts";
import { engine, freshKey, freshLeaf, inUse, parentHashOfLeaf, seed, treeSuite } from "../support/tree.ts";

interface Epoch {
  readonly updates: readonly number[];
  readonly removes: readonly number[];
  readonly adds: number;
  readonly path: "none" | "sent" | "received" | "external";
  readonly committer: number;
  readonly merge: boolean;
}

const epochs = fc.array(
  fc.record<Epoch>({
    updates: fc.array(fc.nat(), { maxLength: 3 }),
    removes: fc.oneof(fc.array(fc.nat(), { maxLength: 4 }), fc.array(fc.nat(), { maxLength: 40 })),
    adds: fc.oneof({ weight: 4, arbitrary: fc.nat(4) }, { weight: 1, arbitrary: fc.nat(30) }),
    path: fc.constantFrom("none", "sent", "received", "received", "external"),
    committer: fc.nat(),
    merge: fc.boolean(),
  }),
  { minLength: 1, maxLength: 6 },
);

function pick(from: readonly number[], choice: number): number {
  return from[choice % from.length]!;
}

/** Plays one epoch's changes on both trees. */
function play(epoch: Epoch, staged: StagedTree, naive: NaiveTree, keyLength: number): void {
  for (const choice of epoch.updates) {
    const leaf = freshLeaf(keyLength);
    const member = pick(naive.members(), choice);
    staged.update(member, leaf);
    naive.update(member, leaf);
  }
  for (const choice of epoch.removes) {
    if (naive.members().length === 1) break;
    const member = pick(naive.members(), choice);
    staged.remove(member);
    naive.remove(member);
  }
  for (let i = 0; i < epoch.adds; i++) {
    const leaf = freshLeaf(keyLength);
    expect(staged.add(leaf)).toBe(naive.add(leaf));
  }
  if (epoch.path !== "none") playPath(epoch, staged, naive, keyLength);
  staged.checkKeys();
}

function playPath(epoch: Epoch, staged: StagedTree, naive: NaiveTree, keyLength: number): void {
  let committer = pick(naive.members(), epoch.committer);
  if (epoch.path === "external") {
    committer = staged.reserve();
    expect(naive.add(new Uint8Array())).toBe(committer);
  }
  const keys = naive.filteredDirectPath(committer).map(() => freshKey(keyLength));
  let leaf: Uint8Array = new Uint8Array();
  let parentHash: Uint8Array = new Uint8Array();
  naive.commit(committer, keys, (above) => (leaf = freshLeaf(keyLength, (parentHash = above))));
  if (epoch.path === "sent") {
    expect(toHex(staged.setPath(committer, keys))).toBe(toHex(parentHash));
    staged.setLeaf(committer, leaf);
  } else {
    staged.mergePath(committer, leaf, keys);
  }
}

/** Everything the two trees can be asked. */
function expectSame(tree: TreeView, naive: NaiveTree): void {
  const nodes = naive.nodes();
  expect(tree.leafCount).toBe(naive.leaves().length);
  expect([...tree.members()]).toEqual(naive.members());
  expect(tree.memberCount).toBe(naive.members().length);
  expect(toHex(tree.treeHash())).toBe(toHex(naive.treeHash()));
  expect(toHex(tree.export())).toBe(toHex(naive.export()));
  const indices = new Map(nodes.map((node, i) => [node, i]));
  nodes.forEach((node, i) => {
    expect(tree.resolution(i)).toEqual(naive.resolution(node).map((other) => indices.get(other)));
    const key = tree.encryptionKey(i);
    if (!node.isLeaf && node.content !== null) expect(key).toEqual(node.content.key);
    if (!node.isLeaf && node.content === null) expect(key).toBeUndefined();
    if (key !== undefined) expect(tree.findKey("encryption", key)).toBe(i);
  });
  for (const { index } of naive.leaves()) {
    const path = naive.filteredDirectPath(index).map((node) => indices.get(node));
    expect(tree.filteredDirectPath(index)).toEqual(path);
  }
}

function parentHashesAreValid(tree: TreeView): boolean {
  try {
    tree.verifyParentHashes();
    return true;
  } catch (error) {
    if (error instanceof MlsError && error.rule === "MLS-7.9.2-02") return false;
    throw error;
  }
}

function grow(cipherSuite: number, members: number): { tree: RatchetTree; naive: NaiveTree; keyLength: number } {
  const suite = treeSuite(cipherSuite);
  const tree = RatchetTree.create(engine, suite, seed);
  const naive = new NaiveTree(suite.kdf as 1 | 2 | 3, parentHashOfLeaf);
  using staged = tree.fork();
  for (let i = 0; i < members; i++) {
    const leaf = freshLeaf(suite.publicKeyLength);
    staged.add(leaf);
    naive.add(leaf);
  }
  staged.merge().close();
  return { tree, naive, keyLength: suite.publicKeyLength };
}

function run(cipherSuite: number, members: number, plan: readonly Epoch[]): void {
  const atRest = inUse();
  const { tree, naive: first, keyLength } = grow(cipherSuite, members);
  let naive = first;
  for (const epoch of plan) {
    const next = naive.clone();
    using staged = tree.fork();
    play(epoch, staged, next, keyLength);
    expectSame(staged, next);
    staged.verifyParentHashes();
    // The changes as a record give the same tree again.
    using replayed = tree.fork();
    replayed.applyChanges(staged.exportChanges());
    expectSame(replayed, next);
    // Nothing of it shows in the tree itself.
    expect(toHex(tree.export())).toBe(toHex(naive.export()));
    expect(toHex(tree.treeHash())).toBe(toHex(naive.treeHash()));
    if (!epoch.merge) continue;
    using former = (epoch.committer % 2 === 0 ? staged : replayed).merge();
    expect(former.leafCount).toBe(naive.leaves().length);
    for (const { index, bytes } of next.leaves()) {
      const then = former.leaf(index);
      const before = naive.leaves()[index]?.bytes ?? null;
      if (then === "untouched") expect(bytes).toEqual(before);
      else expect(then).toEqual(before ?? "blank");
    }
    naive = next;
    expectSame(tree, naive);
  }
  using again = RatchetTree.import(engine, tree.suite, seed.toReversed(), naive.export(), naive.leaves().length);
  expectSame(again, naive);
  again.verifyParentHashes();
  again.close();
  tree.close();
  expect(inUse()).toEqual(atRest);
}

describe("a ratchet tree over random epochs equals the naive one", () => {
  const suites = fc.constantFrom(1, 1, 2, 4, 7);

  it("in small groups (MLS-4.1.1-02, MLS-4.1.2-02, MLS-7.5-06, MLS-7.7-01, MLS-7.7-02, MLS-7.8-04, MLS-12.1.1-02, MLS-12.1.3-02)", () => {
    fc.assert(fc.property(suites, fc.integer({ min: 1, max: 20 }), epochs, run), { numRuns: 40 });
  });

  it("in groups of up to 300", () => {
    fc.assert(fc.property(suites, fc.integer({ min: 100, max: 300 }), epochs, run), { numRuns: 3 });
  }, 120_000);
});

describe("parent hashes of a received tree", () => {
  it("are valid exactly when the naive tree says so (MLS-7.9-01, MLS-7.9-02, MLS-7.9.2-01, MLS-7.9.2-02)", () => {
    const seen = { valid: 0, invalid: 0 };
    const members = fc.integer({ min: 2, max: 12 });
    fc.assert(
      fc.property(members, epochs, fc.nat(), fc.nat(7), (count, plan, choice, change) => {
        const { tree, naive, keyLength } = grow(1, count);
        for (const epoch of plan) {
          using staged = tree.fork();
          play(epoch, staged, naive, keyLength);
          staged.merge().close();
        }
        tree.close();
        damage(naive, choice, change);
        using received = RatchetTree.import(engine, treeSuite(1), seed, naive.export(), 1024);
        const valid = naive.parentHashesAreValid();
        expect(parentHashesAreValid(received)).toBe(valid);
        seen[valid ? "valid" : "invalid"]++;
      }),
      { numRuns: 200 },
    );
    expect(seen.valid).toBeGreaterThan(10);
    expect(seen.invalid).toBeGreaterThan(10);
  });
});

/** Changes something about one parent, or nothing, so that the tree still has a possible shape. */
function damage(naive: NaiveTree, choice: number, change: number): void {
  const parents = naive.nodes().filter((node) => !node.isLeaf);
  const present = parents.filter((node) => node.content !== null);
  if (present.length === 0) return;
  const parent = present[choice % present.length]!;
  const content = parent.content!;
  if (change === 0) content.parentHash = new Uint8Array(content.parentHash.length);
  else if (change === 1) content.parentHash = freshKey(32);
  else if (change === 2) content.parentHash = freshKey(7);
  else if (change === 3) content.key = freshKey(32);
  else if (change === 4) {
    const forgotten = content.unmerged[0];
    const above = present.filter((other) => naive.nodes(other).includes(parent));
    for (const other of above) other.content!.unmerged = other.content!.unmerged.filter((leaf) => leaf !== forgotten);
  } else if (change === 5) parent.content = null;
  else if (change === 6) {
    // A parent that no commit made: its leaves come from updates.
    const blank = parents.find((node) => node.content === null && naive.resolution(node.right).length > 0);
    if (blank === undefined) return;
    const leaves = naive.leaves(blank).map((leaf) => leaf.index);
    const listed = present
      .filter((other) => naive.nodes(other).includes(blank))
      .flatMap((other) => other.content!.unmerged);
    const unmerged = leaves.filter((leaf) => listed.includes(leaf));
    blank.content = { key: freshKey(32), parentHash: new Uint8Array(), unmerged };
  }
}
