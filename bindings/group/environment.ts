// What a client gives to each of its groups.

import type { DecodeContext } from "../codec/context.ts";
import type { Secret } from "../core/secret.ts";
import type { Engine } from "../core/engine.ts";
import type { RandomSource } from "../crypto/random.ts";
import type { PaddingScheme } from "../framing/privatemessage.ts";
import type { Limits } from "../limits.ts";
import type { Extension } from "../message/extension.ts";
import type { PreSharedKeyID } from "../message/psk.ts";
import type { Authenticator, MayResync } from "../policy.ts";
import type { CustomTraits } from "../validate/proposals.ts";

/** How proposals and commits travel. */
export type HandshakeFormat = "private" | "public";

/** What anybody needs who looks at a group: engine, limits, policy, and the outside world. */
export interface ViewEnvironment {
  readonly engine: Engine;
  readonly limits: Limits;
  readonly decode: DecodeContext;
  readonly random: RandomSource;
  /** Seconds since the Unix epoch. */
  readonly now: () => bigint;
  /** Whether received leaves must be inside their lifetime (MLS-7.3-08). */
  readonly checkLifetime: boolean;
  readonly authenticator: Authenticator;
  readonly mayResync: MayResync;
  /** Proposal types of the application. */
  readonly customProposals: ReadonlyMap<number, CustomTraits>;
}

/** What a member needs besides. */
export interface Environment extends ViewEnvironment {
  readonly padding: PaddingScheme;
  readonly handshakeFormat: HandshakeFormat;
  /** A PSK that the client holds, of its store or of one of its groups; the caller does not own it. */
  readonly heldPsk: (id: PreSharedKeyID) => Secret | undefined;
  /** GREASE for a GroupInfo of ours (MLS-12.4.3-02); empty when switched off. */
  readonly greaseExtensions: () => Extension[];
  /** Records of this client are sealed under it. */
  readonly storageKey: Secret | undefined;
}

/** The name under which a PSK is looked up, for messages. */
export function describePsk(id: PreSharedKeyID): string {
  return id.kind === "external" ? "an external PSK" : `the resumption PSK of epoch ${id.pskEpoch}`;
}
