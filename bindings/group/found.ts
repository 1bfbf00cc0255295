// Founding a group (RFC 9420 section 11): one member, epoch 0.

import { generateHpkeKeyPair } from "../crypto/hpke.ts";
import { randomBytes } from "../crypto/random.ts";
import { StateError } from "../errors.ts";
import { PROTOCOL_VERSION_MLS10 } from "../message/constants.ts";
import { checkExtensions, copyExtensions, type Extension } from "../message/extension.ts";
import { requireNoGrease } from "../message/grease.ts";
import type { LeafNode } from "../message/leafnode.ts";
import { EpochSecrets } from "../schedule/epoch.ts";
import { interimTranscriptHash } from "../schedule/transcript.ts";
import { setOwnLeaf } from "../tree/path.ts";
import { RatchetTree } from "../tree/ratchettree.ts";
import { externalSenderRequests } from "../validate/credential.ts";
import { findInvalidLeaf, leafRuleError } from "../validate/leafnode.ts";
import type { Environment } from "./environment.ts";
import { sealedContext, treeSuite } from "./epoch.ts";
import { leafExpectations } from "./members.ts";
import { GroupState } from "./state.ts";
import type { LeafTemplate } from "./template.ts";

const TREE_SEED_LENGTH = 16;
const nothing = new Uint8Array(0);

/** A new group with its creator as the only member. MLS-11-05, MLS-11-06, MLS-11-07 */
export function foundGroup(
  environment: Environment,
  leaves: LeafTemplate,
  groupId: Uint8Array,
  given: readonly Extension[],
): GroupState {
  const extensions = copyExtensions(given);
  const { engine, random, limits, decode } = environment;
  const { suite, signatureKey } = leaves.parts;
  checkExtensions(extensions, "groupContext");
  requireNoGrease(extensions);
  if (environment.authenticator.ask(externalSenderRequests(extensions, decode)).length > 0) {
    throw new StateError("ERR_STATE_DEFERRED", "an external sender of a new group cannot be deferred");
  }
  const seed = randomBytes(random, TREE_SEED_LENGTH);
  const encryption = generateHpkeKeyPair(suite, random);
  const tree = RatchetTree.create(engine, treeSuite(suite), seed);
  let secrets: EpochSecrets | undefined;
  try {
    const leafNode = leaves.leafNode(encryption.publicKey, leaves.leafGrease());
    requireCreatorFits(environment, leaves, leafNode, extensions);
    const staged = tree.fork();
    staged.add(leafNode.encoded);
    staged.merge().close();
    setOwnLeaf(tree, 0, encryption.privateKey);
    secrets = EpochSecrets.create(suite, random, { leafCount: 1, limits });
    const confirmationTag = secrets.confirmationTag(nothing);
    return new GroupState({
      environment,
      suite,
      tree,
      ownLeafIndex: 0,
      signatureKey: { publicKey: signatureKey.publicKey, privateKey: signatureKey.privateKey.copy() },
      epoch: {
        groupContext: sealedContext({
          version: PROTOCOL_VERSION_MLS10,
          cipherSuite: suite.id,
          groupId,
          epoch: 0n,
          treeHash: tree.treeHash(),
          confirmedTranscriptHash: nothing,
          extensions,
        }),
        secrets,
        confirmationTag,
        interimTranscriptHash: interimTranscriptHash(suite, nothing, confirmationTag),
        credentialTypes: new Map([[leafNode.credentialType, 1]]),
      },
    });
  } catch (error) {
    secrets?.wipe();
    tree.close();
    throw error;
  } finally {
    encryption.privateKey.wipe();
  }
}

// MLS-11-08
function requireCreatorFits(
  { engine, limits, now }: Environment,
  { parts: { suite } }: LeafTemplate,
  leafNode: LeafNode,
  extensions: readonly Extension[],
): void {
  const policy = {
    version: PROTOCOL_VERSION_MLS10,
    cipherSuite: suite.id,
    encryptionKeyLength: suite.publicKeyLength,
    signatureKeyLength: suite.signatureKeyLength,
    maximumLifetime: limits.lifetimeSeconds,
    clockSkew: limits.clockSkewSeconds,
  };
  const types = new Map([[leafNode.credentialType, 1]]);
  const expectations = leafExpectations(policy, extensions, types, now());
  const invalid = findInvalidLeaf(engine, [leafNode.encoded], expectations, 1);
  if (invalid === undefined) return;
  const cause = leafRuleError(invalid.answer, 0, leafNode, expectations, 1)!;
  throw new StateError("ERR_USAGE", `this client does not fit the group: ${cause.message}`, {
    rule: "MLS-11-08",
    cause,
  });
}
