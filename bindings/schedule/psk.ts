// The psk_secret (RFC 9420, section 8.4).
import { encodeWhole } from "../codec/writer.ts";
import { Secret } from "../core/secret.ts";
import type { SymmetricSuite } from "../crypto/hash.ts";
import { DecodeError, ValidationError } from "../errors.ts";
import { type PreSharedKeyID, writePSKLabel } from "../message/psk.ts";

/** A PSK and the name it goes by in this commit. */
export interface PreSharedSecret {
  readonly id: PreSharedKeyID;
  readonly psk: Secret;
}

const COUNT_LIMIT = 0xffff;

/** Throws `ERR_PSK` unless every nonce has Nh bytes (MLS-8.4-03), `ERR_LIMIT` for more PSKs than uint16 counts (MLS-8.4-08). */
export function checkPskIds({ hashLength }: Pick<SymmetricSuite, "hashLength">, ids: readonly PreSharedKeyID[]): void {
  if (ids.length > COUNT_LIMIT) {
    throw new DecodeError("ERR_LIMIT", `${ids.length} PSKs, over the limit of ${COUNT_LIMIT}`, { rule: "MLS-8.4-08" });
  }
  const index = ids.findIndex((id) => id.pskNonce.length !== hashLength);
  if (index >= 0) {
    throw new ValidationError(
      "ERR_PSK",
      `a PSK nonce of ${ids[index]!.pskNonce.length} bytes instead of ${hashLength}`,
      {
        rule: "MLS-8.4-03",
        struct: "PreSharedKeyID",
        index,
      },
    );
  }
}

/** The psk_secret of these PSKs in this order; `undefined`, which stands for Nh zeros, when there is none (MLS-8.4-06). */
export function pskSecret(suite: SymmetricSuite, psks: readonly PreSharedSecret[]): Secret | undefined {
  checkPskIds(
    suite,
    psks.map(({ id }) => id),
  );
  const { engine, kdf } = suite;
  let soFar: Secret | undefined;
  try {
    for (const [index, { id, psk }] of psks.entries()) {
      const label = encodeWhole(id, (writer) => writePSKLabel(writer, id, index, psks.length));
      const before = soFar;
      soFar = engine.frame((core, frame) =>
        Secret.adopt(engine, core.schedulePsk(kdf, before?.handle ?? 0, psk.handle, frame.put(label), label.length)),
      );
      before?.wipe();
    }
    return soFar;
  } catch (error) {
    soFar?.wipe();
    throw error;
  }
}
