// Builds the programs of interop/peers, where cargo is installed.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const workspace = fileURLToPath(new URL("../peers", import.meta.url));
const release = fileURLToPath(new URL("../../.cache/peers/release", import.meta.url));

/** Where the programs are; undefined where there is no cargo. Throws when they do not build. */
export function buildPeers(): { readonly openmls: string; readonly mlsRs: string } | undefined {
  if (spawnSync("cargo", ["--version"]).error !== undefined) return undefined;
  const { status } = spawnSync("cargo", ["build", "--release", "--locked", "--quiet"], {
    cwd: workspace,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (status !== 0) throw new Error("the programs in interop/peers do not build");
  const [openmls, mlsRs] = ["peer-openmls", "peer-mls-rs"].map((name) => `${release}/${name}`) as [string, string];
  for (const program of [openmls, mlsRs]) if (!existsSync(program)) throw new Error(`${program} was not built`);
  return { openmls, mlsRs };
}
