// One epoch of a group as a value, and the next one while it is staged.

import type { CipherSuite } from "../crypto/suite.ts";
import { withEncoded } from "../message/encoded.ts";
import { encodeGroupContext, type GroupContext } from "../message/groupcontext.ts";
import type { SignatureKeyPair } from "../crypto/signature.ts";
import type { EpochSecrets } from "../schedule/epoch.ts";
import type { StagedTree } from "../tree/ratchettree.ts";
import type { CredentialTypes } from "./members.ts";

/** What members of one epoch agree on, beside the tree. */
export interface Epoch {
  readonly groupContext: GroupContext & { readonly encoded: Uint8Array };
  readonly secrets: EpochSecrets;
  readonly interimTranscriptHash: Uint8Array;
  readonly confirmationTag: Uint8Array;
  readonly credentialTypes: CredentialTypes;
}

/** An epoch that has been computed and can be entered, or forgotten. */
export interface NextEpoch {
  readonly tree: StagedTree;
  readonly epoch: Epoch;
  /** Our signature key from then on, where the change replaces it. */
  readonly signatureKey: SignatureKeyPair | undefined;
}

/** Wipes everything of an epoch that is not entered. MLS-14-05 */
export function forgetNextEpoch(next: NextEpoch): void {
  next.epoch.secrets.wipe();
  next.signatureKey?.privateKey.wipe();
  next.tree.close();
}

/** A GroupContext with its encoding, which many computations cover. */
export function sealedContext(context: GroupContext): GroupContext & { readonly encoded: Uint8Array } {
  return withEncoded({ ...context }, encodeGroupContext(context));
}

/** What the tree needs to know of a suite. */
export function treeSuite(suite: CipherSuite): { kdf: number; publicKeyLength: number; hashLength: number } {
  const { kdf, publicKeyLength, hashLength } = suite;
  return { kdf, publicKeyLength, hashLength };
}
