// Applies a valid list of proposals to a staged tree (RFC 9420 section 12.3) and checks the leaves
// that it brings. Nothing here touches the epoch: whoever calls closes the staged tree on failure.

import type { DecodeContext } from "../codec/context.ts";
import { equalBytes } from "../codec/equal.ts";
import { MlsError, ValidationError } from "../errors.ts";
import type { Extension } from "../message/extension.ts";
import type { KeyPackage } from "../message/keypackage.ts";
import type { LeafNode } from "../message/leafnode.ts";
import type { ReInit } from "../message/proposals.ts";
import type { PreSharedKeyID } from "../message/psk.ts";
import type { AuthenticationRequest } from "../policy.ts";
import type { RatchetTree, StagedTree } from "../tree/ratchettree.ts";
import { authenticationRequest, externalSenderRequests } from "../validate/credential.ts";
import { proposedExtensions, type ProposalInContext, type Proposer } from "../validate/proposals.ts";

/** A member that a commit adds. */
export interface AddedLeaf {
  readonly leafIndex: number;
  readonly keyPackage: KeyPackage;
  /** Position of the Add in the commit. */
  readonly index: number;
}

/** A member's leaf that an Update replaces. */
export interface UpdatedLeaf {
  readonly leafIndex: number;
  readonly before: LeafNode;
  readonly after: LeafNode;
  readonly index: number;
}

/** A member that a commit removes. */
export interface RemovedLeaf {
  readonly leafIndex: number;
  readonly before: LeafNode;
}

/** What a list of proposals does to the group. */
export interface AppliedProposals {
  readonly tree: StagedTree;
  /** Extensions of the new GroupContext. */
  readonly extensions: readonly Extension[];
  readonly extensionsChanged: boolean;
  /** Position of the proposal that changes them. */
  readonly extensionsIndex: number;
  readonly added: readonly AddedLeaf[];
  readonly updated: readonly UpdatedLeaf[];
  readonly removed: readonly RemovedLeaf[];
  /** In the order of the commit. MLS-12.1.4-04 */
  readonly psks: readonly PreSharedKeyID[];
  readonly externalInit: Uint8Array | undefined;
  readonly reInit: ReInit | undefined;
  /** Proposals of the application's types, in the order of the commit. */
  readonly custom: readonly CustomEffect[];
}

/** A committed proposal of an application's type. */
export interface CustomEffect {
  /** Its proposal type. */
  readonly type: number;
  /** Its body. */
  readonly data: Uint8Array;
  /** Who proposed it: the committer, where it is by value. */
  readonly proposer: Proposer;
}

/** The decoded leaf at this place. */
export function leafNodeAt(tree: RatchetTree | StagedTree, leafIndex: number): LeafNode | undefined {
  return tree.leafNode(leafIndex);
}

function inProposal<T>(index: number, rule: string, change: () => T): T {
  try {
    return change();
  } catch (error) {
    if (!(error instanceof MlsError)) throw error;
    const cause = new ValidationError("ERR_PROPOSAL", error.message, { rule, index, cause: error });
    throw new ValidationError("ERR_PROPOSAL_LIST", cause.message, { rule: "MLS-12.2-15", index, cause });
  }
}

/** Applies `list` in the order of section 12.3. MLS-12.3-01, MLS-12.3-02, MLS-12.3-03 */
export function applyProposals(
  before: RatchetTree,
  extensions: readonly Extension[],
  list: readonly ProposalInContext[],
): AppliedProposals {
  const tree = before.fork();
  try {
    const changed = proposedExtensions(list);
    const updated: UpdatedLeaf[] = [];
    const removed: RemovedLeaf[] = [];
    const added: AddedLeaf[] = [];
    const psks: PreSharedKeyID[] = [];
    let externalInit: Uint8Array | undefined;
    let reInit: ReInit | undefined;
    const custom: CustomEffect[] = [];
    list.forEach(({ proposal, proposer }, index) => {
      if (proposal.kind !== "update" || proposer.kind !== "member") return;
      const { leafIndex } = proposer;
      const old = leafNodeAt(before, leafIndex)!;
      inProposal(index, "MLS-12.1.2-02", () => {
        requireFreshKey(old, proposal.leafNode, leafIndex);
        tree.update(leafIndex, proposal.leafNode.encoded);
      });
      updated.push({ leafIndex, before: old, after: proposal.leafNode, index });
    });
    list.forEach(({ proposal }, index) => {
      if (proposal.kind !== "remove") return;
      removed.push({ leafIndex: proposal.removed, before: leafNodeAt(before, proposal.removed)! });
      inProposal(index, "MLS-12.1.3-03", () => tree.remove(proposal.removed));
    });
    list.forEach(({ proposal, proposer }, index) => {
      switch (proposal.kind) {
        case "add": {
          const { keyPackage } = proposal;
          const leafIndex = inProposal(index, "MLS-12.2-09", () => tree.add(keyPackage.leafNode.encoded));
          added.push({ leafIndex, keyPackage, index });
          break;
        }
        case "psk":
          psks.push(proposal.psk);
          break;
        case "externalInit":
          externalInit = proposal.kemOutput;
          break;
        case "reInit":
          reInit = proposal;
          break;
        case "custom":
          custom.push({ type: proposal.proposalType, data: proposal.data, proposer });
          break;
        default:
          break;
      }
    });
    checkKeys(tree, [...added, ...updated]);
    return {
      tree,
      extensions: changed ?? extensions,
      extensionsChanged: changed !== undefined,
      extensionsIndex: list.findIndex(({ proposal }) => proposal.kind === "groupContextExtensions"),
      added,
      updated,
      removed,
      psks,
      externalInit,
      reInit,
      custom,
    };
  } catch (error) {
    tree.close();
    throw error;
  }
}

/** Whether all keys are different, on the resulting membership; blames the proposal that brings one twice. MLS-7.3-14, MLS-7.3-15 */
function checkKeys(tree: StagedTree, brought: readonly { readonly leafIndex: number; readonly index: number }[]): void {
  try {
    tree.checkKeys();
  } catch (error) {
    if (!(error instanceof MlsError)) throw error;
    const culprit = brought.find(({ leafIndex }) => leafIndex === error.leafIndex);
    throw new ValidationError("ERR_PROPOSAL_LIST", error.message, {
      rule: "MLS-12.2-15",
      cause: error,
      ...(culprit && { index: culprit.index }),
    });
  }
}

/** Throws unless an Update brings a new encryption key. MLS-7.3-12 */
export function requireFreshKey(before: LeafNode, after: LeafNode, leafIndex: number): void {
  const old = before.encryptionKey;
  if (equalBytes(after.encryptionKey, old)) {
    throw new ValidationError("ERR_LEAF_NODE", "an Update keeps its encryption key", {
      rule: "MLS-7.3-12",
      struct: "LeafNode",
      leafIndex,
    });
  }
}

/** The questions to the Authentication Service that added and updated leaves raise. MLS-5.3.1-04, MLS-5.3.1-05 */
export function credentialQuestions(
  applied: AppliedProposals,
  reasonForAdds: "add" | "key-package",
  decode: DecodeContext,
): AuthenticationRequest[] {
  return [
    ...(applied.extensionsChanged ? externalSenderRequests(applied.extensions, decode) : []),
    ...applied.added.map(({ keyPackage, leafIndex }) =>
      authenticationRequest(reasonForAdds, keyPackage.leafNode, leafIndex, undefined),
    ),
    ...applied.updated
      .filter(({ before, after }) => !sameIdentity(before, after))
      .map(({ before, after, leafIndex }) => authenticationRequest("update", after, leafIndex, before.credential)),
  ];
}

/** Whether two leaves carry the same credential and signature key. */
export function sameIdentity(a: LeafNode, b: LeafNode): boolean {
  const keysEqual = equalBytes(a.signatureKey, b.signatureKey);
  if (!keysEqual) return false;
  const first = a.encodedCredential;
  const second = b.encodedCredential;
  return equalBytes(first, second);
}
