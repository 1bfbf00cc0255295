// What a follower stores of a group: nothing of it is secret, so nothing is sealed. A hash at the end tells
// damage; it does not tell a forger.

import { requireBytes } from "../codec/argument.ts";
import { equalBytes } from "../codec/equal.ts";
import { Reader } from "../codec/reader.ts";
import { Writer } from "../codec/writer.ts";
import { hash } from "../crypto/hash.ts";
import { randomBytes } from "../crypto/random.ts";
import type { CipherSuite } from "../crypto/suite.ts";
import { StateError } from "../errors.ts";
import type { CachedProposal } from "../group/cache.ts";
import type { ViewEnvironment } from "../group/environment.ts";
import { sealedContext, treeSuite } from "../group/epoch.ts";
import { credentialTypesOf } from "../group/members.ts";
import type { GroupView } from "../group/view.ts";
import { decodeGroupContext } from "../message/groupcontext.ts";
import { encodeProposal, type ReInit } from "../message/proposals.ts";
import { RatchetTree } from "../tree/ratchettree.ts";
import { asRecordError } from "./container.ts";
import { decodeReInit, storedProposal } from "./nextstate.ts";

/** Raised with every change of the form; above 0xff00, so that it is no container's. */
const FORMAT = 0xff01;
const TREE_SEED_LENGTH = 16;

/** A group as its follower knows it. */
export interface FollowedGroup {
  readonly tree: RatchetTree;
  readonly epoch: GroupView["epoch"];
  readonly confirmationTag: Uint8Array;
  /** The ReInit that has ended it. */
  readonly reInit: ReInit | undefined;
  /** In order of arrival. */
  readonly cached: readonly CachedProposal[];
}

/** The bytes of it. */
export function encodeFollowed(suite: CipherSuite, group: FollowedGroup): Uint8Array<ArrayBuffer> {
  const tree = group.tree.export();
  const writer = new Writer(tree.length + 4096);
  writer.uint16(FORMAT);
  writer.uint16(suite.id);
  writer.opaque(group.epoch.groupContext.encoded);
  writer.opaque(group.epoch.interimTranscriptHash);
  writer.opaque(group.confirmationTag);
  writer.optional(group.reInit, (each, reInit) => each.opaque(encodeProposal(reInit)));
  writer.list(group.cached, (each, { encoded }) => each.opaque(encoded));
  writer.opaque(tree);
  const content = writer.finish();
  const whole = new Uint8Array(content.length + suite.hashLength);
  whole.set(content);
  whole.set(hash(suite, content), content.length);
  return whole;
}

/** The group again; throws `ERR_STATE_RECORD` for anything that {@link encodeFollowed} did not make. */
export function decodeFollowed(
  bytes: Uint8Array,
  environment: ViewEnvironment,
  suiteOf: (id: number) => CipherSuite,
): { readonly suite: CipherSuite; readonly group: FollowedGroup } {
  requireBytes(bytes, "a stored state");
  try {
    const head = new Reader(bytes);
    const format = head.uint16();
    if (format !== FORMAT)
      throw new StateError("ERR_STATE_RECORD", `a stored state of format ${format} instead of ${FORMAT}`);
    const suite = suiteOf(head.uint16());
    const end = Math.max(head.position, bytes.length - suite.hashLength);
    const content = bytes.slice(0, end);
    if (!equalBytes(hash(suite, content), bytes.subarray(end))) {
      throw new StateError("ERR_STATE_RECORD", "the stored state is damaged");
    }
    const reader = new Reader(content.subarray(head.position), environment.decode);
    const plain = {
      groupContext: sealedContext(decodeGroupContext(reader.opaque(), environment.decode)),
      interimTranscriptHash: reader.opaque(),
      confirmationTag: reader.opaque(),
      reInit: reader.optional((each) => decodeReInit(each.opaque(), environment.decode)),
      cached: reader.list(
        (each) => storedProposal(suite, each.opaque(), environment.decode),
        environment.limits.proposals,
      ),
    };
    const encodedTree = reader.opaque();
    reader.finish();
    const { groupContext, interimTranscriptHash, confirmationTag, reInit, cached } = plain;
    const tree = importKnown(suite, environment, encodedTree, groupContext.treeHash);
    const epoch = { groupContext, interimTranscriptHash, credentialTypes: credentialTypesOf(tree) };
    return { suite, group: { tree, epoch, confirmationTag, reInit, cached } };
  } catch (error) {
    throw asRecordError(error);
  }
}

/** A tree whose leaves were verified before it was stored. */
function importKnown(
  suite: CipherSuite,
  { engine, random, limits }: ViewEnvironment,
  encoded: Uint8Array,
  treeHash: Uint8Array,
): RatchetTree {
  const seed = randomBytes(random, TREE_SEED_LENGTH);
  const tree = RatchetTree.import(engine, treeSuite(suite), seed, encoded, limits.leaves);
  if (equalBytes(tree.treeHash(), treeHash)) return tree;
  tree.close();
  throw new StateError("ERR_STATE_RECORD", "the tree is not the one of the GroupContext");
}
