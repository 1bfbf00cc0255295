// UpdatePath (RFC 9420 section 7.6).
import type { DecodeContext } from "../codec/context.ts";
import { decodeWhole, type Reader } from "../codec/reader.ts";
import { encodeWhole, type Writer } from "../codec/writer.ts";
import { UPDATE_PATH_NODES_LIMIT } from "./constants.ts";
import { withEncoded } from "./encoded.ts";
import { readLeafNode, writeLeafNode, type LeafNode } from "./leafnode.ts";

export interface HPKECiphertext {
  readonly kemOutput: Uint8Array;
  readonly ciphertext: Uint8Array;
}

export interface UpdatePathNode {
  readonly encryptionKey: Uint8Array;
  readonly encryptedPathSecret: readonly HPKECiphertext[];
}

export interface UpdatePath {
  readonly leafNode: LeafNode;
  readonly nodes: readonly UpdatePathNode[];
  /** The bytes as received; absent on one that was put together here. */
  readonly encoded?: Uint8Array;
}

export function readHPKECiphertext(reader: Reader): HPKECiphertext {
  return { kemOutput: reader.opaque(), ciphertext: reader.opaque() };
}

export function writeHPKECiphertext(writer: Writer, ciphertext: HPKECiphertext): void {
  writer.opaque(ciphertext.kemOutput);
  writer.opaque(ciphertext.ciphertext);
}

function skipHPKECiphertext(reader: Reader): void {
  reader.skipOpaque();
  reader.skipOpaque();
}

function readNode(reader: Reader): UpdatePathNode {
  const encryptionKey = reader.opaque();
  // One for every node below that its receivers have in common; a member opens one of all, and the core finds that in the
  // bytes itself.
  const ciphertexts = reader.deferredList(skipHPKECiphertext, readHPKECiphertext);
  return {
    encryptionKey,
    get encryptedPathSecret() {
      return ciphertexts();
    },
  };
}

/** The nodes of a path without its leaf. */
export function readUpdatePathNodes(reader: Reader): UpdatePathNode[] {
  return reader.list(readNode, UPDATE_PATH_NODES_LIMIT);
}

export function writeUpdatePathNodes(writer: Writer, nodes: readonly UpdatePathNode[]): void {
  writer.list(nodes, (to, node) => {
    to.opaque(node.encryptionKey);
    to.list(node.encryptedPathSecret, writeHPKECiphertext);
  });
}

export function readUpdatePath(reader: Reader): UpdatePath {
  const outer = reader.enter("UpdatePath");
  const start = reader.position;
  const updatePath: UpdatePath = {
    leafNode: readLeafNode(reader),
    nodes: readUpdatePathNodes(reader),
  };
  reader.leave(outer);
  return withEncoded(updatePath, reader.since(start));
}

export function writeUpdatePath(writer: Writer, updatePath: UpdatePath): void {
  if (updatePath.encoded !== undefined) return writer.fixed(updatePath.encoded);
  writeLeafNode(writer, updatePath.leafNode);
  writeUpdatePathNodes(writer, updatePath.nodes);
}

export function decodeUpdatePath(bytes: Uint8Array, context?: DecodeContext): UpdatePath {
  return decodeWhole("UpdatePath", bytes, readUpdatePath, context);
}

export function encodeUpdatePath(updatePath: UpdatePath): Uint8Array<ArrayBuffer> {
  return encodeWhole(updatePath, writeUpdatePath);
}
