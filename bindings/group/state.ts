// The state of one group: the only mutable object of the protocol. It changes when an epoch is entered,
// when a ratchet moves on, and when a proposal is cached.

import type { SignatureKeyPair } from "../crypto/signature.ts";
import type { CipherSuite } from "../crypto/suite.ts";
import { StateError } from "../errors.ts";
import type { LeafNode } from "../message/leafnode.ts";
import type { RatchetTree } from "../tree/ratchettree.ts";
import type { Secret } from "../core/secret.ts";
import type { ReInit } from "../message/proposals.ts";
import type { PreSharedKeyID } from "../message/psk.ts";
import { forgetPrivateKeys } from "../tree/path.ts";
import { ResumptionPsks } from "./resumption.ts";
import { bytesKey, type CachedProposal, ProposalCache } from "./cache.ts";
import type { Environment } from "./environment.ts";
import type { Epoch, NextEpoch } from "./epoch.ts";
import type { Closed, Journal } from "./journal.ts";
import type { MessageSecrets } from "../framing/privatemessage.ts";
import type { RatchetPosition } from "../schedule/ratchet.ts";
import { PastEpochs } from "./pastepochs.ts";
import { Turn } from "./turn.ts";

/** A staged change that must not outlive the epoch it was made in. */
export interface Staged {
  /** Forgets the change; called when another one is accepted. */
  outdate(): void;
}

/** What a group starts from. */
export interface GroupStart {
  readonly environment: Environment;
  readonly suite: CipherSuite;
  readonly tree: RatchetTree;
  readonly epoch: Epoch;
  readonly ownLeafIndex: number;
  /** The group's own copy of the member's signature key. */
  readonly signatureKey: SignatureKeyPair;
}

/** See the head of the file. */
export class GroupState {
  readonly environment: Environment;
  readonly suite: CipherSuite;
  readonly tree: RatchetTree;
  readonly ownLeafIndex: number;
  readonly cache: ProposalCache;
  readonly past: PastEpochs;
  /** Changes that are staged in this epoch. */
  readonly staged: Set<Staged> = new Set();
  /** Told of every change, once somebody stores the group. */
  journal: Journal | undefined;
  #epoch: Epoch;
  #signatureKey: SignatureKeyPair;
  readonly #resumption: ResumptionPsks;
  #closed: Exclude<Closed, "reinitialized"> | undefined;
  #reInit: ReInit | undefined;
  readonly #turn = new Turn();

  constructor(start: GroupStart) {
    this.environment = start.environment;
    this.suite = start.suite;
    this.tree = start.tree;
    this.ownLeafIndex = start.ownLeafIndex;
    this.#epoch = start.epoch;
    this.#signatureKey = start.signatureKey;
    this.cache = new ProposalCache(start.environment.limits.proposals);
    this.past = new PastEpochs(start.environment.limits.pastEpochs);
    this.#resumption = new ResumptionPsks(start.environment.limits.resumptionEpochs);
  }

  get epoch(): Epoch {
    return this.#epoch;
  }

  get signatureKey(): SignatureKeyPair {
    return this.#signatureKey;
  }

  get closed(): Closed | undefined {
    return this.#closed ?? (this.#reInit && "reinitialized");
  }

  /** The ReInit that ended the group: what its successor must be. */
  get reInit(): ReInit | undefined {
    return this.#reInit;
  }

  get ownLeaf(): LeafNode {
    return this.tree.leafNode(this.ownLeafIndex)!;
  }

  /** Throws `ERR_STATE_CLOSED` once the group is over. MLS-12.4.2-09, MLS-12.4.2-15 */
  requireOpen(): void {
    const { closed } = this;
    if (closed === undefined) return;
    const why = {
      removed: "this client was removed from it",
      reinitialized: "it was re-initialized",
      closed: "it was closed",
    };
    throw new StateError("ERR_STATE_CLOSED", `the group is over: ${why[closed]}`, { rule: "MLS-12.4.2-15" });
  }

  /** The same, but passes for what a re-initialized group still knows. MLS-11.2-06 */
  requireKnown(): void {
    if (this.#closed !== undefined) this.requireOpen();
  }

  /** Runs one operation on an open group. */
  exclusively<T>(operation: () => T): T {
    this.requireOpen();
    return this.exclusivelyKnown(operation);
  }

  /** The same on one of which something is known still. */
  exclusivelyKnown<T>(operation: () => T): T {
    this.requireKnown();
    return this.alone(operation);
  }

  /** Runs one operation on whatever is left; application callbacks in it must not call back into the group. */
  alone<T>(operation: () => T): T {
    return this.#turn.take(operation);
  }

  /** Enters the next epoch: the only place where an epoch ends. MLS-12.4.2-08 */
  enter(next: NextEpoch): void {
    const { groupContext, secrets } = this.#epoch;
    this.journal?.entered(next);
    const former = next.tree.merge();
    this.#epoch = next.epoch;
    this.#resumption.keep(groupContext.epoch, secrets.resumptionPsk);
    secrets.retire();
    this.past.push({ groupContext, secrets, former });
    this.cache.clear();
    if (next.signatureKey !== undefined) {
      this.#signatureKey.privateKey.wipe();
      this.#signatureKey = next.signatureKey;
    }
    this.outdateStaged();
  }

  /** The resumption PSK of an epoch of this group, the present one included. MLS-8.4-07 */
  resumptionPsk(epoch: bigint): Secret | undefined {
    if (this.#closed !== undefined) return undefined;
    return epoch === this.#epoch.groupContext.epoch ? this.#epoch.secrets.resumptionPsk : this.#resumption.find(epoch);
  }

  /** Resumption PSKs of past epochs, for a saved state. */
  get resumptionPsks(): ResumptionPsks {
    return this.#resumption;
  }

  /** A PSK of this group or of the client's store; the caller does not own it. */
  readonly heldPsk = (id: PreSharedKeyID): Secret | undefined => {
    const isOwn = id.kind === "resumption" && bytesKey(id.pskGroupId) === bytesKey(this.#epoch.groupContext.groupId);
    return isOwn ? this.resumptionPsk(id.pskEpoch) : this.environment.heldPsk(id);
  };

  /** What reads messages of this epoch, present or retained. */
  secretsOf(epoch: bigint): MessageSecrets | undefined {
    return epoch === this.#epoch.groupContext.epoch ? this.#epoch.secrets : this.past.find(epoch)?.secrets;
  }

  /** Uses a generation up, for ever: of a message received, or one that is about to be sent. */
  noteConsumed(epoch: bigint, position: RatchetPosition): void {
    this.journal?.consumed(epoch, position);
  }

  /** Caches a proposal of this epoch. */
  cacheProposal(proposal: CachedProposal): void {
    this.cache.add(proposal);
    this.journal?.cached(proposal);
  }

  /** Forgets all changes that are staged on the present epoch. */
  outdateStaged(): void {
    const staged = [...this.staged];
    this.staged.clear();
    for (const change of staged) change.outdate();
  }

  /**
   * Ends the group after a ReInit: nothing can be sent or committed any more. What the successor needs is
   * kept until {@link close}, and late messages of past epochs can still be read. MLS-12.4.2-09, MLS-11.2-06
   */
  end(reInit: ReInit): void {
    this.#reInit = reInit;
    this.journal?.ended(reInit);
    this.outdateStaged();
    this.cache.clear();
    this.#epoch.secrets.end();
    forgetPrivateKeys(this.tree);
  }

  /** Forgets every secret of the group. MLS-12.4.2-11 */
  close(why: Exclude<Closed, "reinitialized">): void {
    if (this.#closed !== undefined) {
      if (why === "closed") this.journal?.forget();
      return;
    }
    this.#closed = why;
    if (why === "closed") this.journal?.forget();
    else this.journal?.closed(why);
    this.outdateStaged();
    this.cache.clear();
    this.past.clear();
    this.#resumption.clear();
    this.#epoch.secrets.wipe();
    this.#signatureKey.privateKey.wipe();
    this.tree.close();
  }
}
