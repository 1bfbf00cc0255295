// Where a group tells what has changed, for those who store it.

import type { RatchetPosition } from "../schedule/ratchet.ts";
import type { ReInit } from "../message/proposals.ts";
import type { CachedProposal } from "./cache.ts";
import type { CreatedCommit } from "./created.ts";
import type { NextEpoch } from "./epoch.ts";

/** Why nothing can be sent or received any more. */
export type Closed = "removed" | "reinitialized" | "closed";

/** Called right when something changes; before the epoch does, in the case of {@link entered}. */
export interface Journal {
  /** A generation is used up, by a message sent or received. */
  consumed(epoch: bigint, position: RatchetPosition): void;
  cached(proposal: CachedProposal): void;
  pending(created: CreatedCommit): void;
  /** The pending commit was discarded. */
  withdrawn(): void;
  entered(next: NextEpoch): void;
  /** A ReInit has ended the group. */
  ended(reInit: ReInit): void;
  /** The group is over, by what others did. */
  closed(why: Exclude<Closed, "reinitialized">): void;
  /** The application has dropped the group: nobody will ask for the changes. */
  forget(): void;
}
