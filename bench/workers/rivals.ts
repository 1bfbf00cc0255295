// Brings in rivals from npm, each into a folder of its own under `bench/rivals/`.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { buildForNode, buildForPages, programs, root } from "./build.ts";
import type { PageProgram } from "./chromium.ts";
import type { Command } from "./process.ts";

/** Megabytes of heap that a rival may take: more than that is no way to be in a group. */
const HEAP = 4096;

/** The folder of a rival, with its packages as its lock file has them. */
export function installed(rival: string): string {
  const folder = `${root}bench/rivals/${rival}`;
  const stamp = `${folder}/node_modules/.package-lock.json`;
  const isFresh = existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(`${folder}/package-lock.json`).mtimeMs;
  if (!isFresh) {
    console.log(`installing bench/rivals/${rival}`);
    execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder, stdio: "pipe" });
  }
  return folder;
}

/** The process of a rival that runs in Node. */
export async function nodeRival(rival: string): Promise<Command> {
  installed(rival);
  await buildForNode([`rivals/${rival}/worker`]);
  return {
    file: process.execPath,
    args: [`--max-old-space-size=${HEAP}`, `${programs}/rivals/${rival}/worker.mjs`],
  };
}

/** core-crypto, which runs in pages alone. */
export async function coreCryptoInPage(): Promise<PageProgram> {
  const folder = installed("core-crypto");
  await buildForPages(["rivals/core-crypto/worker"]);
  const manifest = JSON.parse(readFileSync(`${folder}/package.json`, "utf8")) as {
    dependencies: Record<string, string>;
  };
  return {
    page: "/bench/rivals/core-crypto/page.html",
    module: "/bench/rivals/core-crypto/node_modules/@wireapp/core-crypto/dist/browser/corecrypto.js",
    version: manifest.dependencies["@wireapp/core-crypto"] ?? "",
  };
}

/** A rival in Rust, built where cargo is installed. Throws with a reason elsewhere. */
export function nativeRival(name: "openmls" | "mls-rs"): Command {
  const folder = `${root}bench/rivals/native`;
  const target = `${programs}/native`;
  const file = `${target}/release/bench-${name}`;
  try {
    execFileSync("cargo", ["--version"], { stdio: "ignore" });
  } catch {
    throw new Error("cargo is not installed");
  }
  if (!existsSync(file)) console.log("building bench/rivals/native, which takes minutes");
  const args = ["build", "--release", "--locked", "-j", "2", "--target-dir", target];
  try {
    execFileSync("cargo", args, { cwd: folder, stdio: "pipe" });
  } catch (error) {
    const { stderr } = error as { stderr?: Buffer };
    throw new Error(`it does not build: ${stderr?.toString().trim().split("\n").at(-1) ?? ""}`, { cause: error });
  }
  return { file, args: [] };
}
