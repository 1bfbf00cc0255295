// A group as a child would draw it: who sits where, which epoch it is, and who holds which PSK. It knows
// nothing of trees, secrets or messages.

/** Past epochs whose resumption PSK a member keeps, and whose messages it still reads. */
export const modelLimits = { resumptionEpochs: 3, pastEpochs: 2 } as const;

interface Seat {
  readonly name: string;
  /** The first epoch that the member knows. */
  readonly since: bigint;
}

export class GroupModel {
  readonly #seats: (Seat | undefined)[];
  epoch: bigint;

  /** A group of these members, in the order of their leaves. The first has founded it, which was epoch 0. */
  constructor(names: readonly string[], epoch: bigint) {
    this.epoch = epoch;
    this.#seats = names.map((name, leaf) => ({ name, since: leaf === 0 ? 0n : epoch }));
  }

  /** Names by leaf. */
  get members(): (readonly [number, string])[] {
    return this.#seats.flatMap((seat, leaf) => (seat === undefined ? [] : [[leaf, seat.name] as const]));
  }

  leafOf(name: string): number {
    return this.#seats.findIndex((seat) => seat?.name === name);
  }

  /** A commit: those who go, then those who come, each to the leftmost free leaf. */
  commit(gone: readonly string[], come: readonly string[]): void {
    this.epoch++;
    for (const name of gone) this.#seats[this.leafOf(name)] = undefined;
    while (this.#seats.length > 0 && this.#seats.at(-1) === undefined) this.#seats.pop();
    for (const name of come) {
      const free = this.#seats.indexOf(undefined);
      this.#seats[free < 0 ? this.#seats.length : free] = { name, since: this.epoch };
    }
  }

  /** Whether a member holds the resumption PSK of an epoch. MLS-8.6-01 */
  holdsResumption(name: string, epoch: bigint): boolean {
    return this.#knows(name, epoch, modelLimits.resumptionEpochs);
  }

  /** Whether a member can read a message of an epoch. MLS-14-04 */
  reads(name: string, epoch: bigint): boolean {
    return this.#knows(name, epoch, modelLimits.pastEpochs);
  }

  #knows(name: string, epoch: bigint, past: number): boolean {
    const seat = this.#seats[this.leafOf(name)]!;
    return epoch >= seat.since && epoch <= this.epoch && this.epoch - epoch <= past;
  }
}
