// Drives paths in the core: their making, sealing, merging and opening (RFC 9420 sections 7.4 to 7.6).
import { Secret } from "../../bindings/core/secret.ts";
import type { StagedTree, TreeView } from "../../bindings/tree/ratchettree.ts";
import { utf8 } from "./bytes.ts";
import { u16, u64, vector } from "./leaf.ts";
import { engine } from "./tree.ts";

/** KEM and AEAD of the cipher suites whose KEM is X25519. */
export const suites: ReadonlyMap<number, { kem: number; aead: number }> = new Map([
  [1, { kem: 32, aead: 1 }],
  [3, { kem: 32, aead: 3 }],
]);

/** A status below 0 as it is. */
export type Status = number;

const words = (values: readonly number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);

const using = <T>(bytes: Uint8Array, operation: (handle: number) => T): T => {
  using secret = Secret.import(engine, bytes);
  return operation(secret.handle);
};

/** The bytes of a secret that an export returned, which is then wiped; a status as it is. */
function exported(handle: number): Uint8Array | Status {
  if (handle < 0) return handle;
  using secret = Secret.adopt(engine, handle);
  return secret.export();
}

/** DeriveSecret with SHA-256. */
export function deriveSecret(secret: Uint8Array, label: string): Uint8Array {
  return engine.frame((core, frame) => {
    const dst = frame.take(32);
    core.deriveSecret(1, dst, frame.put(secret), frame.put(utf8(label)), label.length);
    return engine.copyOut(dst, 32);
  });
}

/** The X25519 key pair of a key material. */
export function keyPairOf(ikm: Uint8Array): { privateKey: Uint8Array; publicKey: Uint8Array } {
  return engine.frame((core, frame) => {
    const [privateKey, publicKey] = [frame.take(32), frame.take(32)];
    core.kemDeriveKeyPair(32, privateKey, publicKey, frame.put(ikm), ikm.length);
    return { privateKey: engine.copyOut(privateKey, 32), publicKey: engine.copyOut(publicKey, 32) };
  });
}

/** The private key of the node that a path secret belongs to. */
export function nodePrivateKey(pathSecret: Uint8Array): Uint8Array {
  return keyPairOf(deriveSecret(pathSecret, "node")).privateKey;
}

export function setOwnLeaf(tree: TreeView, leafIndex: number, privateKey: Uint8Array): Status {
  return using(privateKey, (handle) => engine.core.treeSetOwnLeaf(tree.handle, leafIndex, handle));
}

export function replaceOwnKey(tree: TreeView, privateKey: Uint8Array): Status {
  return using(privateKey, (handle) => engine.core.treeReplaceOwnKey(tree.handle, handle));
}

/** The member's private key of a node, undefined where it has none. */
export function privateKey(tree: TreeView, node: number): Uint8Array | undefined {
  const key = exported(engine.core.treePrivateKey(tree.handle, node));
  return typeof key === "number" ? undefined : key;
}

export function joinPath(tree: TreeView, signer: number, pathSecret: Uint8Array): Status {
  return using(pathSecret, (handle) => engine.core.pathJoin(tree.handle, signer, handle));
}

/** Makes a path and sets it: the parent hash for the leaf and the commit_secret. */
export function createPath(tree: StagedTree, first: Uint8Array): { parentHash: Uint8Array; commitSecret: Uint8Array } {
  return using(first, (handle) =>
    engine.frame((core, frame) => {
      const dst = frame.take(32);
      for (const status of [core.pathBegin(tree.handle, handle), core.pathDeriveKeyPairs(tree.handle)]) {
        if (status < 0) throw new Error(`status ${status}`);
      }
      const length = core.pathFinish(tree.handle, dst);
      if (length < 0) throw new Error(`status ${length}`);
      const commitSecret = exported(core.pathCommitSecret(tree.handle, handle)) as Uint8Array;
      return { parentHash: engine.copyOut(dst, length), commitSecret };
    }),
  );
}

/** The path secret that a new member gets. */
export function pathSecretFor(tree: StagedTree, leafIndex: number): Uint8Array | Status {
  return exported(engine.core.pathSecretFor(tree.handle, leafIndex));
}

/** The encoded `nodes` of the UpdatePath. */
export function sealPath(
  cipherSuite: number,
  tree: StagedTree,
  context: Uint8Array,
  added: readonly number[] = [],
): Uint8Array | Status {
  const { kem, aead } = suites.get(cipherSuite)!;
  return engine.frame((core, frame) => {
    const excluded = frame.put(words(added));
    const length = core.pathSealLength(tree.handle, excluded, added.length);
    if (length < 0) return length;
    const dst = frame.take(length + 1);
    const from = [frame.put(context), context.length, excluded, added.length] as const;
    const seed = frame.put(crypto.getRandomValues(new Uint8Array(32)));
    const written = core.pathSeal(tree.handle, kem, aead, ...from, seed, dst);
    if (written >= 0 && (written !== length || engine.copyOut(dst + length, 1)[0] !== 0))
      throw new Error("wrong length");
    return written < 0 ? written : engine.copyOut(dst, written);
  });
}

export function mergePath(
  tree: StagedTree,
  committer: number,
  leaf: Uint8Array,
  nodes: Uint8Array,
  added: readonly number[] = [],
): Status {
  return engine.frame((core, frame) => {
    const path = [frame.put(leaf), leaf.length, frame.put(nodes), nodes.length] as const;
    return core.pathMerge(tree.handle, committer, ...path, frame.put(words(added)), added.length);
  });
}

/** The commit_secret, or the status of a refusal. */
export function openPath(
  cipherSuite: number,
  tree: StagedTree,
  committer: number,
  nodes: Uint8Array,
  context: Uint8Array,
  added: readonly number[] = [],
): Uint8Array | Status {
  const { kem, aead } = suites.get(cipherSuite)!;
  return engine.frame((core, frame) => {
    const path = [frame.put(nodes), nodes.length, frame.put(context), context.length] as const;
    const excluded = frame.put(words(added));
    return exported(core.pathOpen(tree.handle, kem, aead, committer, ...path, excluded, added.length));
  });
}

/** An encoded GroupContext without extensions. */
export function groupContext(
  cipherSuite: number,
  groupId: Uint8Array,
  epoch: bigint,
  treeHash: Uint8Array,
  confirmedTranscriptHash: Uint8Array,
): Uint8Array {
  const fields = [...vector(groupId), ...u64(epoch), ...vector(treeHash), ...vector(confirmedTranscriptHash), 0];
  return Uint8Array.from([...u16(1, cipherSuite), ...fields]);
}
