// A proposal by itself, when it arrives (RFC 9420 section 12.1): what is wrong with it whatever commit
// takes it along is refused here, so that it cannot spoil anybody's commit.

import { MlsError, ValidationError } from "../errors.ts";
import type { AuthenticationRequest } from "../policy.ts";
import { authenticationRequest, externalSenderRequests } from "../validate/credential.ts";
import { type ProposalInContext, validateProposal } from "../validate/proposals.ts";
import { type AppliedProposals, leafNodeAt, requireFreshKey, sameIdentity } from "./apply.ts";
import { listContext } from "./lists.ts";
import { checkAddsAndUpdates, expectLeaves } from "./newleaves.ts";
import type { GroupView } from "./view.ts";

/** Throws unless the proposal could stand in a commit of this epoch. MLS-12.1-02, MLS-12.1.1-03, MLS-12.1.2-02 */
export function checkProposal(group: GroupView, entry: ProposalInContext): void {
  const { proposal, proposer } = entry;
  try {
    validateProposal(entry, 0, listContext(group, undefined));
    const questions: AuthenticationRequest[] = [];
    switch (proposal.kind) {
      case "externalInit":
        throw new ValidationError("ERR_PROPOSAL", "an ExternalInit stands in external commits only", {
          rule: "MLS-12.1.6-01",
        });
      case "groupContextExtensions":
        questions.push(...externalSenderRequests(proposal.extensions, group.environment.decode));
        break;
      case "add": {
        const { keyPackage } = proposal;
        checkLeaves(group, { added: [{ keyPackage, leafIndex: 0, index: 0 }] });
        questions.push(authenticationRequest("add", keyPackage.leafNode, undefined, undefined));
        break;
      }
      case "update": {
        const leafIndex = proposer.kind === "member" ? proposer.leafIndex : 0;
        const before = leafNodeAt(group.tree, leafIndex)!;
        const after = proposal.leafNode;
        requireFreshKey(before, after, leafIndex);
        checkLeaves(group, { updated: [{ leafIndex, before, after, index: 0 }] });
        if (!sameIdentity(before, after)) {
          questions.push(authenticationRequest("update", after, leafIndex, before.credential));
        }
        break;
      }
      default:
        break;
    }
    // Those that are deferred are asked about again when a commit brings them.
    group.environment.authenticator.ask(questions);
  } catch (error) {
    // There is no list yet: the error is the proposal's own.
    if (error instanceof MlsError && error.code === "ERR_PROPOSAL_LIST" && error.cause instanceof MlsError) {
      throw error.cause;
    }
    throw error;
  }
}

function checkLeaves(group: GroupView, change: Partial<Pick<AppliedProposals, "added" | "updated">>): void {
  const { extensions } = group.epoch.groupContext;
  const applied = { added: [], updated: [], removed: [], extensions, ...change };
  checkAddsAndUpdates(group, applied, expectLeaves(group, applied, undefined, "receiver"));
}
