// The suites' numbers for trees, and the official vectors that hold trees.
import { Engine } from "../../bindings/core/engine.ts";
import { RatchetTree, type TreeSuite } from "../../bindings/tree/ratchettree.ts";

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

// The first frame and the first handle take memory that the engine keeps.
RatchetTree.create(engine, treeSuite(1), seed).close();

/** Bytes and handles in use: the same before and after whatever cleans up behind itself. */
export function inUse(): { bytes: number; handles: number } {
  return { bytes: engine.core.memoryInUse(), handles: engine.core.handlesInUse() };
}
