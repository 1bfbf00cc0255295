// PrivateMessage, what is encrypted in it, and the associated data (RFC 9420 section 6.3).
import { defaultContext, type DecodeContext } from "../codec/context.ts";
import { decodeInner, Reader } from "../codec/reader.ts";
import { vectorLength } from "../codec/varint.ts";
import { encodeWhole, lendWhole, type Writer } from "../codec/writer.ts";
import { WireFormat } from "./constants.ts";
import { withEncoded } from "./encoded.ts";
import {
  contentLength,
  framedContentHeaderLength,
  readContent,
  readContentType,
  readFramedContentAuthData,
  writeContent,
  writeContentType,
  writeFramedContentAuthData,
  writeFramedContentHeader,
  type AuthenticatedContent,
  type Content,
  type ContentType,
  type FramedContent,
  type FramedContentAuthData,
} from "./framing.ts";

const EPOCH_LENGTH = 8;
const CONTENT_TYPE_LENGTH = 1;
/** Bytes of an encoded SenderData. */
export const SENDER_DATA_LENGTH = 12;

export interface PrivateMessage {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly contentType: ContentType;
  readonly authenticatedData: Uint8Array;
  readonly encryptedSenderData: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** The plaintext of a PrivateMessage. */
export interface PrivateMessageContent {
  readonly content: Content;
  readonly auth: FramedContentAuthData;
  /** Bytes of padding. */
  readonly padding: number;
  /** The bytes of the content's arm as received; absent on one that was put together here. */
  readonly encoded?: Uint8Array;
}

export interface SenderData {
  readonly leafIndex: number;
  readonly generation: number;
  /** Four bytes. */
  readonly reuseGuard: Uint8Array;
}

export function readPrivateMessage(reader: Reader): PrivateMessage {
  const outer = reader.enter("PrivateMessage");
  const message: PrivateMessage = {
    groupId: reader.opaque(),
    epoch: reader.uint64(),
    contentType: readContentType(reader),
    authenticatedData: reader.opaque(),
    encryptedSenderData: reader.opaque(),
    ciphertext: reader.opaque(),
  };
  reader.leave(outer);
  return message;
}

/** All of a PrivateMessage but what is encrypted. */
export type PrivateMessageHeader = Omit<PrivateMessage, "encryptedSenderData" | "ciphertext">;

/** Bytes of the fields before the encrypted ones. */
export function privateMessageHeaderLength({ groupId, authenticatedData }: PrivateMessageHeader): number {
  return vectorLength(groupId.length) + EPOCH_LENGTH + CONTENT_TYPE_LENGTH + vectorLength(authenticatedData.length);
}

export function writePrivateMessageHeader(writer: Writer, header: PrivateMessageHeader): void {
  writer.opaque(header.groupId);
  writer.uint64(header.epoch);
  writeContentType(writer, header.contentType);
  writer.opaque(header.authenticatedData);
}

export function writePrivateMessage(writer: Writer, message: PrivateMessage): void {
  writePrivateMessageHeader(writer, message);
  writer.opaque(message.encryptedSenderData);
  writer.opaque(message.ciphertext);
}

/**
 * Reads a decrypted PrivateMessageContent; what follows content and auth is padding, of which every
 * byte must be zero (MLS-6.3.1-02, -03). Only the message's header names the content type
 * (MLS-6.3.1-09). The result holds views of `bytes`, which is not copied.
 */
export function readPrivateMessageContent(
  bytes: Uint8Array,
  contentType: ContentType,
  context: DecodeContext = defaultContext,
): PrivateMessageContent {
  const reader = new Reader(bytes, context, "PrivateMessageContent");
  const content = readContent(reader, contentType);
  const encoded = reader.since(0);
  const auth = readFramedContentAuthData(reader, contentType);
  const padding = reader.rest();
  let bits = 0;
  for (let i = 0; i < padding.length; i++) bits |= padding[i]!;
  if (bits !== 0) reader.fail("padding that is not zero", "MLS-6.3.1-02");
  return withEncoded({ content, auth, padding: padding.length }, encoded);
}

export function writePrivateMessageContent(writer: Writer, plaintext: PrivateMessageContent): void {
  if (plaintext.encoded !== undefined) writer.fixed(plaintext.encoded);
  else writeContent(writer, plaintext.content);
  writeFramedContentAuthData(writer, plaintext.auth, plaintext.content.kind);
  writer.fixed(new Uint8Array(plaintext.padding));
}

function privateMessageContentLength({ content, auth, padding, encoded }: PrivateMessageContent): number {
  return (encoded?.length ?? contentLength(content)) + vectorLength(auth.signature.length) + padding;
}

/** Lends the encoded plaintext for the time of `use`, and wipes it then. */
export function lendPrivateMessageContent<R>(
  plaintext: PrivateMessageContent,
  use: (encoded: Uint8Array<ArrayBuffer>) => R,
): R {
  return lendWhole(plaintext, writePrivateMessageContent, use, privateMessageContentLength(plaintext));
}

export function encodePrivateMessageContent(plaintext: PrivateMessageContent): Uint8Array<ArrayBuffer> {
  return encodeWhole(plaintext, writePrivateMessageContent, privateMessageContentLength(plaintext));
}

/**
 * The AuthenticatedContent that a PrivateMessage stands for, whose signature is to be verified
 * (MLS-6-10). The content's bytes are the received ones.
 */
export function privateAuthenticatedContent(
  message: PrivateMessage,
  leafIndex: number,
  plaintext: PrivateMessageContent,
): AuthenticatedContent {
  const { groupId, epoch, authenticatedData } = message;
  const framed: FramedContent = {
    groupId,
    epoch,
    sender: { kind: "member", leafIndex },
    authenticatedData,
    content: plaintext.content,
  };
  const { auth } = plaintext;
  // Application data has one encoding only, and nobody asks for that of the whole.
  if (framed.content.kind === "application") return { wireFormat: WireFormat.privateMessage, content: framed, auth };
  const write = (writer: Writer): void => {
    writeFramedContentHeader(writer, framed);
    if (plaintext.encoded !== undefined) writer.fixed(plaintext.encoded);
    else writeContent(writer, plaintext.content);
  };
  const arm = plaintext.encoded?.length ?? contentLength(plaintext.content);
  const encoded = encodeWhole(framed, write, framedContentHeaderLength(framed) + arm);
  return { wireFormat: WireFormat.privateMessage, content: withEncoded(framed, encoded), auth };
}

/** PrivateContentAAD: associated data of the content (MLS-6.3.1-06). */
export function encodePrivateContentAAD(header: PrivateMessageHeader): Uint8Array<ArrayBuffer> {
  // The struct has the message's own fields up to there.
  return encodeWhole(header, writePrivateMessageHeader);
}

/** SenderDataAAD: associated data of the sender data (MLS-6.3.2-03). */
export function encodeSenderDataAAD(
  message: Pick<PrivateMessage, "groupId" | "epoch" | "contentType">,
): Uint8Array<ArrayBuffer> {
  return encodeWhole(message, (writer) => {
    writer.opaque(message.groupId);
    writer.uint64(message.epoch);
    writeContentType(writer, message.contentType);
  });
}

/** Decodes decrypted SenderData, which must use up its byte string (MLS-6.3.2-05). */
export function decodeSenderData(bytes: Uint8Array): SenderData {
  const read = (reader: Reader): SenderData => ({
    leafIndex: reader.uint32(),
    generation: reader.uint32(),
    reuseGuard: reader.fixed(4),
  });
  return decodeInner("SenderData", bytes, read, defaultContext, "MLS-6.3.2-05");
}

export function encodeSenderData(senderData: SenderData): Uint8Array<ArrayBuffer> {
  if (senderData.reuseGuard.length !== 4) throw new RangeError("a reuse guard has 4 bytes");
  return encodeWhole(senderData, (writer) => {
    writer.uint32(senderData.leafIndex);
    writer.uint32(senderData.generation);
    writer.fixed(senderData.reuseGuard);
  });
}
