// The rules of RFC 9420 section 12.2 on a list of proposals, and those of section 12.1 that need
// nothing but the proposal and the tree before the commit. Pure: no cryptography, no callback.

import type { DecodeContext } from "../codec/context.ts";
import { encodeWhole } from "../codec/writer.ts";
import { MlsError, ValidationError } from "../errors.ts";
import { checkContextExtensions, checkExtensions, type Extension } from "../message/extension.ts";
import { type ProposalTraits, proposalTraits } from "../message/constants.ts";
import type { Sender } from "../message/framing.ts";
import { type Proposal, proposalTypeOf } from "../message/proposals.ts";
import { writePreSharedKeyID } from "../message/psk.ts";

/** Who sent a proposal, as far as the rules care. */
export type Proposer =
  | {
      readonly kind: "member";
      /** Its leaf. */
      readonly leafIndex: number;
    }
  | {
      readonly kind: "external";
      /** Its place in the group's `external_senders`. */
      readonly senderIndex: number;
    }
  | { readonly kind: "new-member" };

/** The sender of a proposal as the rules see it. MLS-12.1.8-06, MLS-12.1.8-08 */
export function proposerOf(sender: Sender): Proposer {
  return sender.kind === "member" || sender.kind === "external" ? sender : { kind: "new-member" };
}

/** A proposal with its sender, in the order of the commit. */
export interface ProposalInContext {
  readonly proposal: Proposal;
  readonly proposer: Proposer;
  readonly byReference: boolean;
}

/** What the application has registered of a proposal type of its own. */
export interface CustomTraits extends ProposalTraits {
  /** Whether one proposal may be committed; to throw is to refuse. */
  readonly validate: ((data: Uint8Array, proposer: Proposer) => boolean) | undefined;
}

/** The group as it is before the commit. */
export interface ListContext {
  /** The committer's leaf, or undefined for an external commit. */
  readonly committer: number | undefined;
  readonly version: number;
  /** Nh of the group's KDF, in bytes. */
  readonly hashLength: number;
  readonly isMember: (leafIndex: number) => boolean;
  /** Resumption PSKs of usage reinit or branch are legal in a successor's initial commit only. */
  readonly successor: "reinit" | "branch" | undefined;
  readonly decode: DecodeContext;
  /** The application's own proposal types. */
  readonly custom: ReadonlyMap<number, CustomTraits>;
}

function broken(
  rule: string,
  message: string,
  index: number,
  code: "ERR_PROPOSAL" | "ERR_PSK" | "ERR_SENDER" | "ERR_POLICY",
): never {
  const cause = new ValidationError(code, message, { rule, index });
  throw new ValidationError("ERR_PROPOSAL_LIST", cause.message, { rule: "MLS-12.2-03", index, cause });
}

// MLS-13.4-10: in a commit as by itself, so that nobody's proposal can spoil the commits of others
function inExtensions(index: number, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof MlsError)) throw error;
    const cause = new ValidationError("ERR_PROPOSAL", error.message, { rule: "MLS-13.4-10", index, cause: error });
    throw new ValidationError("ERR_PROPOSAL_LIST", cause.message, { rule: "MLS-12.2-03", index, cause });
  }
}

function isRefused(validate: CustomTraits["validate"], data: Uint8Array, proposer: Proposer): boolean {
  try {
    return validate !== undefined && (validate(data, proposer) as unknown) !== true;
  } catch {
    return true;
  }
}

function brokenList(rule: string, message: string, index: number): never {
  throw new ValidationError("ERR_PROPOSAL_LIST", message, { rule, index });
}

/** Throws `ERR_PROPOSAL_LIST` unless a member or an external joiner may commit this list. MLS-12.2-02 */
export function validateProposalList(list: readonly ProposalInContext[], context: ListContext): void {
  list.forEach((entry, index) => validateProposal(entry, index, context));
  validateCombination(list);
  if (context.committer === undefined) validateExternalList(list);
  else validateMemberList(list, context.committer);
}

/** One proposal by itself. MLS-12.2-03, for external commits as well: MLS-12.2-22 */
export function validateProposal(entry: ProposalInContext, index: number, context: ListContext): void {
  const { proposal, proposer } = entry;
  switch (proposal.kind) {
    case "update":
      if (proposer.kind !== "member") {
        broken("MLS-12.1.2-02", `an Update of ${proposer.kind} instead of a member`, index, "ERR_SENDER");
      }
      break;
    case "remove":
      if (!context.isMember(proposal.removed)) {
        broken("MLS-12.1.3-03", `a Remove names leaf ${proposal.removed}, which is no member`, index, "ERR_PROPOSAL");
      }
      break;
    case "psk": {
      const { psk } = proposal;
      if (psk.pskNonce.length !== context.hashLength) {
        const message = `a PSK nonce of ${psk.pskNonce.length} bytes instead of ${context.hashLength}`;
        broken("MLS-8.4-03", message, index, "ERR_PSK");
      }
      if (psk.kind === "resumption" && psk.usage !== "application" && psk.usage !== context.successor) {
        const rule = psk.usage === "reinit" ? "MLS-12.1.4-01" : "MLS-12.1.4-02";
        broken(rule, `a PSK of usage ${psk.usage} stands only in a successor's initial commit`, index, "ERR_PROPOSAL");
      }
      break;
    }
    case "groupContextExtensions":
      inExtensions(index, () => checkContextExtensions(proposal.extensions, context.decode));
      break;
    case "reInit":
      inExtensions(index, () => checkExtensions(proposal.extensions, "groupContext"));
      if (proposal.version < context.version) {
        broken(
          "MLS-12.1.5-01",
          `a ReInit to version ${proposal.version}, lower than ${context.version}`,
          index,
          "ERR_PROPOSAL",
        );
      }
      break;
    case "custom": {
      const traits = context.custom.get(proposal.proposalType);
      if (proposer.kind === "external" && traits?.external !== true) {
        const message = `external senders must not send proposals of type ${proposal.proposalType}`;
        broken("MLS-12.1.8-03", message, index, "ERR_SENDER");
      }
      // MLS-12.2-21
      if (isRefused(traits?.validate, proposal.data, proposer)) {
        const message = `the application refuses a proposal of type ${proposal.proposalType}`;
        broken("MLS-12.2-21", message, index, "ERR_POLICY");
      }
      break;
    }
    default:
      break;
  }
}

/** What no list may hold, whoever commits. */
function validateCombination(list: readonly ProposalInContext[]): void {
  const pskIds = new Set<string>();
  const touched = new Set<number>();
  let contextExtensions = 0;
  list.forEach(({ proposal, proposer }, index) => {
    if (proposal.kind === "psk") {
      const id = encodeWhole(proposal.psk, writePreSharedKeyID).join();
      if (pskIds.has(id)) brokenList("MLS-12.2-01", "two proposals name the same PreSharedKeyID", index);
      pskIds.add(id);
    }
    if (proposal.kind === "update" || proposal.kind === "remove") {
      const leaf = proposal.kind === "remove" ? proposal.removed : leafOf(proposer);
      if (touched.has(leaf)) brokenList("MLS-12.2-06", `two Updates or Removes for leaf ${leaf}`, index);
      touched.add(leaf);
    }
    if (proposal.kind === "groupContextExtensions" && ++contextExtensions > 1) {
      brokenList("MLS-12.2-10", "more than one GroupContextExtensions", index);
    }
    if (proposal.kind === "reInit" && list.length > 1) {
      brokenList("MLS-12.2-11", `a ReInit in a list of ${list.length} proposals`, index);
    }
  });
}

function leafOf(proposer: Proposer): number {
  return proposer.kind === "member" ? proposer.leafIndex : -1;
}

function validateMemberList(list: readonly ProposalInContext[], committer: number): void {
  list.forEach(({ proposal, proposer, byReference }, index) => {
    if (proposal.kind === "update") {
      if (!byReference) brokenList("MLS-12.1.2-03", "an Update by value is the committer's own", index);
      if (leafOf(proposer) === committer)
        brokenList("MLS-12.2-04", `an Update of the committer, leaf ${committer}`, index);
    }
    if (proposal.kind === "remove" && proposal.removed === committer) {
      brokenList("MLS-12.2-05", `a Remove of the committer, leaf ${committer}`, index);
    }
    if (proposal.kind === "externalInit") brokenList("MLS-12.2-13", "an ExternalInit in a member's commit", index);
  });
}

function validateExternalList(list: readonly ProposalInContext[]): void {
  let inits = 0;
  let removes = 0;
  list.forEach(({ proposal, byReference }, index) => {
    if (byReference) brokenList("MLS-12.4.3.2-04", "an external commit with a proposal by reference", index);
    if (proposal.kind === "externalInit") {
      if (++inits > 1) brokenList("MLS-12.2-16", "more than one ExternalInit", index);
    } else if (proposal.kind === "remove") {
      if (++removes > 1) brokenList("MLS-12.2-17", "more than one Remove in an external commit", index);
    } else if (proposal.kind !== "psk") {
      brokenList("MLS-12.2-19", `a proposal of kind ${proposal.kind} in an external commit`, index);
    }
  });
  if (inits === 0) brokenList("MLS-12.2-16", "an external commit without ExternalInit", list.length);
}

/** Whether this list demands an UpdatePath: one proposal that does is enough. MLS-12.4-08, DEF-02 */
export function needsPath(list: readonly ProposalInContext[], custom: ListContext["custom"]): boolean {
  return list.length === 0 || list.some(({ proposal }) => isPathRequired(proposal, custom));
}

// MLS-17.4-01, MLS-12.4-09: a type that the registry does not know is taken to need one.
function isPathRequired(proposal: Proposal, custom: ListContext["custom"]): boolean {
  const type = proposalTypeOf(proposal);
  return (proposalTraits.get(type) ?? custom.get(type))?.path ?? true;
}

/** The new GroupContext extensions that the list brings, or undefined when it changes none. */
export function proposedExtensions(list: readonly ProposalInContext[]): readonly Extension[] | undefined {
  for (const { proposal } of list) {
    if (proposal.kind === "groupContextExtensions") return proposal.extensions;
  }
  return undefined;
}
