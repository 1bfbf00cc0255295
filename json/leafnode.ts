// LeafNode in JSON (RFC 9420 section 7.2).

import {
  type Capabilities,
  decodeLeafNode,
  encodeLeafNode,
  type LeafNode,
  type LeafNodeContent,
  type LeafNodeSource,
  type Lifetime,
} from "../bindings/message/leafnode.ts";
import { credential } from "./credential.ts";
import { extensionsOf } from "./extension.ts";
import { type Form, hidden, list, mapped, shown, struct, uint16, uint64, variants } from "./form.ts";

const capabilities = struct<Capabilities>("Capabilities", {
  versions: list(uint16),
  cipherSuites: list(uint16),
  extensions: list(uint16),
  proposals: list(uint16),
  credentials: list(uint16),
});

const source = variants<LeafNodeSource>("LeafNodeSource", {
  keyPackage: { lifetime: struct<Lifetime>("Lifetime", { notBefore: uint64, notAfter: uint64 }) },
  update: {},
  commit: { parentHash: shown },
});

interface SignedLeaf extends LeafNodeContent {
  readonly signature: Uint8Array;
}

const signedLeaf = struct<SignedLeaf>("LeafNode", {
  encryptionKey: shown,
  signatureKey: shown,
  credential,
  capabilities,
  source,
  extensions: extensionsOf("leafNode"),
  signature: hidden,
});

/** A leaf that is read becomes bytes first, since the core's parser is the only one (decision 0002). */
export const leafNode: Form<LeafNode> = mapped<LeafNode, SignedLeaf>(
  signedLeaf,
  (leaf) => leaf,
  (leaf, place) =>
    decodeLeafNode(
      encodeLeafNode(leaf, () => leaf.signature),
      place.context,
    ),
);
