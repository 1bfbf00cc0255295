// The results as files: JSON and drawings.
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { format } from "prettier";
import type { Result } from "../scenario/measurements.ts";
import { operations } from "../scenario/operations.ts";
import { curvesOf, sheetOf } from "./svg.ts";

/** What everything ran on. */
export function describeMachine(): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${first?.model.trim() ?? "unknown processor"}, ${cpus().length} cores, ${memory} GiB, Node ${process.versions.node}, ${process.platform}`;
}

/** Writes `{"machine", "results"}`, a result a line; `note` says what else there is to say of the machine. */
export async function writeResults(file: string, results: readonly Result[], note = ""): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  const text = JSON.stringify({ machine: describeMachine() + note, results });
  writeFileSync(file, await format(text, { parser: "json", printWidth: 400 }));
}

/** Writes one drawing per operation, and `all.svg`. */
export function writeCurves(directory: string, results: readonly Result[]): void {
  mkdirSync(directory, { recursive: true });
  for (const operation of operations) {
    const drawing = curvesOf(operation, results);
    if (drawing !== undefined) writeFileSync(join(directory, `${operation.name}.svg`), drawing);
  }
  writeFileSync(join(directory, "all.svg"), sheetOf(results));
}
