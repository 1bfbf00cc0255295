// Joining from outside by an external commit (RFC 9420 section 12.4.3.2): from a GroupInfo that anybody
// may publish, without an invitation. Also how a member who lost its state comes back.

import { requireBytes } from "../codec/argument.ts";
import { generateHpkeKeyPair, sendExternalInit } from "../crypto/hpke.ts";
import type { SignatureKeyPair } from "../crypto/signature.ts";
import type { CipherSuite } from "../crypto/suite.ts";
import { encodeWhole } from "../codec/writer.ts";
import { UnsupportedError, ValidationError } from "../errors.ts";
import { signFramedContent } from "../framing/authenticated.ts";
import { protectPublic } from "../framing/publicmessage.ts";
import { ExtensionType, isDefaultExtension, WireFormat } from "../message/constants.ts";
import { credentialTypeOf } from "../message/credential.ts";
import { withEncoded } from "../message/encoded.ts";
import { decodeExternalPub, findExtension } from "../message/extension.ts";
import { type FramedContent, writeFramedContent } from "../message/framing.ts";
import { isCapability } from "../message/grease.ts";
import type { GroupInfo } from "../message/groupinfo.ts";
import type { LeafNode, LeafNodeContent } from "../message/leafnode.ts";
import { encodeMLSMessage } from "../message/mlsmessage.ts";
import type { Proposal } from "../message/proposals.ts";
import type { DeferredAuthentication } from "../policy.ts";
import { interimTranscriptHash } from "../schedule/transcript.ts";
import { createPath, forgetPath, forgetSteps, type NewPath, sealPath, setOwnLeaf } from "../tree/path.ts";
import { type ProposalInContext, validateProposalList } from "../validate/proposals.ts";
import { type AppliedProposals, applyProposals } from "./apply.ts";
import { importTree, verifyGroupInfo, verifyTree } from "./enter.ts";
import type { Environment } from "./environment.ts";
import { forgetNextEpoch, type NextEpoch, sealedContext } from "./epoch.ts";
import { signLeaf } from "./leaf.ts";
import { listContext } from "./lists.ts";
import { checkMembers, checkPathLeaf, expectLeaves } from "./newleaves.ts";
import { requireResync } from "./process.ts";
import { GroupState } from "./state.ts";
import { deriveNextEpoch, provisionalContext } from "./transition.ts";
import type { TakingPart } from "./view.ts";

/** What an external commit is made with. */
export interface ExternalJoinInput {
  readonly environment: Environment;
  readonly suite: CipherSuite;
  readonly groupInfo: GroupInfo;
  readonly ratchetTree: Uint8Array | undefined;
  readonly signatureKey: SignatureKeyPair;
  /** Our new leaf but for its keys, and with a source that the path replaces. */
  readonly leaf: Omit<LeafNodeContent, "encryptionKey" | "signatureKey" | "source">;
  /** PSKs to commit; the only proposals besides ExternalInit and Remove. MLS-12.2-19 */
  readonly psks: readonly Proposal[];
  /** Remove the leaf that has our signature key already, or the one named. MLS-12.4.3.2-08 */
  readonly resync: boolean | number;
  readonly authenticatedData: Uint8Array;
}

/** An external commit that waits to be accepted by the delivery service. */
export interface ExternalJoin {
  readonly groupId: Uint8Array;
  readonly message: Uint8Array;
  readonly deferred: readonly DeferredAuthentication[];
  /** Enters the group. */
  readonly enter: () => GroupState;
  /** Forgets it. */
  readonly forget: () => void;
}

function refuse(rule: string, message: string): never {
  throw new ValidationError("ERR_GROUP_INFO", message, { rule, struct: "GroupInfo" });
}

/** Verifies the group and makes the external commit; on any failure nothing is kept. */
export function joinFromOutside(input: ExternalJoinInput): ExternalJoin {
  const { suite, environment, groupInfo } = input;
  const { groupContext } = groupInfo;
  if (groupContext.cipherSuite !== suite.id) {
    const message = `a group of cipher suite ${groupContext.cipherSuite} instead of ${suite.id}`;
    throw new UnsupportedError("ERR_UNSUPPORTED", message, { rule: "MLS-5.1-01", struct: "GroupContext" });
  }
  const data = findExtension(groupInfo.extensions, ExtensionType.externalPub);
  if (data === undefined) refuse("MLS-12.4.3.2-01", "the GroupInfo has no external_pub: nobody can join with it");
  const externalPub = decodeExternalPub(data, environment.decode);
  requireSupportedExtensions(input);
  const tree = importTree(suite, environment, groupInfo, input.ratchetTree);
  try {
    // MLS-12.4.3.2-09
    verifyGroupInfo(suite, environment, groupInfo, tree);
    const { deferred, types } = verifyTree(environment, suite, groupInfo, tree);
    const view: TakingPart = {
      environment,
      heldPsk: environment.heldPsk,
      suite,
      tree,
      epoch: {
        groupContext: sealedContext(groupContext),
        credentialTypes: types,
        interimTranscriptHash: interimTranscriptHash(
          suite,
          groupContext.confirmedTranscriptHash,
          groupInfo.confirmationTag,
        ),
      },
    };
    return { ...commitFromOutside(input, view, externalPub), deferred };
  } catch (error) {
    tree.close();
    throw error;
  }
}

// MLS-13.4-08
function requireSupportedExtensions({ leaf, groupInfo }: ExternalJoinInput): void {
  for (const { extensionType } of groupInfo.groupContext.extensions) {
    if (isDefaultExtension(extensionType) || isCapability(leaf.capabilities.extensions, extensionType)) continue;
    refuse("MLS-13.4-08", `the group uses extension ${extensionType}, which this client lacks`);
  }
}

function proposalsOf(input: ExternalJoinInput, { tree }: TakingPart, kemOutput: Uint8Array): ProposalInContext[] {
  const removed = leafToReplace(input, tree.findKey("signature", input.signatureKey.publicKey));
  const proposals: Proposal[] = [
    { kind: "externalInit", kemOutput },
    ...(removed === undefined ? [] : [{ kind: "remove", removed } as const]),
    ...input.psks,
  ];
  return proposals.map((proposal) => ({ proposal, proposer: { kind: "new-member" }, byReference: false }));
}

function leafToReplace({ resync }: ExternalJoinInput, node: number | undefined): number | undefined {
  if (typeof resync === "number") return resync;
  if (node === undefined) {
    if (resync) refuse("MLS-12.4.3.2-08", "no member has this client's signature key: there is nothing to resync");
    return undefined;
  }
  // MLS-12.2-23
  if (!resync) refuse("MLS-12.2-23", "this client is a member already: ask for a resync");
  return node / 2;
}

function commitFromOutside(
  input: ExternalJoinInput,
  view: TakingPart,
  externalPub: Uint8Array,
): Omit<ExternalJoin, "deferred"> {
  const { suite, environment } = input;
  const { kemOutput, initSecret } = sendExternalInit(suite, externalPub, environment.random);
  let applied: AppliedProposals | undefined;
  let next: NextEpoch | undefined;
  let newcomer: OutsidePath | undefined;
  try {
    const list = proposalsOf(input, view, kemOutput);
    validateProposalList(list, listContext(view, undefined));
    applied = applyProposals(view.tree, view.epoch.groupContext.extensions, list);
    newcomer = newPath(input, view, applied);
    const { own, leafNode, made } = newcomer;
    const { commitSecret } = made;
    const provisional = provisionalContext(view, applied);
    const nodes = sealPath(suite, applied.tree, own, made, provisional.encoded, [], environment.random);
    forgetPath(applied.tree, made);
    const path = withEncoded(
      { leafNode, nodes: [] },
      encodeWhole(nodes, (writer) => {
        writer.fixed(leafNode.encoded);
        writer.fixed(nodes);
      }),
    );
    const commit = {
      proposals: list.map(({ proposal }) => ({ kind: "proposal", proposal }) as const),
      path,
    };
    const framed = frameFromOutside(input, view, { kind: "commit", commit });
    const { groupContext } = view.epoch;
    const wireFormat = WireFormat.publicMessage; // MLS-12.4.3.2-07
    const signature = signFramedContent(suite, input.signatureKey, wireFormat, framed, groupContext);
    const unconfirmed = { wireFormat, content: framed, auth: { signature, confirmationTag: undefined } };
    next = deriveNextEpoch(view, {
      applied,
      commit: unconfirmed,
      provisional,
      initSecret,
      commitSecret,
      credentialTypes: expectLeaves(view, applied, typesOf(input), "sender").credentialTypes,
      signatureKey: undefined,
    });
    next.epoch.secrets.forgetJoining();
    const auth = { signature, confirmationTag: next.epoch.confirmationTag };
    const publicMessage = protectPublic(suite, { wireFormat, content: framed, auth }, groupContext, undefined);
    const message = encodeMLSMessage({ kind: "publicMessage", publicMessage });
    return { message, groupId: groupContext.groupId, ...endings(input, view, next, own) };
  } catch (error) {
    forgetSteps(newcomer?.made);
    if (next !== undefined) forgetNextEpoch(next);
    else applied?.tree.close();
    throw error;
  } finally {
    initSecret.wipe();
    newcomer?.made.commitSecret.wipe();
  }
}

function typesOf({ leaf }: ExternalJoinInput): { readonly before: undefined; readonly after: number } {
  return { before: undefined, after: credentialTypeOf(leaf.credential) };
}

function frameFromOutside(
  { authenticatedData }: ExternalJoinInput,
  { epoch }: TakingPart,
  content: FramedContent["content"],
): FramedContent {
  requireBytes(authenticatedData, "authenticated data");
  const { groupId, epoch: number } = epoch.groupContext;
  const framed: FramedContent = {
    groupId,
    epoch: number,
    sender: { kind: "newMemberCommit" },
    authenticatedData,
    content,
  };
  return withEncoded(framed, encodeWhole(framed, writeFramedContent));
}

interface OutsidePath {
  readonly own: number;
  readonly leafNode: LeafNode;
  readonly made: NewPath;
}

/** Our leaf and path in the tree that the proposals leave. MLS-12.4.3.2-02, MLS-12.4.3.2-03 */
function newPath(input: ExternalJoinInput, view: TakingPart, applied: AppliedProposals): OutsidePath {
  const { suite, environment, signatureKey } = input;
  const { tree } = applied;
  const own = tree.reserve();
  const encryption = generateHpkeKeyPair(suite, environment.random);
  let made: NewPath | undefined;
  try {
    setOwnLeaf(tree, own, encryption.privateKey);
    made = createPath(suite, tree, own, environment.random);
    const { parentHash } = made;
    const content: LeafNodeContent = {
      ...input.leaf,
      encryptionKey: encryption.publicKey,
      signatureKey: signatureKey.publicKey,
      source: { kind: "commit", parentHash },
    };
    const { groupId } = view.epoch.groupContext;
    const leafNode = signLeaf(suite, signatureKey, content, { groupId, leafIndex: own }, environment.decode);
    const expected = expectLeaves(view, applied, typesOf(input), "sender");
    checkPathLeaf(view, leafNode, own, expected);
    const [replaced] = applied.removed;
    if (replaced !== undefined) requireResync(view, replaced.before, leafNode);
    tree.setLeaf(own, leafNode.encoded);
    tree.checkKeys();
    checkMembers(view, applied, expected);
    return { own, leafNode, made };
  } catch (error) {
    forgetSteps(made);
    made?.commitSecret.wipe();
    throw error;
  } finally {
    encryption.privateKey.wipe();
  }
}

function endings(
  { environment, suite, signatureKey }: ExternalJoinInput,
  { tree }: TakingPart,
  next: NextEpoch,
  ownLeafIndex: number,
): Pick<ExternalJoin, "enter" | "forget"> {
  return {
    enter: () => {
      next.tree.merge().close();
      return new GroupState({
        environment,
        suite,
        tree,
        ownLeafIndex,
        signatureKey: { publicKey: signatureKey.publicKey, privateKey: signatureKey.privateKey.copy() },
        epoch: next.epoch,
      });
    },
    forget: () => {
      forgetNextEpoch(next);
      tree.close();
    },
  };
}
