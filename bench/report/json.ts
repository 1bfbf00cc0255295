// The results as JSON.
import { cpus, totalmem } from "node:os";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { format } from "prettier";
import type { Result } from "../scenario/measurements.ts";

/** What everything ran on. */
export function describeMachine(): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${first?.model.trim() ?? "unknown processor"}, ${cpus().length} cores, ${memory} GiB, Node ${process.versions.node}, ${process.platform}`;
}

/** Writes `{"machine", "results"}`, one result a line where it fits. */
export async function writeResults(file: string, results: readonly Result[]): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  const text = JSON.stringify({ machine: describeMachine(), results });
  writeFileSync(file, await format(text, { parser: "json", printWidth: 400 }));
}
