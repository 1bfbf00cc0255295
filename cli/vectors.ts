// `grove vectors`: verifies and generates the test vectors of the MLS working group.

import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type * as Vectors from "../vectors/index.ts";
import type { SuitePlugin } from "../bindings/index.ts";
import type { Output } from "./output.ts";
import { startProgress } from "./progress.ts";
import { loadSuites, missingCurves } from "./suites.ts";
import { UsageError, wholeNumber } from "./usage.ts";

/** Where lines go: what the command is for, and what is wrong. */
type Lines = Pick<Output, "print" | "warn">;

/** Loaded when it is needed, so that no other command carries it. */
type Library = typeof Vectors;

const nothing: Vectors.VerifyResult = { passed: 0, total: 0, failures: [] };

/** Runs `grove vectors ...`; the exit code. */
export async function runVectors(args: readonly string[], output: Lines): Promise<number> {
  const [action, ...rest] = args;
  if (action === "verify") return await verify(rest, output);
  if (action === "generate") return await generate(rest, output);
  throw new UsageError(action === undefined ? "vectors takes verify or generate" : `vectors cannot "${action}"`);
}

async function verify(args: readonly string[], { print, warn }: Lines): Promise<number> {
  const { positionals: paths } = parseArgs({ args: [...args], allowPositionals: true, options: {} });
  if (paths.length === 0) throw new UsageError("vectors verify takes files or folders");
  const [library, suites] = await Promise.all([import("../vectors/index.ts"), loadSuites()]);
  if (suites === undefined) warn(missingCurves);
  let [passed, total, isFlawless] = [0, 0, true];
  for (const file of paths.flatMap(vectorFiles)) {
    const { problem, result } = verifyFile(library, file, suites);
    print(`${file}: ${result.passed}/${result.total}`);
    if (problem !== undefined) print(`  ${problem}`);
    for (const { index, reason } of result.failures) print(`  case ${index}: ${reason}`);
    passed += result.passed;
    total += result.total;
    isFlawless &&= problem === undefined && result.failures.length === 0;
  }
  print(`${passed}/${total}`);
  return isFlawless ? 0 : 1;
}

/** A file as it was named, or all .json files of a folder, in the order of their names. */
function vectorFiles(path: string): string[] {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path];
  const files = readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && entry.name.endsWith(".json"))
    .map(({ parentPath, name }) => join(parentPath, name));
  // A folder without any is a file that cannot be read.
  return files.length === 0 ? [path] : files.sort();
}

/** The result of a file, and what is wrong with the file as a whole. */
function verifyFile(
  library: Library,
  file: string,
  suites: readonly SuitePlugin[] = [],
): { result: Vectors.VerifyResult; problem?: string } {
  let content: unknown;
  try {
    if (statSync(file).isDirectory()) return { result: nothing, problem: "there is no .json file in this folder" };
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    return { result: nothing, problem: (error as Error).message };
  }
  const progress = startProgress(file, Array.isArray(content) ? content.length : 1);
  try {
    const result = library.verifyCases(content, { suites, progress: (done) => progress.update(done) });
    return result.total === 0 ? { result, problem: "there is no case in this file" } : { result };
  } finally {
    progress.end();
  }
}

async function generate(args: readonly string[], { print, warn }: Lines): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      suite: { type: "string", default: "1" },
      count: { type: "string", default: "1" },
      seed: { type: "string" },
      out: { type: "string" },
    },
  });
  const cipherSuite = wholeNumber(values.suite, "suite", 1, 7);
  const count = wholeNumber(values.count, "count", 1, 10_000);
  const [library, suites] = await Promise.all([import("../vectors/index.ts"), loadSuites()]);
  const [kind, ...surplus] = positionals;
  if (kind === undefined || surplus.length > 0 || !library.vectorKinds.includes(kind)) {
    throw new UsageError(`vectors generate takes one of ${library.vectorKinds.join(", ")}`);
  }
  if (suites === undefined && cipherSuite !== 1 && cipherSuite !== 3) {
    warn(missingCurves);
    return 1;
  }
  const cases = library.generateCases({
    kind,
    cipherSuite,
    count,
    suites: suites ?? [],
    ...(values.seed !== undefined && { seed: values.seed }),
  });
  const text = JSON.stringify(cases, null, 2);
  if (values.out === undefined) print(text);
  else writeFileSync(values.out, `${text}\n`);
  return 0;
}
