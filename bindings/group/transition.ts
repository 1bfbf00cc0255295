// From a commit to the next epoch (RFC 9420 sections 8 and 12.4): contexts, transcript, key schedule.
// Committer and receivers run the same code.

import { DecodeError, ValidationError } from "../errors.ts";
import type { Secret } from "../core/secret.ts";
import type { SignatureKeyPair } from "../crypto/signature.ts";
import type { AuthenticatedContent } from "../message/framing.ts";
import type { GroupContext } from "../message/groupcontext.ts";
import type { PreSharedKeyID } from "../message/psk.ts";
import { EpochSecrets } from "../schedule/epoch.ts";
import { type PreSharedSecret, pskSecret } from "../schedule/psk.ts";
import { confirmedTranscriptHash, interimTranscriptHash } from "../schedule/transcript.ts";
import type { AppliedProposals } from "./apply.ts";
import { describePsk } from "./environment.ts";
import { type NextEpoch, sealedContext } from "./epoch.ts";
import type { CredentialTypes } from "./members.ts";
import type { GroupView, TakingPart } from "./view.ts";

const LAST_EPOCH = 0xffff_ffff_ffff_ffffn;

/** The GroupContext that path secrets are encrypted under: all new but the transcript. MLS-7.6-03, MLS-12.4.1-05 */
export function provisionalContext(
  group: GroupView,
  { tree, extensions }: AppliedProposals,
): GroupContext & { readonly encoded: Uint8Array } {
  const { groupContext } = group.epoch;
  if (groupContext.epoch === LAST_EPOCH) {
    throw new DecodeError("ERR_LIMIT", `the group has used up its epochs: ${LAST_EPOCH} was the last`, {
      rule: "MLS-8.1-03",
    });
  }
  const { version, cipherSuite, groupId, epoch } = groupContext;
  return sealedContext({
    version,
    cipherSuite,
    groupId,
    epoch: epoch + 1n,
    treeHash: tree.treeHash(),
    confirmedTranscriptHash: groupContext.confirmedTranscriptHash,
    extensions,
  });
}

/** Looks the secrets of PSKs up; throws `ERR_PSK` for one that is not held. MLS-12.4.2-02b */
export function heldPsks(heldPsk: TakingPart["heldPsk"], ids: readonly PreSharedKeyID[]): PreSharedSecret[] {
  return ids.map((id, index) => {
    const psk = heldPsk(id);
    if (psk === undefined) {
      throw new ValidationError("ERR_PSK", `${describePsk(id)} is not held`, { rule: "MLS-12.4.2-02b", index });
    }
    return { id, psk };
  });
}

/** What a commit is turned into the next epoch with. */
export interface TransitionInput {
  /** Where PSKs are looked up; in the group's own stock unless given. */
  readonly heldPsk?: TakingPart["heldPsk"];
  readonly applied: AppliedProposals;
  /** The signed commit; its confirmation tag is not needed. */
  readonly commit: AuthenticatedContent;
  readonly provisional: GroupContext;
  /** init_secret of this epoch, or the one of an external commit. */
  readonly initSecret: Secret;
  /** Without a path: undefined. It is wiped. */
  readonly commitSecret: Secret | undefined;
  readonly credentialTypes: CredentialTypes;
  readonly signatureKey: SignatureKeyPair | undefined;
}

/** Derives the next epoch, with the confirmation tag that its commit must carry. MLS-8-09, MLS-12.4.1-03 */
export function deriveNextEpoch(group: TakingPart, input: TransitionInput): NextEpoch {
  const { suite, environment, epoch } = group;
  const { applied, provisional } = input;
  const confirmed = confirmedTranscriptHash(suite, epoch.interimTranscriptHash, input.commit);
  const groupContext = sealedContext({ ...provisional, confirmedTranscriptHash: confirmed });
  const psk = pskSecret(suite, heldPsks(input.heldPsk ?? group.heldPsk, applied.psks));
  const secrets = EpochSecrets.commit(suite, input.initSecret, input.commitSecret, psk, groupContext.encoded, {
    leafCount: applied.tree.leafCount,
    limits: environment.limits,
  });
  const confirmationTag = secrets.confirmationTag(confirmed);
  return {
    tree: applied.tree,
    signatureKey: input.signatureKey,
    epoch: {
      groupContext,
      secrets,
      confirmationTag,
      interimTranscriptHash: interimTranscriptHash(suite, confirmed, confirmationTag),
      credentialTypes: input.credentialTypes,
    },
  };
}
