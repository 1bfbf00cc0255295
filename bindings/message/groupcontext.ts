// GroupContext (RFC 9420 section 8.1).
import type { DecodeContext } from "../codec/context.ts";
import { decodeWhole, type Reader } from "../codec/reader.ts";
import { encodeWhole, type Writer } from "../codec/writer.ts";
import { withEncoded } from "./encoded.ts";
import { readExtensions, writeExtensions, type Extension } from "./extension.ts";

export interface GroupContext {
  readonly version: number;
  readonly cipherSuite: number;
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly treeHash: Uint8Array;
  readonly confirmedTranscriptHash: Uint8Array;
  readonly extensions: readonly Extension[];
  /** The bytes as received; absent on one that was put together here. */
  readonly encoded?: Uint8Array;
}

export function readGroupContext(reader: Reader): GroupContext {
  const outer = reader.enter("GroupContext");
  const start = reader.position;
  const groupContext: GroupContext = {
    version: reader.uint16(),
    cipherSuite: reader.uint16(),
    groupId: reader.opaque(),
    epoch: reader.uint64(),
    treeHash: reader.opaque(),
    confirmedTranscriptHash: reader.opaque(),
    extensions: readExtensions(reader, "groupContext"),
  };
  reader.leave(outer);
  return withEncoded(groupContext, reader.since(start));
}

export function writeGroupContext(writer: Writer, groupContext: GroupContext): void {
  if (groupContext.encoded !== undefined) return writer.fixed(groupContext.encoded);
  writer.uint16(groupContext.version);
  writer.uint16(groupContext.cipherSuite);
  writer.opaque(groupContext.groupId);
  writer.uint64(groupContext.epoch);
  writer.opaque(groupContext.treeHash);
  writer.opaque(groupContext.confirmedTranscriptHash);
  writeExtensions(writer, groupContext.extensions);
}

export function decodeGroupContext(bytes: Uint8Array, context?: DecodeContext): GroupContext {
  return decodeWhole("GroupContext", bytes, readGroupContext, context);
}

export function encodeGroupContext(groupContext: GroupContext): Uint8Array {
  return groupContext.encoded ?? encodeWhole(groupContext, writeGroupContext);
}
