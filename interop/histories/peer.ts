// Who takes part in random histories, and what is known about where implementations differ.

import type { CallName } from "../calls.ts";
import type { InteropClient } from "../client.ts";

/** An implementation that plays some of the members of a history. */
export interface Peer {
  /** Short and unique in a mixture: "grove", "ts-mls", … */
  readonly name: string;
  readonly client: InteropClient;
  /** What its public API has no way to do; histories never ask for it. */
  readonly lacks: ReadonlySet<Ability>;
  readonly limits: PeerLimits;
  readonly differences: readonly Difference[];
}

/** A call, or a part of one that some implementations leave out. */
export type Ability = CallName | "externalJoin with PSKs";

/** How much a peer keeps for what arrives late; histories stay within it. */
export interface PeerLimits {
  /** Past epochs whose messages it can still read. */
  readonly pastEpochs: number;
  /** How far behind the newest message read of the same sender and epoch a message may be, in messages. */
  readonly reordering: number;
  /** Past epochs whose resumption PSK it keeps. */
  readonly resumptionEpochs: number;
}

/**
 * Where a peer refuses what the RFC allows, or accepts what it forbids. It explains an outcome when the
 * call is the same, every tag is among those of the {@link Occasion}, and the error's text matches.
 */
export interface Difference {
  /** The rule's ID, such as "MLS-12.2-04". */
  readonly rule: string;
  readonly outcome: "refuses" | "accepts";
  readonly call: CallName;
  readonly tags: readonly string[];
  /** Of a refusal. */
  readonly error?: RegExp;
  /** What the peer does, in one neutral sentence. */
  readonly what: string;
}

/** A call of a history, described for {@link Difference}s. */
export interface Occasion {
  readonly call: CallName;
  /**
   * What the call is about, for example:
   * - `from:ts-mls` (who made the message), `format:public`, `format:private`
   * - `commit:member`, `commit:external`, `commit:resync`, `path:forced`, `path:optional`, `tree:apart`
   * - `add`, `update`, `remove`, `externalPSK`, `resumptionPSK`, `groupContextExtensions`: a proposal of
   *   that kind is in the list; with `value:` or `reference:` in front, how it is there
   * - `extensions:none`, `extensions:requirements`, `extensions:senders`: what the new list holds
   * - `proposer:external`, `proposer:newMember`: somebody outside made one of them
   * - `probe:…`: what forbidden thing is tried
   */
  readonly tags: ReadonlySet<string>;
}

/** The first difference that explains what the peer did; `error` is the text of its refusal, if it refused. */
export function explanation(peer: Peer, occasion: Occasion, error: string | undefined): Difference | undefined {
  const outcome = error === undefined ? "accepts" : "refuses";
  return peer.differences.find(
    (difference) =>
      difference.outcome === outcome &&
      difference.call === occasion.call &&
      difference.tags.every((tag) => occasion.tags.has(tag)) &&
      (difference.error?.test(error ?? "") ?? true),
  );
}
