// Bundles what runs in processes and pages of its own, so that no loader stands between an engine and
// its measurement.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export const root: string = fileURLToPath(new URL("../..", import.meta.url));
const output = `${root}.cache/bench`;

/** Bundles some entries of `bench/` for pages. */
export async function buildForPages(entries: readonly string[]): Promise<void> {
  await build({
    entryPoints: entries.map((entry) => `${root}bench/${entry}.ts`),
    outdir: output,
    outbase: `${root}bench`,
    bundle: true,
    format: "esm",
    target: "es2022",
  });
}

/** Bundles some entries of `bench/` for Node; returns the directory of the results. */
export async function buildForNode(entries: readonly string[]): Promise<string> {
  await build({
    entryPoints: entries.map((entry) => `${root}bench/${entry}.ts`),
    outdir: output,
    outbase: `${root}bench`,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
  });
  return output;
}
