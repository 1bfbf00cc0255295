// PublicMessage (RFC 9420, section 6.2).
import type { Secret } from "../core/secret.ts";
import { mac, verifyMac } from "../crypto/hash.ts";
import type { CipherSuite } from "../crypto/suite.ts";
import { StateError, ValidationError } from "../errors.ts";
import { WireFormat } from "../message/constants.ts";
import {
  type AuthenticatedContent,
  authenticatedContentTbm,
  publicAuthenticatedContent,
  type PublicMessage,
} from "../message/framing.ts";
import type { GroupContext } from "../message/groupcontext.ts";
import { checkDestination, checkSender, type SenderKeys, verifyAuthenticatedContent } from "./authenticated.ts";

/** Adds a member's membership tag (MLS-6.2-01); other senders have none, and need no key (MLS-6.2-03). */
export function protectPublic(
  suite: CipherSuite,
  authenticated: AuthenticatedContent,
  groupContext: GroupContext,
  membershipKey: Secret | undefined,
): PublicMessage {
  const { wireFormat, content, auth } = authenticated;
  if (wireFormat !== WireFormat.publicMessage) throw new TypeError("the content was signed for another wire format");
  if (content.content.kind === "application") {
    throw new StateError("ERR_USAGE", "application data travels as PrivateMessage alone", { rule: "MLS-6-05" });
  }
  if (content.sender.kind !== "member") return { content, auth, membershipTag: undefined };
  if (membershipKey === undefined) throw new TypeError("a member's message needs the membership key");
  const membershipTag = mac(suite, membershipKey, authenticatedContentTbm(authenticated, groupContext));
  return { content, auth, membershipTag };
}

/**
 * Checks everything about a PublicMessage that needs the epoch alone: destination, sender, the
 * membership tag before the signature (MLS-6.2-06), the signature (MLS-6.2-04).
 */
export function unprotectPublic(
  suite: CipherSuite,
  message: PublicMessage,
  groupContext: GroupContext,
  membershipKey: Secret,
  keys: SenderKeys,
): AuthenticatedContent {
  const { content, membershipTag } = message;
  checkDestination(content, groupContext);
  if (content.content.kind === "application") {
    throw new ValidationError("ERR_SENDER", "application data in a PublicMessage", {
      rule: "MLS-6-05",
      struct: "PublicMessage",
    });
  }
  checkSender(content.sender, content.content.kind);
  const authenticated = publicAuthenticatedContent(message);
  if (content.sender.kind === "member") {
    const tbm = authenticatedContentTbm(authenticated, groupContext);
    verifyMac(suite, membershipKey, tbm, membershipTag ?? new Uint8Array(), { rule: "MLS-6.2-02" });
  }
  verifyAuthenticatedContent(suite, authenticated, groupContext, keys);
  return authenticated;
}
