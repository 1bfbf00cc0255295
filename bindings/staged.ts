import { StateError, ValidationError } from "./errors.ts";
import type { Staged } from "./group/state.ts";
import type { DeferredAuthentication } from "./policy.ts";

/** What has become of a staged change. */
export type StagedStatus = "open" | "accepted" | "discarded" | "outdated";

/** What a staged change belongs to. */
export interface StagingGround {
  readonly staged: Set<Staged>;
  exclusively<T>(operation: () => T): T;
}

/**
 * A change that has been checked and computed, and waits for the application's word. Exactly one of
 * {@link accept} and {@link discard} takes effect; afterwards both throw `ERR_STATE_USED`.
 */
export abstract class StagedChange implements Staged {
  /** Credentials about which the Authentication Service answered "defer". */
  readonly deferred: readonly DeferredAuthentication[];
  readonly #state: StagingGround;
  #status: StagedStatus = "open";

  /** @internal */
  constructor(state: StagingGround, deferred: readonly DeferredAuthentication[]) {
    this.#state = state;
    this.deferred = deferred;
    state.staged.add(this);
  }

  /** Whether the change still waits, and what came of it otherwise. */
  get status(): StagedStatus {
    return this.#status;
  }

  /**
   * Makes the change the group's state. Throws `ERR_STATE_DEFERRED` while a deferred credential is
   * unresolved, `ERR_CREDENTIAL` if one was refused, `ERR_STATE_USED` when it is too late.
   */
  accept(): void {
    this.requireOpen();
    requireResolved(this.deferred);
    this.#state.exclusively(() => {
      this.#status = "accepted";
      this.#state.staged.delete(this);
      this.enter();
    });
  }

  /** Forgets the change and wipes its secrets. The group stays as it is. */
  discard(): void {
    this.requireOpen();
    this.#status = "discarded";
    this.#state.staged.delete(this);
    this.forget();
  }

  /** @internal Another change was accepted, or the group was closed. */
  outdate(): void {
    if (this.#status !== "open") return;
    this.#status = "outdated";
    this.forget();
  }

  /** Enters the staged state. */
  protected abstract enter(): void;

  /** Wipes what was staged. */
  protected abstract forget(): void;

  /** Throws `ERR_STATE_USED` once the change has ended. */
  protected requireOpen(): void {
    if (this.#status !== "open") {
      throw new StateError("ERR_STATE_USED", `this change has been ${this.#status}`);
    }
  }
}

/** Throws unless every deferred credential has been resolved and accepted. */
export function requireResolved(deferred: readonly DeferredAuthentication[]): void {
  for (const { answer, request } of deferred) {
    const place = request.leafIndex === undefined ? {} : { leafIndex: request.leafIndex };
    if (answer === undefined) {
      throw new StateError("ERR_STATE_DEFERRED", "a deferred credential has not been resolved", place);
    }
    if (!answer) {
      throw new ValidationError("ERR_CREDENTIAL", "a deferred credential was refused", {
        rule: "MLS-5.3.1-01",
        ...place,
      });
    }
  }
}
