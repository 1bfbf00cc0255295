// Compiles assembly/ again and compares, byte by byte, with what a package holds: the file core.wasm, and the module
// that its bundle gives to WebAssembly. The package is what `npm run build` made, or the folder that is named:
//   npm run verify:wasm -- node_modules/grove-mls
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import asc from "assemblyscript/asc";

const root = fileURLToPath(new URL("..", import.meta.url));
const published = resolve(process.argv[2] ?? root);
process.chdir(root);

/** @returns {Promise<Uint8Array>} */
async function compiled() {
  const place = mkdtempSync(join(tmpdir(), "grove-verify-"));
  try {
    const outFile = join(place, "core.wasm");
    const { error, stderr } = await asc.main(["--config", "asconfig.json", "--target", "release", "-o", outFile]);
    if (error) throw new Error(stderr.toString() + error.message);
    return readFileSync(outFile);
  } finally {
    rmSync(place, { recursive: true });
  }
}

/** The bytes that the bundle compiles when its engine starts. @returns {Promise<Uint8Array>} */
async function embedded() {
  /** @type {Uint8Array[]} */
  const seen = [];
  const { Module } = WebAssembly;
  WebAssembly.Module = new Proxy(Module, {
    construct(target, [bytes]) {
      seen.push(Uint8Array.from(bytes));
      return new target(bytes);
    },
  });
  try {
    const { Engine } = await import(pathToFileURL(join(published, "dist/index.js")).href);
    new Engine();
  } finally {
    WebAssembly.Module = Module;
  }
  const [bytes] = seen;
  if (bytes === undefined || seen.length !== 1) throw new Error(`the bundle compiles ${seen.length} modules, not one`);
  return bytes;
}

const sha256 = (/** @type {Uint8Array} */ bytes) => createHash("sha256").update(bytes).digest("hex");
const found = {
  "compiled from assembly/": await compiled(),
  "dist/core.wasm": readFileSync(join(published, "dist/core.wasm")),
  "embedded in the bundle": await embedded(),
};
for (const [name, bytes] of Object.entries(found)) console.log(`${sha256(bytes)}  ${name} (${bytes.length} bytes)`);
const isSame = new Set(Object.values(found).map(sha256)).size === 1;
console.log(isSame ? "the core is reproduced" : "the core differs");
if (!isSame) process.exitCode = 1;
