// Resumption PSKs of past epochs (RFC 9420 section 8.6): as many as the limits allow (MLS-8.6-01).

import type { Secret } from "../core/secret.ts";

/** The resumption PSKs that a group keeps, oldest first. */
export class ResumptionPsks {
  readonly #limit: number;
  readonly #psks = new Map<bigint, Secret>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Keeps a copy, and forgets the oldest over the limit. */
  keep(epoch: bigint, psk: Secret): void {
    this.adopt(epoch, psk.copy());
  }

  /** Takes a secret over: while a saved state is restored. */
  adopt(epoch: bigint, psk: Secret): void {
    this.#psks.get(epoch)?.wipe();
    this.#psks.set(epoch, psk);
    for (const [oldest, secret] of this.#psks) {
      if (this.#psks.size <= this.#limit) break;
      secret.wipe();
      this.#psks.delete(oldest);
    }
  }

  find(epoch: bigint): Secret | undefined {
    return this.#psks.get(epoch);
  }

  /** All of them, oldest first. */
  entries(): readonly (readonly [bigint, Secret])[] {
    return [...this.#psks];
  }

  /** Wipes them all. */
  clear(): void {
    for (const psk of this.#psks.values()) psk.wipe();
    this.#psks.clear();
  }
}
