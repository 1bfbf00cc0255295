// The floor of a run: the primitives of node:crypto, measured between the operations that they are
// compared with.
import { median, rounded, type Result } from "../scenario/measurements.ts";
import { atSpeedOf, operations, type Phase, type Primitives } from "../scenario/operations.ts";
import { ChildProcess, type Command } from "./process.ts";

export class FloorMeter {
  readonly #process: ChildProcess;
  readonly #samples = new Map<string, Primitives[]>();

  constructor(command: Command) {
    this.#process = new ChildProcess(command);
  }

  /** Measures once, beside operations in groups of this size. */
  async sample(members: number, phase: Phase): Promise<void> {
    const sample = (await this.#process.call("primitives", {})) as Primitives;
    const key = `${members}|${phase}`;
    this.#samples.set(key, [...(this.#samples.get(key) ?? []), sample]);
  }

  /** Medians of what was measured beside such operations. */
  primitives(members: number, phase: Phase): Primitives | undefined {
    const samples = this.#samples.get(`${members}|${phase}`);
    if (samples === undefined) return undefined;
    const of = (name: keyof Primitives): number => median(samples.map((sample) => sample[name]));
    return { verify: of("verify"), sign: of("sign"), keygen: of("keygen"), dh: of("dh") };
  }

  /** The floor as an implementation: a row for every operation that was measured of others. */
  results(measured: readonly Result[]): Result[] {
    const sizes = new Set(measured.map(({ members }) => members));
    return [...sizes].flatMap((members) =>
      operations.flatMap(({ name, phase, floor }): Result[] => {
        const primitives = this.primitives(members, phase);
        const isMeasured = measured.some((row) => row.members === members && row.operation === name);
        if (floor === undefined || primitives === undefined || !isMeasured) return [];
        const cost = floor(members);
        const { verify, sign, seal, open } = cost;
        return [
          {
            operation: name,
            members,
            implementation: "floor",
            version: `OpenSSL ${process.versions.openssl}`,
            runtime: `Node ${process.versions.node}, node:crypto`,
            threads: 1,
            milliseconds: rounded(atSpeedOf(primitives, cost)),
            bytes: 0,
            operations: { verify, sign, seal, open, hash: 0 },
          },
        ];
      }),
    );
  }

  end(): void {
    this.#process.end();
  }
}
