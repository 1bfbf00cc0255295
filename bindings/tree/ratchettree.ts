// The ratchet tree (RFC 9420 sections 4 and 7). It lives in the core; these classes hold its handles.
import { decodeKnownLeaf, knownLeaf, type LeafNode } from "../message/leafnode.ts";
import type { CoreBytes, Engine, Frame } from "../core/engine.ts";
import * as layout from "../core/generated/layout.ts";
import * as status from "../core/generated/status.ts";
import { FormerTree } from "./formertree.ts";
import { checked, index, TreeHandle } from "./handle.ts";

/** What a cipher suite fixes about its trees. */
export interface TreeSuite {
  /** KDF identifier, which names the hash too. */
  readonly kdf: number;
  readonly publicKeyLength: number;
  readonly hashLength: number;
}

export type KeyKind = "encryption" | "signature";

/** Leaves that are read from the core in one go, and the room for them. */
const LEAVES_AT_ONCE = 64;
const LEAVES_ROOM = 32_768;

/** Levels a direct path can have. */
const LEVELS = 25;

/** What can be asked of a tree, be it an epoch's or a staged one. */
export abstract class TreeView extends TreeHandle {
  readonly suite: TreeSuite;

  protected constructor(engine: Engine, suite: TreeSuite, handle: number) {
    super(engine, handle);
    this.suite = suite;
  }

  /** Leaves, blank or not: a power of two. */
  get leafCount(): number {
    return this.run((core) => core.treeLeafCount(this.handle));
  }

  /** Leaves that are not blank. */
  get memberCount(): number {
    return this.run((core) => core.treeMemberCount(this.handle));
  }

  /** The decoded LeafNode; undefined for a blank leaf and outside the tree. */
  leafNode(leafIndex: number): LeafNode | undefined {
    const leaf = this.leaf(leafIndex);
    return leaf === undefined ? undefined : decodeKnownLeaf(this.engine, leaf);
  }

  /** The encoded LeafNode; undefined for a blank leaf and outside the tree. */
  leaf(leafIndex: number): Uint8Array | undefined {
    return this.engine.frame((core, frame) => {
      const out = frame.take(8);
      const code = core.treeLeaf(this.handle, index(leafIndex), out);
      if (code === status.STATUS_INDEX) return undefined;
      checked(core, code);
      return this.engine.copyOut(this.engine.word(out), this.engine.word(out + 4));
    });
  }

  /** The indices of the leaves that are not blank, in order. */
  *members(): Generator<number, void, undefined> {
    for (let at = 0; ; at++) {
      const next = this.engine.core.treeNextLeaf(this.handle, at);
      if (next === status.STATUS_INDEX) return;
      yield (at = checked(this.engine.core, next));
    }
  }

  /** The members and their LeafNodes, in order of their leaf indices; read from the core many at a time. */
  *leaves(): Generator<readonly [leafIndex: number, leafNode: LeafNode], void, undefined> {
    for (let next = 0; ;) {
      let read = this.#readLeaves(next, LEAVES_ROOM);
      if (read.words.length === 0) read = this.#readLeaves(next, layout.LEAF_LENGTH_LIMIT);
      const { words, bytes } = read;
      if (words.length === 0) return;
      let start = 0;
      for (let at = 0; at < words.length; at += layout.MEMBER_WORDS) {
        const leafIndex = words[at]!;
        const end = start + words[at + 1]!;
        const parsed = words.subarray(at + 1, at + layout.MEMBER_WORDS);
        yield [leafIndex, knownLeaf(this.engine, bytes.subarray(start, end), parsed)];
        start = end;
        next = leafIndex + 1;
      }
    }
  }

  #readLeaves(first: number, room: number): { words: Uint32Array; bytes: Uint8Array } {
    return this.engine.frame((core, frame) => {
      const out = frame.take(4 * layout.MEMBER_WORDS * LEAVES_AT_ONCE);
      const at = frame.take(room);
      const count = checked(core, core.treeReadMembers(this.handle, index(first), out, LEAVES_AT_ONCE, at, room));
      const words = new Uint32Array(this.engine.copyOut(out, 4 * layout.MEMBER_WORDS * count).buffer);
      let length = 0;
      for (let i = 1; i < words.length; i += layout.MEMBER_WORDS) length += words[i]!;
      return { words, bytes: this.engine.copyOut(at, length) };
    });
  }

  /** The encryption key of a node; undefined for a blank one and outside the tree. */
  encryptionKey(nodeIndex: number): Uint8Array | undefined {
    return this.engine.frame((core, frame) => {
      const dst = frame.take(this.suite.publicKeyLength);
      const code = core.treeNodeKey(this.handle, index(nodeIndex), dst);
      return code === status.STATUS_INDEX ? undefined : this.engine.copyOut(dst, checked(core, code));
    });
  }

  /** The node that has this key, or undefined. */
  findKey(kind: KeyKind, key: Uint8Array): number | undefined {
    const kindNumber = kind === "encryption" ? layout.KEY_ENCRYPTION : layout.KEY_SIGNATURE;
    return this.engine.frame((core, frame) => {
      const code = core.treeFindKey(this.handle, kindNumber, frame.put(key), key.length);
      return code === status.STATUS_INDEX ? undefined : checked(core, code);
    });
  }

  /** The resolution of a node, as node indices. */
  resolution(nodeIndex: number): number[] {
    return this.engine.frame((core, frame) => {
      const count = checked(core, core.treeResolution(this.handle, index(nodeIndex), 0, 0));
      const dst = frame.take(4 * count);
      core.treeResolution(this.handle, nodeIndex, dst, count);
      return Array.from({ length: count }, (_, i) => this.engine.word(dst + 4 * i));
    });
  }

  /** The filtered direct path of a leaf, from the bottom, as node indices. */
  filteredDirectPath(leafIndex: number): number[] {
    return this.engine.frame((core, frame) => {
      const dst = frame.take(4 * LEVELS);
      const count = checked(core, core.treeFilteredDirectPath(this.handle, index(leafIndex), dst));
      return Array.from({ length: count }, (_, i) => this.engine.word(dst + 4 * i));
    });
  }

  /** The tree hash of the root. */
  treeHash(): Uint8Array {
    return this.bytes(this.suite.hashLength, (core, dst) => core.treeHash(this.handle, dst));
  }

  /** The tree hash of one node. */
  nodeHash(nodeIndex: number): Uint8Array {
    return this.bytes(this.suite.hashLength, (core, dst) => core.treeNodeHash(this.handle, index(nodeIndex), dst));
  }

  /** Throws unless every parent is covered by exactly one parent hash chain, as a joiner has to verify. */
  verifyParentHashes(): void {
    this.run((core) => core.treeVerifyParentHashes(this.handle));
  }

  /** The content of the `ratchet_tree` extension. */
  export(): Uint8Array {
    const { length, write } = this.encoding();
    return this.bytes(length, (core, dst) => {
      write(core, dst);
      return length;
    });
  }

  /** The same, to be written where it is wanted. */
  encoding(): CoreBytes {
    const length = this.run((core) => core.treeExportLength(this.handle));
    return { length, write: (core, address) => checked(core, core.treeExport(this.handle, address, length)) };
  }

  /** Tree hashes to be stored with the {@link encoding}, for {@link RatchetTree.adoptHashes}: none for a small tree. */
  hashes(): CoreBytes {
    const length = this.run((core) => core.treeHashesLength(this.handle));
    return { length, write: (core, address) => checked(core, core.treeExportHashes(this.handle, address)) };
  }
}

/** The tree of an epoch. Only {@link StagedTree.merge} changes it. */
export class RatchetTree extends TreeView {
  /** An empty tree. `seed` is 16 random bytes that key the hash tables of the core. */
  static create(engine: Engine, suite: TreeSuite, seed: Uint8Array): RatchetTree {
    const handle = engine.frame((core, frame) =>
      checked(core, core.treeCreate(suite.kdf, suite.publicKeyLength, putSeed(frame, seed))),
    );
    return new RatchetTree(engine, suite, handle);
  }

  /**
   * The tree in the content of a `ratchet_tree` extension, strictly decoded and checked for shape
   * and duplicate keys. Its tree hash, parent hashes and leaves are still to be verified.
   */
  static import(
    engine: Engine,
    suite: TreeSuite,
    seed: Uint8Array,
    content: Uint8Array,
    maxLeaves: number,
  ): RatchetTree {
    const { kdf, publicKeyLength } = suite;
    const handle = engine.frame((core, frame) => {
      const from = frame.put(content);
      const at = putSeed(frame, seed);
      return checked(core, core.treeImport(kdf, publicKeyLength, at, from, content.length, index(maxLeaves)));
    });
    return new RatchetTree(engine, suite, handle);
  }

  private constructor(engine: Engine, suite: TreeSuite, handle: number) {
    super(engine, suite, handle);
  }

  /**
   * Takes over the {@link hashes} of this very tree, so that they are not computed again. Nobody checks them: they must
   * come from where the tree itself is trusted.
   */
  adoptHashes(hashes: Uint8Array): void {
    this.run((core, frame) => core.treeAdoptHashes(this.handle, frame.put(hashes), hashes.length));
  }

  /** Stages changes beside this tree, without copying it. */
  fork(): StagedTree {
    return new StagedTree(
      this.engine,
      this.suite,
      this.run((core) => core.treeFork(this.handle)),
    );
  }
}

function putSeed(frame: Frame, seed: Uint8Array): number {
  if (seed.length !== 16) throw new RangeError("a tree's seed has 16 bytes");
  return frame.put(seed);
}

/** A tree with changes that are not accepted yet; {@link close} discards them. */
export class StagedTree extends TreeView {
  /** Use {@link RatchetTree.fork}. */
  constructor(engine: Engine, suite: TreeSuite, handle: number) {
    super(engine, suite, handle);
  }

  /** Adds a leaf at the leftmost blank place and returns its index. */
  add(leaf: Uint8Array): number {
    return this.run((core, frame) => core.treeAddLeaf(this.handle, frame.put(leaf), leaf.length));
  }

  /** The index that an external joiner will take; its leaf comes with the path. */
  reserve(): number {
    return this.run((core) => core.treeReserveLeaf(this.handle));
  }

  /** Replaces a leaf and blanks its direct path. */
  update(leafIndex: number, leaf: Uint8Array): void {
    this.run((core, frame) => core.treeUpdateLeaf(this.handle, index(leafIndex), frame.put(leaf), leaf.length));
  }

  /** Blanks a leaf and its direct path, and truncates the tree. */
  remove(leafIndex: number): void {
    this.run((core) => core.treeRemoveLeaf(this.handle, index(leafIndex)));
  }

  /** Sets a committer's own path (one key per node of the filtered direct path) and returns the parent hash for its leaf. */
  setPath(leafIndex: number, keys: readonly Uint8Array[]): Uint8Array {
    return this.bytes(this.suite.hashLength, (core, dst, frame) =>
      core.treeSetPath(this.handle, index(leafIndex), this.#putKeys(frame, keys), keys.length, dst),
    );
  }

  /** Sets a committer's own leaf, after {@link setPath}. */
  setLeaf(leafIndex: number, leaf: Uint8Array): void {
    this.run((core, frame) => core.treeSetLeaf(this.handle, index(leafIndex), frame.put(leaf), leaf.length));
  }

  /** Merges a received path and checks the parent hash of its leaf. */
  mergePath(leafIndex: number, leaf: Uint8Array, keys: readonly Uint8Array[]): void {
    this.run((core, frame) => {
      const at = frame.put(leaf);
      return core.treeMergePath(
        this.handle,
        index(leafIndex),
        at,
        leaf.length,
        this.#putKeys(frame, keys),
        keys.length,
      );
    });
  }

  /** Throws when a key that these changes bring stands in the resulting tree twice. */
  checkKeys(): void {
    this.run((core) => core.treeCheckKeys(this.handle));
  }

  /** These changes as bytes, for a record: {@link applyChanges} on a fork of the same tree repeats them. */
  exportChanges(): Uint8Array {
    const length = this.run((core) => core.overlayExportLength(this.handle));
    return this.bytes(length, (core, dst) => core.overlayExport(this.handle, dst));
  }

  /** Applies what {@link exportChanges} returned; only before any other change. */
  applyChanges(changes: Uint8Array): void {
    this.run((core, frame) => core.overlayImport(this.handle, frame.put(changes), changes.length));
  }

  /** Makes this the epoch's tree. What is returned still knows the leaves of the epoch before. */
  merge(): FormerTree {
    this.run((core) => core.treeMerge(this.handle));
    return new FormerTree(this.engine, this.surrender());
  }

  #putKeys(frame: Frame, keys: readonly Uint8Array[]): number {
    const { publicKeyLength } = this.suite;
    const all = new Uint8Array(keys.length * publicKeyLength);
    keys.forEach((key, i) => {
      if (key.length !== publicKeyLength) throw new RangeError(`a public key of ${key.length} bytes`);
      all.set(key, i * publicKeyLength);
    });
    return frame.put(all);
  }
}
