// Following a commit without any secret of the group: everything that can be verified from outside is.

import { DecodeError, ValidationError } from "../errors.ts";
import type { AuthenticatedContent } from "../message/framing.ts";
import type { DeferredAuthentication } from "../policy.ts";
import { confirmedTranscriptHash, interimTranscriptHash } from "../schedule/transcript.ts";
import { needsPath, validateProposalList } from "../validate/proposals.ts";
import { type AppliedProposals, applyProposals, leafNodeAt } from "./apply.ts";
import type { ProposalCache } from "./cache.ts";
import { sealedContext } from "./epoch.ts";
import { requireCustomSupport } from "./custom.ts";
import { listContext } from "./lists.ts";
import { checkMembers } from "./newleaves.ts";
import { checkPath } from "./process.ts";
import { resolveProposals } from "./resolve.ts";
import { provisionalContext } from "./transition.ts";
import type { GroupView } from "./view.ts";

/** A commit that a follower has verified. */
export interface FollowedCommit {
  /** The committer's leaf in the new epoch. */
  readonly committer: number;
  readonly applied: AppliedProposals;
  readonly epoch: GroupView["epoch"];
  readonly confirmationTag: Uint8Array;
  readonly deferred: readonly DeferredAuthentication[];
}

/**
 * Verifies a commit whose signature has been verified, all but what needs secrets: the membership tag,
 * the path's ciphertexts, the confirmation tag.
 */
export function followCommit(
  group: GroupView,
  cache: ProposalCache,
  authenticated: AuthenticatedContent,
): FollowedCommit {
  const { content, auth } = authenticated;
  const { sender } = content;
  if (content.content.kind !== "commit" || (sender.kind !== "member" && sender.kind !== "newMemberCommit")) {
    throw new ValidationError("ERR_SENDER", `no commit comes from ${sender.kind}`, { rule: "MLS-12.4.2-13" });
  }
  const { commit } = content.content;
  const member = sender.kind === "member" ? sender.leafIndex : undefined;
  const { list } = resolveProposals(cache, commit, member);
  validateProposalList(list, listContext(group, member));
  requireCustomSupport(group, list);
  const applied = applyProposals(group.tree, group.epoch.groupContext.extensions, list);
  try {
    if (commit.path === undefined && needsPath(list, group.environment.customProposals)) {
      throw new ValidationError("ERR_COMMIT", "a commit of these proposals needs a path", { rule: "MLS-12.4-08" });
    }
    const committer = member ?? applied.tree.reserve();
    const before = member === undefined ? undefined : leafNodeAt(group.tree, member);
    const { expected, questions } = checkPath(group, commit, committer, before, applied);
    checkMembers(group, applied, expected);
    const deferred = group.environment.authenticator.ask(questions);
    const confirmed = confirmedTranscriptHash(group.suite, group.epoch.interimTranscriptHash, authenticated);
    const confirmationTag = auth.confirmationTag;
    if (confirmationTag?.length !== group.suite.hashLength) {
      const message = `a confirmation tag of ${confirmationTag?.length ?? 0} bytes instead of ${group.suite.hashLength}`;
      throw new DecodeError("ERR_MALFORMED", message, { rule: "MLS-6.1-08", struct: "FramedContentAuthData" });
    }
    return {
      committer,
      applied,
      deferred,
      confirmationTag,
      epoch: {
        groupContext: sealedContext({ ...provisionalContext(group, applied), confirmedTranscriptHash: confirmed }),
        interimTranscriptHash: interimTranscriptHash(group.suite, confirmed, confirmationTag),
        credentialTypes: expected.credentialTypes,
      },
    };
  } catch (error) {
    applied.tree.close();
    throw error;
  }
}
