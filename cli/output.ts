// Where a command writes to.

import { MlsError } from "../bindings/index.ts";
import { type Paint, paintFor } from "./terminal.ts";

/** Lines and bytes: what the command is for, and what is wrong. */
export interface Output {
  readonly print: (line: string) => void;
  readonly write: (bytes: Uint8Array) => void;
  readonly warn: (line: string) => void;
  /** An error in one line, with its code and its rule. */
  readonly describe: (error: unknown) => string;
  readonly paint: Paint;
  /** Whether people read standard output. */
  readonly isTerminal: boolean;
}

/** Writes to the process's own streams. */
export function processOutput(): Output {
  // Whoever reads may have seen enough: `grove inspect … | head`.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });
  return {
    print: (line) => void process.stdout.write(`${line}\n`),
    write: (bytes) => void process.stdout.write(bytes),
    warn: (line) => void process.stderr.write(`grove: ${line}\n`),
    describe: describeError,
    paint: paintFor(process.stdout, process.env),
    isTerminal: process.stdout.isTTY,
  };
}

/** An error in one line, with its code and its rule. */
export function describeError(error: unknown): string {
  if (!(error instanceof MlsError)) return error instanceof Error ? error.message : String(error);
  return `${error.code} ${error.message}`;
}
