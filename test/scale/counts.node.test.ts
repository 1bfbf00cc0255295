// What operations cost as groups grow, counted and never timed: public-key operations, hash blocks, bytes of the core's
// memory, bytes to store. Real groups of 1,000 to 100,000 members; of the largest only the nodes beside the paths at
// hand are filled, which costs those who act there the same.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Answering } from "../../bench/implementations/answer.ts";
import { Grove } from "../../bench/implementations/grove.ts";
import type { Contest } from "../../bench/scenario/contest.ts";
import { placesIn } from "../../bench/scenario/filled.ts";
import { Host } from "../../bench/scenario/host.ts";
import { livingStage } from "../../bench/scenario/living.ts";
import { Measurements } from "../../bench/scenario/measurements.ts";
import { operationNames, type OperationName } from "../../bench/scenario/operations.ts";
import type { Operations } from "../../bench/scenario/protocol.ts";
import * as grove from "../../bindings/index.ts";

const SIZES = [1_000, 10_000, 100_000] as const;
const levels = (members: number): number => Math.ceil(Math.log2(members));

/** Bytes of the core's memory that a commit of one's own takes while it waits, and of the record that keeps it. */
interface Held {
  readonly memory: number;
  readonly record: number;
}

const host = new Host(grove);
const counts = new Map<number, ReadonlyMap<string, Operations>>();
const held = new Map<number, Held>();

const countsOf = (operation: OperationName, members: number): Operations => counts.get(members)!.get(operation)!;

async function live(members: number): Promise<void> {
  const party = new Answering(new Grove(grove, "under test", "here"));
  const contest: Contest = {
    host,
    contestants: [{ party, description: await party.ask("hello", {}), largest: Infinity }],
    measurements: new Measurements(),
    moments: new Map(),
    plan: { only: new Set(operationNames), rounds: () => 1, enough: Infinity },
    round: () => Promise.resolve(),
  };
  await livingStage(contest, members);
  expect(contest.measurements.stops).toEqual([]);
  const rows = contest.measurements.results.map(({ operation, operations }) => [operation, operations!] as const);
  counts.set(members, new Map(rows));

  const filled = host.goOn(contest.moments.get(members)!);
  filled.become(placesIn(members).visitor - 1);
  filled.commit();
  const { group } = filled;
  group.save();
  const { core } = group.state.environment.engine;
  const before = core.memoryInUse();
  const pending = group.commit();
  const memory = core.memoryInUse() - before;
  pending.accept();
  held.set(members, { memory, record: group.takeRecord()!.length });
  filled.close();
}

describe("the cost of an operation", () => {
  beforeAll(async () => {
    for (const members of SIZES) await live(members);
    const rows = SIZES.flatMap((members) =>
      [...counts.get(members)!].map(([operation, { verify, sign, seal, open, hash }]) => ({
        members,
        operation,
        verify,
        sign,
        seal,
        open,
        hash,
      })),
    );
    console.table(rows);
    console.table(SIZES.map((members) => ({ members, ...held.get(members)! })));
  }, 600_000);

  afterAll(() => host.close());

  it("is, in public-key operations, what the RFC needs: the same in every group, or one a level", () => {
    for (const members of SIZES) {
      const h = levels(members);
      expect(countsOf("process-filled", members)).toMatchObject({ verify: 2, sign: 0, seal: 0, open: 1 });
      expect(countsOf("remove-one-receive", members)).toMatchObject({ verify: 2, sign: 0, seal: 0, open: 1 });
      expect(countsOf("add-one-receive", members)).toMatchObject({ verify: 3, sign: 0, seal: 0, open: 0 });
      expect(countsOf("commit-filled", members)).toMatchObject({ verify: 0, sign: 2, seal: h, open: 0 });
      expect(countsOf("add-one-send", members)).toMatchObject({ verify: 2, sign: 2, seal: 1, open: 0 });
      const removal = countsOf("remove-one-send", members);
      expect(removal).toMatchObject({ verify: 0, sign: 2, open: 0 });
      expect(removal.seal).toBeLessThan(2 * h);
      for (const operation of ["encrypt-100", "encrypt-64k"] as const) {
        expect(countsOf(operation, members)).toMatchObject({ verify: 0, sign: 1, seal: 0, open: 0 });
      }
      for (const operation of ["decrypt-100", "decrypt-64k"] as const) {
        expect(countsOf(operation, members)).toMatchObject({ verify: 1, sign: 0, seal: 0, open: 0 });
      }
    }
  });

  it.each([
    ["process-filled", 30],
    ["commit-filled", 90],
    ["add-one-receive", 20],
    ["add-one-send", 20],
    ["remove-one-receive", 30],
    ["remove-one-send", 120],
  ] as const)(
    "is, for %s, at most %i hash blocks more for every level that the tree is higher",
    (operation, perLevel) => {
      const [small, middle, large] = SIZES.map((members) => countsOf(operation, members).hash) as [
        number,
        number,
        number,
      ];
      expect(middle - small).toBeLessThanOrEqual(perLevel * (levels(10_000) - levels(1_000)));
      expect(large - middle).toBeLessThanOrEqual(perLevel * (levels(100_000) - levels(10_000)));
    },
  );

  it.each([
    ["encrypt-100", 17],
    ["decrypt-100", 17],
  ] as const)(
    "is, for %s, at most %i hash blocks more for every level of the secret tree, and once a sender",
    (operation, perLevel) => {
      const [small, , large] = SIZES.map((members) => countsOf(operation, members).hash) as [number, number, number];
      expect(large - small).toBeLessThanOrEqual(perLevel * (levels(100_000) - levels(1_000)));
    },
  );

  it("is, to restore a group, no hashing of its tree", () => {
    for (const members of SIZES) expect(countsOf("restore", members).hash).toBeLessThan(100);
  });

  it("is, in memory and in bytes to store, a few nodes a level", () => {
    const [small, middle, large] = SIZES.map((members) => held.get(members)!) as [Held, Held, Held];
    for (const [of, members] of [
      [middle, 10_000],
      [large, 100_000],
    ] as const) {
      const more = levels(members) - levels(1_000);
      expect(of.memory - small.memory).toBeLessThanOrEqual(4_096 * more);
      expect(of.record - small.record).toBeLessThanOrEqual(1_024 * more);
    }
  });
});
