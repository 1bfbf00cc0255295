// What anybody verifies who enters a group from its GroupInfo, by Welcome or from outside (RFC 9420
// sections 12.4.3.1 and 12.4.3.2): the tree, the GroupInfo's signature, every leaf.

import { equalBytes } from "../codec/equal.ts";
import { isHpkeKey } from "../crypto/hpke.ts";
import { randomBytes } from "../crypto/random.ts";
import { verifyWithLabel } from "../crypto/signature.ts";
import type { CipherSuite } from "../crypto/suite.ts";
import { ValidationError } from "../errors.ts";
import { ExtensionType } from "../message/constants.ts";
import { findExtension } from "../message/extension.ts";
import { type GroupInfo, groupInfoTbs } from "../message/groupinfo.ts";
import type { DeferredAuthentication } from "../policy.ts";
import { RatchetTree } from "../tree/ratchettree.ts";
import { authenticationRequest, externalSenderRequests } from "../validate/credential.ts";
import { findInvalidMember } from "../validate/leafnode.ts";
import { verifyTreeLeaves } from "../validate/signatures.ts";
import type { ViewEnvironment } from "./environment.ts";
import { treeSuite } from "./epoch.ts";
import { credentialTypesOf, type CredentialTypes, leafExpectations } from "./members.ts";

const TREE_SEED_LENGTH = 16;

/** The tree of a GroupInfo, or the one that came another way. MLS-12.4.3.1-06, MLS-12.4.3.1-12, MLS-12.4.3.3-05 */
export function importTree(
  suite: CipherSuite,
  environment: ViewEnvironment,
  groupInfo: GroupInfo,
  ratchetTree: Uint8Array | undefined,
): RatchetTree {
  const content = ratchetTree ?? findExtension(groupInfo.extensions, ExtensionType.ratchetTree);
  if (content === undefined) {
    throw new ValidationError("ERR_TREE_NEEDED", "the ratchet tree is not in the message: pass it as ratchetTree", {
      rule: "MLS-12.4.3.1-06",
    });
  }
  const { engine, random, limits } = environment;
  const seed = randomBytes(random, TREE_SEED_LENGTH);
  const tree = RatchetTree.import(engine, treeSuite(suite), seed, content, limits.leaves);
  try {
    const treeHash = tree.treeHash();
    const expected = groupInfo.groupContext.treeHash;
    if (!equalBytes(treeHash, expected)) {
      throw new ValidationError("ERR_TREE_HASH", "the ratchet tree is not the one of the GroupContext", {
        rule: "MLS-12.4.3.1-12",
      });
    }
    return tree;
  } catch (error) {
    tree.close();
    throw error;
  }
}

/** Throws unless a member of the tree has signed the GroupInfo. MLS-12.4.3-05 */
export function verifyGroupInfo(
  suite: CipherSuite,
  environment: ViewEnvironment,
  groupInfo: GroupInfo,
  tree: RatchetTree,
): void {
  const signer = tree.leafNode(groupInfo.signer);
  if (signer === undefined) {
    throw new ValidationError("ERR_GROUP_INFO", "the signer is no member", {
      rule: "MLS-12.4.3-05",
      struct: "GroupInfo",
      leafIndex: groupInfo.signer,
    });
  }
  verifyWithLabel(suite, signer.signatureKey, "GroupInfoTBS", groupInfoTbs(groupInfo), groupInfo.signature, {
    rule: "MLS-12.4.3-05",
    struct: "GroupInfo",
    leafIndex: groupInfo.signer,
  });
}

// MLS-5.1.1-01; the core has looked at their length
function requireParentKeys(suite: CipherSuite, tree: RatchetTree): void {
  for (let node = 1; node < 2 * tree.leafCount - 1; node += 2) {
    const key = tree.encryptionKey(node);
    if (key === undefined || isHpkeKey(suite, key)) continue;
    throw new ValidationError("ERR_TREE", `the key of node ${node} (${key.length} bytes) is none of the cipher suite`, {
      rule: "MLS-5.1.1-01",
      struct: "ParentNode",
    });
  }
}

/** Parent hashes, leaves, signatures and credentials of a tree that is new to us. MLS-12.4.3.1-13, MLS-5.3.1-03 */
export function verifyTree(
  environment: ViewEnvironment,
  suite: CipherSuite,
  groupInfo: GroupInfo,
  tree: RatchetTree,
): { readonly deferred: DeferredAuthentication[]; readonly types: CredentialTypes } {
  const { groupContext } = groupInfo;
  tree.verifyParentHashes();
  if (suite.plugin !== undefined) requireParentKeys(suite, tree);
  const types = credentialTypesOf(tree);
  const policy = {
    version: groupContext.version,
    cipherSuite: suite.id,
    encryptionKeyLength: suite.publicKeyLength,
    signatureKeyLength: suite.signatureKeyLength,
    maximumLifetime: environment.limits.lifetimeSeconds,
    clockSkew: environment.limits.clockSkewSeconds,
  };
  const now = environment.checkLifetime ? environment.now() : undefined;
  const invalid = findInvalidMember(tree, leafExpectations(policy, groupContext.extensions, types, now));
  if (invalid !== undefined) throw invalid;
  verifyTreeLeaves(suite, tree, groupContext.groupId, environment.random);
  const requests = Array.from(tree.leaves(), ([leafIndex, leafNode]) =>
    authenticationRequest("join", leafNode, leafIndex, undefined),
  );
  requests.push(...externalSenderRequests(groupContext.extensions, environment.decode));
  return { deferred: environment.authenticator.ask(requests), types };
}
