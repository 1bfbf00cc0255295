// `npm run bench`: measures Grove and its rivals in the same groups, prints tables, writes JSON and curves.
import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { Contestants, engine } from "./contestants.ts";
import { figuresOf, furtherFigures } from "./figures/all.ts";
import { printFigures } from "./figures/figure.ts";
import type { GroveModule } from "./scenario/module.ts";
import { type Options, parseOptions, usage } from "./options.ts";
import { printKernels, runKernels } from "./kernels/run.ts";
import { describeMachine, writeCurves, writeResults } from "./report/files.ts";
import { printTables } from "./report/tables.ts";
import type { Contest } from "./scenario/contest.ts";
import { Host } from "./scenario/host.ts";
import { Measurements } from "./scenario/measurements.ts";
import { operationNames } from "./scenario/operations.ts";
import { runContest } from "./scenario/run.ts";
import { programs, root } from "./workers/build.ts";

const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as { version: string };
/** Says on a terminal how far things are. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${text}`);
}

const load = (): string => `load ${loadavg()[0]!.toFixed(1)}`;

await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<void> {
  let options: Options;
  try {
    options = parseOptions(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exitCode = 2;
    return;
  }
  const start = performance.now();
  console.log(`${describeMachine()}; ${load()}\n`);
  if (options.members.length > 0) await groups(options);
  if (options.kernels) await kernels(options);
  console.log(`\n${Math.round((performance.now() - start) / 1000)} s in all; ${load()}`);
}

/** Groups: the contest of all implementations, and the figures to reach. */
async function groups(options: Options): Promise<void> {
  const contestants = await Contestants.bringUp(options, version);
  try {
    await run(options, contestants);
  } finally {
    await contestants.end();
  }
}

/** Primitives, beside those of other libraries; their JSON goes beside that of the groups. */
async function kernels({ quick, json }: Options): Promise<void> {
  const results = await runKernels(engine, version, quick);
  console.log(`\n${printKernels(results)}`);
  if (json !== undefined) await writeResults(json.replace(/([.]json)?$/, ".kernels.json"), results);
}

async function run(options: Options, { all, floor, absent }: Contestants): Promise<void> {
  for (const line of absent) console.log(`absent: ${line}`);
  const host = new Host((await import(engine)) as GroveModule);
  const measurements = new Measurements();
  const contest: Contest = {
    host,
    contestants: all,
    measurements,
    moments: new Map(),
    plan: planOf(options),
    round: async (members, phase, round) => {
      progress(`n = ${members.toLocaleString("en")}, ${phase}, round ${round + 1}`);
      await floor.sample(members, phase);
    },
  };
  await runContest(contest, options.members);
  progress("");

  const results = [...measurements.results, ...floor.results(measurements.results)];
  console.log(printTables(results, measurements.stops));
  if (options.json !== undefined) await writeResults(options.json, results, options.cpu ? "; processor time" : "");
  if (options.svg !== undefined) writeCurves(options.svg, results);

  const primitives = floor.primitives.bind(floor);
  const measured = { results, primitives, moments: contest.moments };
  const figures = figuresOf(measured);
  if (options.only.size === operationNames.length && options.implementations.includes("grove")) {
    const probes = { directory: programs, engine };
    figures.push(...(await furtherFigures(host, measured, probes, `${root}dist`, options.quick ? 200 : 1000)));
  }
  if (figures.length > 0) console.log(`\n${printFigures(figures)}`);
}

function planOf({ quick, only }: Options): Contest["plan"] {
  const rounds = (members: number): number => {
    if (members > 10_000) return 2;
    if (members > 1000) return quick ? 3 : 5;
    return quick ? 5 : 9;
  };
  return { only, rounds, enough: quick ? 2_000 : 8_000 };
}
