import { instantiateSync } from "@assemblyscript/loader";
import { InternalError } from "../errors.ts";
import type { CoreExports } from "./generated/exports.ts";
import { ABI_VERSION } from "./generated/layout.ts";

/** A fresh instance of the core with memory of its own. */
export function instantiateCore(module: WebAssembly.Module): CoreExports {
  const core = instantiateSync(module, {}).exports as unknown as CoreExports;
  if (core.abiVersion() !== ABI_VERSION) {
    throw new InternalError("ERR_INTERNAL", `the core speaks ABI ${core.abiVersion()}, the bindings ${ABI_VERSION}`);
  }
  return core;
}
