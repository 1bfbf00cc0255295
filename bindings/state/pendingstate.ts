// A pending commit in a sealed record: its echo may come back after a restart.

import { StateError } from "../errors.ts";
import type { CreatedCommit } from "../group/created.ts";
import { type Member, memberOf } from "../group/member.ts";
import { forgetNextEpoch } from "../group/epoch.ts";
import type { GroupState } from "../group/state.ts";
import { writeExtensions, readExtensions } from "../message/extension.ts";
import { encodeProposal } from "../message/proposals.ts";
import type { Reader } from "../codec/reader.ts";
import type { Proposer } from "../validate/proposals.ts";
import { authenticationRequest, externalSenderRequests } from "../validate/credential.ts";
import type { TreeView } from "../tree/ratchettree.ts";
import { putBytes, takeBytes } from "./epochstate.ts";
import { decodeReInit, readNext, writeNext } from "./nextstate.ts";
import type { RecordReader, RecordWriter } from "./vault.ts";

const proposers = [undefined, "member", "external", "new-member"] as const;

/** A pending commit as a record held it. */
export interface RestoredPending {
  readonly created: CreatedCommit;
  readonly forget: () => void;
}

export function writePending(to: RecordWriter, created: CreatedCommit): void {
  const { effects, deferred, dropped } = created;
  putBytes(to, (writer) => {
    writer.opaque(created.message);
    writer.list(created.welcomes, (each, welcome) => each.opaque(welcome));
    writer.list(created.included, (each, reference) => each.opaque(reference));
    writer.list(dropped, (each, { reference, reason, rule }) => {
      each.opaque(reference);
      each.opaque(new TextEncoder().encode(reason));
      each.opaque(new TextEncoder().encode(rule ?? ""));
    });
    writer.uint32List(effects.added.map(({ leafIndex }) => leafIndex));
    writer.uint32List(effects.removed.map(({ leafIndex }) => leafIndex));
    writer.uint32List(effects.updated.map(({ leafIndex }) => leafIndex));
    writer.optional(effects.extensions, writeExtensions);
    writer.optional(effects.reInit, (each, reInit) => each.opaque(encodeProposal(reInit)));
    writer.list(effects.custom, (each, { type, data, proposer }) => {
      each.uint16(type);
      each.opaque(data);
      each.enumeration(proposers, proposer.kind);
      each.uint32(
        proposer.kind === "member" ? proposer.leafIndex : proposer.kind === "external" ? proposer.senderIndex : 0,
      );
    });
    // Questions that are still open are put again.
    const open = deferred.filter(({ answer }) => answer !== true);
    writer.uint32List(open.flatMap(({ request }) => request.leafIndex ?? []));
    writer.uint8(open.some(({ request }) => request.leafIndex === undefined) ? 1 : 0); // about external senders
  });
  writeNext(to, created.next);
}

function readProposer(reader: Reader): Proposer {
  const kind = reader.enumeration(proposers, "MLS-6.3.1-10");
  const index = reader.uint32();
  if (kind === "new-member") return { kind };
  return kind === "member" ? { kind, leafIndex: index } : { kind, senderIndex: index };
}

function memberAt(tree: TreeView, leafIndex: number): Member {
  const leaf = tree.leafNode(leafIndex);
  if (leaf === undefined)
    throw new StateError("ERR_STATE_RECORD", "the pending commit does not fit the tree: nobody is at this leaf", {
      leafIndex,
    });
  return memberOf(leafIndex, leaf);
}

export function readPending(from: RecordReader, state: GroupState): RestoredPending {
  const text = new TextDecoder();
  const plain = takeBytes(from, (reader) => ({
    message: reader.opaque(),
    welcomes: reader.list((each) => each.opaque()),
    included: reader.list((each) => each.opaque()),
    dropped: reader.list((each) => ({
      reference: each.opaque(),
      reason: text.decode(each.opaque()),
      rule: text.decode(each.opaque()) || undefined,
    })),
    added: reader.uint32List(),
    removed: reader.uint32List(),
    updated: reader.uint32List(),
    extensions: reader.optional((each) => readExtensions(each, "groupContext")),
    reInit: reader.optional((each) => decodeReInit(each.opaque(), state.environment.decode)),
    custom: reader.list((each) => ({ type: each.uint16(), data: each.opaque(), proposer: readProposer(each) })),
    deferred: reader.uint32List(),
    sendersOpen: reader.uint8() === 1,
  }));
  const next = readNext(from, state);
  try {
    const { authenticator, decode } = state.environment;
    const questions = plain.deferred.map((leafIndex) => {
      const before = state.tree.leafNode(leafIndex)?.credential;
      const leaf = next.tree.leafNode(leafIndex)!;
      return authenticationRequest(before === undefined ? "key-package" : "update", leaf, leafIndex, before);
    });
    if (plain.sendersOpen) questions.push(...externalSenderRequests(plain.extensions ?? [], decode));
    const created: CreatedCommit = {
      next,
      message: plain.message,
      welcomes: plain.welcomes,
      included: plain.included,
      dropped: plain.dropped,
      position: undefined,
      deferred: authenticator.askAgain(questions),
      effects: {
        added: plain.added.map((leafIndex) => memberAt(next.tree, leafIndex)),
        removed: plain.removed.map((leafIndex) => memberAt(state.tree, leafIndex)),
        updated: plain.updated.map((leafIndex) => ({
          leafIndex,
          before: memberAt(state.tree, leafIndex),
          after: memberAt(next.tree, leafIndex),
        })),
        extensions: plain.extensions,
        reInit: plain.reInit,
        custom: plain.custom,
      },
    };
    return { created, forget: () => forgetNextEpoch(next) };
  } catch (error) {
    forgetNextEpoch(next);
    throw error;
  }
}
