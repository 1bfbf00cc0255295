// What the rules need to know of a group, whether this client is a member, about to join from outside,
// or only follows it.

import type { Secret } from "../core/secret.ts";
import type { CipherSuite } from "../crypto/suite.ts";
import type { PreSharedKeyID } from "../message/psk.ts";
import type { RatchetTree } from "../tree/ratchettree.ts";
import type { Environment, ViewEnvironment } from "./environment.ts";
import type { Epoch } from "./epoch.ts";
import type { LeafPolicy } from "./members.ts";

/** The public side of a group in one epoch. */
export interface GroupView {
  readonly environment: ViewEnvironment;
  readonly suite: CipherSuite;
  readonly tree: RatchetTree;
  readonly epoch: Pick<Epoch, "groupContext" | "interimTranscriptHash" | "credentialTypes">;
}

/** The same for those who take part, and need more of their client. */
export interface TakingPart extends GroupView {
  readonly environment: Environment;
  /** The secret of a PSK, or undefined; the caller does not own it. */
  readonly heldPsk: (id: PreSharedKeyID) => Secret | undefined;
}

/** What any leaf of this group must fit, whatever the epoch. */
export function leafPolicyOf({ suite, environment, epoch }: GroupView): LeafPolicy {
  return {
    version: epoch.groupContext.version,
    cipherSuite: suite.id,
    encryptionKeyLength: suite.publicKeyLength,
    signatureKeyLength: suite.signatureKeyLength,
    maximumLifetime: environment.limits.lifetimeSeconds,
    clockSkew: environment.limits.clockSkewSeconds,
  };
}
