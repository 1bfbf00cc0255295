// Several implementations take turns at the same operation in groups of the same size.
import type { Host } from "./host.ts";
import type { Measurements } from "./measurements.ts";
import type { OperationName, Phase } from "./operations.ts";
import type { Description, Party, Timed } from "./protocol.ts";

/** An implementation that takes part. */
export interface Contestant {
  readonly description: Description;
  readonly party: Party;
  /** Takes no part in larger groups. */
  readonly largest: number;
}

/** How much is measured. */
export interface Plan {
  /** Which operations count; what the others lead up to is done all the same. */
  readonly only: ReadonlySet<OperationName>;
  /** At most so many rounds. */
  readonly rounds: (members: number) => number;
  /** No further rounds of a stage for an implementation that has spent so many milliseconds on them. */
  readonly enough: number;
}

/** Everything that a stage of the benchmark works with. */
export interface Contest {
  readonly host: Host;
  readonly contestants: readonly Contestant[];
  readonly plan: Plan;
  readonly measurements: Measurements;
  /** Filled groups as they were saved, by their size, for what is measured besides. */
  readonly moments: Map<number, Uint8Array>;
  /** Called once a round: measures the floor beside it, and says how far things are. */
  readonly round: (members: number, phase: Phase, round: number) => Promise<void>;
}

/** A stage for one group size: keeps who is still in it. */
export class Stage {
  readonly contest: Contest;
  readonly members: number;
  readonly #out = new Set<Contestant>();
  readonly #barred = new Map<Contestant, Set<OperationName>>();
  readonly #spent = new Map<Contestant, number>();

  constructor(contest: Contest, members: number) {
    this.contest = contest;
    this.members = members;
  }

  /** Those who have not failed in this stage. */
  get contestants(): readonly Contestant[] {
    return this.contest.contestants.filter(
      (contestant) => this.members <= contestant.largest && !this.#out.has(contestant),
    );
  }

  wants(...operations: readonly OperationName[]): boolean {
    return operations.some((operation) => this.contest.plan.only.has(operation));
  }

  /** True once somebody has taken so long that further rounds would keep the others waiting. */
  hasEnough(contestant: Contestant): boolean {
    return (this.#spent.get(contestant) ?? 0) > this.contest.plan.enough;
  }

  /** Counts from here on. */
  forgetSpent(): void {
    this.#spent.clear();
  }

  /** True for what somebody cannot do: it says so itself, or has failed at it. */
  isBarred(contestant: Contestant, operation: OperationName): boolean {
    const reason = contestant.description.lacks?.[operation];
    if (reason !== undefined) this.#stop(contestant, operation, reason);
    return reason !== undefined || this.#barred.get(contestant)?.has(operation) === true;
  }

  /** Lets those who are out in again, if they will not be asked to do again what they failed at. */
  readmit(contestant: Contestant): void {
    this.#out.delete(contestant);
  }

  /**
   * Measures one operation of one contestant: `work` does it and checks what came of it, and only then does
   * its time count. Somebody who fails is out of the stage, with the reason on record; undefined then.
   */
  async measure<T extends Timed>(
    contestant: Contestant,
    operation: OperationName,
    work: (party: Party) => Promise<T>,
  ): Promise<T | undefined> {
    const { measurements } = this.contest;
    if (this.isBarred(contestant, operation)) return undefined;
    const done = await this.attempt(contestant, operation, work);
    if (done !== undefined && this.wants(operation)) {
      measurements.add(operation, this.members, contestant.description, done);
    }
    return done;
  }

  /** The same for what leads up to an operation and is not measured. */
  async attempt<T>(
    contestant: Contestant,
    operation: OperationName,
    work: (party: Party) => Promise<T>,
  ): Promise<T | undefined> {
    if (this.#out.has(contestant)) return undefined;
    const { description, party } = contestant;
    const start = performance.now();
    try {
      return await work(party);
    } catch (error) {
      // Grove stopping is a fault of Grove or of the harness.
      if (description.implementation === "grove") throw error;
      this.#out.add(contestant);
      this.#barred.set(contestant, (this.#barred.get(contestant) ?? new Set()).add(operation));
      this.#stop(contestant, operation, error instanceof Error ? error.message : String(error));
      return undefined;
    } finally {
      this.#spent.set(contestant, (this.#spent.get(contestant) ?? 0) + performance.now() - start);
    }
  }

  #stop({ description }: Contestant, operation: OperationName, reason: string): void {
    if (this.wants(operation))
      this.contest.measurements.stop({ operation, members: this.members, description, reason });
  }
}
