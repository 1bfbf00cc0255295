import type { SymmetricSuite } from "../bindings/crypto/hash.ts";
import { pskSecret as computePskSecret } from "../bindings/schedule/psk.ts";
import { type VectorKind, vectorKind } from "./kind.ts";
import { bytes, list, type Of, record, same, uint16 } from "./shape.ts";
import type { Tools } from "./tools.ts";

const shape = record({
  cipher_suite: uint16,
  psks: list(record({ psk_id: bytes, psk: bytes, psk_nonce: bytes })),
  psk_secret: bytes,
});

function compute(suite: SymmetricSuite, tools: Tools, psks: Of<typeof shape>["psks"]): Uint8Array {
  const secret = computePskSecret(
    suite,
    psks.map(({ psk_id, psk, psk_nonce }) => ({
      id: { kind: "external", pskId: psk_id, pskNonce: psk_nonce } as const,
      psk: tools.secret(psk),
    })),
  );
  // No secret stands for Nh zeros.
  return secret === undefined ? new Uint8Array(suite.hashLength) : tools.own(secret).export();
}

/** Many PSKs in one secret (RFC 9420 section 8.4). */
export const pskSecret: VectorKind = vectorKind("psk_secret", shape, {
  verify: ({ cipher_suite, psks, psk_secret }, tools) => {
    same("psk_secret", compute(tools.symmetric(cipher_suite), tools, psks), psk_secret);
  },
  generate: (suite, tools, index) => {
    const fresh = (): Uint8Array => tools.bytes(suite.hashLength);
    const psks = Array.from({ length: index % 11 }, () => ({ psk_id: fresh(), psk: fresh(), psk_nonce: fresh() }));
    return { cipher_suite: suite.id, psks, psk_secret: compute(suite, tools, psks) };
  },
});
