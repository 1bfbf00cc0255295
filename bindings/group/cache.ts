// Proposals of the present epoch, found again by their ProposalRef (RFC 9420 section 12.1).

import type { Secret } from "../core/secret.ts";
import type { SignatureKeyPair } from "../crypto/signature.ts";
import { DecodeError } from "../errors.ts";
import type { Proposal } from "../message/proposals.ts";
import type { Proposer } from "../validate/proposals.ts";

/** A proposal that was received or sent in this epoch. */
export interface CachedProposal {
  /** ProposalRef. */
  readonly reference: Uint8Array;
  readonly proposal: Proposal;
  readonly proposer: Proposer;
  /** The AuthenticatedContent, for records. */
  readonly encoded: Uint8Array;
  /** Our own Update: the private keys of the new leaf, until the epoch ends. MLS-12.4.2-14 */
  readonly ownUpdate: OwnUpdate | undefined;
}

/** Private keys of a leaf that we proposed. */
export interface OwnUpdate {
  readonly encryptionKey: Secret;
  /** A new signature key, where the Update brings one. */
  readonly signatureKey: SignatureKeyPair | undefined;
}

/** A key for Map: the bytes as a string of Latin-1 characters. */
export function bytesKey(bytes: Uint8Array): string {
  let key = "";
  for (const byte of bytes) key += String.fromCharCode(byte);
  return key;
}

/** The bytes of such a key. */
export function bytesOfKey(key: string): Uint8Array {
  return Uint8Array.from(key, (character) => character.charCodeAt(0));
}

/** The proposals of one epoch, in order of arrival. Emptied when the epoch ends. MLS-12.1-03 */
export class ProposalCache {
  readonly #limit: number;
  readonly #entries = new Map<string, CachedProposal>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Throws `ERR_LIMIT` when the epoch has as many proposals as the limits allow. */
  add(entry: CachedProposal): void {
    const key = bytesKey(entry.reference);
    if (this.#entries.has(key)) return;
    this.requireRoom();
    this.#entries.set(key, entry);
  }

  /** Throws `ERR_LIMIT` unless there is room for one more. */
  requireRoom(): void {
    if (this.#entries.size < this.#limit) return;
    throw new DecodeError("ERR_LIMIT", `more than ${this.#limit} proposals in one epoch`, { rule: "DEF-06" });
  }

  get(reference: Uint8Array): CachedProposal | undefined {
    return this.#entries.get(bytesKey(reference));
  }

  /** All of them, in order of arrival. */
  entries(): readonly CachedProposal[] {
    return [...this.#entries.values()];
  }

  /** Forgets everything and wipes the keys of own Updates. */
  clear(): void {
    for (const { ownUpdate } of this.#entries.values()) {
      ownUpdate?.encryptionKey.wipe();
      ownUpdate?.signatureKey?.privateKey.wipe();
    }
    this.#entries.clear();
  }
}
