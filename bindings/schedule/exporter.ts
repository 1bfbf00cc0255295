// MLS-Exporter (RFC 9420, section 8.5).
import { wiping } from "../core/owned.ts";
import type { Secret } from "../core/secret.ts";
import { deriveSecret, expandWithLabel, hash, type SymmetricSuite } from "../crypto/hash.ts";
import { StateError } from "../errors.ts";

/**
 * MLS-Exporter(label, context, length) (MLS-8.5-01). Take a label of your own for every purpose
 * (MLS-8.5-02). At most 255 * Nh bytes (MLS-8.5-04), which is below 65,535 for every suite.
 */
export function mlsExporter(
  suite: SymmetricSuite,
  exporterSecret: Secret,
  label: string,
  context: Uint8Array,
  length: number,
): Secret {
  if (!Number.isInteger(length) || length < 0 || length > 255 * suite.hashLength) {
    throw new StateError("ERR_USAGE", `an exported secret has 0 to ${255 * suite.hashLength} bytes, not ${length}`, {
      rule: "MLS-8.5-04",
    });
  }
  return wiping(deriveSecret(suite, exporterSecret, label), (derived) =>
    expandWithLabel(suite, derived, "exported", hash(suite, context), length),
  );
}
