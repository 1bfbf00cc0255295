import type { Group } from "./group.ts";
import type { IdentityOf } from "./group/lineage.ts";
import type { GroupOptions } from "./options.ts";

/** Who is in a group that continues another one, and how the others are invited. */
export interface SubgroupOptions {
  /** Fresh key packages of all other members, each an MLSMessage. */
  readonly add: readonly Uint8Array[];
  /** What tells members apart; their whole credentials unless given. */
  readonly identityOf?: IdentityOf;
  /** False leaves the path of the initial commit out. */
  readonly path?: boolean;
  /** False keeps the ratchet tree out of the Welcomes: hand `ratchetTree()` out another way. */
  readonly treeInWelcome?: boolean;
  /** Splits the Welcome, so that none is for more new members than this. */
  readonly membersPerWelcome?: number;
}

/** What a branch is called, and what it starts with. */
export interface BranchOptions extends SubgroupOptions, GroupOptions {
  /** A random name unless given. */
  readonly groupId?: string | Uint8Array;
}

/** A new group that continues another one, and the Welcomes for its other members. */
export interface Subgroup {
  /** The new group, in its epoch 1. */
  readonly group: Group;
  /** Welcomes for the other members, MLSMessages. */
  readonly welcomes: readonly Uint8Array[];
}
