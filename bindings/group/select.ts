// Which of the cached proposals a commit takes along, and why it leaves the others (RFC 9420
// section 12.2: a list must be valid as a whole, so the committer chooses).

import { encodeWhole } from "../codec/writer.ts";
import { MlsError } from "../errors.ts";
import { writePreSharedKeyID } from "../message/psk.ts";
import { type ListContext, type Proposer, validateProposal } from "../validate/proposals.ts";
import { bytesKey, type CachedProposal } from "./cache.ts";

/** A cached proposal that a commit does not include. */
export interface DroppedProposal {
  /** ProposalRef. */
  readonly reference: Uint8Array;
  /** Why, in words for people. */
  readonly reason: string;
  /** The rule that keeps it out, where it is a rule of the RFC. */
  readonly rule: string | undefined;
}

/** What a commit makes of the cache. */
export interface Selection {
  readonly included: readonly CachedProposal[];
  readonly dropped: readonly DroppedProposal[];
}

/** What the committer brings by value, as far as it stands in the way of cached proposals. */
export interface OwnProposals {
  readonly removed: ReadonlySet<number>;
  /** `bytesKey` of the signature keys of its Adds. */
  readonly signatureKeys: ReadonlySet<string>;
  readonly changesExtensions: boolean;
  readonly count: number;
}

interface Refusal {
  readonly reason: string;
  readonly rule: string | undefined;
}

function leafOf(proposer: Proposer): number {
  return proposer.kind === "member" ? proposer.leafIndex : -1;
}

/** Chooses from the cache, in order of arrival; what the committer brings by value has precedence. */
export function selectProposals(cached: readonly CachedProposal[], own: OwnProposals, context: ListContext): Selection {
  const selector = new Selector(cached, own, context);
  const dropped: DroppedProposal[] = [];
  let included: CachedProposal[] = [];
  for (const entry of cached) {
    const refusal = selector.refuse(entry);
    if (refusal === undefined) included.push(entry);
    else dropped.push({ reference: entry.reference, ...refusal });
  }
  // MLS-12.2-11, MLS-12.2-12: a ReInit stands alone; others are preferred, and it is sent again
  const isAlone = included.length + own.count === 1;
  included = included.filter((entry) => {
    if (entry.proposal.kind !== "reInit" || isAlone) return true;
    dropped.push({ reference: entry.reference, reason: "a ReInit must be committed alone", rule: "MLS-12.2-11" });
    return false;
  });
  return { included, dropped };
}

class Selector {
  readonly #context: ListContext;
  readonly #willRemove: Set<number>;
  readonly #latestUpdate = new Map<number, CachedProposal>();
  readonly #removed: Set<number>;
  readonly #psks = new Set<string>();
  readonly #signatureKeys: Set<string>;
  #changesExtensions: boolean;

  constructor(cached: readonly CachedProposal[], own: OwnProposals, context: ListContext) {
    this.#context = context;
    this.#willRemove = new Set(own.removed);
    this.#removed = new Set(own.removed);
    this.#signatureKeys = new Set(own.signatureKeys);
    this.#changesExtensions = own.changesExtensions;
    for (const entry of cached) {
      if (entry.proposal.kind === "remove") this.#willRemove.add(entry.proposal.removed);
      if (entry.proposal.kind === "update") this.#latestUpdate.set(leafOf(entry.proposer), entry);
    }
  }

  /** Why this proposal cannot join those that were taken before it; undefined if it can. */
  refuse(entry: CachedProposal): Refusal | undefined {
    const { proposal, proposer } = entry;
    try {
      validateProposal({ proposal, proposer, byReference: true }, 0, this.#context);
    } catch (error) {
      if (!(error instanceof MlsError)) throw error;
      const cause = error.cause instanceof MlsError ? error.cause : error;
      return { reason: cause.message, rule: cause.rule };
    }
    switch (proposal.kind) {
      case "update":
        return this.#refuseUpdate(entry, leafOf(proposer));
      case "remove":
        if (proposal.removed === this.#context.committer)
          return { reason: "removes the committer", rule: "MLS-12.2-05" };
        return take(this.#removed, proposal.removed, "the member is removed already", "MLS-12.2-06");
      case "add": {
        const key = bytesKey(proposal.keyPackage.leafNode.signatureKey);
        return take(this.#signatureKeys, key, "the same client is added already", "MLS-12.2-08");
      }
      case "psk": {
        const id = bytesKey(encodeWhole(proposal.psk, writePreSharedKeyID));
        return take(this.#psks, id, "the same PSK is named already", "MLS-12.2-01");
      }
      case "groupContextExtensions":
        if (this.#changesExtensions) return { reason: "another one is included", rule: "MLS-12.2-10" };
        this.#changesExtensions = true;
        return undefined;
      case "externalInit":
        return { reason: "an ExternalInit belongs to external commits", rule: "MLS-12.2-13" };
      default:
        return undefined;
    }
  }

  // MLS-12.2-07: Remove over Update, and the latest Update
  #refuseUpdate(entry: CachedProposal, leaf: number): Refusal | undefined {
    if (leaf === this.#context.committer) return { reason: "the committer's own Update", rule: "MLS-12.2-04" };
    if (this.#willRemove.has(leaf)) return { reason: "the member is removed", rule: "MLS-12.2-06" };
    if (this.#latestUpdate.get(leaf) !== entry) return { reason: "a later Update replaces it", rule: "MLS-12.2-06" };
    return undefined;
  }
}

function take<T>(taken: Set<T>, value: T, reason: string, rule: string): Refusal | undefined {
  if (taken.has(value)) return { reason, rule };
  taken.add(value);
  return undefined;
}
