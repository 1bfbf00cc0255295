import type * as published from "../../bindings/index.ts";

/** The published module, `dist/index.js`. */
export type GroveModule = typeof published;
