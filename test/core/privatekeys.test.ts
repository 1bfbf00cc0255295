// The private keys beside a tree: whose they are, what a fork has of them, and which records of them are refused.
import { describe, expect, it } from "vitest";
import { STATUS_HANDLE, STATUS_INDEX, STATUS_MALFORMED, STATUS_OK } from "../../bindings/core/generated/status.ts";
import { Secret } from "../../bindings/core/secret.ts";
import { systemRandom } from "../../bindings/crypto/random.ts";
import { RecordReader, RecordWriter } from "../../bindings/state/vault.ts";
import { writerPrivateKeys } from "../../bindings/tree/path.ts";
import type { RatchetTree, TreeView } from "../../bindings/tree/ratchettree.ts";
import { utf8 } from "../support/bytes.ts";
import { engine, freshLeaf, inUse, treeOf } from "../support/tree.ts";
import { createPath, deriveSecret, privateKey, setOwnLeaf } from "../support/treekem.ts";

const { core } = engine;
const LEAVES = 4;
const OWN = 1;
const own = Uint8Array.from({ length: 32 }, (_, i) => 5 * i + 9);
const outside = [LEAVES, 2 ** 24 - 1, 2 ** 24, 2 ** 31, 2 ** 32 - 1];

/** A tree of four members, the second of them us. */
function group(): RatchetTree {
  const tree = treeOf(LEAVES);
  expect(setOwnLeaf(tree, OWN, own)).toBe(STATUS_OK);
  return tree;
}

describe("a path under construction", () => {
  it("MLS-12.4.1-12: is not a fork's, whose commit_secret comes from its own secret", () => {
    using tree = group();
    using staged = tree.fork();
    createPath(staged, new Uint8Array(32).fill(3));
    staged.merge().close(); // the path is not forgotten
    using fork = tree.fork();
    const first = new Uint8Array(32).fill(4);
    using secret = Secret.import(engine, first);
    using commitSecret = Secret.adopt(engine, core.pathCommitSecret(fork.handle, secret.handle));
    expect(commitSecret.export()).toEqual(deriveSecret(first, "path"));
    expect(core.pathSecretFor(fork.handle, 0)).toBe(STATUS_INDEX);
  });
});

describe("a private key", () => {
  it("is none of a node outside the tree", () => {
    using tree = group();
    using staged = tree.fork();
    createPath(staged, new Uint8Array(32).fill(3)); // its path secrets lie behind the private keys
    for (const view of [tree, staged]) {
      expect(privateKey(view, 2 * OWN)).toEqual(own);
      for (let level = 3; level <= 32; level++) {
        expect(core.treePrivateKey(view.handle, 2 ** level - 1)).toBe(STATUS_HANDLE);
      }
    }
  });

  it("is kept for a leaf inside the tree alone, and the others stay", () => {
    using tree = group();
    using staged = tree.fork();
    for (const leafIndex of outside) {
      for (const view of [tree, staged]) expect(setOwnLeaf(view, leafIndex, own)).toBe(STATUS_INDEX);
    }
    expect(core.treePrunePrivateKeys(staged.handle)).toBe(STATUS_OK);
    for (const view of [tree, staged]) expect(privateKey(view, 2 * OWN)).toEqual(own);
    for (let i = LEAVES; i < 2 * LEAVES; i++) staged.add(freshLeaf(32));
    expect(setOwnLeaf(staged, LEAVES, own)).toBe(STATUS_OK);
  });
});

describe("a record of private keys", () => {
  const name = { groupId: utf8("group"), sequence: 1n };
  // Leaf index, length of a key, nodes of the path; from 16 on a flag and a key for each of 25 levels.
  const BLOCK = 16 + 25 * 80;
  const slot = (level: number): number => 16 + 80 * level;

  /** Reads the keys of `tree` from a record whose word at `offset` is changed, into `into`. */
  function read(tree: TreeView, into: TreeView, offset: number, word: number): number {
    using storageKey = Secret.import(engine, utf8("a storage key of thirty-two byte"));
    using writer = new RecordWriter(engine);
    writerPrivateKeys(writer, tree);
    const lengthOf = new Uint8Array(Uint32Array.of(BLOCK, OWN, own.length).buffer);
    const item = place(Uint8Array.of(4, ...lengthOf));
    new DataView(core.memory.buffer).setUint32(item + 5 + offset, word, true);
    const record = writer.seal(storageKey, name, new Uint8Array(), [], systemRandom);
    using reader = RecordReader.open(storageKey, name, record, 0);
    return core.readerPrivateKeys(reader.handle, into.handle);
  }

  /** Where the only copy of these bytes is. */
  function place(wanted: Uint8Array): number {
    const found: number[] = [];
    for (let at = engine.bytes.indexOf(4); at >= 0; at = engine.bytes.indexOf(4, at + 1)) {
      if (wanted.every((byte, i) => engine.bytes[at + i] === byte)) found.push(at);
    }
    expect(found).toHaveLength(1);
    return found[0]!;
  }

  it("gives them back, without the path under construction", () => {
    using tree = group();
    using staged = tree.fork();
    expect(read(tree, staged, 8, 20)).toBe(STATUS_OK);
    expect(privateKey(staged, 2 * OWN)).toEqual(own);
    expect(core.pathSecretFor(staged.handle, 0)).toBe(STATUS_INDEX);
  });

  it("is refused where a leaf, a length or a flag cannot be, and what was there stays", () => {
    const atRest = inUse();
    const tree = group();
    const cases = [
      ...outside.map((leafIndex) => [0, leafIndex] as const),
      ...[0, 73, 2 ** 31, 2 ** 32 - 1].map((length) => [4, length] as const),
      ...[0, 1, 24].flatMap((level) => [2, 256, 2 ** 32 - 1].map((flag) => [slot(level), flag] as const)),
    ];
    for (const [offset, word] of cases) {
      using staged = tree.fork();
      const before = inUse();
      for (const view of [staged, tree]) {
        expect(read(tree, view, offset, word)).toBe(STATUS_MALFORMED);
        expect(privateKey(view, 2 * OWN)).toEqual(own);
      }
      expect(inUse()).toEqual(before);
    }
    tree.close();
    expect(inUse()).toEqual(atRest);
  });
});
