import { Group } from "./group.ts";
import type { IdentityOf } from "./group/lineage.ts";
import type { JoinedGroup } from "./group/join.ts";
import { type Member, memberOf } from "./group/member.ts";
import type { DeferredAuthentication } from "./policy.ts";
import { StateError } from "./errors.ts";
import { requireResolved, type StagedStatus } from "./staged.ts";

/** How an invitation is opened. */
export interface JoinOptions {
  /** The group's `ratchetTree()`, where the Welcome does not carry it. */
  readonly ratchetTree?: Uint8Array;
  /**
   * The group that this one continues: after a ReInit, or as a branch. It must then prove that it does.
   * Groups of this same client are found by themselves.
   */
  readonly resumes?: Group;
  /** What tells members of the two groups apart; their whole credentials unless given. */
  readonly identityOf?: IdentityOf;
}

/** A group that a client may enter; {@link discard} wipes what it holds of it. */
export interface Invitation {
  discard(): void;
}

/** What the client does when an invitation ends. */
export interface JoinHooks {
  /**
   * Throws when the client has been closed or has come into a group of this name since (DEF-08), or has used up what it
   * was invited by.
   */
  readonly admit: (groupId: Uint8Array) => void;
  /** The invitation has ended, one way or the other. */
  readonly ended: (join: Invitation) => void;
  readonly accepted: (group: Group) => void;
  readonly closed: (group: Group) => void;
}

/**
 * A group that this client has been invited to. Everything has been verified; look at who is in it,
 * then {@link accept} or {@link discard}. The key package is used up by accepting, not before.
 */
export class StagedJoin {
  /** The group's name. */
  readonly groupId: Uint8Array;
  /** The epoch in which this client joins. */
  readonly epoch: bigint;
  /** The member that made the Welcome. */
  readonly inviter: Member;
  /** Credentials about which the Authentication Service answered "defer". */
  readonly deferred: readonly DeferredAuthentication[];
  readonly #joined: JoinedGroup;
  readonly #hooks: JoinHooks;
  #status: StagedStatus = "open";

  /** @internal */
  constructor(joined: JoinedGroup, hooks: JoinHooks) {
    this.#joined = joined;
    this.#hooks = hooks;
    const { groupContext } = joined.state.epoch;
    this.groupId = Uint8Array.from(groupContext.groupId);
    this.epoch = groupContext.epoch;
    this.inviter = memberOf(joined.inviter, joined.state.tree.leafNode(joined.inviter)!);
    this.deferred = joined.deferred;
  }

  /** Who is in the group, this client included. */
  *members(): Generator<Member, void, undefined> {
    this.#requireOpen();
    const { tree } = this.#joined.state;
    for (const [leafIndex, leafNode] of tree.leaves()) yield memberOf(leafIndex, leafNode);
  }

  /**
   * Joins. Throws `ERR_STATE_DEFERRED` while a deferred credential is unresolved, `ERR_CREDENTIAL` if
   * one was refused, `ERR_USAGE` when this client is in a group of this name by now (DEF-08), `ERR_STATE_USED` when it has
   * joined another one with the same key package, `ERR_STATE_CLOSED` when it was closed. It can be discarded then.
   */
  accept(): Group {
    this.#requireOpen();
    requireResolved(this.deferred);
    this.#hooks.admit(this.#joined.state.epoch.groupContext.groupId);
    this.#status = "accepted";
    this.#hooks.ended(this);
    const group = new Group(this.#joined.state, this.#hooks.closed);
    this.#hooks.accepted(group);
    return group;
  }

  /** Forgets the invitation; the key package can be used again. */
  discard(): void {
    this.#requireOpen();
    this.#status = "discarded";
    this.#hooks.ended(this);
    this.#joined.state.close("closed");
  }

  #requireOpen(): void {
    if (this.#status !== "open") {
      throw new StateError("ERR_STATE_USED", `this invitation has been ${this.#status}`);
    }
  }
}
