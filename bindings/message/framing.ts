// FramedContent and what authenticates it (RFC 9420 sections 6 and 6.1), PublicMessage (section 6.2).
import type { DecodeContext } from "../codec/context.ts";
import { decodeWhole, type Reader } from "../codec/reader.ts";
import { vectorLength } from "../codec/varint.ts";
import { encodeWhole, lendWhole, type Writer } from "../codec/writer.ts";
import { readCommit, writeCommit, type Commit } from "./commit.ts";
import { PROTOCOL_VERSION_MLS10, WireFormat } from "./constants.ts";
import { withEncoded } from "./encoded.ts";
import { encodeGroupContext, type GroupContext } from "./groupcontext.ts";
import { readProposal, writeProposal, type Proposal } from "./proposals.ts";

export type Sender =
  | { readonly kind: "member"; readonly leafIndex: number }
  | { readonly kind: "external"; readonly senderIndex: number }
  | { readonly kind: "newMemberProposal" }
  | { readonly kind: "newMemberCommit" };

/** What a message carries; `kind` is its ContentType. */
export type Content =
  | { readonly kind: "application"; readonly applicationData: Uint8Array }
  | { readonly kind: "proposal"; readonly proposal: Proposal }
  | { readonly kind: "commit"; readonly commit: Commit };

/** What a message carries (RFC 9420 section 6). */
export type ContentType = Content["kind"];

export interface FramedContent {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly sender: Sender;
  readonly authenticatedData: Uint8Array;
  readonly content: Content;
  /** The bytes as received; absent on one that was put together here. */
  readonly encoded?: Uint8Array;
}

export interface FramedContentAuthData {
  readonly signature: Uint8Array;
  /** Present for a commit, and only then (MLS-6.1-08). */
  readonly confirmationTag: Uint8Array | undefined;
}

/** What ProposalRef and the transcript hashes are computed over. */
export interface AuthenticatedContent {
  readonly wireFormat: number;
  readonly content: FramedContent;
  readonly auth: FramedContentAuthData;
}

export interface PublicMessage {
  readonly content: FramedContent;
  readonly auth: FramedContentAuthData;
  /** Present when a member sent it, and only then (MLS-6.2-02, -03). */
  readonly membershipTag: Uint8Array | undefined;
}

const VERSION_LENGTH = 2;
const WIRE_FORMAT_LENGTH = 2;
const EPOCH_LENGTH = 8;
const nothing = new Uint8Array(0);

// MLS-6-03
const senderTypes = [undefined, "member", "external", "newMemberProposal", "newMemberCommit"] as const;
const contentTypes = [undefined, "application", "proposal", "commit"] as const;

/** Which senders may send what (MLS-6-12); to be asked before any signature is verified. */
export function isContentAllowed(sender: Sender, contentType: ContentType): boolean {
  switch (sender.kind) {
    case "member":
      return true;
    case "external":
    case "newMemberProposal":
      return contentType === "proposal";
    case "newMemberCommit":
      return contentType === "commit";
  }
}

// MLS-6-04
function readSender(reader: Reader): Sender {
  const kind = reader.enumeration(senderTypes, "MLS-6-03");
  switch (kind) {
    case "member":
      return { kind, leafIndex: reader.uint32() };
    case "external":
      return { kind, senderIndex: reader.uint32() };
    case "newMemberProposal":
    case "newMemberCommit":
      return { kind };
  }
}

function writeSender(writer: Writer, sender: Sender): void {
  writer.enumeration(senderTypes, sender.kind);
  if (sender.kind === "member") writer.uint32(sender.leafIndex);
  else if (sender.kind === "external") writer.uint32(sender.senderIndex);
}

export function readContentType(reader: Reader): ContentType {
  return reader.enumeration(contentTypes, "MLS-6-03");
}

export function writeContentType(writer: Writer, contentType: ContentType): void {
  writer.enumeration(contentTypes, contentType);
}

/** Reads the arm of a content type that has been read before. */
export function readContent(reader: Reader, kind: ContentType): Content {
  switch (kind) {
    case "application":
      return { kind, applicationData: reader.opaque() };
    case "proposal":
      return { kind, proposal: readProposal(reader) };
    case "commit":
      return { kind, commit: readCommit(reader) };
  }
}

/** Writes the arm alone, without the content type. */
export function writeContent(writer: Writer, content: Content): void {
  switch (content.kind) {
    case "application":
      return writer.opaque(content.applicationData);
    case "proposal":
      return writeProposal(writer, content.proposal);
    case "commit":
      return writeCommit(writer, content.commit);
  }
}

/** A guess of how many bytes the arm takes; of application data, which can be large, the very number. */
export function contentLength(content: Content): number {
  return content.kind === "application" ? vectorLength(content.applicationData.length) : 256;
}

export function readFramedContent(reader: Reader): FramedContent {
  const outer = reader.enter("FramedContent");
  const start = reader.position;
  const framed: FramedContent = {
    groupId: reader.opaque(),
    epoch: reader.uint64(),
    sender: readSender(reader),
    authenticatedData: reader.opaque(),
    content: readContent(reader, readContentType(reader)),
  };
  reader.leave(outer);
  return withEncoded(framed, reader.since(start));
}

const MEMBER_LENGTH = 5;

/** Bytes of all fields before the content's arm; up to four too many for senders without an index. */
export function framedContentHeaderLength(framed: Omit<FramedContent, "encoded" | "content">): number {
  const { groupId, authenticatedData } = framed;
  return vectorLength(groupId.length) + EPOCH_LENGTH + MEMBER_LENGTH + vectorLength(authenticatedData.length) + 1;
}

function framedContentLength(framed: FramedContent): number {
  return framed.encoded?.length ?? framedContentHeaderLength(framed) + contentLength(framed.content);
}

function authDataLength({ signature, confirmationTag }: FramedContentAuthData): number {
  return vectorLength(signature.length) + (confirmationTag === undefined ? 0 : vectorLength(confirmationTag.length));
}

/** Writes all fields before the content's arm. */
export function writeFramedContentHeader(writer: Writer, framed: Omit<FramedContent, "encoded">): void {
  writer.opaque(framed.groupId);
  writer.uint64(framed.epoch);
  writeSender(writer, framed.sender);
  writer.opaque(framed.authenticatedData);
  writeContentType(writer, framed.content.kind);
}

export function writeFramedContent(writer: Writer, framed: FramedContent): void {
  if (framed.encoded !== undefined) return writer.fixed(framed.encoded);
  writeFramedContentHeader(writer, framed);
  writeContent(writer, framed.content);
}

export function readFramedContentAuthData(reader: Reader, contentType: ContentType): FramedContentAuthData {
  const outer = reader.enter("FramedContentAuthData");
  const auth: FramedContentAuthData = {
    signature: reader.opaque(),
    confirmationTag: contentType === "commit" ? reader.opaque("MLS-6.1-08") : undefined,
  };
  reader.leave(outer);
  return auth;
}

export function writeFramedContentAuthData(
  writer: Writer,
  auth: FramedContentAuthData,
  contentType: ContentType,
): void {
  if ((auth.confirmationTag !== undefined) !== (contentType === "commit")) {
    throw new TypeError("a confirmation tag belongs to a commit, and to nothing else");
  }
  writer.opaque(auth.signature);
  if (auth.confirmationTag !== undefined) writer.opaque(auth.confirmationTag);
}

export function readAuthenticatedContent(reader: Reader): AuthenticatedContent {
  const outer = reader.enter("AuthenticatedContent");
  const wireFormat = reader.uint16();
  const content = readFramedContent(reader);
  const auth = readFramedContentAuthData(reader, content.content.kind);
  reader.leave(outer);
  return { wireFormat, content, auth };
}

export function writeAuthenticatedContent(writer: Writer, authenticated: AuthenticatedContent): void {
  writer.uint16(authenticated.wireFormat);
  writeFramedContent(writer, authenticated.content);
  writeFramedContentAuthData(writer, authenticated.auth, authenticated.content.content.kind);
}

export function decodeAuthenticatedContent(bytes: Uint8Array, context?: DecodeContext): AuthenticatedContent {
  return decodeWhole("AuthenticatedContent", bytes, readAuthenticatedContent, context);
}

export function encodeAuthenticatedContent(authenticated: AuthenticatedContent): Uint8Array<ArrayBuffer> {
  const { content, auth } = authenticated;
  const capacity = WIRE_FORMAT_LENGTH + framedContentLength(content) + authDataLength(auth);
  return encodeWhole(authenticated, writeAuthenticatedContent, capacity);
}

/** The encoded GroupContext where FramedContentTBS has one, else nothing. */
function boundContext(framed: FramedContent, groupContext: GroupContext | undefined): Uint8Array {
  const bindsContext = framed.sender.kind === "member" || framed.sender.kind === "newMemberCommit";
  if (bindsContext !== (groupContext !== undefined)) {
    throw new TypeError("FramedContentTBS has a GroupContext for members and external joiners, and for nobody else");
  }
  return groupContext === undefined ? nothing : encodeGroupContext(groupContext);
}

function tbsLength(framed: FramedContent, context: Uint8Array): number {
  return VERSION_LENGTH + WIRE_FORMAT_LENGTH + framedContentLength(framed) + context.length;
}

function writeTbs(writer: Writer, wireFormat: number, framed: FramedContent, context: Uint8Array): void {
  writer.uint16(PROTOCOL_VERSION_MLS10);
  writer.uint16(wireFormat);
  writeFramedContent(writer, framed);
  writer.fixed(context);
}

/**
 * Lends FramedContentTBS, what the sender signs. The group's context is part of it for senders `member`
 * and `newMemberCommit` (MLS-6.1-02).
 */
export function lendFramedContentTbs<R>(
  wireFormat: number,
  framed: FramedContent,
  groupContext: GroupContext | undefined,
  use: (tbs: Uint8Array<ArrayBuffer>) => R,
): R {
  const context = boundContext(framed, groupContext);
  const write = (writer: Writer): void => writeTbs(writer, wireFormat, framed, context);
  return lendWhole(framed, write, use, tbsLength(framed, context));
}

/** A copy of FramedContentTBS. */
export function framedContentTbs(
  wireFormat: number,
  framed: FramedContent,
  groupContext?: GroupContext,
): Uint8Array<ArrayBuffer> {
  return lendFramedContentTbs(wireFormat, framed, groupContext, (tbs) => tbs.slice());
}

/** AuthenticatedContentTBM: what the membership tag covers (MLS-6.2-01). */
export function authenticatedContentTbm(
  authenticated: AuthenticatedContent,
  groupContext: GroupContext,
): Uint8Array<ArrayBuffer> {
  const { wireFormat, content, auth } = authenticated;
  const context = boundContext(content, groupContext);
  const write = (writer: Writer): void => {
    writeTbs(writer, wireFormat, content, context);
    writeFramedContentAuthData(writer, auth, content.content.kind);
  };
  return encodeWhole(authenticated, write, tbsLength(content, context) + authDataLength(auth));
}

/** ConfirmedTranscriptHashInput (section 8.2). */
export function confirmedTranscriptHashInput(authenticated: AuthenticatedContent): Uint8Array<ArrayBuffer> {
  const write = (writer: Writer, { wireFormat, content, auth }: AuthenticatedContent): void => {
    writer.uint16(wireFormat);
    writeFramedContent(writer, content);
    writer.opaque(auth.signature);
  };
  const { content, auth } = authenticated;
  const capacity = WIRE_FORMAT_LENGTH + framedContentLength(content) + vectorLength(auth.signature.length);
  return encodeWhole(authenticated, write, capacity);
}

/** InterimTranscriptHashInput (section 8.2). */
export function interimTranscriptHashInput(confirmationTag: Uint8Array): Uint8Array<ArrayBuffer> {
  return encodeWhole(confirmationTag, (writer) => writer.opaque(confirmationTag));
}

export function readPublicMessage(reader: Reader): PublicMessage {
  const outer = reader.enter("PublicMessage");
  const content = readFramedContent(reader);
  const auth = readFramedContentAuthData(reader, content.content.kind);
  const membershipTag = content.sender.kind === "member" ? reader.opaque("MLS-6.2-02") : undefined;
  reader.leave(outer);
  return { content, auth, membershipTag };
}

export function writePublicMessage(writer: Writer, message: PublicMessage): void {
  if ((message.membershipTag !== undefined) !== (message.content.sender.kind === "member")) {
    throw new TypeError("a membership tag belongs to a member's message, and to no other");
  }
  writeFramedContent(writer, message.content);
  writeFramedContentAuthData(writer, message.auth, message.content.content.kind);
  if (message.membershipTag !== undefined) writer.opaque(message.membershipTag);
}

/** The AuthenticatedContent that a PublicMessage carries. */
export function publicAuthenticatedContent(message: PublicMessage): AuthenticatedContent {
  return { wireFormat: WireFormat.publicMessage, content: message.content, auth: message.auth };
}
