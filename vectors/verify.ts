import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Tools } from "./kind.ts";
import { kindOf } from "./kinds.ts";

/** Where a case differed, for people. */
export interface Failure {
  readonly index: number;
  readonly reason: string;
}

/** What came of one file. */
export interface FileResult {
  readonly passed: number;
  readonly total: number;
  readonly failures: readonly Failure[];
}

/** Verifies the cases of a file: an array of them, or one. Every case is recognised by its form. */
export function verifyCases(content: unknown, tools: Tools = new Tools()): FileResult {
  const cases: readonly unknown[] = Array.isArray(content) ? content : [content];
  const failures = cases.flatMap((vector, index): Failure[] => {
    const kind = kindOf(vector);
    if (kind === undefined) return [{ index, reason: "no known kind of test vector" }];
    try {
      kind.verify(vector as never, tools);
      return [];
    } catch (error) {
      return [{ index, reason: `${kind.name}: ${error instanceof Error ? error.message : String(error)}` }];
    }
  });
  return { passed: cases.length - failures.length, total: cases.length, failures };
}

/** The JSON files at these places; folders are searched through. */
export function vectorFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (!statSync(path).isDirectory()) return [path];
    const inside = readdirSync(path, { withFileTypes: true }).sort((a, b) => a.name.localeCompare(b.name));
    return inside.flatMap((entry) =>
      entry.isDirectory()
        ? vectorFiles([join(path, entry.name)])
        : entry.name.endsWith(".json")
          ? [join(path, entry.name)]
          : [],
    );
  });
}

/** Verifies files and prints a line for each; true when every case of every file passes. */
export function verifyFiles(paths: readonly string[], print: (line: string) => void): boolean {
  const files = vectorFiles(paths);
  const tools = new Tools();
  let [passed, total] = [0, 0];
  for (const file of files) {
    const result = verifyFile(file, tools);
    passed += result.passed;
    total += result.total;
    print(`${file}: ${result.passed}/${result.total}`);
    for (const { index, reason } of result.failures) print(`  case ${index}: ${reason}`);
  }
  print(`${passed}/${total}`);
  return total > 0 && passed === total;
}

function verifyFile(file: string, tools: Tools): FileResult {
  try {
    return verifyCases(JSON.parse(readFileSync(file, "utf8")), tools);
  } catch (error) {
    return { passed: 0, total: 1, failures: [{ index: 0, reason: (error as Error).message }] };
  }
}
