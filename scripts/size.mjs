// The size budget of the core, and that it imports nothing. Prints the figures; fails beyond them.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const budget = { raw: 128 * 1024, gzip: 48 * 1024, imports: 0 };
const core = readFileSync(new URL("../build/core.wasm", import.meta.url));
const found = {
  raw: core.length,
  gzip: gzipSync(core, { level: 9 }).length,
  imports: WebAssembly.Module.imports(new WebAssembly.Module(core)).length,
};

for (const key of /** @type {const} */ (["raw", "gzip", "imports"])) {
  const over = found[key] > budget[key];
  console.log(`core.wasm ${key}: ${found[key]} of ${budget[key]}${over ? " - over budget" : ""}`);
  if (over) process.exitCode = 1;
}
