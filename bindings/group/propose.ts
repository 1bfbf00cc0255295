// Proposals of our own: an Update brings keys that wait until somebody commits it.

import { Secret } from "../core/secret.ts";
import { generateHpkeKeyPair } from "../crypto/hpke.ts";
import { signatureKeyPair } from "../crypto/signature.ts";
import type { Proposal } from "../message/proposals.ts";
import type { OwnUpdate } from "./cache.ts";
import { type LeafChanges, nextLeafContent, signLeaf } from "./leaf.ts";
import type { GroupState } from "./state.ts";

/** A proposal, and the private keys that an Update of ours brings. */
export interface KeyedProposal {
  readonly proposal: Proposal;
  readonly ownUpdate: OwnUpdate | undefined;
}

/** Turns changes of our leaf into an Update with fresh keys; other proposals pass. MLS-7.3-11, MLS-7.3-12 */
export function proposalKeys(state: GroupState, wanted: Proposal | LeafChanges): KeyedProposal {
  if ("kind" in wanted) return { proposal: wanted, ownUpdate: undefined };
  const { suite, environment, epoch, ownLeafIndex } = state;
  const { privateKey: encryptionKey, publicKey } = generateHpkeKeyPair(suite, environment.random);
  const signatureKey =
    wanted.signaturePrivateKey === undefined
      ? undefined
      : signatureKeyPair(suite, Secret.import(environment.engine, wanted.signaturePrivateKey));
  const signer = signatureKey ?? state.signatureKey;
  const content = nextLeafContent(state.ownLeaf, publicKey, signer.publicKey, wanted, { kind: "update" });
  const position = { groupId: epoch.groupContext.groupId, leafIndex: ownLeafIndex };
  const leafNode = signLeaf(suite, signer, content, position, environment.decode);
  return { proposal: { kind: "update", leafNode }, ownUpdate: { encryptionKey, signatureKey } };
}
