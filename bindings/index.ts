export { Engine, type Frame } from "./core/engine.ts";
export * from "./errors.ts";
