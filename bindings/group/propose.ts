// Proposals of our own: an Update brings keys that wait until somebody commits it.

import type { Proposal } from "../message/proposals.ts";
import type { OwnUpdate } from "./cache.ts";
import { forgetLeafKeys, type LeafChanges, makeLeafKeys, nextLeafContent, signLeaf } from "./leaf.ts";
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
  const keys = makeLeafKeys(suite, wanted, environment.random);
  try {
    const { encryptionKey, signatureKey } = keys;
    const signer = signatureKey ?? state.signatureKey;
    const source = { kind: "update" } as const;
    const content = nextLeafContent(state.ownLeaf, encryptionKey.publicKey, signer.publicKey, wanted, source);
    const position = { groupId: epoch.groupContext.groupId, leafIndex: ownLeafIndex };
    const leafNode = signLeaf(suite, signer, content, position, environment.decode);
    return {
      proposal: { kind: "update", leafNode },
      ownUpdate: { encryptionKey: encryptionKey.privateKey, signatureKey },
    };
  } catch (error) {
    forgetLeafKeys(keys);
    throw error;
  }
}
