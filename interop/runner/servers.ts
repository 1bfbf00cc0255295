// Grove's own servers as separate processes, for runs between them.

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A server that runs, and where. */
export interface RunningServer {
  readonly address: string;
  stop(): void;
}

/** Starts a server on a free port of this machine; its dependencies must be installed. */
export async function startServer(): Promise<RunningServer> {
  const program = fileURLToPath(new URL("../grpc/server.ts", import.meta.url));
  // With the loader that this process runs under.
  const child = spawn(process.execPath, [...process.execArgv, program, "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const stop = (): void => void child.kill();
  process.once("exit", stop);
  return { address: await announced(child), stop };
}

async function announced(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const address = /^Grove on (\S+)$/.exec(line)?.[1];
    if (address !== undefined) return address;
  }
  throw new Error("the server ended before it was ready");
}
