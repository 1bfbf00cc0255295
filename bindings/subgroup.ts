import type { CipherSuite } from "./crypto/suite.ts";
import { StateError, UnsupportedError } from "./errors.ts";
import type { Group } from "./group.ts";
import type { IdentityOf, Lineage } from "./group/lineage.ts";
import { PROTOCOL_VERSION_MLS10 } from "./message/constants.ts";
import type { ReInit } from "./message/proposals.ts";
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

/** What the successor of a group that a ReInit has ended goes on from. MLS-11.2-01 */
export function successorOf(
  oldGroup: Group,
  suite: CipherSuite,
): { readonly lineage: Lineage; readonly reInit: ReInit } {
  const prior = oldGroup.state;
  const { reInit } = prior;
  if (reInit === undefined) {
    throw new StateError("ERR_USAGE", "no ReInit has ended this group", { rule: "MLS-11.2-01" });
  }
  if (reInit.cipherSuite !== suite.id || reInit.version !== PROTOCOL_VERSION_MLS10) {
    const message = `the successor has version ${reInit.version} and cipher suite ${reInit.cipherSuite}, this client ${PROTOCOL_VERSION_MLS10} and ${suite.id}`;
    throw new UnsupportedError("ERR_UNSUPPORTED", message, { rule: "MLS-11.2-01" });
  }
  return { lineage: { usage: "reinit", prior, epoch: oldGroup.epoch }, reInit };
}

/** What a branch of a group goes on from. MLS-11.3-03 */
export function branchOf(oldGroup: Group, suite: CipherSuite): Lineage {
  const prior = oldGroup.state;
  prior.requireOpen();
  if (prior.suite.id !== suite.id) {
    const message = `a branch of cipher suite ${suite.id} instead of its group's ${prior.suite.id}`;
    throw new UnsupportedError("ERR_UNSUPPORTED", message, { rule: "MLS-11.3-03" });
  }
  return { usage: "branch", prior, epoch: oldGroup.epoch };
}
