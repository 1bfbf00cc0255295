import type { DecodeContext } from "./codec/context.ts";
import type { PendingCommit, StagedCommit } from "./commit.ts";
import { ValidationError } from "./errors.ts";
import { verifyAuthenticatedContent } from "./framing/authenticated.ts";
import { openPrivate } from "./framing/privatemessage.ts";
import { unprotectPublic } from "./framing/publicmessage.ts";
import { senderKeysOf } from "./group/senders.ts";
import type { GroupState } from "./group/state.ts";
import { type AuthenticatedContent, decodeAuthenticatedContent } from "./message/framing.ts";
import { decodeMLSMessage } from "./message/mlsmessage.ts";
import type { PrivateMessage } from "./message/privatemessage.ts";
import type { Proposal } from "./message/proposals.ts";
import type { RatchetPosition } from "./schedule/ratchet.ts";
import { type Proposer, proposerOf } from "./validate/proposals.ts";

/** An application message of a member. */
export interface ReceivedApplication {
  readonly kind: "application";
  /** What the sender encrypted, without its padding. */
  readonly data: Uint8Array;
  /** The sender's leaf in the epoch of the message. */
  readonly sender: number;
  /** The epoch in which it was sent: the present one, or one of the last few. */
  readonly epoch: bigint;
  /** The sender's generation: gaps show messages that have not arrived (MLS-16.9-01). */
  readonly generation: number;
  /** What the sender had authenticated beside it; empty unless it gave something. */
  readonly authenticatedData: Uint8Array;
}

/** A proposal, which now waits for a commit. */
export interface ReceivedProposal {
  readonly kind: "proposal";
  /** ProposalRef. */
  readonly reference: Uint8Array;
  /** What is proposed. */
  readonly proposal: Proposal;
  /** By whom. */
  readonly proposer: Proposer;
  /** What the proposer had authenticated beside it; empty unless it gave something. */
  readonly authenticatedData: Uint8Array;
}

/** Another member's commit, staged. The same commit received again is the same object. */
export interface ReceivedCommit {
  readonly kind: "commit";
  /** To be accepted or discarded. */
  readonly commit: StagedCommit;
}

/** Our own commit, coming back from the delivery service. MLS-12.4.2-12 */
export interface ReceivedOwnCommit {
  readonly kind: "own-commit";
  /** The one that `group.commit()` returned. */
  readonly commit: PendingCommit;
}

/** What came of a message. */
export type Received = ReceivedApplication | ReceivedProposal | ReceivedCommit | ReceivedOwnCommit;

/** A message of this group that has been opened and whose signature has been verified. */
export interface Authenticated {
  readonly content: AuthenticatedContent;
  /** The key that opened a PrivateMessage, not used up yet; with the epoch it belongs to. */
  readonly position: RatchetPosition | undefined;
  /** Uses the key up. */
  readonly consume: () => void;
}

/** What an application sees of a cached proposal: decoded anew, so that nothing it does reaches the cache. */
export function handedOut(
  encoded: Uint8Array,
  reference: Uint8Array,
  decode: DecodeContext,
): Pick<ReceivedProposal, "kind" | "reference" | "proposal" | "proposer"> {
  const { sender, content } = decodeAuthenticatedContent(encoded, decode).content;
  if (content.kind !== "proposal") throw new TypeError("not a proposal");
  const { proposal } = content;
  return { kind: "proposal", reference: Uint8Array.from(reference), proposal, proposer: proposerOf(sender) };
}

/** Decodes, opens and authenticates a message; changes nothing. */
export function authenticate(state: GroupState, bytes: Uint8Array): Authenticated {
  const message = decodeMLSMessage(bytes, state.environment.decode);
  // MLS-12.4.2-09: what was sent before a ReInit may still be on its way, nothing comes after it
  const isLate =
    message.kind === "privateMessage" &&
    message.privateMessage.contentType === "application" &&
    message.privateMessage.epoch < state.epoch.groupContext.epoch;
  if (!isLate) state.requireOpen();
  switch (message.kind) {
    case "publicMessage": {
      const { suite, epoch } = state;
      const senderKeys = senderKeysOf(state);
      const { groupContext, secrets } = epoch;
      const content = unprotectPublic(suite, message.publicMessage, groupContext, secrets.membershipKey, senderKeys);
      return { content, position: undefined, consume: () => undefined };
    }
    case "privateMessage":
      return openInEpoch(state, message.privateMessage);
    default:
      throw new ValidationError("ERR_WRONG_GROUP", `a ${message.kind} instead of a message of a group`, {
        rule: "MLS-6-09",
      });
  }
}

function openInEpoch(state: GroupState, message: PrivateMessage): Authenticated {
  const { suite, epoch, past, tree, ownLeafIndex, environment } = state;
  // MLS-6-09: application messages also of retained past epochs, handshakes of the present one only
  const ended =
    message.contentType === "application" && message.epoch < epoch.groupContext.epoch
      ? past.find(message.epoch)
      : undefined;
  const { groupContext, secrets } = ended ?? epoch;
  const senderKeys =
    ended === undefined
      ? senderKeysOf(state)
      : {
          member: (leafIndex: number) => past.signatureKey(ended, leafIndex, tree),
          external: () => undefined,
        };
  const opened = openPrivate(suite, message, groupContext, secrets, senderKeys, ownLeafIndex, environment.decode);
  verifyAuthenticatedContent(suite, opened.authenticated, groupContext, senderKeys);
  return {
    content: opened.authenticated,
    position: opened.position,
    consume: () => {
      secrets.secretTree.consume(opened.position);
      state.noteConsumed(groupContext.epoch, opened.position);
    },
  };
}
