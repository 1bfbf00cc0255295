import { instantiateSync } from "@assemblyscript/loader";
import { InternalError } from "../errors.ts";
import type { CoreExports } from "./generated/exports.ts";
import { ABI_VERSION } from "./generated/layout.ts";
import { wasmBase64 } from "./generated/wasm.ts";

// (func (result v128) i32.const 0 i8x16.splat): validates only where 128-bit SIMD exists.
const simdProbe = Uint8Array.of(
  0,
  97,
  115,
  109,
  1,
  0,
  0,
  0,
  1,
  5,
  1,
  96,
  0,
  1,
  123,
  3,
  2,
  1,
  0,
  10,
  8,
  1,
  6,
  0,
  65,
  0,
  253,
  15,
  11,
);

let compiled: WebAssembly.Module | undefined;

/** The embedded module, compiled once. */
export function embeddedModule(): WebAssembly.Module {
  return (compiled ??= new WebAssembly.Module(embeddedBytes()));
}

/** The embedded module, compiled off the main thread where the browser demands it. */
export async function embeddedModuleAsync(): Promise<WebAssembly.Module> {
  return (compiled ??= await WebAssembly.compile(embeddedBytes()));
}

function embeddedBytes(): Uint8Array<ArrayBuffer> {
  if (!WebAssembly.validate(simdProbe)) {
    throw new InternalError("ERR_NO_SIMD", "this runtime lacks WebAssembly SIMD, which the core needs");
  }
  const text = atob(wasmBase64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** A fresh instance of the core with memory of its own. */
export function instantiateCore(module: WebAssembly.Module): CoreExports {
  const core = instantiateSync(module, {}).exports as unknown as CoreExports;
  if (core.abiVersion() !== ABI_VERSION) {
    throw new InternalError("ERR_INTERNAL", `the core speaks ABI ${core.abiVersion()}, the bindings ${ABI_VERSION}`);
  }
  return core;
}
