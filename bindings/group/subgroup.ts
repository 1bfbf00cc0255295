// Founding a group that continues another one, and its initial commit (RFC 9420 sections 11.2 and 11.3):
// one member first, then all others at once, under a PSK of the old group.

import type { Secret } from "../core/secret.ts";
import { StateError, ValidationError } from "../errors.ts";
import type { Extension } from "../message/extension.ts";
import type { Proposal } from "../message/proposals.ts";
import { createCommit } from "./create.ts";
import type { Environment } from "./environment.ts";
import { forgetNextEpoch } from "./epoch.ts";
import { foundGroup } from "./found.ts";
import { type IdentityOf, type Lineage, lineagePsk, lineageSecret, requireMembers } from "./lineage.ts";
import type { GroupState } from "./state.ts";
import type { LeafTemplate } from "./template.ts";
import { addProposals } from "./wanted.ts";

/** What a group that continues another one is made of. */
export interface SubgroupContent {
  readonly environment: Environment;
  readonly leaves: LeafTemplate;
  readonly lineage: Lineage;
  readonly groupId: Uint8Array;
  readonly extensions: readonly Extension[];
  /** Key packages of all other members, each an MLSMessage. */
  readonly add: readonly Uint8Array[];
  readonly identityOf: IdentityOf;
  readonly path: boolean;
  readonly treeInWelcome: boolean;
  readonly membersPerWelcome: number;
}

/** Makes the group in its epoch 1. MLS-11-07, MLS-11.2-02, MLS-11.3-04 */
export function foundSubgroup(content: SubgroupContent): {
  readonly state: GroupState;
  readonly welcomes: Uint8Array[];
} {
  const { environment, leaves, lineage } = content;
  const { suite, credential } = leaves.parts;
  const adds = addProposals(content.add, environment.decode);
  const newcomers = adds.flatMap((add) => (add.kind === "add" ? [add.keyPackage.leafNode.credential] : []));
  requireFit(lineage, [credential, ...newcomers], content.identityOf);
  const psk: Proposal = { kind: "psk", psk: lineagePsk(lineage, suite.hashLength, environment.random) };
  const secret = lineageSecret(lineage, environment.engine);
  if (secret === undefined) throw new StateError("ERR_STATE_CLOSED", "the old group has been closed");
  try {
    const state = foundGroup(environment, leaves, content.groupId, content.extensions);
    try {
      return { state, welcomes: enterFirstEpoch(state, content, [...adds, psk], secret) };
    } catch (error) {
      state.close("closed");
      throw error;
    }
  } finally {
    secret.wipe();
  }
}

// What the joiners will refuse is a mistake of the caller here. MLS-12.4.3.1-24, MLS-12.4.3.1-25
function requireFit(lineage: Lineage, members: Parameters<typeof requireMembers>[1], identityOf: IdentityOf): void {
  try {
    requireMembers(lineage, members, identityOf);
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    throw new StateError("ERR_USAGE", error.message, { ...(error.rule && { rule: error.rule }), cause: error });
  }
}

function enterFirstEpoch(
  state: GroupState,
  content: SubgroupContent,
  proposals: readonly Proposal[],
  psk: Secret,
): Uint8Array[] {
  const { environment } = content;
  const created = createCommit(state, {
    proposals,
    includeReceived: false,
    path: content.path,
    leaf: {},
    authenticatedData: new Uint8Array(0),
    format: environment.handshakeFormat,
    treeInWelcome: content.treeInWelcome,
    membersPerWelcome: content.membersPerWelcome,
    groupInfoExtensions: environment.greaseExtensions(),
    continues: { usage: content.lineage.usage, psk },
  });
  if (created.deferred.length > 0) {
    forgetNextEpoch(created.next);
    throw new StateError("ERR_STATE_DEFERRED", "a member of a group that continues another one cannot be deferred");
  }
  state.enter(created.next);
  return [...created.welcomes];
}
