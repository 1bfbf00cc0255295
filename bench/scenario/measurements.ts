// What was measured: samples while the benchmark runs, medians at its end.
import type { OperationName } from "./operations.ts";
import type { Description, Operations, Timed } from "./protocol.ts";

/** One row of the results, as the JSON has it. */
export interface Result {
  readonly operation: string;
  readonly members: number;
  readonly implementation: string;
  readonly version: string;
  readonly runtime: string;
  readonly threads: number;
  readonly milliseconds: number;
  readonly bytes: number;
  readonly operations: Operations | null;
}

/** Why an implementation has no figure for an operation. */
export interface Stop {
  readonly operation: OperationName;
  readonly members: number;
  readonly description: Description;
  readonly reason: string;
}

interface Series {
  readonly operation: OperationName;
  readonly members: number;
  readonly description: Description;
  readonly samples: Timed[];
}

const keyOf = (operation: OperationName, members: number, { implementation, runtime }: Description): string =>
  [operation, members, implementation, runtime].join("|");

export class Measurements {
  readonly #series = new Map<string, Series>();
  readonly #stops = new Map<string, Stop>();
  readonly #observe: () => void;

  /** `observe` is called after every sample, by pages that draw as they go. */
  constructor(observe: () => void = () => undefined) {
    this.#observe = observe;
  }

  add(operation: OperationName, members: number, description: Description, sample: Timed): void {
    const key = keyOf(operation, members, description);
    const series = this.#series.get(key) ?? { operation, members, description, samples: [] };
    this.#series.set(key, series);
    const { milliseconds, bytes, operations } = sample;
    series.samples.push({ milliseconds, bytes, operations });
    this.#observe();
  }

  /** Notes that an implementation goes no further; the first reason counts. */
  stop(stop: Stop): void {
    const key = keyOf(stop.operation, stop.members, stop.description);
    if (!this.#stops.has(key)) this.#stops.set(key, stop);
  }

  get stops(): readonly Stop[] {
    return [...this.#stops.values()];
  }

  /** Medians of the times; bytes and counts are those of the last sample. */
  get results(): Result[] {
    return [...this.#series.values()].map(({ operation, members, description, samples }) => {
      const { bytes, operations } = samples[samples.length - 1]!;
      const milliseconds = rounded(median(samples.map((sample) => sample.milliseconds)));
      const { implementation, version, runtime, threads } = description;
      return { operation, members, implementation, version, runtime, threads, milliseconds, bytes, operations };
    });
  }
}

/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Four significant digits: more would be noise. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
