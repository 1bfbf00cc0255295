// Which structs have a JSON form, and how their bytes are decoded and encoded.

import type { DecodeContext } from "../bindings/codec/context.ts";
import { decodeWhole, type Reader } from "../bindings/codec/reader.ts";
import { encodeWhole, type Writer } from "../bindings/codec/writer.ts";
import { readCommit, writeCommit } from "../bindings/message/commit.ts";
import { readCredential, writeCredential } from "../bindings/message/credential.ts";
import {
  decodeExternalSenders,
  decodeRequiredCapabilities,
  encodeExternalSenders,
  encodeRequiredCapabilities,
} from "../bindings/message/extension.ts";
import {
  type ContentType,
  readAuthenticatedContent,
  readFramedContent,
  readPublicMessage,
  writeAuthenticatedContent,
  writeFramedContent,
  writePublicMessage,
} from "../bindings/message/framing.ts";
import { readGroupContext, writeGroupContext } from "../bindings/message/groupcontext.ts";
import { readGroupInfo, writeGroupInfo } from "../bindings/message/groupinfo.ts";
import { readKeyPackage, writeKeyPackage } from "../bindings/message/keypackage.ts";
import { readLeafNode, writeLeafNode } from "../bindings/message/leafnode.ts";
import { decodeMLSMessage, encodeMLSMessage } from "../bindings/message/mlsmessage.ts";
import {
  decodeSenderData,
  encodePrivateMessageContent,
  encodeSenderData,
  readPrivateMessage,
  readPrivateMessageContent,
  writePrivateMessage,
} from "../bindings/message/privatemessage.ts";
import { readProposal, writeProposal } from "../bindings/message/proposals.ts";
import { readPreSharedKeyID, writePreSharedKeyID } from "../bindings/message/psk.ts";
import { readParentNode, readRatchetTree, writeParentNode, writeRatchetTree } from "../bindings/message/ratchettree.ts";
import {
  readHPKECiphertext,
  readUpdatePath,
  writeHPKECiphertext,
  writeUpdatePath,
} from "../bindings/message/updatepath.ts";
import { readGroupSecrets, readWelcome, writeGroupSecrets, writeWelcome } from "../bindings/message/welcome.ts";
import * as commits from "./commit.ts";
import { credential } from "./credential.ts";
import { externalSenders, requiredCapabilities } from "./extension.ts";
import { type Form, named } from "./form.ts";
import * as groups from "./group.ts";
import { leafNode } from "./leafnode.ts";
import * as messages from "./message.ts";

/** The name of a struct as in RFC 9420. */
export type StructName =
  | "MLSMessage"
  | "PublicMessage"
  | "PrivateMessage"
  | "Welcome"
  | "GroupInfo"
  | "KeyPackage"
  | "GroupContext"
  | "RatchetTree"
  | "ParentNode"
  | "LeafNode"
  | "Credential"
  | "Proposal"
  | "Commit"
  | "UpdatePath"
  | "HPKECiphertext"
  | "PreSharedKeyID"
  | "FramedContent"
  | "AuthenticatedContent"
  | "PrivateMessageContent"
  | "SenderData"
  | "GroupSecrets"
  | "RequiredCapabilities"
  | "ExternalSenders";

/** A struct: its form, and its bytes. */
export interface Struct {
  readonly form: Form<never>;
  readonly decode: (bytes: Uint8Array, context: DecodeContext, contentType: ContentType) => unknown;
  readonly encode: (value: never) => Uint8Array<ArrayBuffer>;
}

const struct = <T>(
  form: Form<T>,
  decode: (bytes: Uint8Array, context: DecodeContext, contentType: ContentType) => T,
  encode: (value: T) => Uint8Array<ArrayBuffer>,
): Struct => ({ form, decode, encode }) as unknown as Struct;

const whole = <T>(
  name: string,
  form: Form<T>,
  read: (reader: Reader) => T,
  write: (writer: Writer, value: T) => void,
): Struct =>
  struct(
    form,
    (bytes, context) => decodeWhole(name, bytes, read, context),
    (value) => encodeWhole(value, write),
  );

export const structs: Readonly<Record<StructName, Struct>> = {
  MLSMessage: struct(messages.mlsMessage, decodeMLSMessage, encodeMLSMessage),
  PublicMessage: whole("PublicMessage", messages.publicMessage, readPublicMessage, writePublicMessage),
  PrivateMessage: whole("PrivateMessage", messages.privateMessage, readPrivateMessage, writePrivateMessage),
  Welcome: whole("Welcome", messages.welcome, readWelcome, writeWelcome),
  GroupInfo: whole("GroupInfo", groups.groupInfo, readGroupInfo, writeGroupInfo),
  KeyPackage: whole("KeyPackage", groups.keyPackage, readKeyPackage, writeKeyPackage),
  GroupContext: whole("GroupContext", groups.groupContext, readGroupContext, writeGroupContext),
  RatchetTree: whole("RatchetTree", groups.ratchetTree, readRatchetTree, writeRatchetTree),
  ParentNode: whole("ParentNode", groups.parentNode, readParentNode, writeParentNode),
  LeafNode: whole("LeafNode", leafNode, readLeafNode, writeLeafNode),
  Credential: whole("Credential", credential, readCredential, writeCredential),
  Proposal: whole("Proposal", commits.proposal, readProposal, writeProposal),
  Commit: whole("Commit", commits.commit, readCommit, writeCommit),
  UpdatePath: whole("UpdatePath", commits.updatePath, readUpdatePath, writeUpdatePath),
  HPKECiphertext: whole("HPKECiphertext", commits.hpkeCiphertext, readHPKECiphertext, writeHPKECiphertext),
  PreSharedKeyID: whole("PreSharedKeyID", commits.preSharedKeyID, readPreSharedKeyID, writePreSharedKeyID),
  FramedContent: whole("FramedContent", messages.framedContent, readFramedContent, writeFramedContent),
  AuthenticatedContent: whole(
    "AuthenticatedContent",
    messages.authenticatedContent,
    readAuthenticatedContent,
    writeAuthenticatedContent,
  ),
  PrivateMessageContent: struct(
    messages.privateMessageContent,
    (bytes, context, contentType) => readPrivateMessageContent(bytes.slice(), contentType, context),
    encodePrivateMessageContent,
  ),
  SenderData: struct(messages.senderData, (bytes) => decodeSenderData(bytes.slice()), encodeSenderData),
  GroupSecrets: whole("GroupSecrets", messages.groupSecrets, readGroupSecrets, writeGroupSecrets),
  RequiredCapabilities: struct(
    requiredCapabilities,
    (bytes, context) => decodeRequiredCapabilities(bytes.slice(), context),
    encodeRequiredCapabilities,
  ),
  ExternalSenders: struct(
    named("ExternalSenders", externalSenders),
    (bytes, context) => decodeExternalSenders(bytes.slice(), context),
    encodeExternalSenders,
  ),
};

/** Names of the structs that have a JSON form. */
export const structNames: readonly StructName[] = Object.keys(structs) as StructName[];
