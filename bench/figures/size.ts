// The figures about size and start.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { median } from "../scenario/measurements.ts";
import type { Figure } from "./figure.ts";

const KB = 1024;
const STARTS = 9;

/** Sizes of the core and of the engine as an application ships it: with its one dependency, minified. */
export async function sizeFigures(dist: string): Promise<Figure[]> {
  const core = readFileSync(`${dist}/core.wasm`);
  const options = { bundle: true, minify: true, write: false, format: "esm", target: "es2022" } as const;
  const { outputFiles } = await build({ entryPoints: [`${dist}/index.js`], ...options });
  const figure = (subject: string, bytes: number, limit: number): Figure => ({
    subject,
    rule: `${limit} KB`,
    limit,
    measured: bytes / KB,
    unit: "KB",
  });
  return [
    figure("core.wasm", core.length, 128),
    figure("core.wasm, gzip", gzipSync(core, { level: 9 }).length, 48),
    figure("engine, minified, gzip", gzipSync(outputFiles[0]!.contents, { level: 9 }).length, 100),
  ];
}

/** A fresh process, from loading the engine to the first group. */
export function startFigure(probe: string, engine: string): Figure {
  const times = Array.from({ length: STARTS }, () => {
    const printed = execFileSync(process.execPath, [probe, engine], { encoding: "utf8" });
    return (JSON.parse(printed) as { group: number }).group;
  });
  return { subject: "load and first group", rule: "60 ms", limit: 60, measured: median(times), unit: "ms" };
}
