import type { CustomEffect } from "./group/apply.ts";
import type { CreatedCommit } from "./group/created.ts";
import { forgetNextEpoch } from "./group/epoch.ts";
import type { ProcessedCommit } from "./group/process.ts";
import type { DroppedProposal } from "./group/select.ts";
import type { GroupState } from "./group/state.ts";
import { type CommitEffects, effectsOf, joinerOf } from "./group/effects.ts";
import type { Member, MemberChange } from "./group/member.ts";
import type { Extension } from "./message/extension.ts";
import { copyReInit, type ReInit } from "./message/proposals.ts";
import type { RatchetPosition } from "./schedule/ratchet.ts";
import { StagedChange } from "./staged.ts";

/** What a group does when one of its staged commits ends; kept apart from what applications see. */
export interface CommitHooks {
  readonly entered: () => void;
  readonly ended: () => void;
}

/**
 * A commit of our own. Send {@link commit}; once the delivery service has accepted it, call
 * `accept()` and hand out {@link welcomes} (MLS-14-01); if another commit won, call `discard()`, or
 * accept the other one, which does the same.
 */
export class PendingCommit extends StagedChange implements CommitEffects {
  /** The commit, an MLSMessage. */
  readonly commit: Uint8Array;
  /** Welcomes for the members it adds, MLSMessages; not to be sent before the commit is accepted. */
  readonly welcomes: readonly Uint8Array[];
  readonly added: readonly Member[];
  readonly removed: readonly Member[];
  readonly updated: readonly MemberChange[];
  readonly extensions: readonly Extension[] | undefined;
  readonly reInit: ReInit | undefined;
  readonly custom: readonly CustomEffect[];
  /** References of the received proposals that it includes. */
  readonly included: readonly Uint8Array[];
  /** Received proposals that it leaves out, and why. */
  readonly dropped: readonly DroppedProposal[];
  readonly #state: GroupState;
  readonly #created: CreatedCommit;
  readonly #hooks: CommitHooks;

  /** @internal */
  constructor(state: GroupState, created: CreatedCommit, hooks: CommitHooks) {
    super(state, created.deferred);
    this.#state = state;
    this.#created = created;
    this.#hooks = hooks;
    this.commit = created.message;
    this.welcomes = created.welcomes;
    this.included = created.included.map((reference) => Uint8Array.from(reference));
    this.dropped = created.dropped.map((each) => ({ ...each, reference: Uint8Array.from(each.reference) }));
    const { effects } = created;
    this.added = effects.added;
    this.removed = effects.removed;
    this.updated = effects.updated;
    this.extensions = effects.extensions;
    this.reInit = copyReInit(effects.reInit);
    this.custom = effects.custom;
  }

  /**
   * The ratchet tree of the epoch that the commit begins, for members who join with a Welcome that does
   * not carry it. Throws `ERR_STATE_USED` once the commit is accepted; `group.ratchetTree()` is it then.
   */
  ratchetTree(): Uint8Array {
    this.requireOpen();
    return this.#created.next.tree.export();
  }

  protected enter(): void {
    this.#hooks.ended();
    this.#state.enter(this.#created.next);
    this.#hooks.entered();
    const { reInit } = this.#created.effects;
    if (reInit !== undefined) this.#state.end(reInit);
  }

  protected forget(): void {
    this.#hooks.ended();
    this.#state.journal?.withdrawn();
    forgetNextEpoch(this.#created.next);
  }
}

/** A commit of another member that proved valid and waits for the application's word. */
export class StagedCommit extends StagedChange implements CommitEffects {
  /** The committer's leaf; that of a joiner from outside is the one it will have. */
  readonly committer: number;
  /** Who joins from outside by this commit: the committer, who is not among {@link added}. */
  readonly joined: Member | undefined;
  /** What the committer had authenticated beside the commit; empty unless it gave something. */
  readonly authenticatedData: Uint8Array;
  readonly added: readonly Member[];
  readonly removed: readonly Member[];
  readonly updated: readonly MemberChange[];
  readonly extensions: readonly Extension[] | undefined;
  readonly reInit: ReInit | undefined;
  readonly custom: readonly CustomEffect[];
  /** True when the commit removes this client: accepting it closes the group. */
  readonly removesUs: boolean;
  readonly #state: GroupState;
  readonly #processed: ProcessedCommit;
  readonly #position: RatchetPosition | undefined;
  readonly #hooks: CommitHooks;

  /** @internal */
  constructor(
    state: GroupState,
    processed: ProcessedCommit,
    authenticatedData: Uint8Array,
    position: RatchetPosition | undefined,
    hooks: CommitHooks,
  ) {
    super(state, processed.deferred);
    this.#state = state;
    this.#processed = processed;
    this.#position = position;
    this.#hooks = hooks;
    this.committer = processed.committer;
    this.joined = joinerOf(processed.applied, processed.committer);
    this.authenticatedData = authenticatedData;
    this.removesUs = processed.next === undefined;
    const effects = effectsOf(processed.applied);
    this.added = effects.added;
    this.removed = effects.removed;
    this.updated = effects.updated;
    this.extensions = effects.extensions;
    this.reInit = effects.reInit;
    this.custom = effects.custom;
  }

  protected enter(): void {
    this.#hooks.ended();
    const { next, applied } = this.#processed;
    if (next === undefined) {
      applied.tree.close();
      this.#state.close("removed");
      return;
    }
    // Only now: a discarded commit can be received again (MLS-9.2-06).
    const { epoch } = this.#state;
    if (this.#position !== undefined && epoch.secrets.secretTree.useUp(this.#position)) {
      this.#state.noteConsumed(epoch.groupContext.epoch, this.#position);
    }
    this.#state.enter(next);
    this.#hooks.entered();
    if (applied.reInit !== undefined) this.#state.end(applied.reInit);
  }

  protected forget(): void {
    this.#hooks.ended();
    const { next, applied } = this.#processed;
    if (next === undefined) applied.tree.close();
    else forgetNextEpoch(next);
  }
}
