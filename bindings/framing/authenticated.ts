// Signing and verifying FramedContent (RFC 9420, section 6.1), whatever it travels in.
import { equalBytes } from "../codec/equal.ts";
import { signWithLabel, type SignatureKeyPair, verifyWithLabel } from "../crypto/signature.ts";
import type { CipherSuite } from "../crypto/suite.ts";
import { ValidationError } from "../errors.ts";
import { proposalTraits } from "../message/constants.ts";
import {
  type AuthenticatedContent,
  type ContentType,
  type FramedContent,
  isContentAllowed,
  lendFramedContentTbs,
  type Sender,
} from "../message/framing.ts";
import type { GroupContext } from "../message/groupcontext.ts";
import { proposalTypeOf } from "../message/proposals.ts";

/** Signature public keys of those who may send; `undefined` where there is nobody. */
export interface SenderKeys {
  /** Of the leaf, in the tree of the epoch the message names (MLS-6.1-03, MLS-6.1-09). */
  member(leafIndex: number): Uint8Array | undefined;
  /** Of the external_senders extension (MLS-6.1-04). */
  external(senderIndex: number): Uint8Array | undefined;
}

// MLS-6.1-02
function contextFor(sender: Sender, groupContext: GroupContext): GroupContext | undefined {
  return sender.kind === "member" || sender.kind === "newMemberCommit" ? groupContext : undefined;
}

/** The signature over FramedContentTBS; the confirmation tag of a commit depends on it and comes later. */
export function signFramedContent(
  suite: CipherSuite,
  keyPair: SignatureKeyPair,
  wireFormat: number,
  content: FramedContent,
  groupContext: GroupContext,
): Uint8Array<ArrayBuffer> {
  const context = contextFor(content.sender, groupContext);
  return lendFramedContentTbs(wireFormat, content, context, (tbs) =>
    signWithLabel(suite, keyPair, "FramedContentTBS", tbs),
  );
}

/** Throws `ERR_WRONG_GROUP` or `ERR_WRONG_EPOCH` unless the message is for this group in this epoch (MLS-6-09). */
export function checkDestination(
  message: { readonly groupId: Uint8Array; readonly epoch: bigint },
  groupContext: GroupContext,
): void {
  const { groupId, epoch } = groupContext;
  if (!equalBytes(message.groupId, groupId)) {
    throw new ValidationError("ERR_WRONG_GROUP", "the message is for another group", { rule: "MLS-6-09" });
  }
  if (message.epoch !== epoch) {
    const which = message.epoch < epoch ? "past" : "future";
    const text = `the message is for the ${which} epoch ${message.epoch} instead of ${epoch}`;
    throw new ValidationError("ERR_WRONG_EPOCH", text, { rule: "MLS-6-09" });
  }
}

/** Throws `ERR_SENDER` unless such a sender may send such content (MLS-6-12); asked before any cryptography. */
export function checkSender(sender: Sender, contentType: ContentType): void {
  if (!isContentAllowed(sender, contentType)) {
    throw new ValidationError("ERR_SENDER", `${sender.kind} must not send ${contentType}`, { rule: "MLS-6-12" });
  }
}

/**
 * Verifies the signature (MLS-6.1-07) with the key that section 6.1 names for the sender. The
 * confirmation tag of a commit is checked once the key schedule has run.
 */
export function verifyAuthenticatedContent(
  suite: CipherSuite,
  authenticated: AuthenticatedContent,
  groupContext: GroupContext,
  keys: SenderKeys,
): void {
  const { wireFormat, content, auth } = authenticated;
  const { sender } = content;
  checkSender(sender, content.content.kind);
  const publicKey = senderKey(content, keys);
  const leaf = sender.kind === "member" && { leafIndex: sender.leafIndex };
  lendFramedContentTbs(wireFormat, content, contextFor(sender, groupContext), (tbs) =>
    verifyWithLabel(suite, publicKey, "FramedContentTBS", tbs, auth.signature, { rule: "MLS-6.1-07", ...leaf }),
  );
}

function senderKey({ sender, content }: FramedContent, keys: SenderKeys): Uint8Array {
  switch (sender.kind) {
    case "member": {
      const { leafIndex } = sender;
      const key = keys.member(leafIndex);
      if (key !== undefined) return key;
      throw new ValidationError("ERR_SENDER", "the sender is no member", { rule: "MLS-6.1-03", leafIndex });
    }
    case "external": {
      if (content.kind === "proposal" && proposalTraits.get(proposalTypeOf(content.proposal))?.external === false) {
        const message = `external senders must not send proposals of kind ${content.proposal.kind}`;
        throw new ValidationError("ERR_SENDER", message, { rule: "MLS-6.1-04", index: sender.senderIndex });
      }
      const key = keys.external(sender.senderIndex);
      if (key !== undefined) return key;
      throw new ValidationError("ERR_SENDER", "the sender is none of the external senders", {
        rule: "MLS-6.1-04",
        index: sender.senderIndex,
      });
    }
    case "newMemberCommit":
      if (content.kind === "commit" && content.commit.path !== undefined)
        return content.commit.path.leafNode.signatureKey;
      throw new ValidationError("ERR_COMMIT", "an external commit without a path", { rule: "MLS-6.1-05" });
    case "newMemberProposal":
      if (content.kind === "proposal" && content.proposal.kind === "add") {
        return content.proposal.keyPackage.leafNode.signatureKey;
      }
      throw new ValidationError("ERR_SENDER", `a new member sends ${content.kind} instead of an Add of itself`, {
        rule: "MLS-6.1-06",
      });
  }
}
