// MLSMessage (RFC 9420 section 6): everything that travels.
import { defaultContext, type DecodeContext } from "../codec/context.ts";
import { decodeWhole, type Reader } from "../codec/reader.ts";
import { vectorLength } from "../codec/varint.ts";
import { encodeWhole, Writer } from "../codec/writer.ts";
import { PROTOCOL_VERSION_MLS10, WireFormat } from "./constants.ts";
import { readPublicMessage, writePublicMessage, type PublicMessage } from "./framing.ts";
import { readGroupInfo, writeGroupInfo, type GroupInfo } from "./groupinfo.ts";
import { readKeyPackage, writeKeyPackage, type KeyPackage } from "./keypackage.ts";
import {
  privateMessageHeaderLength,
  readPrivateMessage,
  writePrivateMessage,
  writePrivateMessageHeader,
  type PrivateMessage,
  type PrivateMessageHeader,
} from "./privatemessage.ts";
import { readWelcome, writeWelcome, type Welcome } from "./welcome.ts";

export type MLSMessage =
  | { readonly kind: "publicMessage"; readonly publicMessage: PublicMessage }
  | { readonly kind: "privateMessage"; readonly privateMessage: PrivateMessage }
  | { readonly kind: "welcome"; readonly welcome: Welcome }
  | { readonly kind: "groupInfo"; readonly groupInfo: GroupInfo }
  | { readonly kind: "keyPackage"; readonly keyPackage: KeyPackage };

/** Version and wire format. */
const HEADER_LENGTH = 4;

/** Reads a message and what it carries; the caller sees to what follows. */
export function readMLSMessage(reader: Reader): MLSMessage {
  const start = reader.position;
  const version = reader.uint16();
  if (version !== PROTOCOL_VERSION_MLS10)
    reader.unsupported(`protocol version ${version} instead of ${PROTOCOL_VERSION_MLS10}`, "MLS-6-01", start);
  const wireFormat = reader.uint16();
  switch (wireFormat) {
    case WireFormat.publicMessage:
      return { kind: "publicMessage", publicMessage: readPublicMessage(reader) };
    case WireFormat.privateMessage:
      return { kind: "privateMessage", privateMessage: readPrivateMessage(reader) };
    case WireFormat.welcome:
      return { kind: "welcome", welcome: readWelcome(reader) };
    case WireFormat.groupInfo:
      return { kind: "groupInfo", groupInfo: readGroupInfo(reader) };
    case WireFormat.keyPackage:
      return { kind: "keyPackage", keyPackage: readKeyPackageOf(reader, version) };
    default:
      // MLS-6-02, MLS-17.2-01: the body is not guessed.
      return reader.unsupported(`wire format ${wireFormat} instead of 1 to 5`, "MLS-6-02", start + 2);
  }
}

function readKeyPackageOf(reader: Reader, version: number): KeyPackage {
  const start = reader.position;
  const keyPackage = readKeyPackage(reader);
  if (keyPackage.version !== version) {
    reader.forbidden(
      "ERR_KEY_PACKAGE",
      `version ${keyPackage.version} in a message of version ${version}`,
      "MLS-10-06",
      start,
    );
  }
  return keyPackage;
}

export function writeMLSMessage(writer: Writer, message: MLSMessage): void {
  writer.uint16(PROTOCOL_VERSION_MLS10);
  writer.uint16(WireFormat[message.kind]);
  switch (message.kind) {
    case "publicMessage":
      return writePublicMessage(writer, message.publicMessage);
    case "privateMessage":
      return writePrivateMessage(writer, message.privateMessage);
    case "welcome":
      return writeWelcome(writer, message.welcome);
    case "groupInfo":
      return writeGroupInfo(writer, message.groupInfo);
    case "keyPackage":
      return writeKeyPackage(writer, message.keyPackage);
  }
}

/** Decodes a whole MLSMessage. It holds views of one copy of `bytes`. */
export function decodeMLSMessage(bytes: Uint8Array, context: DecodeContext = defaultContext): MLSMessage {
  const read = (reader: Reader): MLSMessage => {
    const length = reader.remaining;
    const message = readMLSMessage(reader);
    checkLength(reader, message, length);
    // MLS-6.2-03: what follows a message without membership tag may be one that must not be there.
    const isUntagged = message.kind === "publicMessage" && message.publicMessage.membershipTag === undefined;
    reader.finish(isUntagged ? "MLS-6.2-03" : "MLS-2.1.2-06");
    return message;
  };
  return decodeWhole("MLSMessage", bytes, read, context);
}

// DEF-12: only messages that can grow with the group may be large.
function checkLength(reader: Reader, message: MLSMessage, length: number): void {
  const isLarge =
    message.kind === "welcome" ||
    message.kind === "groupInfo" ||
    (message.kind === "publicMessage" && message.publicMessage.content.content.kind === "commit") ||
    (message.kind === "privateMessage" && message.privateMessage.contentType === "commit");
  const limit = reader.context.limits.messageBytes;
  if (!isLarge && length > limit) {
    reader.fail(`a ${message.kind} of ${length} bytes, over the limit of ${limit}`, "DEF-12", "ERR_LIMIT", 0);
  }
}

export function encodeMLSMessage(message: MLSMessage): Uint8Array<ArrayBuffer> {
  return encodeWhole(message, writeMLSMessage);
}

/** A PrivateMessage whose encrypted fields are zeros still, and views of its encoding as an MLSMessage. */
export interface PrivateMessageForm {
  readonly message: PrivateMessage;
  readonly encoded: Uint8Array<ArrayBuffer>;
}

/** A PrivateMessage to be filled in, so that a long ciphertext is written once, where it belongs. */
export function privateMessageForm(
  header: PrivateMessageHeader,
  senderDataLength: number,
  ciphertextLength: number,
): PrivateMessageForm {
  const encrypted = vectorLength(senderDataLength) + vectorLength(ciphertextLength);
  const writer = new Writer(HEADER_LENGTH + privateMessageHeaderLength(header) + encrypted);
  writer.uint16(PROTOCOL_VERSION_MLS10);
  writer.uint16(WireFormat.privateMessage);
  writePrivateMessageHeader(writer, header);
  const senderDataAt = writer.room(senderDataLength);
  const ciphertextAt = writer.room(ciphertextLength);
  const encoded = writer.take();
  const encryptedSenderData = encoded.subarray(senderDataAt, senderDataAt + senderDataLength);
  return { message: { ...header, encryptedSenderData, ciphertext: encoded.subarray(ciphertextAt) }, encoded };
}
