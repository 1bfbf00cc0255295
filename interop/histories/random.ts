/** Choices that a seed replays. Not for keys: only for what happens in a history. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
    for (let i = 0; i < 4; i++) this.#next();
  }

  /** A whole number below `bound`. */
  below(bound: number): number {
    return Math.floor((this.#next() / 0x1_0000_0000) * bound);
  }

  /** True this often: 0 never, 1 always. */
  chance(probability: number): boolean {
    return this.#next() / 0x1_0000_0000 < probability;
  }

  /** One of these; there must be one. */
  pick<T>(from: readonly T[]): T {
    if (from.length === 0) throw new RangeError("nothing to choose from");
    return from[this.below(from.length)]!;
  }

  /** As many of these as asked for, or all there are, in random order. */
  some<T>(from: readonly T[], count: number): T[] {
    return this.shuffled(from).slice(0, count);
  }

  shuffled<T>(from: readonly T[]): T[] {
    const rest = [...from];
    for (let i = rest.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [rest[i], rest[j]] = [rest[j]!, rest[i]!];
    }
    return rest;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  /** One of the keys, in proportion to its weight. */
  weighted<T extends string>(weights: Readonly<Record<T, number>>): T {
    const entries = Object.entries(weights) as [T, number][];
    let rest = entries.reduce((sum, [, weight]) => sum + weight, 0) * (this.#next() / 0x1_0000_0000);
    for (const [key, weight] of entries) {
      rest -= weight;
      if (rest < 0) return key;
    }
    throw new RangeError("all weights are zero");
  }

  // Weyl sequence through a 32-bit finalizer.
  #next(): number {
    this.#state = (this.#state + 0x9e37_79b9) >>> 0;
    let value = this.#state;
    value = Math.imul(value ^ (value >>> 16), 0x21f0_aaad);
    value = Math.imul(value ^ (value >>> 15), 0x735a_2d97);
    return (value ^ (value >>> 15)) >>> 0;
  }
}
