// A commit of our own between its making and its end.

import type { DeferredAuthentication } from "../policy.ts";
import type { RatchetPosition } from "../schedule/ratchet.ts";
import type { CommitEffects } from "./effects.ts";
import type { NextEpoch } from "./epoch.ts";
import type { DroppedProposal } from "./select.ts";

/** A commit that is made but not accepted. */
export interface CreatedCommit {
  readonly next: NextEpoch;
  readonly message: Uint8Array;
  readonly welcomes: readonly Uint8Array[];
  readonly effects: CommitEffects;
  readonly deferred: readonly DeferredAuthentication[];
  readonly included: readonly Uint8Array[];
  readonly dropped: readonly DroppedProposal[];
  /** The generation that a PrivateMessage has used up. */
  readonly position: RatchetPosition | undefined;
}
