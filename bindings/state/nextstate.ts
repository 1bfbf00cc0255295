// What is staged or waits in an epoch, in a sealed record: proposals, and the next epoch.

import type { DecodeContext } from "../codec/context.ts";
import { equalBytes } from "../codec/equal.ts";
import { proposalRef } from "../crypto/labels.ts";
import type { CipherSuite } from "../crypto/suite.ts";
import { StateError } from "../errors.ts";
import type { CachedProposal } from "../group/cache.ts";
import type { NextEpoch } from "../group/epoch.ts";
import type { GroupState } from "../group/state.ts";
import { decodeAuthenticatedContent } from "../message/framing.ts";
import { decodeProposal, type ReInit } from "../message/proposals.ts";
import { readerPrivateKeys, writerPrivateKeys } from "../tree/path.ts";
import { proposerOf } from "../validate/proposals.ts";
import { putBytes, readEpoch, readKeyPair, takeBytes, writeEpoch, writeKeyPair } from "./epochstate.ts";
import type { RecordReader, RecordWriter } from "./vault.ts";

/** A cached proposal, with the keys of an Update of our own. */
export function writeCached(to: RecordWriter, { encoded, ownUpdate }: CachedProposal): void {
  putBytes(to, (writer) => {
    writer.opaque(encoded);
    writer.uint8(ownUpdate === undefined ? 0 : 1);
  });
  if (ownUpdate === undefined) return;
  to.secret(ownUpdate.encryptionKey);
  writeKeyPair(to, ownUpdate.signatureKey);
}

export function readCached(from: RecordReader, state: GroupState, decode: DecodeContext): CachedProposal {
  const { encoded, isOwn } = takeBytes(from, (reader) => ({ encoded: reader.opaque(), isOwn: reader.uint8() === 1 }));
  return {
    ...storedProposal(state.suite, encoded, decode),
    ownUpdate: isOwn ? { encryptionKey: from.secret(), signatureKey: readKeyPair(from) } : undefined,
  };
}

/** A cached proposal of somebody else, from the AuthenticatedContent that a stored state holds. */
export function storedProposal(suite: CipherSuite, encoded: Uint8Array, decode: DecodeContext): CachedProposal {
  const { sender, content } = decodeAuthenticatedContent(encoded, decode).content;
  if (content.kind !== "proposal") {
    throw new StateError("ERR_STATE_RECORD", `a ${content.kind} instead of a proposal`);
  }
  const { proposal } = content;
  const reference = proposalRef(suite, encoded);
  return { reference, proposal, proposer: proposerOf(sender), encoded, ownUpdate: undefined };
}

/** The ReInit that a record holds. */
export function decodeReInit(bytes: Uint8Array, decode: DecodeContext): ReInit {
  const proposal = decodeProposal(bytes, decode);
  if (proposal.kind === "reInit") return proposal;
  throw new StateError("ERR_STATE_RECORD", `a ${proposal.kind} instead of a ReInit`);
}

/** The next epoch, with what changes in the tree. */
export function writeNext(to: RecordWriter, { tree, epoch, signatureKey }: NextEpoch): void {
  to.bytes(tree.exportChanges());
  writerPrivateKeys(to, tree);
  writeEpoch(to, epoch);
  writeKeyPair(to, signatureKey);
}

/** The same again; throws `ERR_STATE_RECORD` where it does not follow on the tree of `state`. */
export function readNext(from: RecordReader, state: GroupState): NextEpoch {
  const tree = state.tree.fork();
  try {
    tree.applyChanges(from.bytes());
    readerPrivateKeys(from, tree);
    const epoch = readEpoch(from, state.suite);
    if (!equalBytes(tree.treeHash(), epoch.groupContext.treeHash)) {
      throw new StateError("ERR_STATE_RECORD", "the tree is not the one of the sealed epoch");
    }
    return { tree, epoch, signatureKey: readKeyPair(from) };
  } catch (error) {
    tree.close();
    throw error;
  }
}
