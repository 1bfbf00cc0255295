// Signatures of leaves and key packages (RFC 9420 sections 7.2 and 10.1): one batch in the core where
// the suite's signature scheme is the core's, one by one through the plug-in where it is not.

import { failure } from "../core/failure.ts";
import { isHpkeKey } from "../crypto/hpke.ts";
import { randomBytes, type RandomSource } from "../crypto/random.ts";
import { verifyWithLabel } from "../crypto/signature.ts";
import type { CipherSuite } from "../crypto/suite.ts";
import { MlsError, ValidationError } from "../errors.ts";
import { encodeKeyPackage, type KeyPackage, keyPackageTbs } from "../message/keypackage.ts";
import { type LeafNode, leafNodeTbs, type LeafPosition } from "../message/leafnode.ts";
import type { TreeView } from "../tree/ratchettree.ts";

const SEED_LENGTH = 32;

/** The place in a list where a signature does not verify. */
export interface BadSignature {
  readonly position: number;
  readonly error: MlsError;
}

/**
 * Throws `ERR_LEAF_NODE` for an encryption key that is none of the suite's, MLS-5.1.1-01, and
 * `ERR_SIGNATURE` unless the leaf is signed for this place in the group. MLS-7.3-03, MLS-7.2-02
 */
export function verifyLeaf(suite: CipherSuite, leaf: LeafNode, position: LeafPosition | undefined): void {
  if (!isHpkeKey(suite, leaf.encryptionKey)) {
    throw new ValidationError(
      "ERR_LEAF_NODE",
      `an encryption_key of ${leaf.encryptionKey.length} bytes that is none of the cipher suite`,
      {
        rule: "MLS-5.1.1-01",
        struct: "LeafNode",
        ...(position !== undefined && { leafIndex: position.leafIndex }),
      },
    );
  }
  verifyWithLabel(suite, leaf.signatureKey, "LeafNodeTBS", leafNodeTbs(leaf, position), leaf.signature, {
    rule: "MLS-7.3-03",
    struct: "LeafNode",
    ...(position !== undefined && { leafIndex: position.leafIndex }),
  });
}

/** Verifies the key package's signature and its leaf's; the first package that fails. MLS-10.1-03, MLS-10-05 */
export function verifyKeyPackages(
  suite: CipherSuite,
  keyPackages: readonly KeyPackage[],
  random: RandomSource,
): BadSignature | undefined {
  if (suite.plugin !== undefined) return verifyKeyPackagesOneByOne(suite, keyPackages);
  const { engine } = suite;
  return engine.frame((core, frame) => {
    const encoded = keyPackages.map((keyPackage) => keyPackage.encoded ?? encodeKeyPackage(keyPackage));
    const addresses = Uint32Array.from(encoded, (bytes) => frame.put(bytes));
    const lengths = Uint32Array.from(encoded, (bytes) => bytes.length);
    const at = frame.put(new Uint8Array(addresses.buffer));
    const lengthsAt = frame.put(new Uint8Array(lengths.buffer));
    const seed = frame.put(randomBytes(random, SEED_LENGTH));
    const culprit = frame.take(4);
    const status = core.keyPackagesVerify(encoded.length, at, lengthsAt, seed, culprit);
    if (status >= 0) return undefined;
    const position = engine.word(culprit);
    return { position, error: failure(status, { rule: "MLS-10.1-03", struct: "KeyPackage" }) };
  });
}

function verifyKeyPackagesOneByOne(suite: CipherSuite, keyPackages: readonly KeyPackage[]): BadSignature | undefined {
  for (const [position, keyPackage] of keyPackages.entries()) {
    try {
      verifyLeaf(suite, keyPackage.leafNode, undefined);
      const { signatureKey } = keyPackage.leafNode;
      verifyWithLabel(suite, signatureKey, "KeyPackageTBS", keyPackageTbs(keyPackage), keyPackage.signature, {
        rule: "MLS-10.1-03",
        struct: "KeyPackage",
      });
    } catch (error) {
      if (error instanceof MlsError) return { position, error };
      throw error;
    }
  }
  return undefined;
}

/** Throws `ERR_SIGNATURE` for the first leaf of a tree whose signature does not verify. MLS-7.3-03 */
export function verifyTreeLeaves(suite: CipherSuite, tree: TreeView, groupId: Uint8Array, random: RandomSource): void {
  const { engine } = suite;
  if (suite.plugin !== undefined) {
    for (const [leafIndex, leaf] of tree.leaves()) {
      verifyLeaf(suite, leaf, leaf.source.kind === "keyPackage" ? undefined : { groupId, leafIndex });
    }
    return;
  }
  engine.frame((core, frame) => {
    const seed = frame.put(randomBytes(random, SEED_LENGTH));
    const culprit = frame.take(4);
    const status = core.treeVerifyLeaves(tree.handle, frame.put(groupId), groupId.length, seed, culprit);
    if (status >= 0) return;
    throw failure(status, {
      rule: "MLS-7.3-03",
      struct: "LeafNode",
      leafIndex: engine.word(culprit),
    });
  });
}
