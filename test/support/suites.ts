// Suites for tests: the symmetric half of all seven, and a count of what waits for curves outside the core.
import type { Engine } from "../../bindings/core/engine.ts";
import type { SymmetricSuite } from "../../bindings/crypto/hash.ts";
import { type CipherSuite, cipherSuite, isSupported, suiteParameters } from "../../bindings/crypto/suite.ts";

/** Hash, KDF and AEAD of a suite. */
export function symmetricSuite(engine: Engine, id: number): SymmetricSuite {
  return { ...suiteParameters(id), engine };
}

/** The suite, where the core has its curves; else the test is skipped, and what it leaves out is printed. */
export function wholeSuite(
  engine: Engine,
  id: number,
  file: string,
  part: string,
  skip: (reason: string) => never,
): CipherSuite {
  if (isSupported(id)) return cipherSuite(engine, id);
  const reason = `${part} waits for the curves of ${suiteParameters(id).name}`;
  console.log(`${file}, suite ${id}: ${reason}`);
  return skip(reason);
}
