// Paths over many epochs: every member of a random group against every other (RFC 9420 section 7).
import { describe, expect, it } from "vitest";
import {
  STATUS_DECRYPT,
  STATUS_INDEX,
  STATUS_MALFORMED,
  STATUS_OK,
  STATUS_PUBLIC_KEY,
  STATUS_UPDATE_PATH,
} from "../../bindings/core/generated/status.ts";
import { RatchetTree, type StagedTree, type TreeView } from "../../bindings/tree/ratchettree.ts";
import { utf8 } from "../support/bytes.ts";
import { leafBytes, vector } from "../support/leaf.ts";
import { occurrences } from "../support/memory.ts";
import { engine, freshKey, importTree, inUse, seed, treeSuite } from "../support/tree.ts";
import {
  createPath,
  deriveSecret,
  joinPath,
  keyPairOf,
  mergePath,
  openPath,
  pathSecretFor,
  privateKey,
  replaceOwnKey,
  sealPath,
  setOwnLeaf,
} from "../support/treekem.ts";

const SUITE = 1;
const context = utf8("provisional GroupContext");
const random = (length: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(length));

/** A reproducible choice of 0 … n - 1. */
let state = 1;
function choose(n: number): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * n);
}

function newLeaf(parentHash?: Uint8Array): { leaf: Uint8Array; privateKey: Uint8Array } {
  const pair = keyPairOf(random(32));
  const leaf = leafBytes({
    encryptionKey: vector(pair.publicKey),
    signatureKey: vector(freshKey(32)),
    source: parentHash === undefined ? [2] : [3, ...vector(parentHash)],
  });
  return { leaf, privateKey: pair.privateKey };
}

/** The trees of all members, by leaf index. */
type Group = Map<number, RatchetTree>;

function createGroup(): Group {
  const tree = RatchetTree.create(engine, treeSuite(SUITE), seed);
  const { leaf, privateKey } = newLeaf();
  {
    using staged = tree.fork();
    expect(staged.add(leaf)).toBe(0);
    staged.merge().close();
  }
  expect(setOwnLeaf(tree, 0, privateKey)).toBe(STATUS_OK);
  return new Map([[0, tree]]);
}

function closeGroup(group: Group): void {
  for (const tree of group.values()) tree.close();
}

interface Proposals {
  updates: { index: number; leaf: Uint8Array; privateKey: Uint8Array }[];
  removes: number[];
  adds: { leaf: Uint8Array; privateKey: Uint8Array }[];
}

/** Applies proposals in the RFC's order; the places of the added leaves. */
function apply(staged: StagedTree, { updates, removes, adds }: Proposals): number[] {
  for (const { index, leaf } of updates) staged.update(index, leaf);
  for (const index of removes) staged.remove(index);
  return adds.map(({ leaf }) => staged.add(leaf)).sort((a, b) => a - b);
}

/** One commit with a path by `committer`; every member follows, new ones join. */
function commit(group: Group, committer: number, proposals: Proposals): void {
  const own = group.get(committer)!;
  const staged = own.fork();
  const added = apply(staged, proposals);
  const path = createPath(staged, random(32));
  const { leaf, privateKey: leafKey } = newLeaf(path.parentHash);
  staged.setLeaf(committer, leaf);
  expect(replaceOwnKey(staged, leafKey)).toBe(STATUS_OK);
  const nodes = sealPath(SUITE, staged, context, added) as Uint8Array;
  expect(nodes).toBeInstanceOf(Uint8Array);
  const joinSecrets = added.map((index) => pathSecretFor(staged, index) as Uint8Array);
  staged.checkKeys();

  const merges: StagedTree[] = [staged];
  for (const [index, tree] of group) {
    if (index === committer || proposals.removes.includes(index)) continue;
    const theirs = tree.fork();
    expect(apply(theirs, proposals)).toEqual(added);
    const update = proposals.updates.find((one) => one.index === index);
    if (update !== undefined) expect(replaceOwnKey(theirs, update.privateKey)).toBe(STATUS_OK);
    expect(mergePath(theirs, committer, leaf, nodes, added)).toBe(STATUS_OK);
    expect(theirs.treeHash()).toEqual(staged.treeHash());
    expect(openPath(SUITE, theirs, committer, nodes, context, added)).toEqual(path.commitSecret);
    merges.push(theirs);
  }
  for (const merge of merges) {
    engine.core.treeForgetPath(merge.handle);
    merge.merge().close();
  }
  for (const index of proposals.removes) {
    group.get(index)!.close();
    group.delete(index);
  }
  const content = own.export();
  added.forEach((index, i) => {
    const tree = importTree(SUITE, content);
    const joiner = proposals.adds.find((add) => tree.leaf(index)!.every((byte, k) => byte === add.leaf[k]))!;
    expect(setOwnLeaf(tree, index, joiner.privateKey)).toBe(STATUS_OK);
    expect(joinPath(tree, committer, joinSecrets[i]!)).toBe(STATUS_OK);
    group.set(index, tree);
  });
}

function ancestors(tree: TreeView, leafIndex: number): number[] {
  const levels = Math.log2(tree.leafCount);
  return Array.from({ length: levels }, (_, k) => ((leafIndex >> (k + 1)) << (k + 2)) | ((2 << k) - 1));
}

/** MLS-4.2-01: a member holds the private key of an ancestor exactly when it is not blank and not unmerged there. */
function checkInvariant(group: Group): void {
  for (const [index, tree] of group) {
    for (const node of [index * 2, ...ancestors(tree, index)]) {
      const publicKey = tree.encryptionKey(node);
      const unmerged = publicKey === undefined ? [] : tree.resolution(node).slice(1);
      const known = publicKey !== undefined && !unmerged.includes(index * 2);
      const key = privateKey(tree, node);
      expect(key !== undefined, `leaf ${index}, node ${node}`).toBe(known);
      if (key !== undefined) expect(publicOf(key)).toEqual(publicKey);
    }
  }
}

function publicOf(key: Uint8Array): Uint8Array {
  return engine.frame((core, frame) => {
    const dst = frame.take(32);
    core.x25519Base(dst, frame.put(key));
    return engine.copyOut(dst, 32);
  });
}

const none: Proposals = { updates: [], removes: [], adds: [] };
const someAdds = (count: number): Proposals => ({ ...none, adds: Array.from({ length: count }, () => newLeaf()) });

/** A group of `count` members in which everyone up to `committers` has committed. */
function groupOf(count: number, committers: number = count): Group {
  const group = createGroup();
  if (count > 1) commit(group, 0, someAdds(count - 1));
  for (let i = 1; i < committers; i++) commit(group, i, none);
  return group;
}

describe("paths over epochs", () => {
  it("keeps all members in step through random commits (MLS-7.4-03, MLS-7.5-04, -08, -11, MLS-12.4.3.1-15)", () => {
    const before = inUse();
    for (let run = 0; run < 6; run++) {
      state = run + 1;
      const group = createGroup();
      for (let epoch = 0; epoch < 14; epoch++) {
        const members = [...group.keys()];
        const committer = members[choose(members.length)]!;
        const others = members.filter((index) => index !== committer);
        const removes = others.filter(() => choose(6) === 0).slice(0, 3);
        const updates = others
          .filter((index) => !removes.includes(index) && choose(5) === 0)
          .map((index) => ({ index, ...newLeaf() }));
        commit(group, committer, { updates, removes, adds: someAdds(choose(4)).adds });
        checkInvariant(group);
      }
      closeGroup(group);
    }
    expect(inUse()).toEqual(before);
  });

  it("writes no ciphertext where a copath holds only new members (MLS-7.6-02)", () => {
    const group = createGroup();
    using staged = group.get(0)!.fork();
    const added = apply(staged, someAdds(1));
    createPath(staged, random(32));
    const nodes = sealPath(SUITE, staged, context, added) as Uint8Array;
    expect([...nodes]).toEqual(vector(vector(staged.encryptionKey(1)!), vector()));
    closeGroup(group);
  });

  it("gives a path secret for each other member, of the lowest common ancestor", () => {
    const group = groupOf(5);
    using staged = group.get(2)!.fork();
    const first = random(32);
    createPath(staged, first);
    const second = deriveSecret(first, "path");
    const third = deriveSecret(second, "path");
    expect([0, 1, 3, 4].map((index) => pathSecretFor(staged, index))).toEqual([second, second, first, third]);
    for (const index of [2, 5, 8, 2 ** 31, 2 ** 32 - 1]) expect(pathSecretFor(staged, index)).toBe(STATUS_INDEX);
    closeGroup(group);
  });
});

/** A path of member 0 of four, and the staged tree of member 3. */
function received(): { group: Group; staged: StagedTree; theirs: StagedTree; leaf: Uint8Array; nodes: Uint8Array } {
  const group = groupOf(4);
  const staged = group.get(0)!.fork();
  const { parentHash } = createPath(staged, random(32));
  const { leaf } = newLeaf(parentHash);
  staged.setLeaf(0, leaf);
  const nodes = sealPath(SUITE, staged, context) as Uint8Array;
  return { group, staged, theirs: group.get(3)!.fork(), leaf, nodes };
}

const changed = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

describe("a received path is refused", () => {
  // Each node: key (33 bytes), header of its ciphertexts (2 bytes), one ciphertext (33 + 49 bytes).
  const NODE = 33 + 2 + 82;

  it("with too few or too many nodes (MLS-7.6-01)", () => {
    const { group, staged, theirs, leaf, nodes } = received();
    const content = [...nodes.subarray(2)];
    expect(content).toHaveLength(2 * NODE);
    for (const wrong of [[], content.slice(0, NODE), [...content, ...content.slice(0, NODE)]]) {
      expect(mergePath(theirs, 0, leaf, Uint8Array.from(vector(wrong)))).toBe(STATUS_UPDATE_PATH);
    }
    const many = Array.from({ length: 30 }, () => content.slice(0, NODE)).flat();
    expect(mergePath(theirs, 0, leaf, Uint8Array.from(vector(many)))).toBe(STATUS_UPDATE_PATH);
    expect(mergePath(theirs, 0, leaf, nodes)).toBe(STATUS_OK);
    staged.close();
    theirs.close();
    closeGroup(group);
  });

  it("with too few or too many ciphertexts (MLS-7.6-02)", () => {
    const { group, staged, theirs, leaf, nodes } = received();
    const content = [...nodes.subarray(2)];
    const key = content.slice(0, 33);
    const ciphertext = content.slice(35, NODE);
    for (const list of [[], [...ciphertext, ...ciphertext]]) {
      const wrong = Uint8Array.from(vector([...key, ...vector(list), ...content.slice(NODE)]));
      expect(mergePath(theirs, 0, leaf, wrong)).toBe(STATUS_UPDATE_PATH);
    }
    // An added leaf that is said to be excluded takes its ciphertext with it.
    expect(mergePath(theirs, 0, leaf, nodes, [1])).toBe(STATUS_UPDATE_PATH);
    expect(mergePath(theirs, 0, leaf, nodes)).toBe(STATUS_OK);
    staged.close();
    theirs.close();
    closeGroup(group);
  });

  it("cut off or grown at any byte", () => {
    const { group, staged, theirs, leaf, nodes } = received();
    for (let length = 0; length < nodes.length; length++) {
      expect(mergePath(theirs, 0, leaf, nodes.subarray(0, length))).toBe(STATUS_MALFORMED);
      expect(openPath(SUITE, theirs, 0, nodes.subarray(0, length), context)).toBe(STATUS_MALFORMED);
    }
    expect(mergePath(theirs, 0, leaf, Uint8Array.of(...nodes, 0))).toBe(STATUS_MALFORMED);
    const shortKey = Uint8Array.from(vector([...vector(nodes.subarray(3, 34)), ...nodes.subarray(35)]));
    expect(mergePath(theirs, 0, leaf, shortKey)).toBe(STATUS_PUBLIC_KEY);
    staged.close();
    theirs.close();
    closeGroup(group);
  });

  it("where the ciphertext or the context is another (MLS-7.5-07, MLS-7.6-03)", () => {
    const { group, staged, theirs, leaf, nodes } = received();
    expect(mergePath(theirs, 0, leaf, nodes)).toBe(STATUS_OK);
    const own = 2 + NODE + 35;
    for (const at of [own + 1, own + 33 + 1, own + 81]) {
      expect(openPath(SUITE, theirs, 0, changed(nodes, at), context)).toBe(STATUS_DECRYPT);
    }
    expect(openPath(SUITE, theirs, 0, nodes, utf8("another"))).toBe(STATUS_DECRYPT);
    // Neither the low-order key nor another length of kem_output opens.
    const zeros = nodes.slice().fill(0, own + 1, own + 33);
    expect(openPath(SUITE, theirs, 0, zeros, context)).toBe(STATUS_DECRYPT);
    // A ciphertext for others is not looked at.
    expect(openPath(SUITE, theirs, 0, changed(nodes, 2 + 35 + 40), context)).toBeInstanceOf(Uint8Array);
    staged.close();
    theirs.close();
    closeGroup(group);
  });

  it("where any key from the lowest common ancestor up is not the derived one (MLS-7.5-08, -09)", () => {
    const group = groupOf(8);
    using staged = group.get(0)!.fork();
    const filtered = staged.filteredDirectPath(0);
    createPath(staged, random(32));
    const nodes = sealPath(SUITE, staged, context) as Uint8Array;
    const keys = filtered.map((node) => staged.encryptionKey(node)!);
    // Member 2 stands below the second of the three nodes: it can tell of the second and the third.
    [STATUS_OK, STATUS_UPDATE_PATH, STATUS_UPDATE_PATH].forEach((expected, i) => {
      const other = keyPairOf(random(32)).publicKey;
      const wrongKeys = keys.map((key, k) => (k === i ? other : key));
      using wrongTree = group.get(0)!.fork();
      const { leaf } = newLeaf(wrongTree.setPath(0, wrongKeys));
      const wrong = nodes.slice();
      const at = nodes.findIndex((_, k) => keys[i]!.every((byte, j) => nodes[k + j] === byte));
      wrong.set(other, at);
      using theirs = group.get(2)!.fork();
      expect(mergePath(theirs, 0, leaf, wrong)).toBe(STATUS_OK);
      const opened = openPath(SUITE, theirs, 0, wrong, context);
      if (expected === STATUS_OK) expect(opened).toBeInstanceOf(Uint8Array);
      else expect(opened).toBe(expected);
    });
    closeGroup(group);
  });

  it("from a leaf outside the tree", () => {
    const { group, staged, theirs, leaf, nodes } = received();
    for (const index of [4, 2 ** 31, 2 ** 32 - 1]) {
      expect(mergePath(theirs, index, leaf, nodes)).toBe(STATUS_INDEX);
      expect(openPath(SUITE, theirs, index, nodes, context)).toBe(STATUS_INDEX);
    }
    staged.close();
    theirs.close();
    closeGroup(group);
  });
});

describe("a path", () => {
  it("is not sealed to a key of low order, and says whose it is", () => {
    const group = groupOf(3);
    using staged = group.get(0)!.fork();
    const leaf = leafBytes({
      encryptionKey: vector(new Uint8Array(32)),
      signatureKey: vector(freshKey(32)),
      source: [2],
    });
    staged.update(2, leaf);
    createPath(staged, random(32));
    expect(sealPath(SUITE, staged, context)).toBe(STATUS_PUBLIC_KEY);
    expect(engine.core.treeErrorNode()).toBe(4);
    closeGroup(group);
  });

  it("joins only with the right secret at a node that is not blank (MLS-12.4.3.1-15, -16)", () => {
    const group = groupOf(4, 2);
    using tree = importTree(SUITE, group.get(0)!.export());
    const { privateKey: own } = newLeaf();
    setOwnLeaf(tree, 3, own);
    expect(joinPath(tree, 0, random(32))).toBe(STATUS_UPDATE_PATH);
    // Nobody of the right half has committed: the node above leaves 2 and 3 is blank.
    expect(tree.encryptionKey(5)).toBeUndefined();
    expect(joinPath(tree, 2, random(32))).toBe(STATUS_UPDATE_PATH);
    for (const signer of [3, 4, 2 ** 31, 2 ** 32 - 1]) expect(joinPath(tree, signer, random(32))).toBe(STATUS_INDEX);
    closeGroup(group);
  });

  it("leaves no secret behind once it is forgotten (MLS-7.5-10)", () => {
    const group = groupOf(4);
    const first = random(32);
    const second = deriveSecret(first, "path");
    {
      using staged = group.get(0)!.fork();
      createPath(staged, first);
      sealPath(SUITE, staged, context);
      expect(occurrences(engine, second)).toBe(1);
      engine.core.treeForgetPath(staged.handle);
      for (const secret of [first, second, deriveSecret(second, "path")]) expect(occurrences(engine, secret)).toBe(0);
      const nodeKey = keyPairOf(deriveSecret(first, "node")).privateKey;
      expect(occurrences(engine, nodeKey)).toBe(1);
      staged.close();
      expect(occurrences(engine, nodeKey)).toBe(0);
    }
    closeGroup(group);
  });
});
