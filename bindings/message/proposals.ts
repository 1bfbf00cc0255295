// Proposal and its arms (RFC 9420 section 12.1).
import type { DecodeContext } from "../codec/context.ts";
import { decodeWhole, type Reader } from "../codec/reader.ts";
import { encodeWhole, type Writer } from "../codec/writer.ts";
import { ProposalType } from "./constants.ts";
import { copyExtensions, readExtensions, writeExtensions, type Extension } from "./extension.ts";
import { readKeyPackage, writeKeyPackage, type KeyPackage } from "./keypackage.ts";
import { readLeafNode, writeLeafNode, type LeafNode } from "./leafnode.ts";
import { readPreSharedKeyID, writePreSharedKeyID, type PreSharedKeyID } from "./psk.ts";

/** Adds the owner of a key package (RFC 9420 section 12.1.1). */
export interface Add {
  readonly kind: "add";
  /** Whose owner is added. */
  readonly keyPackage: KeyPackage;
}

/** Replaces the leaf of its sender (RFC 9420 section 12.1.2). */
export interface Update {
  readonly kind: "update";
  /** The new leaf. */
  readonly leafNode: LeafNode;
}

/** Removes a member (RFC 9420 section 12.1.3). */
export interface Remove {
  readonly kind: "remove";
  /** Leaf index. */
  readonly removed: number;
}

/** PreSharedKey; `psk` in the registry. */
export interface PreSharedKey {
  readonly kind: "psk";
  /** Which PSK enters the next epoch. */
  readonly psk: PreSharedKeyID;
}

/** Version and suite are judged where the proposal is, not when it is decoded (MLS-12.1.5-03); the extensions' places too (MLS-13.4-10). */
export interface ReInit {
  readonly kind: "reInit";
  /** The successor's name. */
  readonly groupId: Uint8Array;
  /** The successor's protocol version; 1 is MLS 1.0. */
  readonly version: number;
  /** The successor's suite, by its number in the IANA registry. */
  readonly cipherSuite: number;
  /** The successor's GroupContext extensions. */
  readonly extensions: readonly Extension[];
}

/** The same in bytes of its own. */
export function copyReInit<T extends ReInit | undefined>(reInit: T): T {
  if (reInit === undefined) return reInit;
  return { ...reInit, groupId: Uint8Array.from(reInit.groupId), extensions: copyExtensions(reInit.extensions) };
}

/** How who joins from outside tells the members the next init secret (RFC 9420 section 12.1.6). */
export interface ExternalInit {
  readonly kind: "externalInit";
  /** The KEM output for the group's external key. */
  readonly kemOutput: Uint8Array;
}

/** Replaces the extensions of the group (RFC 9420 section 12.1.7). */
export interface GroupContextExtensions {
  readonly kind: "groupContextExtensions";
  /** The whole new list. */
  readonly extensions: readonly Extension[];
}

/** A type that the application registered; one opaque vector. */
export interface CustomProposal {
  readonly kind: "custom";
  /** The number of the type. */
  readonly proposalType: number;
  /** The body. */
  readonly data: Uint8Array;
}

/** A proposal (RFC 9420 section 12.1); `kind` says which. */
export type Proposal =
  Add | Update | Remove | PreSharedKey | ReInit | ExternalInit | GroupContextExtensions | CustomProposal;

/** The proposal's type as in section 17.4. */
export function proposalTypeOf(proposal: Proposal): number {
  return proposal.kind === "custom" ? proposal.proposalType : ProposalType[proposal.kind];
}

export function readProposal(reader: Reader): Proposal {
  const outer = reader.enter("Proposal");
  const proposal = readArm(reader);
  reader.leave(outer);
  return proposal;
}

function readArm(reader: Reader): Proposal {
  const position = reader.position;
  const proposalType = reader.uint16();
  switch (proposalType) {
    case ProposalType.add:
      return { kind: "add", keyPackage: readKeyPackage(reader) };
    case ProposalType.update:
      return { kind: "update", leafNode: readLeafNode(reader) };
    case ProposalType.remove:
      return { kind: "remove", removed: reader.uint32() };
    case ProposalType.psk:
      return { kind: "psk", psk: readPreSharedKeyID(reader) };
    case ProposalType.reInit:
      return {
        kind: "reInit",
        groupId: reader.opaque(),
        version: reader.uint16(),
        cipherSuite: reader.uint16(),
        extensions: readExtensions(reader),
      };
    case ProposalType.externalInit:
      return { kind: "externalInit", kemOutput: reader.opaque() };
    case ProposalType.groupContextExtensions:
      return { kind: "groupContextExtensions", extensions: readExtensions(reader) };
    default:
      // MLS-12.1-01: without a length before it, an unknown body cannot be skipped.
      if (!reader.context.customProposalTypes.has(proposalType)) {
        reader.unsupported(`unknown proposal type ${proposalType}`, "MLS-12.1-01", position);
      }
      return { kind: "custom", proposalType, data: reader.opaque() };
  }
}

export function writeProposal(writer: Writer, proposal: Proposal): void {
  writer.uint16(proposalTypeOf(proposal));
  switch (proposal.kind) {
    case "add":
      return writeKeyPackage(writer, proposal.keyPackage);
    case "update":
      return writeLeafNode(writer, proposal.leafNode);
    case "remove":
      return writer.uint32(proposal.removed);
    case "psk":
      return writePreSharedKeyID(writer, proposal.psk);
    case "reInit":
      writer.opaque(proposal.groupId);
      writer.uint16(proposal.version);
      writer.uint16(proposal.cipherSuite);
      return writeExtensions(writer, proposal.extensions);
    case "externalInit":
      return writer.opaque(proposal.kemOutput);
    case "groupContextExtensions":
      return writeExtensions(writer, proposal.extensions);
    case "custom":
      return writer.opaque(proposal.data);
  }
}

export function decodeProposal(bytes: Uint8Array, context?: DecodeContext): Proposal {
  return decodeWhole("Proposal", bytes, readProposal, context);
}

export function encodeProposal(proposal: Proposal): Uint8Array<ArrayBuffer> {
  return encodeWhole(proposal, writeProposal);
}
