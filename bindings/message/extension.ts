// Extension lists (RFC 9420 section 13.4) and the bodies of the RFC's own extensions. A body is
// decoded only when it is asked for, after the extension's place has been checked (DEF-07).
import type { DecodeContext } from "../codec/context.ts";
import { decodeInner, type Reader } from "../codec/reader.ts";
import { encodeWhole, type Writer } from "../codec/writer.ts";
import { ValidationError } from "../errors.ts";
import { readCredential, writeCredential, type Credential } from "./credential.ts";
import {
  EXTENSIONS_LIMIT,
  EXTERNAL_SENDERS_LIMIT,
  extensionPlaces,
  type ExtensionPlace,
  ExtensionType,
} from "./constants.ts";

/** An extension of a group, leaf, key package or GroupInfo (RFC 9420 section 13.4). */
export interface Extension {
  /** The number of the type: one of `ExtensionType`, or the application's. */
  readonly extensionType: number;
  /** Kept byte for byte, whether the type is known or not (MLS-13.4-01). */
  readonly extensionData: Uint8Array;
}

/**
 * Reads an extension list; a type that stands twice is refused (MLS-13.4-06). With `place`, so is
 * one that belongs elsewhere (MLS-17.3-01): proposals carry lists that are judged later.
 */
export function readExtensions(reader: Reader, place?: ExtensionPlace): Extension[] {
  const outer = reader.enter("Extension");
  const seen = new Set<number>();
  const extensions = reader.list(() => {
    const position = reader.position;
    const extensionType = reader.uint16();
    if (seen.has(extensionType)) {
      reader.forbidden("ERR_EXTENSION", `type ${extensionType} stands twice`, "MLS-13.4-06", position);
    }
    seen.add(extensionType);
    if (place !== undefined && isMisplaced(extensionType, place)) {
      reader.forbidden("ERR_EXTENSION", misplaced(extensionType, place), "MLS-17.3-01", position);
    }
    return { extensionType, extensionData: reader.opaque() };
  }, EXTENSIONS_LIMIT);
  reader.leave(outer);
  return extensions;
}

export function writeExtensions(writer: Writer, extensions: readonly Extension[]): void {
  writer.list(extensions, (to, extension) => {
    to.uint16(extension.extensionType);
    to.opaque(extension.extensionData);
  });
}

function isMisplaced(extensionType: number, place: ExtensionPlace): boolean {
  return (extensionPlaces.get(extensionType) ?? place) !== place;
}

function misplaced(extensionType: number, place: ExtensionPlace): string {
  return `type ${extensionType} belongs in a ${extensionPlaces.get(extensionType)}, not in a ${place}`;
}

/** Throws `ERR_EXTENSION` if a known type stands in a list where it does not belong, or any type twice (MLS-13.4-10). */
export function checkExtensions(extensions: readonly Extension[], place: ExtensionPlace): void {
  const seen = new Set<number>();
  for (const { extensionType } of extensions) {
    const details = (rule: string) => ({ rule, struct: "Extension" });
    if (isMisplaced(extensionType, place)) {
      throw new ValidationError("ERR_EXTENSION", misplaced(extensionType, place), details("MLS-17.3-01"));
    }
    if (seen.has(extensionType)) {
      throw new ValidationError("ERR_EXTENSION", `type ${extensionType} stands twice`, details("MLS-13.4-06"));
    }
    seen.add(extensionType);
  }
}

/** The same for what is to be a GroupContext's list, with the bodies that all members must understand. */
export function checkContextExtensions(extensions: readonly Extension[], context: DecodeContext): void {
  checkExtensions(extensions, "groupContext");
  for (const { extensionType, extensionData } of extensions) {
    if (extensionType === ExtensionType.requiredCapabilities) decodeRequiredCapabilities(extensionData, context);
    if (extensionType === ExtensionType.externalSenders) decodeExternalSenders(extensionData, context);
  }
}

/** The list in bytes of its own. */
export function copyExtensions(extensions: readonly Extension[]): Extension[] {
  return extensions.map(({ extensionType, extensionData }) => ({
    extensionType,
    extensionData: new Uint8Array(extensionData),
  }));
}

/** The data of the extension of this type, or undefined. */
export function findExtension(extensions: readonly Extension[], extensionType: number): Uint8Array | undefined {
  return extensions.find((extension) => extension.extensionType === extensionType)?.extensionData;
}

/** The body of `required_capabilities` (section 11.1). */
export interface RequiredCapabilities {
  /** Extension types that every member must support. */
  readonly extensionTypes: readonly number[];
  /** Proposal types that every member must support. */
  readonly proposalTypes: readonly number[];
  /** Credential types that every member must support. */
  readonly credentialTypes: readonly number[];
}

/** The body of a `required_capabilities` extension (RFC 9420 section 11.1). Throws `ERR_MALFORMED`. */
export function decodeRequiredCapabilities(extensionData: Uint8Array, context?: DecodeContext): RequiredCapabilities {
  const read = (reader: Reader): RequiredCapabilities => ({
    extensionTypes: reader.uint16List(),
    proposalTypes: reader.uint16List(),
    credentialTypes: reader.uint16List(),
  });
  return decodeInner("RequiredCapabilities", extensionData, read, context);
}

/** The body of a `required_capabilities` extension (RFC 9420 section 11.1). */
export function encodeRequiredCapabilities(required: RequiredCapabilities): Uint8Array<ArrayBuffer> {
  return encodeWhole(required, (writer) => {
    writer.uint16List(required.extensionTypes);
    writer.uint16List(required.proposalTypes);
    writer.uint16List(required.credentialTypes);
  });
}

/** One of the body of `external_senders` (section 12.1.8.1). */
export interface ExternalSender {
  /** The key that its proposals are signed with. */
  readonly signatureKey: Uint8Array;
  /** Who it is. */
  readonly credential: Credential;
}

/**
 * The body of an `external_senders` extension (RFC 9420 section 12.1.8.1). Throws `ERR_MALFORMED`, `ERR_LIMIT`,
 * `ERR_UNSUPPORTED`.
 */
export function decodeExternalSenders(extensionData: Uint8Array, context?: DecodeContext): ExternalSender[] {
  const readSender = (reader: Reader): ExternalSender => ({
    signatureKey: reader.opaque(),
    credential: readCredential(reader),
  });
  return decodeInner(
    "ExternalSender",
    extensionData,
    (reader) => reader.list(readSender, EXTERNAL_SENDERS_LIMIT),
    context,
  );
}

/** The body of an `external_senders` extension (RFC 9420 section 12.1.8.1). */
export function encodeExternalSenders(senders: readonly ExternalSender[]): Uint8Array<ArrayBuffer> {
  return encodeWhole(senders, (writer) =>
    writer.list(senders, (to, sender) => {
      to.opaque(sender.signatureKey);
      writeCredential(to, sender.credential);
    }),
  );
}

/** The HPKE public key in an `external_pub` extension (section 12.4.3.2). */
export function decodeExternalPub(extensionData: Uint8Array, context?: DecodeContext): Uint8Array {
  return decodeInner("ExternalPub", extensionData, (reader) => reader.opaque(), context);
}

export function encodeExternalPub(externalPub: Uint8Array): Uint8Array<ArrayBuffer> {
  return encodeWhole(externalPub, (writer) => writer.opaque(externalPub));
}

/** The identifier in an `application_id` extension (section 5.3.3). It is not authenticated (MLS-5.3.3-01). */
export function decodeApplicationId(extensionData: Uint8Array, context?: DecodeContext): Uint8Array {
  return decodeInner("application_id", extensionData, (reader) => reader.opaque(), context);
}

/** The body of an `application_id` extension (RFC 9420 section 5.3.3). */
export function encodeApplicationId(applicationId: Uint8Array): Uint8Array<ArrayBuffer> {
  return encodeWhole(applicationId, (writer) => writer.opaque(applicationId));
}
