// The core's module where compiling bytes is forbidden at run time: the deployment compiles the file next to the
// bundle, and it is imported. The build puts this in the place of module.ts for the condition `workerd`.

import module from "#core.wasm";

/** The core's module. */
export function coreModule(): WebAssembly.Module {
  return module;
}

/** The same; there is nothing to wait for. */
export function coreModuleAsync(): Promise<WebAssembly.Module> {
  return Promise.resolve(module);
}
