// The command as a process of its own, run from its source.
import { spawnSync } from "node:child_process";

export interface Ended {
  readonly status: number | null;
  readonly stdout: Buffer;
  /** Standard output as text. */
  readonly text: string;
  readonly stderr: string;
}

/** Runs `grove` with these arguments; `input` is its standard input. */
export function grove(args: readonly string[], input?: string | Uint8Array): Ended {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, ["--import", "tsx", "cli/main.ts", ...args], {
    maxBuffer: 1 << 28,
    ...(input !== undefined && { input }),
  });
  if (error) throw error;
  return { status, stdout, text: stdout.toString("utf8"), stderr: stderr.toString("utf8") };
}
