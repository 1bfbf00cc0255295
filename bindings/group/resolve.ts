// The proposals of a commit with their senders; those by reference are looked up (RFC 9420 section 12.4).

import { ValidationError } from "../errors.ts";
import type { Commit } from "../message/commit.ts";
import type { ProposalInContext, Proposer } from "../validate/proposals.ts";
import type { OwnUpdate, ProposalCache } from "./cache.ts";

/** A commit's list, ready for the rules. */
export interface ResolvedProposals {
  readonly list: ProposalInContext[];
  /** The keys of an Update of our own that the commit covers. */
  readonly ownUpdate: OwnUpdate | undefined;
}

/** Resolves the list of a commit; `member` is the committer's leaf, undefined for a joiner. MLS-12.4-10, MLS-12.4-11 */
export function resolveProposals(cache: ProposalCache, commit: Commit, member: number | undefined): ResolvedProposals {
  const seen = new Set<object>();
  const committer: Proposer = member === undefined ? { kind: "new-member" } : { kind: "member", leafIndex: member };
  let ownUpdate: OwnUpdate | undefined;
  const list = commit.proposals.map((item, index): ProposalInContext => {
    if (item.kind === "proposal") return { proposal: item.proposal, proposer: committer, byReference: false };
    const entry = cache.get(item.reference);
    if (entry === undefined) {
      throw new ValidationError("ERR_MISSING_PROPOSAL", "a proposal of the commit has not been received", {
        rule: "MLS-5.2-02",
        index,
      });
    }
    if (seen.has(entry)) {
      throw new ValidationError("ERR_PROPOSAL_LIST", "the commit names the same proposal twice", {
        rule: "MLS-12.4-10",
        index,
      });
    }
    seen.add(entry);
    ownUpdate ??= entry.ownUpdate;
    return { proposal: entry.proposal, proposer: entry.proposer, byReference: true };
  });
  return { list, ownUpdate };
}
