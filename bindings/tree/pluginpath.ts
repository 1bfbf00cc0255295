// Paths of suites whose KEM is a plug-in (RFC 9420 sections 7.4 to 7.6): the same steps as in the core,
// driven from here, because every key pair, encapsulation and decapsulation needs the plug-in.
import { equalBytes } from "../codec/equal.ts";
import { failure, ok } from "../core/failure.ts";
import { AEAD_TAG_LENGTH } from "../core/generated/layout.ts";
import { STATUS_DECRYPT } from "../core/generated/status.ts";
import { wiping } from "../core/owned.ts";
import { Secret } from "../core/secret.ts";
import { deriveSecret } from "../crypto/hash.ts";
import { decryptSecretWithLabel, deriveHpkeKeyPair, encryptToMany } from "../crypto/hpke.ts";
import type { RandomSource } from "../crypto/random.ts";
import type { CipherSuite } from "../crypto/suite.ts";
import { encodeWhole } from "../codec/writer.ts";
import { trustedContext } from "../codec/context.ts";
import { Reader } from "../codec/reader.ts";
import { ValidationError } from "../errors.ts";
import { readUpdatePathNodes, type UpdatePathNode, writeUpdatePathNodes } from "../message/updatepath.ts";
import type { StagedTree, TreeView } from "./ratchettree.ts";

/** A node of a path under construction. */
export interface PathStep {
  readonly node: number;
  readonly secret: Secret;
  readonly privateKey: Secret;
  readonly publicKey: Uint8Array;
}

const label = "UpdatePathNode";

function isBelow(node: number, ancestor: number): boolean {
  const span = 2 ** levelOf(ancestor) - 1;
  return node >= ancestor - span && node <= ancestor + span;
}

function levelOf(node: number): number {
  let level = 0;
  while (((node >>> level) & 1) === 1) level++;
  return level;
}

/** The child of `ancestor` whose subtree does not hold `node`. */
function childAway(ancestor: number, node: number): number {
  const half = 2 ** (levelOf(ancestor) - 1);
  return node < ancestor ? ancestor + half : ancestor - half;
}

function keepPrivateKey(tree: TreeView, node: number, privateKey: Secret): void {
  ok(tree.engine.core.treeKeepPrivateKey(tree.handle, node, privateKey.handle));
}

/** MLS-7.4-02: the key pair of a path secret; the private key is the caller's to wipe. */
function keyPairOf(suite: CipherSuite, pathSecret: Secret): ReturnType<typeof deriveHpkeKeyPair> {
  return wiping(deriveSecret(suite, pathSecret, "node"), (nodeSecret) => deriveHpkeKeyPair(suite, nodeSecret));
}

/** Path secrets and key pairs along the filtered direct path; the tree is not touched yet. */
export function derivePathSteps(suite: CipherSuite, tree: StagedTree, ownLeaf: number, first: Secret): PathStep[] {
  const steps: PathStep[] = [];
  let secret: Secret | undefined;
  try {
    for (const node of tree.filteredDirectPath(ownLeaf)) {
      secret = secret === undefined ? first.copy() : deriveSecret(suite, secret, "path");
      steps.push({ node, secret, ...keyPairOf(suite, secret) });
    }
    return steps;
  } catch (error) {
    secret?.wipe();
    forgetPathSteps(steps);
    throw error;
  }
}

/** Wipes the secrets of a path under construction. */
export function forgetPathSteps(steps: readonly PathStep[]): void {
  for (const { secret, privateKey } of steps) {
    secret.wipe();
    privateKey.wipe();
  }
}

/** Keeps the private keys of a path that is set in the tree, instead of those that it replaces or blanks (MLS-7.5-11). */
export function keepSteps(tree: StagedTree, steps: readonly PathStep[]): void {
  ok(tree.engine.core.treePrunePrivateKeys(tree.handle));
  for (const { node, privateKey } of steps) {
    keepPrivateKey(tree, node, privateKey);
    privateKey.wipe();
  }
}

/** The path secret for a new member (MLS-12.4.1-08): that of the lowest common ancestor. */
export function stepSecretFor(steps: readonly PathStep[], leafIndex: number): Secret | undefined {
  return steps.find(({ node }) => isBelow(2 * leafIndex, node))?.secret;
}

/** The commit_secret above the last step (MLS-12.4.1-01, MLS-12.4.1-12). */
export function commitSecretOf(suite: CipherSuite, steps: readonly PathStep[], first: Secret): Secret {
  return deriveSecret(suite, steps.at(-1)?.secret ?? first, "path");
}

/** Who gets the secret of a node: the resolution of the copath node without newcomers (MLS-7.5-04). */
function receiversOf(tree: TreeView, node: number, ownLeaf: number, added: ReadonlySet<number>): number[] {
  return tree
    .resolution(childAway(node, 2 * ownLeaf))
    .filter((receiver) => receiver % 2 !== 0 || !added.has(receiver / 2));
}

/** The `nodes` vector of the UpdatePath (MLS-7.5-05). */
export function sealSteps(
  suite: CipherSuite,
  tree: StagedTree,
  ownLeaf: number,
  steps: readonly PathStep[],
  context: Uint8Array,
  added: readonly number[],
  random: RandomSource,
): Uint8Array<ArrayBuffer> {
  const newcomers = new Set(added);
  const nodes = steps.map(({ node, secret, publicKey }): UpdatePathNode => {
    const keys = receiversOf(tree, node, ownLeaf, newcomers).map((receiver) => tree.encryptionKey(receiver)!);
    const plaintext = secret.export();
    try {
      const plaintexts = keys.map(() => plaintext);
      return {
        encryptionKey: publicKey,
        encryptedPathSecret: encryptToMany(suite, keys, label, context, plaintexts, random),
      };
    } finally {
      plaintext.fill(0);
    }
  });
  return encodeWhole(nodes, writeUpdatePathNodes);
}

/** Opens our part of a path that has been merged (MLS-7.5-07); the commit_secret. */
export function openSteps(
  suite: CipherSuite,
  tree: StagedTree,
  ownLeaf: number,
  committer: number,
  encoded: Uint8Array,
  context: Uint8Array,
  added: readonly number[],
): Secret {
  const { core } = suite.engine;
  ok(core.treePrunePrivateKeys(tree.handle));
  const nodes = readUpdatePathNodes(new Reader(encoded, trustedContext));
  const path = tree.filteredDirectPath(committer);
  const step = path.findIndex((node) => isBelow(2 * ownLeaf, node));
  const receivers = receiversOf(tree, path[step]!, committer, new Set(added));
  const place = receivers.findIndex((receiver) => core.treeHasPrivateKey(tree.handle, receiver) === 1);
  const sealed = nodes[step]?.encryptedPathSecret[place];
  if (sealed === undefined) {
    throw new ValidationError("ERR_UPDATE_PATH", "the path holds nothing for us", { rule: "MLS-7.5-07" });
  }
  // As in the core: a path secret has the length of the hash; nothing else is opened.
  if (sealed.ciphertext.length !== suite.hashLength + AEAD_TAG_LENGTH) {
    throw failure(STATUS_DECRYPT, { rule: "MLS-7.5-07" });
  }
  const receiver = receivers[place]!;
  const held = Secret.adopt(suite.engine, core.treePrivateKey(tree.handle, receiver));
  const pathSecret = wiping(held, (privateKey) => {
    const keyPair = { privateKey, publicKey: tree.encryptionKey(receiver)! };
    return decryptSecretWithLabel(suite, keyPair, label, context, sealed);
  });
  return climb(suite, tree, path.slice(step), pathSecret);
}

/** Derives from the lowest node up, holds each key against the tree (MLS-7.5-08, -09), returns the secret above. */
export function climb(suite: CipherSuite, tree: TreeView, path: readonly number[], pathSecret: Secret): Secret {
  let secret = pathSecret;
  try {
    for (const node of path) {
      const { privateKey, publicKey } = keyPairOf(suite, secret);
      try {
        const there = tree.encryptionKey(node);
        if (there === undefined || !equalBytes(there, publicKey)) {
          throw new ValidationError(
            "ERR_UPDATE_PATH",
            "a key derived from the path secret is not the one in the tree",
            {
              rule: "MLS-7.5-08",
            },
          );
        }
        keepPrivateKey(tree, node, privateKey);
      } finally {
        privateKey.wipe();
      }
      const below = secret;
      secret = deriveSecret(suite, below, "path");
      below.wipe();
    }
    return secret;
  } catch (error) {
    secret.wipe();
    throw error;
  }
}

/** The nodes above a new member that its path secret leads to (MLS-12.4.3.1-15). */
export function joinedPath(tree: TreeView, own: number, signer: number): number[] {
  let node = 2 * own;
  const path: number[] = [];
  const root = tree.leafCount - 1;
  while (node !== root) {
    const level = levelOf(node);
    node = (node | (1 << level)) & ~(1 << (level + 1));
    if (path.length > 0 ? tree.encryptionKey(node) !== undefined : isBelow(2 * signer, node)) path.push(node);
  }
  return path;
}
