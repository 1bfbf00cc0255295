// Commit (RFC 9420 section 12.4).
import type { DecodeContext } from "../codec/context.ts";
import { decodeWhole, type Reader } from "../codec/reader.ts";
import { encodeWhole, type Writer } from "../codec/writer.ts";
import { readProposal, writeProposal, type Proposal } from "./proposals.ts";
import { readUpdatePath, writeUpdatePath, type UpdatePath } from "./updatepath.ts";

/** A proposal, or the hash of one that was sent before. */
export type ProposalOrRef =
  | { readonly kind: "proposal"; readonly proposal: Proposal }
  | { readonly kind: "reference"; readonly reference: Uint8Array };

export interface Commit {
  readonly proposals: readonly ProposalOrRef[];
  readonly path: UpdatePath | undefined;
}

// MLS-12.4-01
const proposalOrRefTypes = [undefined, "proposal", "reference"] as const;

function readProposalOrRef(reader: Reader): ProposalOrRef {
  const kind = reader.enumeration(proposalOrRefTypes, "MLS-12.4-01");
  return kind === "proposal" ? { kind, proposal: readProposal(reader) } : { kind, reference: reader.opaque() };
}

function writeProposalOrRef(writer: Writer, item: ProposalOrRef): void {
  writer.enumeration(proposalOrRefTypes, item.kind);
  if (item.kind === "proposal") writeProposal(writer, item.proposal);
  else writer.opaque(item.reference);
}

export function readCommit(reader: Reader): Commit {
  const outer = reader.enter("Commit");
  const commit: Commit = {
    proposals: reader.list(readProposalOrRef, reader.context.limits.proposals),
    path: reader.optional(readUpdatePath),
  };
  reader.leave(outer);
  return commit;
}

export function writeCommit(writer: Writer, commit: Commit): void {
  writer.list(commit.proposals, writeProposalOrRef);
  writer.optional(commit.path, writeUpdatePath);
}

export function decodeCommit(bytes: Uint8Array, context?: DecodeContext): Commit {
  return decodeWhole("Commit", bytes, readCommit, context);
}

export function encodeCommit(commit: Commit): Uint8Array<ArrayBuffer> {
  return encodeWhole(commit, writeCommit);
}
