// Proposals of those who are no members (RFC 9420 section 12.1.8): signed PublicMessages that name a
// group and an epoch, and that a member has to commit.

import { encodeWhole } from "../codec/writer.ts";
import type { SignatureKeyPair } from "../crypto/signature.ts";
import { signWithLabel } from "../crypto/signature.ts";
import type { CipherSuite } from "../crypto/suite.ts";
import { WireFormat } from "../message/constants.ts";
import { withEncoded } from "../message/encoded.ts";
import { type FramedContent, framedContentTbs, type Sender, writeFramedContent } from "../message/framing.ts";
import { encodeMLSMessage } from "../message/mlsmessage.ts";
import type { Proposal } from "../message/proposals.ts";

/** Signs a proposal from outside. Its signature covers no GroupContext: MLS-12.1.8-07. */
export function proposeFromOutside(
  suite: CipherSuite,
  signatureKey: SignatureKeyPair,
  { groupId, epoch }: { readonly groupId: Uint8Array; readonly epoch: bigint },
  sender: Extract<Sender, { kind: "external" | "newMemberProposal" }>,
  proposal: Proposal,
  authenticatedData: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const framed: FramedContent = { groupId, epoch, sender, authenticatedData, content: { kind: "proposal", proposal } };
  const content = withEncoded(framed, encodeWhole(framed, writeFramedContent));
  const tbs = framedContentTbs(WireFormat.publicMessage, content);
  const signature = signWithLabel(suite, signatureKey, "FramedContentTBS", tbs);
  const auth = { signature, confirmationTag: undefined };
  // MLS-12.1.8-02
  return encodeMLSMessage({ kind: "publicMessage", publicMessage: { content, auth, membershipTag: undefined } });
}
