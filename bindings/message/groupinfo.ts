// GroupInfo (RFC 9420 section 12.4.3).
import type { DecodeContext } from "../codec/context.ts";
import { decodeWhole, type Reader } from "../codec/reader.ts";
import { vectorLength } from "../codec/varint.ts";
import { encodeWhole, type Writer } from "../codec/writer.ts";
import { withEncoded } from "./encoded.ts";
import { readExtensions, writeExtensions, type Extension } from "./extension.ts";
import { readGroupContext, writeGroupContext, type GroupContext } from "./groupcontext.ts";

/** All fields of a GroupInfo but its signature. */
export interface GroupInfoContent {
  readonly groupContext: GroupContext;
  readonly extensions: readonly Extension[];
  readonly confirmationTag: Uint8Array;
  /** Leaf index of the member that signed. */
  readonly signer: number;
}

export interface GroupInfo extends GroupInfoContent {
  readonly signature: Uint8Array;
  /** The bytes as received; absent on one that was put together here. */
  readonly encoded?: Uint8Array;
}

export function readGroupInfo(reader: Reader): GroupInfo {
  const outer = reader.enter("GroupInfo");
  const start = reader.position;
  const groupInfo: GroupInfo = {
    groupContext: readGroupContext(reader),
    extensions: readExtensions(reader, "groupInfo"),
    confirmationTag: reader.opaque(),
    signer: reader.uint32(),
    signature: reader.opaque(),
  };
  reader.leave(outer);
  return withEncoded(groupInfo, reader.since(start));
}

function writeContent(writer: Writer, content: GroupInfoContent): void {
  writeGroupContext(writer, content.groupContext);
  writeExtensions(writer, content.extensions);
  writer.opaque(content.confirmationTag);
  writer.uint32(content.signer);
}

export function writeGroupInfo(writer: Writer, groupInfo: GroupInfo): void {
  if (groupInfo.encoded !== undefined) return writer.fixed(groupInfo.encoded);
  writeContent(writer, groupInfo);
  writer.opaque(groupInfo.signature);
}

/** GroupInfoTBS: what the signature covers. */
export function groupInfoTbs(groupInfo: GroupInfo | GroupInfoContent): Uint8Array {
  if ("signature" in groupInfo && groupInfo.encoded !== undefined) {
    return groupInfo.encoded.subarray(0, groupInfo.encoded.length - vectorLength(groupInfo.signature.length));
  }
  return encodeWhole(groupInfo, writeContent);
}

export function decodeGroupInfo(bytes: Uint8Array, context?: DecodeContext): GroupInfo {
  return decodeWhole("GroupInfo", bytes, readGroupInfo, context);
}

export function encodeGroupInfo(groupInfo: GroupInfo): Uint8Array<ArrayBuffer> {
  return encodeWhole(groupInfo, writeGroupInfo);
}
