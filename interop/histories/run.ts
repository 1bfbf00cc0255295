// Many histories, and what they say together.

import { type HistoryReport, type HistorySettings, playHistory } from "./history.ts";
import type { Difference, Peer } from "./peer.ts";

export interface RunOptions extends Omit<HistorySettings, "seed" | "peers"> {
  /** Everyone who takes part in all histories; or, for each seed anew, whose clients are closed after it. */
  readonly peers: readonly Peer[] | ((seed: number) => readonly Peer[]);
  /** The seeds: this many, from `firstSeed` on. */
  readonly seeds: number;
  readonly firstSeed: number;
  readonly print: (line: string) => void;
}

/** Plays them all; prints a line each and a summary, and returns how many passed and failed. */
export async function runHistories(options: RunOptions): Promise<{ passed: number; failed: number }> {
  const { seeds, firstSeed, print, peers: given, ...settings } = options;
  const reports: HistoryReport[] = [];
  const known = new Map<string, Peer>();
  let failed = 0;
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const started = performance.now();
    const peers = typeof given === "function" ? given(seed) : given;
    for (const peer of peers) known.set(peer.name, peer);
    try {
      const report = await playHistory({ ...settings, peers, seed });
      reports.push(report);
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      const { cipherSuite, largest, epochs, calls, read } = report;
      const size = `suite ${cipherSuite}, up to ${largest} members, ${epochs} epochs`;
      print(`seed ${seed}: ${size}, ${read} messages read, ${calls} calls, ${seconds} s`);
    } catch (error) {
      failed++;
      print(error instanceof Error ? error.message : String(error));
    }
    if (typeof given === "function") await Promise.all(peers.map(({ client }) => client.close()));
  }
  printSummary(reports, [...known.values()], print);
  return { passed: reports.length, failed };
}

function printSummary(reports: readonly HistoryReport[], peers: readonly Peer[], print: (line: string) => void): void {
  const steps = new Map<string, number>();
  const met = new Map<Difference, number>();
  for (const report of reports) {
    for (const [kind, count] of Object.entries(report.steps)) steps.set(kind, (steps.get(kind) ?? 0) + count);
    for (const [difference, count] of report.met) met.set(difference, (met.get(difference) ?? 0) + count);
  }
  const total = (count: (report: HistoryReport) => number): number =>
    reports.reduce((sum, report) => sum + count(report), 0);
  print(
    `steps: ${[...steps]
      .sort()
      .map(([kind, count]) => `${kind} ${count}`)
      .join(", ")}`,
  );
  print(`${total(({ epochs }) => epochs)} epochs checked, ${total(({ read }) => read)} messages read`);
  for (const { name, differences } of peers) {
    for (const difference of differences) {
      print(`${name}, ${difference.rule}: ${difference.what} (met ${met.get(difference) ?? 0} times)`);
    }
  }
}
