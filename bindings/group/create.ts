// Creating a commit (RFC 9420 section 12.4.1). Nothing of the group changes here but the sender's
// handshake ratchet, and that as the last step (MLS-14-03).

import { encodeWhole } from "../codec/writer.ts";
import type { Secret } from "../core/secret.ts";
import { MlsError, StateError } from "../errors.ts";
import { signFramedContent } from "../framing/authenticated.ts";
import type { ProposalOrRef } from "../message/commit.ts";
import { credentialTypeOf } from "../message/credential.ts";
import { withEncoded } from "../message/encoded.ts";
import type { Extension } from "../message/extension.ts";
import type { AuthenticatedContent } from "../message/framing.ts";
import type { LeafNode } from "../message/leafnode.ts";
import type { Proposal } from "../message/proposals.ts";
import type { UpdatePath } from "../message/updatepath.ts";
import type { AuthenticationRequest, DeferredAuthentication } from "../policy.ts";
import { createPath, forgetPath, forgetSteps, type NewPath, replaceOwnKey, sealPath } from "../tree/path.ts";
import { authenticationRequest } from "../validate/credential.ts";
import { needsPath, type ProposalInContext, validateProposalList } from "../validate/proposals.ts";
import { type AppliedProposals, applyProposals, credentialQuestions, sameIdentity } from "./apply.ts";
import { bytesKey, type CachedProposal } from "./cache.ts";
import type { HandshakeFormat } from "./environment.ts";
import type { CreatedCommit } from "./created.ts";
import { effectsOf } from "./effects.ts";
import { forgetNextEpoch, type NextEpoch } from "./epoch.ts";
import { frameContent, protectHandshake } from "./frame.ts";
import { type LeafChanges, type LeafKeys, makeLeafKeys, nextLeafContent, signLeaf } from "./leaf.ts";
import { requireCustomSupport } from "./custom.ts";
import { listContext } from "./lists.ts";
import { checkAddsAndUpdates, checkMembers, checkPathLeaf, expectLeaves } from "./newleaves.ts";
import { type DroppedProposal, selectProposals } from "./select.ts";
import type { Lineage } from "./lineage.ts";
import type { GroupState } from "./state.ts";
import type { TakingPart } from "./view.ts";
import { deriveNextEpoch, provisionalContext } from "./transition.ts";
import { makeWelcomes, ratchetTreeExtension, signGroupInfo } from "./welcome.ts";

/** What goes into a commit. */
export interface CommitContent {
  /** Proposals of our own, by value. MLS-12.4-10 */
  readonly proposals: readonly Proposal[];
  /** Take valid proposals of others along. MLS-12.4-03 */
  readonly includeReceived: boolean;
  /** Leave the path out where the RFC allows it. MLS-12.4-07 */
  readonly path: boolean;
  readonly leaf: LeafChanges;
  readonly authenticatedData: Uint8Array;
  readonly format: HandshakeFormat;
  /** Put the ratchet tree in the Welcome's GroupInfo. */
  readonly treeInWelcome: boolean;
  readonly membersPerWelcome: number;
  /** Further extensions of the Welcome's GroupInfo: GREASE. */
  readonly groupInfoExtensions: readonly Extension[];
  /** In the initial commit of a group that continues another one: the secret of its PSK. MLS-11.2-04, MLS-11.3-06 */
  readonly continues?: { readonly usage: Lineage["usage"]; readonly psk: Secret };
}

/**
 * Makes a commit. On any failure the group is as before. A received proposal that does not go with the
 * others is left out, so that nobody's proposal can keep us from committing.
 */
export function createCommit(state: GroupState, content: CommitContent): CreatedCommit {
  const received = content.includeReceived ? state.cache.entries() : [];
  const dropped: DroppedProposal[] = [];
  for (;;) {
    const gathered = gatherProposals(
      state,
      content,
      received.filter((entry) => !isDropped(entry, dropped)),
    );
    dropped.push(...gathered.dropped);
    try {
      return { ...tryCommit(state, content, gathered), dropped };
    } catch (error) {
      const culprit = error instanceof MlsError && error.code === "ERR_PROPOSAL_LIST" ? error.index : undefined;
      const reference = culprit === undefined ? undefined : gathered.included[culprit - content.proposals.length];
      if (!(error instanceof MlsError) || reference === undefined) throw error;
      dropped.push({ reference, reason: error.message, rule: error.rule });
    }
  }
}

function isDropped({ reference }: CachedProposal, dropped: readonly DroppedProposal[]): boolean {
  return dropped.some((entry) => entry.reference === reference);
}

function tryCommit(
  state: GroupState,
  content: CommitContent,
  { list, orRefs, included }: Gathered,
): Omit<CreatedCommit, "dropped"> {
  validateProposalList(list, listContext(state, state.ownLeafIndex, content.continues?.usage));
  requireCustomSupport(state, list);
  const hasPath = content.path || needsPath(list, state.environment.customProposals);
  if (!hasPath && Object.keys(content.leaf).length > 0) {
    throw new StateError("ERR_USAGE", "changes of the own leaf need a path", { rule: "MLS-7.5-03" });
  }
  const { extensions } = state.epoch.groupContext;
  const applied = applyProposals(state.tree, extensions, list);
  let next: NextEpoch | undefined;
  let newPath: NewPath | undefined;
  try {
    const path = hasPath ? makeLeafKeys(state.suite, content.leaf, state.environment.random) : undefined;
    try {
      const made = commitTo(state, content, applied, path, { proposals: orRefs });
      next = made.next;
      newPath = made.path;
      const welcomes = welcomesFor(state, content, applied, next, made.path);
      forgetPath(applied.tree, made.path);
      next.epoch.secrets.forgetJoining();
      const { message, position } = protectHandshake(state, made.commit);
      return { next, message, welcomes, effects: effectsOf(applied), deferred: made.deferred, included, position };
    } finally {
      path?.encryptionKey.privateKey.wipe();
      if (next === undefined) path?.signatureKey?.privateKey.wipe();
    }
  } catch (error) {
    forgetSteps(newPath);
    if (next === undefined) applied.tree.close();
    else forgetNextEpoch(next);
    throw error;
  }
}

interface Gathered {
  readonly list: ProposalInContext[];
  readonly orRefs: ProposalOrRef[];
  readonly included: readonly Uint8Array[];
  readonly dropped: readonly DroppedProposal[];
}

/** Own proposals first, by value; then what was received and fits, by reference. */
function gatherProposals(state: GroupState, content: CommitContent, received: readonly CachedProposal[]): Gathered {
  const proposer = { kind: "member", leafIndex: state.ownLeafIndex } as const;
  const { proposals } = content;
  const own = {
    removed: new Set(proposals.flatMap((proposal) => (proposal.kind === "remove" ? [proposal.removed] : []))),
    signatureKeys: new Set(
      proposals.flatMap((proposal) =>
        proposal.kind === "add" ? [bytesKey(proposal.keyPackage.leafNode.signatureKey)] : [],
      ),
    ),
    changesExtensions: proposals.some(({ kind }) => kind === "groupContextExtensions"),
    count: proposals.length,
  };
  const { included, dropped } = selectProposals(received, own, listContext(state, state.ownLeafIndex));
  return {
    list: [
      ...proposals.map((proposal): ProposalInContext => ({ proposal, proposer, byReference: false })),
      ...included.map((entry) => ({ proposal: entry.proposal, proposer: entry.proposer, byReference: true })),
    ],
    orRefs: [
      ...proposals.map((proposal): ProposalOrRef => ({ kind: "proposal", proposal })),
      ...included.map(({ reference }): ProposalOrRef => ({ kind: "reference", reference })),
    ],
    included: included.map(({ reference }) => reference),
    dropped,
  };
}

interface MadeCommit {
  readonly path: NewPath | undefined;
  readonly next: NextEpoch;
  readonly commit: AuthenticatedContent;
  readonly deferred: readonly DeferredAuthentication[];
}

/** Everything from the applied proposals to the signed commit and the next epoch. */
function commitTo(
  state: GroupState,
  content: CommitContent,
  applied: AppliedProposals,
  keys: LeafKeys | undefined,
  { proposals }: { readonly proposals: readonly ProposalOrRef[] },
): MadeCommit {
  const { suite, environment, epoch, ownLeafIndex } = state;
  const present = state.ownLeaf;
  const after =
    keys === undefined || content.leaf.credential === undefined
      ? present.credentialType
      : credentialTypeOf(content.leaf.credential);
  const types = keys === undefined ? undefined : { before: present.credentialType, after };
  const expected = expectLeaves(state, applied, types, "sender");
  // Somebody else's extensions are at fault themselves when a member lacks them, not the leaves.
  if (applied.extensionsIndex >= content.proposals.length) checkMembers(state, applied, expected);
  checkAddsAndUpdates(state, applied, expected);
  const questions: AuthenticationRequest[] = credentialQuestions(applied, "key-package", environment.decode);

  let commitSecret: Secret | undefined;
  let leafNode: LeafNode | undefined;
  let newPath: NewPath | undefined;
  try {
    if (keys !== undefined) {
      replaceOwnKey(applied.tree, keys.encryptionKey.privateKey);
      newPath = createPath(suite, applied.tree, ownLeafIndex, environment.random);
      commitSecret = newPath.commitSecret;
      const source = { kind: "commit", parentHash: newPath.parentHash } as const;
      const signatureKey = keys.signatureKey ?? state.signatureKey;
      const { publicKey } = keys.encryptionKey;
      const next = nextLeafContent(present, publicKey, signatureKey.publicKey, content.leaf, source);
      const position = { groupId: epoch.groupContext.groupId, leafIndex: ownLeafIndex };
      leafNode = signLeaf(suite, signatureKey, next, position, environment.decode);
      checkPathLeaf(state, leafNode, ownLeafIndex, expected);
      applied.tree.setLeaf(ownLeafIndex, leafNode.encoded);
      applied.tree.checkKeys();
      if (!sameIdentity(present, leafNode)) {
        questions.push(authenticationRequest("commit", leafNode, ownLeafIndex, present.credential));
      }
    }
    checkMembers(state, applied, expected);
    const deferred = environment.authenticator.ask(questions);
    const provisional = provisionalContext(state, applied);
    const path = leafNode && newPath && sealedPath(state, applied, leafNode, newPath, provisional.encoded);
    const framed = frameContent(state, { kind: "commit", commit: { proposals, path } }, content.authenticatedData);
    const wireFormat = content.format === "public" ? 1 : 2;
    const signature = signFramedContent(suite, state.signatureKey, wireFormat, framed, epoch.groupContext);
    const unconfirmed = { wireFormat, content: framed, auth: { signature, confirmationTag: undefined } };
    const { continues } = content;
    const heldPsk: TakingPart["heldPsk"] =
      continues === undefined
        ? state.heldPsk
        : (id) => (id.kind === "resumption" && id.usage === continues.usage ? continues.psk : state.heldPsk(id));
    const next = deriveNextEpoch(state, {
      heldPsk,
      applied,
      commit: unconfirmed,
      provisional,
      initSecret: epoch.secrets.initSecret,
      commitSecret,
      credentialTypes: expected.credentialTypes,
      signatureKey: keys?.signatureKey,
    });
    const auth = { signature, confirmationTag: next.epoch.confirmationTag };
    return { path: newPath, next, deferred, commit: { wireFormat, content: framed, auth } };
  } catch (error) {
    forgetSteps(newPath);
    throw error;
  } finally {
    commitSecret?.wipe();
  }
}

function sealedPath(
  { suite, environment, ownLeafIndex }: GroupState,
  { tree, added }: AppliedProposals,
  leafNode: LeafNode,
  path: NewPath,
  provisional: Uint8Array,
): UpdatePath {
  const newcomers = added.map(({ leafIndex }) => leafIndex);
  const nodes = sealPath(suite, tree, ownLeafIndex, path, provisional, newcomers, environment.random);
  // The core has written the nodes; the encoding is all that is needed of them.
  const encoded = encodeWhole(nodes, (writer) => {
    writer.fixed(leafNode.encoded);
    writer.fixed(nodes);
  });
  return withEncoded({ leafNode, nodes: [] }, encoded);
}

function welcomesFor(
  state: GroupState,
  content: CommitContent,
  { tree, added, psks }: AppliedProposals,
  { epoch, signatureKey }: NextEpoch,
  path: NewPath | undefined,
): Uint8Array[] {
  if (added.length === 0) return [];
  const { suite, environment, ownLeafIndex } = state;
  const extensions = [...(content.treeInWelcome ? [ratchetTreeExtension(tree)] : []), ...content.groupInfoExtensions];
  const groupInfo = signGroupInfo(suite, signatureKey ?? state.signatureKey, epoch, ownLeafIndex, extensions);
  const { membersPerWelcome } = content;
  const { random } = environment;
  return makeWelcomes({ suite, random, tree, epoch, groupInfo, added, psks, membersPerWelcome, path });
}
