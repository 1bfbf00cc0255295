// The benchmark measures real groups, and counts nothing that did not come out right.
import { describe, expect, it } from "vitest";
import { timeFigures } from "../../bench/figures/times.ts";
import { Answering } from "../../bench/implementations/answer.ts";
import { Grove } from "../../bench/implementations/grove.ts";
import { sheetOf } from "../../bench/report/svg.ts";
import type { Contest } from "../../bench/scenario/contest.ts";
import { everyPair } from "../../bench/scenario/filled.ts";
import { Host } from "../../bench/scenario/host.ts";
import { Measurements, median } from "../../bench/scenario/measurements.ts";
import { operationNames } from "../../bench/scenario/operations.ts";
import type { CallName, Description, Party, Reply, Request } from "../../bench/scenario/protocol.ts";
import { runContest } from "../../bench/scenario/run.ts";
import { decodeLine, encodeLine } from "../../bench/workers/wire.ts";
import * as grove from "../../bindings/index.ts";

const MEMBERS = 12;

async function contestOf(parties: readonly Party[]): Promise<Contest> {
  const contestants = [];
  for (const party of parties) {
    contestants.push({ party, description: await party.ask("hello", {}), largest: Infinity });
  }
  return {
    host: new Host(grove),
    contestants,
    measurements: new Measurements(),
    moments: new Map(),
    plan: { only: new Set(operationNames), rounds: () => 1, enough: Infinity },
    round: () => Promise.resolve(),
  };
}

const honest = (): Party => new Answering(new Grove(grove, "under test", "here"));

/** Grove under another name, which tells another secret after a commit of others, and cannot save. */
class Impostor implements Party {
  readonly #party: Party = honest();

  async ask<Name extends CallName>(call: Name, request: Request<Name>): Promise<Reply<Name>> {
    const reply = await this.#party.ask(call, request);
    if (call === "hello") {
      return { ...(reply as Description), implementation: "impostor", lacks: { save: "no disk" } } as Reply<Name>;
    }
    return call === "process" ? { ...reply, exported: new Uint8Array(32) } : reply;
  }
}

describe("the benchmark", () => {
  it("measures every operation of Grove in groups of the size it says, with the RFC's public-key operations", async () => {
    const contest = await contestOf([honest()]);
    await runContest(contest, [2, MEMBERS]);
    const { results, stops } = contest.measurements;
    expect(stops).toEqual([]);
    const of = (operation: string) => results.find((row) => row.operation === operation && row.members === MEMBERS);
    expect(operationNames.filter((name) => of(name) === undefined)).toEqual([]);
    expect(of("add-many")?.operations).toMatchObject({ verify: 2 * (MEMBERS - 1), seal: MEMBERS - 1, open: 0 });
    expect(of("commit-blank")?.operations).toMatchObject({ seal: MEMBERS - 1, open: 0 });
    // Filled: one seal per level of the tree of 16 leaves.
    expect(of("commit-filled")?.operations?.seal).toBe(4);
    expect(of("process-filled")?.operations).toMatchObject({ seal: 0, open: 1 });
    expect(of("encrypt-100")?.operations).toMatchObject({ sign: 1, verify: 0 });
    expect(sheetOf(results)).toContain("</svg>");
  });

  it("counts no time of somebody whose secrets differ, and says why", async () => {
    const contest = await contestOf([new Impostor()]);
    await runContest(contest, [MEMBERS]);
    const { results, stops } = contest.measurements;
    const measured = results.map(({ operation }) => operation);
    expect(measured).toContain("commit-blank");
    expect(measured).not.toContain("process-blank");
    expect(measured).not.toContain("process-filled");
    const reasons = stops.map(({ operation, reason }) => `${operation}: ${reason}`);
    expect(reasons).toContain("process-blank: the secrets of the epoch differ");
  });

  it("has one of every pair of leaves commit, each once", () => {
    for (const members of [8, 9, 100, 1000]) {
      const order = everyPair(members);
      const evens = Array.from({ length: Math.ceil(members / 2) }, (_, i) => 2 * i);
      expect([...order].sort((one, other) => one - other)).toEqual(evens);
    }
  });

  it("compares with the primitives measured beside each operation", () => {
    const row = { implementation: "grove", version: "", runtime: "", threads: 1, bytes: 0, operations: null };
    const figures = timeFigures({
      results: [{ ...row, operation: "join-blank", members: 1000, milliseconds: 60 }],
      primitives: (_members, phase) =>
        phase === "blank" ? { verify: 0.1, sign: 0.1, keygen: 0.1, dh: 0.1 } : undefined,
    });
    expect(figures.map(({ limit, measured }) => measured / limit)).toEqual([2]);
  });

  it("takes medians", () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  it("carries bytes through lines", () => {
    const value = { call: "join", request: { member: "a", welcome: Uint8Array.of(0, 255, 10) } };
    expect(decodeLine(encodeLine(value))).toEqual(value);
  });
});
