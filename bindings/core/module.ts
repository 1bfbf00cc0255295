// The core's module, embedded: the bundle needs no second file and no configuration.

import { InternalError } from "../errors.ts";
import { embeddedBytes } from "./embedded.ts";
import { wasmLength, wasmRanks, wasmText } from "./generated/wasm.ts";

// (func (result v128) i32.const 0 i8x16.splat): validates only where 128-bit SIMD exists.
// prettier-ignore
const simdProbe = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11,
);

let compiled: WebAssembly.Module | undefined;

/** The core's module, compiled once. */
export function coreModule(): WebAssembly.Module {
  return (compiled ??= new WebAssembly.Module(moduleBytes()));
}

/** The core's module, compiled off the main thread where the browser demands it. */
export async function coreModuleAsync(): Promise<WebAssembly.Module> {
  return (compiled ??= await WebAssembly.compile(moduleBytes()));
}

function moduleBytes(): Uint8Array<ArrayBuffer> {
  if (!WebAssembly.validate(simdProbe)) {
    throw new InternalError("ERR_NO_SIMD", "this runtime lacks WebAssembly SIMD, which the core needs");
  }
  return embeddedBytes(wasmRanks, wasmText, wasmLength);
}
