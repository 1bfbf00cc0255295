import { StateError } from "./errors.ts";
import { Group } from "./group.ts";
import type { ExternalJoin } from "./group/external.ts";
import type { JoinHooks } from "./join.ts";
import type { DeferredAuthentication } from "./policy.ts";
import { requireResolved, type StagedStatus } from "./staged.ts";

/**
 * An external commit. Send {@link commit}; once the delivery service has accepted it, `accept()`
 * returns the group; if another commit won, `discard()` and try again with a newer GroupInfo.
 */
export class PendingExternalJoin {
  /** The commit, an MLSMessage: a PublicMessage, because the sender is no member yet. */
  readonly commit: Uint8Array;
  /** Credentials about which the Authentication Service answered "defer". */
  readonly deferred: readonly DeferredAuthentication[];
  readonly #join: ExternalJoin;
  readonly #hooks: JoinHooks;
  #status: StagedStatus = "open";

  /** @internal */
  constructor(join: ExternalJoin, hooks: JoinHooks) {
    this.#join = join;
    this.#hooks = hooks;
    this.commit = join.message;
    this.deferred = join.deferred;
  }

  /**
   * Enters the group. Throws `ERR_STATE_DEFERRED` while a deferred credential is unresolved, `ERR_CREDENTIAL` if one was
   * refused, `ERR_USAGE` when this client has come into the group another way and no resync was asked for (DEF-08),
   * `ERR_STATE_CLOSED` when it was closed. It can be discarded then.
   */
  accept(): Group {
    this.#requireOpen();
    requireResolved(this.deferred);
    this.#hooks.admit(this.#join.groupId);
    this.#status = "accepted";
    this.#hooks.ended(this);
    const group = new Group(this.#join.enter(), this.#hooks.closed);
    this.#hooks.accepted(group);
    return group;
  }

  /** Forgets the commit and wipes its secrets. */
  discard(): void {
    this.#requireOpen();
    this.#status = "discarded";
    this.#hooks.ended(this);
    this.#join.forget();
  }

  #requireOpen(): void {
    if (this.#status !== "open") throw new StateError("ERR_STATE_USED", `this join has been ${this.#status}`);
  }
}
