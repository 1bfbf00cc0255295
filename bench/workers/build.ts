// Bundles what runs in processes and pages of its own, so that no loader stands between an engine and
// its measurement.
import { fileURLToPath } from "node:url";
import { build, type BuildOptions } from "esbuild";

export const root: string = fileURLToPath(new URL("../..", import.meta.url));
/** Where the bundled programs go: `bench/workers/grove.ts` becomes `workers/grove.mjs` in it. */
export const programs = `${root}.cache/bench`;

async function bundle(entries: readonly string[], options: BuildOptions): Promise<void> {
  await build({
    entryPoints: entries.map((entry) => `${root}bench/${entry}.ts`),
    outdir: programs,
    outbase: `${root}bench`,
    bundle: true,
    format: "esm",
    logLevel: "silent",
    ...options,
  });
}

/**
 * Bundles some entries of `bench/` for Node, the packages that they import included, but for benchmark.js,
 * which finds its own parts at run time.
 */
export async function buildForNode(entries: readonly string[]): Promise<void> {
  const external = ["benchmark"];
  await bundle(entries, { platform: "node", target: "node20", outExtension: { ".js": ".mjs" }, external });
}

/** Bundles some entries of `bench/` for pages; `external` imports are left to the page. */
export async function buildForPages(entries: readonly string[], external: string[] = []): Promise<void> {
  await bundle(entries, { target: "es2022", external });
}
