// The ratchet_tree extension (RFC 9420 section 12.4.3.3) and ParentNode (section 7.1).
// Groups hand the bytes to the core; this form is for those who look at a tree node by node.
import type { DecodeContext } from "../codec/context.ts";
import { decodeWhole, type Reader } from "../codec/reader.ts";
import { encodeWhole, type Writer } from "../codec/writer.ts";
import { readLeafNode, writeLeafNode, type LeafNode } from "./leafnode.ts";

export interface ParentNode {
  readonly encryptionKey: Uint8Array;
  readonly parentHash: Uint8Array;
  /** Leaf indices. */
  readonly unmergedLeaves: readonly number[];
}

export type Node =
  { readonly kind: "leaf"; readonly leafNode: LeafNode } | { readonly kind: "parent"; readonly parentNode: ParentNode };

/** Nodes in the order of Appendix C; undefined where blank. */
export type RatchetTree = readonly (Node | undefined)[];

const nodeTypes = [undefined, "leaf", "parent"] as const;

export function readParentNode(reader: Reader): ParentNode {
  const outer = reader.enter("ParentNode");
  const parentNode: ParentNode = {
    encryptionKey: reader.opaque(),
    parentHash: reader.opaque(),
    unmergedLeaves: reader.uint32List(),
  };
  reader.leave(outer);
  return parentNode;
}

export function writeParentNode(writer: Writer, parentNode: ParentNode): void {
  writer.opaque(parentNode.encryptionKey);
  writer.opaque(parentNode.parentHash);
  writer.uint32List(parentNode.unmergedLeaves);
}

/** Reads a tree. MLS-7.8-01: leaves stand at even places, parents at odd ones. */
export function readRatchetTree(reader: Reader): RatchetTree {
  const outer = reader.enter("Node");
  let index = 0;
  const readNode = (): Node => {
    const position = reader.position;
    const kind = reader.enumeration(nodeTypes, "MLS-7.8-01");
    if ((kind === "leaf") !== (index % 2 === 0)) {
      reader.forbidden("ERR_TREE", `a ${kind} at node ${index}, the place of the other kind`, "MLS-7.8-01", position);
    }
    return kind === "leaf" ? { kind, leafNode: readLeafNode(reader) } : { kind, parentNode: readParentNode(reader) };
  };
  const nodes = reader.list(() => {
    const node = reader.optional(readNode);
    index++;
    return node;
  }, 2 * reader.context.limits.leaves);
  reader.leave(outer);
  return nodes;
}

export function writeRatchetTree(writer: Writer, tree: RatchetTree): void {
  writer.list(tree, (to, optionalNode) =>
    to.optional(optionalNode, (_writer, node) => {
      to.enumeration(nodeTypes, node.kind);
      if (node.kind === "leaf") writeLeafNode(to, node.leafNode);
      else writeParentNode(to, node.parentNode);
    }),
  );
}

export function decodeRatchetTree(bytes: Uint8Array, context?: DecodeContext): RatchetTree {
  return decodeWhole("ratchet_tree", bytes, readRatchetTree, context);
}

export function encodeRatchetTree(tree: RatchetTree): Uint8Array<ArrayBuffer> {
  return encodeWhole(tree, writeRatchetTree);
}
