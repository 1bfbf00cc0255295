// The symmetric half of all seven suites, which the core has, for tests that need no curve.
import type { Engine } from "../../bindings/core/engine.ts";
import type { SymmetricSuite } from "../../bindings/crypto/hash.ts";
import { suiteParameters } from "../../bindings/crypto/suite.ts";

/** Hash, KDF and AEAD of a suite. */
export function symmetricSuite(engine: Engine, id: number): SymmetricSuite {
  return { ...suiteParameters(id), engine };
}
