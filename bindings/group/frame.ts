// Framing content of our own: FramedContent, with its encoding where more than the signature covers it, and the way of
// proposals and commits into a message.

import { requireBytes } from "../codec/argument.ts";
import { encodeWhole } from "../codec/writer.ts";
import { protectPrivate } from "../framing/privatemessage.ts";
import { protectPublic } from "../framing/publicmessage.ts";
import { WireFormat } from "../message/constants.ts";
import { withEncoded } from "../message/encoded.ts";
import { type AuthenticatedContent, type Content, type FramedContent, writeFramedContent } from "../message/framing.ts";
import { encodeMLSMessage } from "../message/mlsmessage.ts";
import type { RatchetPosition } from "../schedule/ratchet.ts";
import type { GroupState } from "./state.ts";

/** Content of ours in the present epoch, for one use: of an application message nothing but its signature covers it. */
export function framedContent(state: GroupState, content: Content, authenticatedData: Uint8Array): FramedContent {
  requireBytes(authenticatedData, "authenticated data");
  const { groupId, epoch } = state.epoch.groupContext;
  const sender = { kind: "member", leafIndex: state.ownLeafIndex } as const;
  return { groupId, epoch, sender, authenticatedData, content };
}

/** The same, encoded once for signature, transcript and message alike. */
export function frameContent(state: GroupState, content: Content, authenticatedData: Uint8Array): FramedContent {
  const framed = framedContent(state, content, authenticatedData);
  return withEncoded(framed, encodeWhole(framed, writeFramedContent));
}

/** A message on the wire, and the generation it has used up. */
export interface FramedMessage {
  readonly message: Uint8Array;
  readonly position: RatchetPosition | undefined;
}

/** Protects a proposal or commit in the wire format it was signed for. MLS-12.4.1-06 */
export function protectHandshake(state: GroupState, authenticated: AuthenticatedContent): FramedMessage {
  const { suite, environment, epoch } = state;
  if (authenticated.wireFormat === WireFormat.publicMessage) {
    const publicMessage = protectPublic(suite, authenticated, epoch.groupContext, epoch.secrets.membershipKey);
    return { message: encodeMLSMessage({ kind: "publicMessage", publicMessage }), position: undefined };
  }
  const sealed = protectPrivate(suite, authenticated, epoch.secrets, environment.random, environment.padding);
  state.noteConsumed(epoch.groupContext.epoch, sealed.position);
  return { message: sealed.encoded, position: sealed.position };
}
