// Proposal types of the application (RFC 9420 section 13.2): what it registers, and who must support them.

import { ValidationError } from "../errors.ts";
import { isDefaultProposal } from "../message/constants.ts";
import { isGrease } from "../message/grease.ts";
import { findInvalidMember } from "../validate/leafnode.ts";
import type { CustomTraits, ProposalInContext, Proposer } from "../validate/proposals.ts";
import { leafExpectations, requiredCapabilitiesOf } from "./members.ts";
import { type GroupView, leafPolicyOf } from "./view.ts";

/**
 * A proposal type of the application. Its body is one opaque vector. All members that use it must register
 * it alike: they judge commits by it.
 */
export interface CustomProposalType {
  /** The number of the type; 0xF000 to 0xFFFF are for private use. */
  readonly type: number;
  /** Whether external senders may send it; false unless given. MLS-12.1.8-04 */
  readonly external?: boolean;
  /** Whether a commit that contains it needs a path; true unless given. MLS-12.4-09 */
  readonly path?: boolean;
  /**
   * Says whether this proposal may be committed. All members must give the same answer (MLS-12.2-21); whatever is not `true`,
   * or to throw, refuses.
   */
  readonly validate?: (data: Uint8Array, proposer: Proposer) => boolean;
}

/** The types as decoders and rules want them; throws RangeError for a number that is not the application's. */
export function customProposalTypes(types: readonly CustomProposalType[]): ReadonlyMap<number, CustomTraits> {
  return new Map(
    types.map(({ type, external = false, path = true, validate }) => {
      if (!Number.isInteger(type) || type <= 0 || type > 0xffff || isDefaultProposal(type) || isGrease(type)) {
        throw new RangeError(`${type} is no proposal type of an application`); // MLS-13.5-04
      }
      return [type, { external, path, validate }];
    }),
  );
}

/**
 * Throws unless every member that will process the commit supports the custom types in it; whoever the
 * commit adds or removes need not. MLS-13.2-01, MLS-12.2-14
 */
export function requireCustomSupport(group: GroupView, list: readonly ProposalInContext[]): void {
  const types = list.flatMap(({ proposal }) => (proposal.kind === "custom" ? [proposal.proposalType] : []));
  // Types that the group requires are known to be supported by all: nobody has to be asked.
  const { extensions } = group.epoch.groupContext;
  const required = new Set(requiredCapabilitiesOf(extensions).proposalTypes);
  const requiredProposals = [...new Set(types)].filter((type) => !required.has(type));
  if (requiredProposals.length === 0) return;
  const staying = group.tree.fork();
  try {
    for (const { proposal } of list) if (proposal.kind === "remove") staying.remove(proposal.removed);
    const policy = { ...leafPolicyOf(group), maximumLifetime: undefined };
    const cause = findInvalidMember(staying, {
      ...leafExpectations(policy, [], new Map(), undefined),
      requiredProposals,
    });
    if (cause === undefined) return;
    const index = list.findIndex(({ proposal }) => proposal.kind === "custom" && !required.has(proposal.proposalType));
    const message = `a member does not support a proposal type of the commit: ${cause.message}`;
    throw new ValidationError("ERR_PROPOSAL_LIST", message, { rule: "MLS-12.2-14", index, cause });
  } finally {
    staying.close();
  }
}
