// What an import of the core's file gives where the host compiles it.
declare module "#core.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
