// Epochs that have ended, as long as messages of theirs may still arrive (RFC 9420 section 15.3; the
// number is bounded: MLS-14-04).

import type { GroupContext } from "../message/groupcontext.ts";
import { decodeKnownLeaf } from "../message/leafnode.ts";
import type { MessageSecrets } from "../framing/privatemessage.ts";
import type { FormerTree } from "../tree/formertree.ts";
import type { RatchetTree } from "../tree/ratchettree.ts";

/** An epoch whose messages can still be read. */
export interface PastEpoch {
  readonly groupContext: GroupContext & { readonly encoded: Uint8Array };
  /** Sender data secret and secret tree; everything else is wiped. */
  readonly secrets: MessageSecrets & { readonly wipe: () => void };
  /** The leaves that the commit which ended the epoch changed, as they were. */
  readonly former: FormerLeaves;
}

/** Leaves before a merge: the core's undo, or what a saved state held of it. */
export type FormerLeaves = Pick<FormerTree, "leafCount" | "leaf" | "changed" | "close">;

/** The latest past epochs, newest first. */
export class PastEpochs {
  readonly #limit: number;
  #epochs: PastEpoch[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Newest first. */
  get all(): readonly PastEpoch[] {
    return this.#epochs;
  }

  /** Keeps an epoch that has just ended and forgets the oldest over the limit. */
  push(epoch: PastEpoch): void {
    this.#epochs.unshift(epoch);
    while (this.#epochs.length > this.#limit) forget(this.#epochs.pop()!);
  }

  /** Keeps an epoch older than all others: while a saved state is restored. */
  append(epoch: PastEpoch): void {
    this.#epochs.push(epoch);
  }

  find(epoch: bigint): PastEpoch | undefined {
    return this.#epochs.find(({ groupContext }) => groupContext.epoch === epoch);
  }

  /**
   * The signature key of a leaf in a past epoch, whatever has become of the leaf since (MLS-6.1-09,
   * DEF-09).
   */
  signatureKey(past: PastEpoch, leafIndex: number, tree: RatchetTree): Uint8Array | undefined {
    const leaf = this.leaf(past, leafIndex, tree);
    return leaf === undefined ? undefined : decodeKnownLeaf(tree.engine, leaf).signatureKey;
  }

  /** A leaf as it was in a past epoch: what the first commit that changed it replaced, or today's. */
  leaf(past: PastEpoch, leafIndex: number, tree: RatchetTree): Uint8Array | undefined {
    if (leafIndex >= past.former.leafCount) return undefined;
    for (let i = this.#epochs.indexOf(past); i >= 0; i--) {
      const leaf = this.#epochs[i]!.former.leaf(leafIndex);
      if (leaf === "blank") return undefined;
      if (leaf !== "untouched") return leaf;
    }
    return tree.leaf(leafIndex);
  }

  /** Forgets them all. */
  clear(): void {
    for (const epoch of this.#epochs) forget(epoch);
    this.#epochs = [];
  }
}

function forget({ secrets, former }: PastEpoch): void {
  secrets.wipe();
  former.close();
}
