// A figure to reach: a limit, and what was measured.
import { formatTable } from "../../cli/table.ts";

export interface Figure {
  /** What is measured. */
  readonly subject: string;
  /** The limit in words: how it comes about. */
  readonly rule: string;
  /** Both in the same unit. */
  readonly limit: number;
  readonly measured: number;
  readonly unit: "ms" | "MB" | "KB" | "x" | "operations" | "handles";
}

/** The table of figures, each met or missed by how much. */
export function printFigures(figures: readonly Figure[]): string {
  const rows = figures.map(({ subject, rule, limit, measured, unit }) => [
    subject,
    rule,
    `${show(limit)} ${unit}`,
    `${show(measured)} ${unit}`,
    verdict(measured / limit),
  ]);
  const missed = figures.filter(({ limit, measured }) => measured > limit).length;
  const table = formatTable(["figure", "at most", ">limit", ">measured", "verdict"], rows);
  return `${table}\n\n${figures.length - missed} figures met, ${missed} missed`;
}

function verdict(share: number): string {
  return share <= 1 ? `met (${(share * 100).toFixed(0)} %)` : `MISSED by ${((share - 1) * 100).toFixed(0)} %`;
}

function show(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString("en");
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
