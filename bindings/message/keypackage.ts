// KeyPackage (RFC 9420 section 10).
import { LAST_RESORT_EXTENSION } from "./constants.ts";
import type { DecodeContext } from "../codec/context.ts";
import { decodeWhole, type Reader } from "../codec/reader.ts";
import { vectorLength } from "../codec/varint.ts";
import { encodeWhole, lendWhole, type Writer } from "../codec/writer.ts";
import { withEncoded } from "./encoded.ts";
import { readExtensions, writeExtensions, type Extension } from "./extension.ts";
import { readLeafNode, writeLeafNode, type LeafNode } from "./leafnode.ts";

/** All fields of a KeyPackage but its signature. */
export interface KeyPackageContent {
  /** Protocol version; 1 is MLS 1.0. */
  readonly version: number;
  /** The suite, by its number in the IANA registry. */
  readonly cipherSuite: number;
  /** The HPKE public key that the Welcome is encrypted to. */
  readonly initKey: Uint8Array;
  /** The leaf that its owner will have. */
  readonly leafNode: LeafNode;
  /** Extensions of the key package. */
  readonly extensions: readonly Extension[];
}

/** With it its owner can be added to a group (RFC 9420 section 10). */
export interface KeyPackage extends KeyPackageContent {
  /** By the signature key of the leaf. */
  readonly signature: Uint8Array;
  /** The bytes as received; absent on one that was put together here. */
  readonly encoded?: Uint8Array;
}

export function readKeyPackage(reader: Reader): KeyPackage {
  const outer = reader.enter("KeyPackage");
  const start = reader.position;
  const keyPackage: KeyPackage = {
    version: reader.uint16(),
    cipherSuite: reader.uint16(),
    initKey: reader.opaque(),
    leafNode: readLeafNode(reader),
    extensions: readExtensions(reader, "keyPackage"),
    signature: reader.opaque(),
  };
  reader.leave(outer);
  return withEncoded(keyPackage, reader.since(start));
}

function writeContent(writer: Writer, content: KeyPackageContent): void {
  writer.uint16(content.version);
  writer.uint16(content.cipherSuite);
  writer.opaque(content.initKey);
  writeLeafNode(writer, content.leafNode);
  writeExtensions(writer, content.extensions);
}

export function writeKeyPackage(writer: Writer, keyPackage: KeyPackage): void {
  if (keyPackage.encoded !== undefined) return writer.fixed(keyPackage.encoded);
  writeContent(writer, keyPackage);
  writer.opaque(keyPackage.signature);
}

/** KeyPackageTBS: what the signature covers (MLS-10-05). */
export function keyPackageTbs(keyPackage: KeyPackage | KeyPackageContent): Uint8Array {
  if ("signature" in keyPackage && keyPackage.encoded !== undefined) {
    return keyPackage.encoded.subarray(0, keyPackage.encoded.length - vectorLength(keyPackage.signature.length));
  }
  return encodeWhole(keyPackage, writeContent);
}

export function decodeKeyPackage(bytes: Uint8Array, context?: DecodeContext): KeyPackage {
  return decodeWhole("KeyPackage", bytes, readKeyPackage, context);
}

/** A KeyPackage with the signature that `sign` makes of KeyPackageTBS, and with its encoding. */
export function signKeyPackage(
  content: KeyPackageContent,
  sign: (tbs: Uint8Array) => Uint8Array,
): KeyPackage & { readonly encoded: Uint8Array } {
  const keyPackage = { signature: lendWhole(content, writeContent, sign), ...content };
  return withEncoded(keyPackage, encodeKeyPackage(keyPackage));
}

export function encodeKeyPackage(keyPackage: KeyPackage): Uint8Array<ArrayBuffer> {
  return encodeWhole(keyPackage, writeKeyPackage);
}

/** Whether the key package says that it may be used more than once. */
export function isLastResort({ extensions }: Pick<KeyPackage, "extensions">): boolean {
  return extensions.some(({ extensionType }) => extensionType === LAST_RESORT_EXTENSION);
}
