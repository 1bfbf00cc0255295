// PrivateMessage (RFC 9420, section 6.3).
//
// Receiving goes in steps, and only the last changes the ratchets (MLS-9.2-06): open the sender data
// and the content, verify the signature, then consume the generation.
import type { DecodeContext } from "../codec/context.ts";
import { VECTOR_LIMIT } from "../codec/varint.ts";
import { AEAD_TAG_LENGTH } from "../core/generated/layout.ts";
import { openUnder, sealUnder, type SymmetricSuite } from "../crypto/hash.ts";
import { randomBytes, type RandomSource } from "../crypto/random.ts";
import type { CipherSuite } from "../crypto/suite.ts";
import { StateError, ValidationError } from "../errors.ts";
import { WireFormat } from "../message/constants.ts";
import type { AuthenticatedContent, ContentType } from "../message/framing.ts";
import type { GroupContext } from "../message/groupcontext.ts";
import { privateMessageForm } from "../message/mlsmessage.ts";
import {
  decodeSenderData,
  encodePrivateContentAAD,
  encodeSenderData,
  encodeSenderDataAAD,
  lendPrivateMessageContent,
  privateAuthenticatedContent,
  type PrivateMessage,
  readPrivateMessageContent,
  SENDER_DATA_LENGTH,
  type SenderData,
} from "../message/privatemessage.ts";
import type { EpochSecrets } from "../schedule/epoch.ts";
import type { Ratchet, RatchetPosition } from "../schedule/ratchet.ts";
import { checkDestination, type SenderKeys, verifyAuthenticatedContent } from "./authenticated.ts";

/** How many zero bytes to add to a plaintext of this length (MLS-15.1-01). */
export type PaddingScheme = (lengthBytes: number) => number;

/** The secrets of an epoch that private messages need; they outlive the rest of it. */
export type MessageSecrets = Pick<EpochSecrets, "senderDataSecret" | "secretTree">;

const GUARD_LENGTH = 4;

// MLS-9.1-03
function ratchetFor(contentType: ContentType): Ratchet {
  return contentType === "application" ? "application" : "handshake";
}

/** What came of sealing: the message, and the generation it has used up for ever, to be stored before the message leaves. */
export interface SealedMessage {
  readonly message: PrivateMessage;
  /** The MLSMessage on the wire; `message` holds views of it. */
  readonly encoded: Uint8Array<ArrayBuffer>;
  readonly position: RatchetPosition;
}

/** Encrypts signed content in the next generation of the sender's ratchet (MLS-9.1-02). */
export function protectPrivate(
  suite: SymmetricSuite,
  authenticated: AuthenticatedContent,
  secrets: MessageSecrets,
  random: RandomSource,
  padding: PaddingScheme = () => 0,
): SealedMessage {
  const { wireFormat, content, auth } = authenticated;
  const { groupId, epoch, authenticatedData, sender } = content;
  if (wireFormat !== WireFormat.privateMessage) throw new TypeError("the content was signed for another wire format");
  if (sender.kind !== "member") {
    throw new StateError("ERR_USAGE", `only members send PrivateMessages, no ${sender.kind}`, { rule: "MLS-6.3.2-01" });
  }
  const { leafIndex } = sender;
  const contentType = content.content.kind;
  const header = { groupId, epoch, contentType, authenticatedData };
  const ratchet = ratchetFor(contentType);
  const aad = encodePrivateContentAAD(header);
  const senderDataAad = encodeSenderDataAAD(header);
  return lendPrivateMessageContent({ content: content.content, auth, padding: 0 }, (plaintext) => {
    const added = padding(plaintext.length);
    const most = VECTOR_LIMIT - plaintext.length - AEAD_TAG_LENGTH;
    if (!Number.isSafeInteger(added) || added < 0 || added > most) throw new RangeError(`a padding of ${added} bytes`);
    const { message, encoded } = privateMessageForm(
      header,
      SENDER_DATA_LENGTH + AEAD_TAG_LENGTH,
      plaintext.length + added + AEAD_TAG_LENGTH,
    );
    // MLS-6.3.1-04; a failing source is found out before a generation is used up.
    const reuseGuard = randomBytes(random, GUARD_LENGTH);
    const { ciphertext, encryptedSenderData } = message;
    const { secretTree, senderDataSecret } = secrets;
    const { generation } = secretTree.seal(leafIndex, ratchet, reuseGuard, aad, plaintext, added, ciphertext);
    const sample = ciphertext.subarray(0, suite.hashLength); // MLS-6.3.2-02
    const senderData = encodeSenderData({ leafIndex, generation, reuseGuard });
    encryptedSenderData.set(sealUnder(suite, senderDataSecret, sample, senderDataAad, senderData));
    return { message, encoded, position: { leafIndex, ratchet, generation } };
  });
}

/** A message that opened; its signature is not verified yet, and its generation not used up. */
export interface OpenedMessage {
  readonly authenticated: AuthenticatedContent;
  readonly position: RatchetPosition;
}

/** Decrypts the sender data (MLS-6.3.2-02, -03, -05): an unauthenticated claim of any member. */
export function openSenderData(suite: SymmetricSuite, message: PrivateMessage, secrets: MessageSecrets): SenderData {
  const { ciphertext, encryptedSenderData } = message;
  const sample = ciphertext.subarray(0, suite.hashLength);
  const aad = encodeSenderDataAAD(message);
  return decodeSenderData(
    openUnder(suite, secrets.senderDataSecret, sample, aad, encryptedSenderData, { rule: "MLS-6.3.2-07" }),
  );
}

/**
 * Decrypts a message without changing anything. Throws `ERR_STATE_OWN_MESSAGE` for one that claims
 * to be our own, whose key is deleted (MLS-6.3.2-06).
 */
export function openPrivate(
  suite: SymmetricSuite,
  message: PrivateMessage,
  groupContext: GroupContext,
  secrets: MessageSecrets,
  keys: SenderKeys,
  ownLeaf: number | undefined,
  context?: DecodeContext,
): OpenedMessage {
  checkDestination(message, groupContext);
  const { leafIndex, generation, reuseGuard } = openSenderData(suite, message, secrets);
  if (keys.member(leafIndex) === undefined) {
    throw new ValidationError("ERR_SENDER", "the sender is no member", { rule: "MLS-6.3.2-04", leafIndex });
  }
  if (leafIndex === ownLeaf) {
    throw new StateError("ERR_STATE_OWN_MESSAGE", "the message names this client as its sender", {
      rule: "MLS-6.3.2-06",
      leafIndex,
    });
  }
  const position = { leafIndex, ratchet: ratchetFor(message.contentType), generation };
  const aad = encodePrivateContentAAD(message);
  const bytes = secrets.secretTree.open(position, reuseGuard, aad, message.ciphertext);
  const plaintext = readPrivateMessageContent(bytes, message.contentType, context);
  return { authenticated: privateAuthenticatedContent(message, leafIndex, plaintext), position };
}

/** All steps in one: opens, verifies the signature (MLS-6.3.1-07), uses the generation up. */
export function unprotectPrivate(
  suite: CipherSuite,
  message: PrivateMessage,
  groupContext: GroupContext,
  secrets: MessageSecrets,
  keys: SenderKeys,
  ownLeaf: number | undefined,
  context?: DecodeContext,
): OpenedMessage {
  const opened = openPrivate(suite, message, groupContext, secrets, keys, ownLeaf, context);
  verifyAuthenticatedContent(suite, opened.authenticated, groupContext, keys);
  secrets.secretTree.consume(opened.position);
  return opened;
}
