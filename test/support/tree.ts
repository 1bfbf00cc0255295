// The suites' numbers for trees, and the official vectors that hold trees.
import { Engine } from "../../bindings/core/engine.ts";
import { RatchetTree, type TreeSuite } from "../../bindings/tree/ratchettree.ts";
import { leafBytes, vector } from "./leaf.ts";
import { LEAF_ARM, LEAF_SOURCE, LEAF_SOURCE_COMMIT, LEAF_WORDS } from "../../bindings/core/generated/layout.ts";

/** One engine for all trees of a test file. */
export const engine: Engine = new Engine();

/** Hash tables keyed by a fixed seed, so that runs repeat. */
export const seed: Uint8Array = Uint8Array.from({ length: 16 }, (_, i) => 31 * i + 7);

const suites: Record<number, TreeSuite> = {
  1: { kdf: 1, publicKeyLength: 32, hashLength: 32 },
  2: { kdf: 1, publicKeyLength: 65, hashLength: 32 },
  3: { kdf: 1, publicKeyLength: 32, hashLength: 32 },
  4: { kdf: 3, publicKeyLength: 56, hashLength: 64 },
  5: { kdf: 3, publicKeyLength: 133, hashLength: 64 },
  6: { kdf: 3, publicKeyLength: 56, hashLength: 64 },
  7: { kdf: 2, publicKeyLength: 97, hashLength: 48 },
};

/** The strides of a cipher suite's trees. */
export function treeSuite(cipherSuite: number): TreeSuite {
  return suites[cipherSuite]!;
}

/** The tree of a ratchet_tree extension's content. */
export function importTree(cipherSuite: number, content: Uint8Array, maxLeaves: number = 1 << 20): RatchetTree {
  return RatchetTree.import(engine, treeSuite(cipherSuite), seed, content, maxLeaves);
}

/** A tree of so many members under suite 1. */
export function treeOf(members: number): RatchetTree {
  const tree = RatchetTree.create(engine, treeSuite(1), seed);
  using staged = tree.fork();
  for (let i = 0; i < members; i++) staged.add(freshLeaf(32));
  staged.merge().close();
  return tree;
}

// The first frame and the first handle take memory that the engine keeps.
RatchetTree.create(engine, treeSuite(1), seed).close();

/** Bytes and handles in use: the same before and after whatever cleans up behind itself. */
export function inUse(): { bytes: number; handles: number } {
  return { bytes: engine.core.memoryInUse(), handles: engine.core.handlesInUse() };
}

let counter = 0;

/** `length` bytes that no call has returned before. */
export function freshKey(length: number): Uint8Array<ArrayBuffer> {
  const key = new Uint8Array(length);
  new DataView(key.buffer).setUint32(0, ++counter);
  return key.fill(counter % 251, 4);
}

/** An encoded LeafNode with keys of its own: of source `update`, or of source `commit` when given a parent hash. */
export function freshLeaf(publicKeyLength: number, parentHash?: Uint8Array): Uint8Array<ArrayBuffer> {
  return leafBytes({
    encryptionKey: vector(freshKey(publicKeyLength)),
    signatureKey: vector(freshKey(32)),
    source: parentHash === undefined ? [2] : [3, ...vector(parentHash)],
  });
}

/** The parent hash in a leaf, undefined for leaves that have none. */
export function parentHashOfLeaf(leaf: Uint8Array): Uint8Array | undefined {
  return engine.frame((core, frame) => {
    const words = frame.take(4 * LEAF_WORDS);
    core.leafParse(frame.put(leaf), leaf.length, words);
    if (engine.word(words + 4 * LEAF_SOURCE) !== LEAF_SOURCE_COMMIT) return undefined;
    const start = engine.word(words + 4 * LEAF_ARM);
    return leaf.slice(start, start + engine.word(words + 4 * LEAF_ARM + 4));
  });
}

/** The same with given keys. */
export function keyedLeaf(
  encryptionKey: Uint8Array,
  signatureKey: Uint8Array,
  parentHash?: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return leafBytes({
    encryptionKey: vector(encryptionKey),
    signatureKey: vector(signatureKey),
    source: parentHash === undefined ? [2] : [3, ...vector(parentHash)],
  });
}
