// Processing a received commit (RFC 9420 section 12.4.2) into a staged next epoch. The message has been
// opened and its signature verified; nothing of the group changes here.

import { InternalError, StateError, ValidationError } from "../errors.ts";
import { equalBytes } from "../codec/equal.ts";
import type { Secret } from "../core/secret.ts";
import { isHpkeKey, receiveExternalInit } from "../crypto/hpke.ts";
import type { SignatureKeyPair } from "../crypto/signature.ts";
import type { AuthenticatedContent } from "../message/framing.ts";
import type { Commit } from "../message/commit.ts";
import type { LeafNode } from "../message/leafnode.ts";
import { type AuthenticationRequest, type DeferredAuthentication, dropAnswer } from "../policy.ts";
import { mergePath, openPath, replaceOwnKey } from "../tree/path.ts";
import { authenticationRequest } from "../validate/credential.ts";
import { needsPath, type ProposalInContext, validateProposalList } from "../validate/proposals.ts";
import { type AppliedProposals, applyProposals, credentialQuestions, leafNodeAt, sameIdentity } from "./apply.ts";
import type { OwnUpdate } from "./cache.ts";
import { resolveProposals } from "./resolve.ts";
import { forgetNextEpoch, type NextEpoch } from "./epoch.ts";
import { requireCustomSupport } from "./custom.ts";
import { listContext } from "./lists.ts";
import {
  checkAddsAndUpdates,
  checkMembers,
  checkPathLeaf,
  type Expected,
  expectLeaves,
  verifyPathLeaf,
} from "./newleaves.ts";
import type { GroupState } from "./state.ts";
import type { GroupView } from "./view.ts";
import { deriveNextEpoch, heldPsks, provisionalContext } from "./transition.ts";

/** A received commit that proved valid. */
export interface ProcessedCommit {
  readonly committer: number;
  readonly applied: AppliedProposals;
  /** Undefined when the commit removes us: we cannot know the next epoch (MLS-12.4.2-10). */
  readonly next: NextEpoch | undefined;
  readonly deferred: readonly DeferredAuthentication[];
}

/**
 * Processes the commit of a member or of an external joiner (section 12.4.3.2) in the order of
 * MLS-12.4.2-04. On any failure the group is as before.
 */
export function processCommit(state: GroupState, authenticated: AuthenticatedContent): ProcessedCommit {
  const { content, auth } = authenticated;
  const { sender } = content;
  if (content.content.kind !== "commit" || (sender.kind !== "member" && sender.kind !== "newMemberCommit")) {
    throw new ValidationError("ERR_SENDER", `no commit comes from ${sender.kind}`, { rule: "MLS-12.4.2-13" });
  }
  const { commit } = content.content;
  const member = sender.kind === "member" ? sender.leafIndex : undefined;
  if (member === state.ownLeafIndex && commit.path !== undefined) {
    throw new StateError("ERR_STATE_OWN_MESSAGE", "a commit of our own whose keys are not held any more", {
      rule: "MLS-12.4.2-12",
      leafIndex: member,
    });
  }
  const { list, ownUpdate } = resolveProposals(state.cache, commit, member);
  requireOwnUpdateKeys(state, list, ownUpdate);
  validateProposalList(list, listContext(state, member));
  requireCustomSupport(state, list);
  const applied = applyProposals(state.tree, state.epoch.groupContext.extensions, list);
  let next: NextEpoch | undefined;
  try {
    const removesUs = applied.removed.some(({ leafIndex }) => leafIndex === state.ownLeafIndex);
    if (!removesUs) heldPsks(state.heldPsk, applied.psks);
    // MLS-12.4-08
    if (commit.path === undefined && needsPath(list, state.environment.customProposals)) {
      throw new ValidationError("ERR_COMMIT", "a commit of these proposals needs a path", { rule: "MLS-12.4-08" });
    }
    // MLS-12.4.2-05: a joiner from outside takes the leftmost blank leaf that the proposals leave
    const committer = member ?? applied.tree.reserve();
    const before = member === undefined ? undefined : leafNodeAt(state.tree, member);
    const checked = checkPath(state, commit, committer, before, applied);
    checkMembers(state, applied, checked.expected);
    const deferred = state.environment.authenticator.ask(checked.questions);
    if (removesUs) return { committer, applied, next: undefined, deferred };
    if (ownUpdate !== undefined) replaceOwnKey(applied.tree, ownUpdate.encryptionKey);
    next = enterable(state, authenticated, commit, committer, applied, checked.expected, ownUpdate);
    verifyConfirmation(next, auth.confirmationTag);
    return { committer, applied, next, deferred };
  } catch (error) {
    if (next === undefined) applied.tree.close();
    else forgetNextEpoch(next);
    throw error;
  }
}

// MLS-12.4.2-07
function verifyConfirmation({ epoch }: NextEpoch, tag: Uint8Array | undefined): void {
  epoch.secrets.verifyConfirmationTag(epoch.groupContext.confirmedTranscriptHash, tag ?? new Uint8Array(0));
}

// MLS-12.4.2-14
function requireOwnUpdateKeys(
  state: GroupState,
  list: readonly ProposalInContext[],
  keys: OwnUpdate | undefined,
): void {
  const index = list.findIndex(
    ({ proposal, proposer }) =>
      proposal.kind === "update" && proposer.kind === "member" && proposer.leafIndex === state.ownLeafIndex,
  );
  if (index >= 0 && keys === undefined) {
    throw new ValidationError("ERR_PROPOSAL", "the key of our own Update is not held any more", {
      rule: "MLS-12.4.2-14",
      index,
    });
  }
}

interface CheckedPath {
  readonly expected: Expected;
  readonly questions: readonly AuthenticationRequest[];
}

/**
 * Checks new leaves, merges the path into the staged tree, and gathers the questions they raise.
 * `before` is the committer's present leaf, undefined for a joiner from outside.
 */
export function checkPath(
  group: GroupView,
  commit: Commit,
  committer: number,
  before: LeafNode | undefined,
  applied: AppliedProposals,
): CheckedPath {
  const { path } = commit;
  const types = path && { before: before?.credentialType, after: path.leafNode.credentialType };
  const expected = expectLeaves(group, applied, types, "receiver");
  checkAddsAndUpdates(group, applied, expected);
  const questions = credentialQuestions(applied, "add", group.environment.decode);
  if (path === undefined) return { expected, questions };
  // MLS-12.2-18: who resyncs replaces the leaf that the commit removes
  const replaced = before ?? applied.removed[0]?.before;
  if (replaced !== undefined) requireFreshPathKey(replaced, path.leafNode, committer);
  if (before === undefined && replaced !== undefined) requireResync(group, replaced, path.leafNode);
  checkPathLeaf(group, path.leafNode, committer, expected);
  verifyPathLeaf(group, path.leafNode, committer);
  requireKeys(group, path);
  mergePath(applied.tree, committer, path.leafNode, pathNodes(path), newcomers(applied));
  applied.tree.checkKeys(); // MLS-12.2-23
  if (replaced === undefined || !sameIdentity(replaced, path.leafNode)) {
    questions.push(authenticationRequest("commit", path.leafNode, committer, replaced?.credential));
  }
  return { expected, questions };
}

/** Throws unless the joiner may take this member's place: the callback says `true`. MLS-12.2-17, MLS-12.4.3.2-08 */
export function requireResync({ environment }: GroupView, replaced: LeafNode, joiner: LeafNode): void {
  let answer: unknown;
  let cause: unknown;
  try {
    answer = environment.mayResync(replaced.credential, joiner.credential);
  } catch (error) {
    cause = error;
  }
  if (answer === true) return;
  dropAnswer(answer);
  throw new ValidationError("ERR_CREDENTIAL", "a joiner from outside may not take the place of this member", {
    rule: "MLS-12.4.3.2-08",
    ...(cause !== undefined && { cause }),
  });
}

// MLS-5.1.1-01: whoever seals to such a node later would fail
function requireKeys({ suite }: GroupView, { nodes }: NonNullable<Commit["path"]>): void {
  const index = nodes.findIndex(({ encryptionKey }) => !isHpkeKey(suite, encryptionKey));
  if (index < 0) return;
  throw new ValidationError(
    "ERR_UPDATE_PATH",
    `a key of the path (${nodes[index]!.encryptionKey.length} bytes) is none of the cipher suite`,
    {
      rule: "MLS-5.1.1-01",
      struct: "UpdatePathNode",
      index,
    },
  );
}

// MLS-12.4.2-01, MLS-7.5-02
function requireFreshPathKey(before: LeafNode, after: LeafNode, leafIndex: number): void {
  const old = before.encryptionKey;
  if (equalBytes(after.encryptionKey, old)) {
    throw new ValidationError("ERR_COMMIT", "the path keeps the committer's encryption key", {
      rule: "MLS-12.4.2-01",
      struct: "LeafNode",
      leafIndex,
    });
  }
}

function newcomers({ added }: AppliedProposals): number[] {
  return added.map(({ leafIndex }) => leafIndex);
}

/** The `nodes` vector of a decoded UpdatePath, as received. */
function pathNodes({ encoded, leafNode }: NonNullable<Commit["path"]>): Uint8Array {
  if (encoded === undefined) throw new InternalError("ERR_INTERNAL", "a received path without its bytes");
  return encoded.subarray(leafNode.encoded.length);
}

function enterable(
  state: GroupState,
  authenticated: AuthenticatedContent,
  commit: Commit,
  committer: number,
  applied: AppliedProposals,
  { credentialTypes }: Expected,
  ownUpdate: OwnUpdate | undefined,
): NextEpoch {
  const { suite, epoch } = state;
  const provisional = provisionalContext(state, applied);
  let commitSecret: Secret | undefined;
  let joinerInit: Secret | undefined;
  let signatureKey: SignatureKeyPair | undefined;
  try {
    joinerInit = applied.externalInit && externalInitSecret(state, applied.externalInit);
    if (commit.path !== undefined) {
      const nodes = pathNodes(commit.path);
      const { tree } = applied;
      commitSecret = openPath(
        suite,
        tree,
        state.ownLeafIndex,
        committer,
        nodes,
        provisional.encoded,
        newcomers(applied),
      );
    }
    const renewed = ownUpdate?.signatureKey;
    signatureKey = renewed && { ...renewed, privateKey: renewed.privateKey.copy() };
    return deriveNextEpoch(state, {
      applied,
      commit: authenticated,
      provisional,
      initSecret: joinerInit ?? epoch.secrets.initSecret,
      commitSecret,
      credentialTypes,
      signatureKey,
    });
  } catch (error) {
    signatureKey?.privateKey.wipe();
    throw error;
  } finally {
    joinerInit?.wipe();
    commitSecret?.wipe();
  }
}

// MLS-8.3-01, MLS-12.4.3.2-06
function externalInitSecret({ suite, epoch }: GroupState, kemOutput: Uint8Array): Secret {
  const external = epoch.secrets.externalKeyPair(suite);
  try {
    return receiveExternalInit(suite, external, kemOutput);
  } finally {
    external.privateKey.wipe();
  }
}
