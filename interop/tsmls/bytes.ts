// Bytes of the RFC to and from the plain objects of ts-mls.

import { decodeMlsMessage, encodeMlsMessage, type MLSMessage } from "ts-mls";
import type { Extension as TheirExtension } from "ts-mls";
import { defaultExtensionTypes } from "ts-mls";
import { decodeRatchetTree, encodeRatchetTree, type RatchetTree } from "ts-mls/ratchetTree.js";
import type { Extension } from "../client.ts";

type Wireformat = MLSMessage["wireformat"];
type Message<W extends Wireformat> = Extract<MLSMessage, { wireformat: W }>;

/** Decodes an MLSMessage of one of these kinds. */
export function decode<W extends Wireformat>(bytes: Uint8Array, ...wanted: readonly W[]): Message<W> {
  const decoded = decodeMlsMessage(bytes, 0);
  if (decoded === undefined) throw new Error("cannot be decoded");
  const [message, end] = decoded;
  if (end !== bytes.length) throw new Error("bytes are left over");
  const isWanted = (wanted as readonly Wireformat[]).includes(message.wireformat);
  if (!isWanted) throw new Error(`a message of kind ${message.wireformat}`);
  return message as Message<W>;
}

export { encodeMlsMessage as encode };

export function treeOf(bytes: Uint8Array): RatchetTree | undefined {
  if (bytes.length === 0) return undefined;
  const decoded = decodeRatchetTree(bytes, 0);
  if (decoded === undefined) throw new Error("the ratchet tree cannot be decoded");
  return decoded[0];
}

export { encodeRatchetTree as encodeTree };

const nameOf = new Map<number, TheirExtension["extensionType"]>(
  Object.entries(defaultExtensionTypes).map(([name, type]) => [type, name as keyof typeof defaultExtensionTypes]),
);

export function extensionsOf(extensions: readonly Extension[]): TheirExtension[] {
  return extensions.map(({ extensionType, extensionData }) => ({
    extensionType: nameOf.get(extensionType) ?? extensionType,
    extensionData,
  }));
}

export function keyOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
