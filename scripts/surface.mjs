// Writes test/core/surface.txt, the reviewed list of what the core exports, from build/core.wasm.
import { readFileSync, writeFileSync } from "node:fs";

const module = new WebAssembly.Module(readFileSync(new URL("../build/core.wasm", import.meta.url)));
const lines = WebAssembly.Module.exports(module).map(({ kind, name }) => `${kind} ${name}`);
writeFileSync(new URL("../test/core/surface.txt", import.meta.url), lines.sort().join("\n") + "\n");
console.log(`surface.txt: ${lines.length} exports`);
