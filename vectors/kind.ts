// One kind of test vector of the MLS working group: its form, how a case is verified and how one is made.

import type { CipherSuite } from "../bindings/crypto/suite.ts";
import { toJson } from "./json.ts";
import type { RecordShape } from "./shape.ts";
import type { Tools } from "./tools.ts";

/** One kind of test vector, on cases as JSON has them. */
export interface VectorKind {
  readonly name: string;
  /** Whether a value has the fields of this kind. */
  recognizes(value: unknown): boolean;
  /** Throws a `Difference`, or what the library throws, unless the case holds. */
  verify(value: unknown, tools: Tools): void;
  /** A fresh case; `index` counts the cases of one run. */
  generate(suite: CipherSuite, tools: Tools, index: number): object;
}

/** Verifying and making, on cases as their form reads them. */
interface Procedures<T> {
  readonly verify: (vector: T, tools: Tools) => void;
  readonly generate: (suite: CipherSuite, tools: Tools, index: number) => T;
}

/** A kind from its form and its procedures; whatever these own of the core is released after each case. */
export function vectorKind<T extends object>(
  name: string,
  shape: RecordShape<T>,
  { verify, generate }: Procedures<T>,
): VectorKind {
  return {
    name,
    recognizes: (value) => shape.fits(value),
    verify: (value, tools) => tools.scope(() => verify(shape.read(value, ""), tools)),
    generate: (suite, tools, index) => tools.scope(() => toJson(generate(suite, tools, index)) as object),
  };
}
