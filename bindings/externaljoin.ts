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
  readonly #hooks: Omit<JoinHooks, "admit">;
  #status: StagedStatus = "open";

  /** @internal */
  constructor(join: ExternalJoin, hooks: Omit<JoinHooks, "admit">) {
    this.#join = join;
    this.#hooks = hooks;
    this.commit = join.message;
    this.deferred = join.deferred;
  }

  /** Enters the group. Throws `ERR_STATE_DEFERRED` while a deferred credential is unresolved. */
  accept(): Group {
    this.#requireOpen();
    requireResolved(this.deferred);
    this.#status = "accepted";
    const group = new Group(this.#join.enter(), this.#hooks.closed);
    this.#hooks.accepted(group);
    return group;
  }

  /** Forgets the commit and wipes its secrets. */
  discard(): void {
    this.#requireOpen();
    this.#status = "discarded";
    this.#join.forget();
  }

  #requireOpen(): void {
    if (this.#status !== "open") throw new StateError("ERR_STATE_USED", `this join has been ${this.#status}`);
  }
}
