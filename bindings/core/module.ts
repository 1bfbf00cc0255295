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

/** The core's module, compiled once. Throws `ERR_NO_SIMD` or `ERR_NO_WASM` where that cannot be. */
export function coreModule(): WebAssembly.Module {
  if (compiled !== undefined) return compiled;
  const bytes = moduleBytes();
  try {
    return (compiled = new WebAssembly.Module(bytes));
  } catch (cause) {
    throw refusal(cause);
  }
}

/** The core's module, compiled off the main thread where the browser demands it. Rejects with the same. */
export async function coreModuleAsync(): Promise<WebAssembly.Module> {
  if (compiled !== undefined) return compiled;
  const bytes = moduleBytes();
  try {
    return (compiled = await WebAssembly.compile(bytes));
  } catch (cause) {
    throw refusal(cause);
  }
}

function moduleBytes(): Uint8Array<ArrayBuffer> {
  if (typeof WebAssembly === "undefined") throw new InternalError("ERR_NO_WASM", "this runtime has no WebAssembly");
  if (!WebAssembly.validate(simdProbe)) {
    throw new InternalError("ERR_NO_SIMD", "this runtime lacks WebAssembly SIMD, which the core needs");
  }
  return embeddedBytes(wasmRanks, wasmText, wasmLength);
}

function refusal(cause: unknown): InternalError {
  return new InternalError(
    "ERR_NO_WASM",
    "this runtime refuses to compile WebAssembly: a page's Content-Security-Policy needs 'wasm-unsafe-eval', " +
      "and old browsers need `await Engine.create()`",
    { cause },
  );
}
