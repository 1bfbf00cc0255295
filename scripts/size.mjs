// The size budgets: of the core, which imports nothing, and of the engine as it is published, the core embedded.
// Prints the figures; fails beyond them. Needs `npm run build`.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const read = (/** @type {string} */ file) => readFileSync(new URL(`../${file}`, import.meta.url));
const gzip = (/** @type {Uint8Array} */ bytes) => gzipSync(bytes, { level: 9 }).length;

const core = read("build/core.wasm");
const engine = withImports("index.js").map((file) => read(`dist/${file}`));
const sum = (/** @type {number[]} */ lengths) => lengths.reduce((total, length) => total + length, 0);

/**
 * A file of dist/ and those beside it that it imports.
 * @param {string} file
 * @param {string[]} [seen]
 */
function withImports(file, seen = []) {
  if (seen.includes(file)) return seen;
  seen.push(file);
  for (const [, imported = ""] of read(`dist/${file}`)
    .toString()
    .matchAll(/\bfrom ?"\.\/([^"]+)"/g))
    withImports(imported, seen);
  return seen;
}

/** @type {[string, number, number][]} */
const figures = [
  ["core.wasm raw", core.length, 128 * 1024],
  ["core.wasm gzip", gzip(core), 48 * 1024],
  ["core.wasm imports", WebAssembly.Module.imports(new WebAssembly.Module(core)).length, 0],
  ["engine raw", sum(engine.map((file) => file.length)), 320 * 1024],
  ["engine gzip", sum(engine.map(gzip)), 100 * 1024],
];

for (const [name, found, budget] of figures) {
  const over = found > budget;
  console.log(`${name}: ${found} of ${budget}${over ? " - over budget" : ""}`);
  if (over) process.exitCode = 1;
}
