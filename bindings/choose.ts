import { defaultContext } from "./codec/context.ts";
import type { Engine } from "./core/engine.ts";
import { UnsupportedError } from "./errors.ts";
import { keyPackageOf } from "./group/wanted.ts";
import { PROTOCOL_VERSION_MLS10 } from "./message/constants.ts";

/** Suites in the order of our own preference: those whose curves are in the core first. */
const preferred: readonly number[] = [1, 3, 2, 7, 5, 6, 4];

/**
 * The first suite in `preference` that the owners of all these key packages support, by their own signed
 * word (RFC 9420 section 11). Choose with it, and compare what somebody else has chosen with it: whoever
 * can keep better key packages back could otherwise make a group weaker than it has to be (MLS-11-02).
 * Key packages of any suite will do; those that are added later must be of the suite that was chosen.
 *
 * Throws `ERR_UNSUPPORTED` when there is no such suite, or when somebody lacks version mls10;
 * `ERR_KEY_PACKAGE` for what is no key package. Signatures are verified when the members are added.
 */
export function chooseCipherSuite(
  keyPackages: readonly Uint8Array[],
  preference: readonly number[] = preferred,
  engine?: Engine,
): number {
  const context = { ...defaultContext, engine };
  const capabilities = keyPackages.map((message, index) => keyPackageOf(message, index, context).leafNode.capabilities);
  const outdated = capabilities.findIndex(({ versions }) => !versions.includes(PROTOCOL_VERSION_MLS10));
  if (outdated >= 0) {
    throw new UnsupportedError("ERR_UNSUPPORTED", `its owner does not support version ${PROTOCOL_VERSION_MLS10}`, {
      rule: "MLS-11-02",
      index: outdated,
    });
  }
  const chosen = preference.find((suite) => capabilities.every(({ cipherSuites }) => cipherSuites.includes(suite)));
  if (chosen !== undefined) return chosen;
  throw new UnsupportedError("ERR_UNSUPPORTED", "the key packages have no acceptable cipher suite in common", {
    rule: "MLS-11-02",
  });
}
