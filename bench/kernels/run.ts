// Runs the kernels in a process of their own and shows what came of it.
import { execFileSync } from "node:child_process";
import { formatTable } from "../../cli/table.ts";
import type { Result } from "../scenario/measurements.ts";
import { buildForNode, programs } from "../workers/build.ts";
import { installed } from "../workers/rivals.ts";
import { kernels } from "./kernel.ts";

/** Measures all kernels: `quick` for less than half a minute. */
export async function runKernels(engine: string, version: string, quick: boolean): Promise<Result[]> {
  const folder = installed("kernels");
  await buildForNode(["kernels/main"]);
  const effort = quick ? ["3", "0.05"] : ["5", "0.15"];
  const args = [`${programs}/kernels/main.mjs`, engine, version, folder, ...effort];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })) as Result[];
}

/** Microseconds of one item, a column per implementation. */
export function printKernels(results: readonly Result[]): string {
  const columns = [...new Set(results.map(({ implementation }) => implementation))];
  const rows = Object.entries(kernels).map(([name, title]) => [
    title,
    ...columns.map((column) => {
      const row = results.find((each) => each.operation === name && each.implementation === column);
      return row === undefined ? "-" : (row.milliseconds * 1000).toPrecision(3);
    }),
  ]);
  return `kernels, microseconds each\n\n${formatTable(["", ...columns.map((column) => `>${column}`)], rows)}`;
}
