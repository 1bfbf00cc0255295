// The labelled structs that are signed, encrypted under and hashed (RFC 9420, sections 5.1.2, 5.1.3 and 5.2).
import { headerLength, vectorLength, writeHeader } from "../codec/varint.ts";
import { hash, labelBytes, type SymmetricSuite } from "./hash.ts";

/** The registry of section 17.6, as far as RFC 9420 fills it (MLS-5.1.2-04). */
export type SignatureLabel = "FramedContentTBS" | "LeafNodeTBS" | "KeyPackageTBS" | "GroupInfoTBS";

/** The registry of section 17.7, as far as RFC 9420 fills it (MLS-5.1.3-02). */
export type EncryptionLabel = "UpdatePathNode" | "Welcome";

/** A label, the content's length, and room for so much of it. */
function head(label: string, contentLength: number, room: number): Uint8Array<ArrayBuffer> {
  const text = labelBytes(label);
  const bytes = new Uint8Array(vectorLength(text.length) + headerLength(contentLength) + room);
  const at = writeHeader(bytes, 0, text.length);
  bytes.set(text, at);
  writeHeader(bytes, at + text.length, contentLength);
  return bytes;
}

function labelled(label: string, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = head(label, content.length, content.length);
  bytes.set(content, bytes.length - content.length);
  return bytes;
}

/** SignContent (MLS-5.1.2-03); the label without its prefix. Extensions may use labels of their own (MLS-5.1.2-05). */
export function signContent(label: SignatureLabel | (string & {}), content: Uint8Array): Uint8Array<ArrayBuffer> {
  return labelled(`MLS 1.0 ${label}`, content);
}

/** All of SignContent but the content's own bytes, which may be many. */
export function signContentHead(label: SignatureLabel | (string & {}), contentLength: number): Uint8Array<ArrayBuffer> {
  return head(`MLS 1.0 ${label}`, contentLength, 0);
}

/** EncryptContext (MLS-5.1.3-01); the label without its prefix. */
export function encryptContext(label: EncryptionLabel | (string & {}), context: Uint8Array): Uint8Array<ArrayBuffer> {
  return labelled(`MLS 1.0 ${label}`, context);
}

/** RefHash(label, value); this label is taken as it stands. */
export function refHash(suite: SymmetricSuite, label: string, value: Uint8Array): Uint8Array<ArrayBuffer> {
  return hash(suite, head(label, value.length, 0), value);
}

/** KeyPackageRef of an encoded KeyPackage, under the KeyPackage's own suite (MLS-5.2-01). */
export function keyPackageRef(suite: SymmetricSuite, keyPackage: Uint8Array): Uint8Array<ArrayBuffer> {
  return refHash(suite, "MLS 1.0 KeyPackage Reference", keyPackage);
}

/** ProposalRef of the encoded AuthenticatedContent that carries a proposal (MLS-5.2-02). */
export function proposalRef(suite: SymmetricSuite, authenticatedContent: Uint8Array): Uint8Array<ArrayBuffer> {
  return refHash(suite, "MLS 1.0 Proposal Reference", authenticatedContent);
}
