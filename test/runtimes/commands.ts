// Runtimes with a command line, and workerd, which answers a request.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { root, run, tools } from "./place.ts";

/** The oldest Node that the package is for, and the newest of the lines after it. */
export const nodes: readonly string[] = ["20.19.0", "22.23.3", "24.21.0", "26.10.0"];

/** The executable of a version of Node, which npm installs into the ignored cache. */
export async function nodeOf(version: string): Promise<string> {
  const folder = `${root}.cache/runtimes/node-${version}`;
  const executable = `${folder}/node_modules/node/bin/node`;
  if (!existsSync(executable)) {
    mkdirSync(folder, { recursive: true });
    await run("npm", ["install", "--no-audit", "--no-fund", "--prefix", folder, `node@${version}`], folder);
  }
  return executable;
}

/** An executable among the tools that are installed apart. */
export function tool(name: string): string {
  return `${tools}node_modules/.bin/${name}`;
}

/** Starts workerd on a port of its choice, asks once, and ends it. */
export async function askWorkerd(app: string): Promise<string> {
  const server = spawn(tool("workerd"), ["serve", "--control-fd=1", "workerd.capnp"], {
    cwd: app,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(server, "exit");
  let complaints = "";
  server.stderr.on("data", (chunk: Buffer) => (complaints += chunk.toString()));
  try {
    for await (const line of createInterface(server.stdout)) {
      const { event, port } = JSON.parse(line) as { event: string; port?: number };
      if (event !== "listen" || port === undefined) continue;
      const response = await fetch(`http://127.0.0.1:${port}/`);
      const body = await response.text();
      if (!response.ok) throw new Error(`workerd answered ${response.status}: ${body}${complaints}`);
      return body;
    }
    throw new Error(`workerd ended before it listened: ${complaints}`);
  } finally {
    server.kill();
    await ended;
  }
}
