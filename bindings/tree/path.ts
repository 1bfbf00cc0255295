// A committer's path in the core (RFC 9420 sections 7.4 to 7.6): made, sealed, merged, opened. Private
// keys and path secrets stay there; what crosses are public keys, ciphertexts and handles.
import type { CoreExports } from "../core/generated/exports.ts";
import { wiping } from "../core/owned.ts";
import { Secret } from "../core/secret.ts";
import { randomBytes, type RandomSource } from "../crypto/random.ts";
import type { CipherSuite } from "../crypto/suite.ts";
import type { LeafNode } from "../message/leafnode.ts";
import { treeFailure } from "./failure.ts";
import {
  climb,
  commitSecretOf,
  derivePathSteps,
  forgetPathSteps,
  joinedPath,
  keepSteps,
  openSteps,
  type PathStep,
  sealSteps,
} from "./pluginpath.ts";
import type { StagedTree, TreeView } from "./ratchettree.ts";

const SEED_LENGTH = 32;

function checked(core: CoreExports, code: number): number {
  if (code < 0) throw treeFailure(core, code);
  return code;
}

/** u32 values as the core reads them. */
function words(values: readonly number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values).buffer);
}

/** Says which leaf of the tree is our own, and its private key, which is copied. */
export function setOwnLeaf(tree: TreeView, leafIndex: number, privateKey: Secret): void {
  checked(tree.engine.core, tree.engine.core.treeSetOwnLeaf(tree.handle, leafIndex, privateKey.handle));
}

/** Replaces our leaf's private key: a commit covers an Update of ours (MLS-12.4.2-14). */
export function replaceOwnKey(tree: StagedTree, privateKey: Secret): void {
  checked(tree.engine.core, tree.engine.core.treeReplaceOwnKey(tree.handle, privateKey.handle));
}

/** What a new path leaves behind for the commit. */
export interface NewPath {
  /** For the new leaf (MLS-7.9.1-01). */
  readonly parentHash: Uint8Array;
  readonly commitSecret: Secret;
  /** With a KEM outside the core: what {@link sealPath} and the Welcome need. */
  readonly steps: readonly PathStep[] | undefined;
}

/**
 * Makes a fresh path for our own leaf, whose new private key is set already, and sets it in the tree; the
 * leaf itself comes next (MLS-7.4-01).
 */
export function createPath(suite: CipherSuite, tree: StagedTree, ownLeaf: number, random: RandomSource): NewPath {
  const bytes = randomBytes(random, suite.hashLength);
  const first = Secret.import(suite.engine, bytes);
  bytes.fill(0);
  return wiping(first, () => createPathFrom(first, suite, tree, ownLeaf));
}

function createPathFrom(first: Secret, suite: CipherSuite, tree: StagedTree, ownLeaf: number): NewPath {
  const { engine } = suite;
  if (suite.plugin !== undefined) {
    const steps = derivePathSteps(suite, tree, ownLeaf, first);
    try {
      const keys = steps.map(({ publicKey }) => publicKey);
      const parentHash = tree.setPath(ownLeaf, keys);
      keepSteps(tree, steps);
      return { parentHash, commitSecret: commitSecretOf(suite, steps, first), steps };
    } catch (error) {
      forgetPathSteps(steps);
      throw error;
    }
  }
  return engine.frame((core, frame) => {
    checked(core, core.pathBegin(tree.handle, first.handle));
    checked(core, core.pathDeriveKeyPairs(tree.handle));
    const dst = frame.take(suite.hashLength);
    const length = checked(core, core.pathFinish(tree.handle, dst));
    const parentHash = engine.copyOut(dst, length);
    const commitSecret = Secret.adopt(engine, core.pathCommitSecret(tree.handle, first.handle));
    return { parentHash, commitSecret, steps: undefined };
  });
}

/**
 * Encrypts the path secrets to everyone but the members that this commit adds: the encoded `nodes` of
 * the UpdatePath. `context` is the provisional GroupContext (MLS-7.6-03).
 */
export function sealPath(
  suite: CipherSuite,
  tree: StagedTree,
  ownLeaf: number,
  { steps }: NewPath,
  context: Uint8Array,
  added: readonly number[],
  random: RandomSource,
): Uint8Array<ArrayBuffer> {
  if (steps !== undefined) return sealSteps(suite, tree, ownLeaf, steps, context, added, random);
  const { engine, kem, aead } = suite;
  return engine.frame((core, frame) => {
    const excluded = frame.put(words(added));
    const length = checked(core, core.pathSealLength(tree.handle, excluded, added.length));
    const contextAt = frame.put(context);
    const seed = frame.put(randomBytes(random, SEED_LENGTH));
    const dst = frame.take(length);
    checked(core, core.pathSeal(tree.handle, kem, aead, contextAt, context.length, excluded, added.length, seed, dst));
    return engine.copyOut(dst, length);
  });
}

/** Wipes what of a path is outside its tree: for a commit that comes to nothing. */
export function forgetSteps(path: NewPath | undefined): void {
  forgetPathSteps(path?.steps ?? []);
}

/** Wipes the path secrets, once the commit and its Welcome are made (MLS-7.5-10). */
export function forgetPath(tree: StagedTree, path: NewPath | undefined): void {
  forgetSteps(path);
  checked(tree.engine.core, tree.engine.core.treeForgetPath(tree.handle));
}

/** Merges a received path; throws where its shape, its keys or its parent hash are wrong. */
export function mergePath(
  tree: StagedTree,
  committer: number,
  leafNode: LeafNode,
  nodes: Uint8Array,
  added: readonly number[],
): void {
  const { engine } = tree;
  engine.frame((core, frame) => {
    const leaf = frame.put(leafNode.encoded);
    const at = frame.put(nodes);
    const excluded = frame.put(words(added));
    const { length } = leafNode.encoded;
    checked(core, core.pathMerge(tree.handle, committer, leaf, length, at, nodes.length, excluded, added.length));
  });
}

/** Opens our part of a merged path and keeps the private keys it leads to; the commit_secret. */
export function openPath(
  suite: CipherSuite,
  tree: StagedTree,
  ownLeaf: number,
  committer: number,
  nodes: Uint8Array,
  context: Uint8Array,
  added: readonly number[],
): Secret {
  if (suite.plugin !== undefined) return openSteps(suite, tree, ownLeaf, committer, nodes, context, added);
  const { engine, kem, aead } = suite;
  return engine.frame((core, frame) => {
    const at = frame.put(nodes);
    const contextAt = frame.put(context);
    const excluded = frame.put(words(added));
    const handle = core.pathOpen(
      tree.handle,
      kem,
      aead,
      committer,
      at,
      nodes.length,
      contextAt,
      context.length,
      excluded,
      added.length,
    );
    return Secret.adopt(engine, checked(core, handle));
  });
}

/** Derives a new member's keys from the path secret in its Welcome (MLS-12.4.3.1-15, -16). */
export function joinPath(
  suite: CipherSuite,
  tree: TreeView,
  ownLeaf: number,
  signer: number,
  pathSecret: Secret,
): void {
  if (suite.plugin !== undefined) {
    climb(suite, tree, joinedPath(tree, ownLeaf, signer), pathSecret.copy()).wipe();
    return;
  }
  const { core } = suite.engine;
  checked(core, core.pathJoin(tree.handle, signer, pathSecret.handle));
}

/** Drops every private key that is held for a tree. MLS-11.2-06 */
export function forgetPrivateKeys(tree: TreeView): void {
  const { core } = tree.engine;
  checked(core, core.treeForgetPrivateKeys(tree.handle));
}

/** Adds the private keys that are held for a tree to a record. */
export function writerPrivateKeys(writer: { readonly handle: number }, tree: TreeView): void {
  const { core } = tree.engine;
  checked(core, core.writerPrivateKeys(writer.handle, tree.handle));
}

/** Takes them out of an opened record, for the same tree. */
export function readerPrivateKeys(reader: { readonly handle: number }, tree: TreeView): void {
  const { core } = tree.engine;
  checked(core, core.readerPrivateKeys(reader.handle, tree.handle));
}
