// The results as tables: one per group size, a column per implementation.
import { formatTable } from "../../cli/table.ts";
import type { Result, Stop } from "../scenario/measurements.ts";
import { operations } from "../scenario/operations.ts";

/** The name of a column: the implementation, and the browser where it is one. */
export function columnOf({ implementation, runtime }: Pick<Result, "implementation" | "runtime">): string {
  return runtime.startsWith("Chromium") && implementation === "grove" ? "grove, browser" : implementation;
}

export function printTables(results: readonly Result[], stops: readonly Stop[]): string {
  const sizes = [...new Set(results.map(({ members }) => members))].sort((a, b) => a - b);
  const columns = [...new Set(results.map(columnOf))];
  const tables = sizes.map((members) => {
    const here = results.filter((row) => row.members === members);
    const rows = operations.flatMap(({ name, title }) => {
      const cells = columns.map((column) => here.find((row) => row.operation === name && columnOf(row) === column));
      if (cells.every((cell) => cell === undefined)) return [];
      return [[name, title, ...cells.map((cell) => (cell === undefined ? "-" : formatTime(cell.milliseconds)))]];
    });
    const head = ["operation", "", ...columns.map((column) => `>${column}`)];
    return `n = ${members.toLocaleString("en")}, milliseconds\n\n${formatTable(head, rows)}`;
  });
  const reasons = stops.map(
    ({ description, operation, members, reason }) =>
      `no ${operation} of ${columnOf(description)} at n = ${members.toLocaleString("en")}: ${reason}`,
  );
  return [...tables, ...(reasons.length === 0 ? [] : [reasons.join("\n")]), printWho(results)].join("\n\n");
}

/** Who stands in which column. */
function printWho(results: readonly Result[]): string {
  const who = new Map(results.map((row) => [columnOf(row), row]));
  const rows = [...who].map(([column, { version, runtime, threads }]) => [column, version, runtime, String(threads)]);
  return formatTable(["column", "version", "runtime", ">threads"], rows);
}

/** Milliseconds with three significant digits. */
export function formatTime(milliseconds: number): string {
  if (milliseconds >= 1000) return Math.round(milliseconds).toLocaleString("en");
  return milliseconds >= 100 ? milliseconds.toFixed(0) : milliseconds.toPrecision(3);
}
