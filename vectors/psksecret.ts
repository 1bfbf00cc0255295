import { pskSecret as computePskSecret } from "../bindings/schedule/psk.ts";
import type { CipherSuite } from "../bindings/crypto/suite.ts";
import { hex, same, toHex, type Tools, type VectorKind } from "./kind.ts";

interface PskSecret {
  readonly cipher_suite: number;
  readonly psks: readonly { readonly psk_id: string; readonly psk: string; readonly psk_nonce: string }[];
  readonly psk_secret: string;
}

function compute(suite: CipherSuite, tools: Tools, psks: PskSecret["psks"]): string {
  const secret = computePskSecret(
    suite,
    psks.map(({ psk_id, psk, psk_nonce }) => ({
      id: { kind: "external", pskId: hex(psk_id), pskNonce: hex(psk_nonce) } as const,
      psk: tools.secret(psk),
    })),
  );
  // No secret stands for Nh zeros.
  return secret === undefined ? "00".repeat(suite.hashLength) : toHex(secret.export());
}

/** Many PSKs in one secret (RFC 9420 section 8.4). */
export const pskSecret: VectorKind = {
  name: "psk_secret",
  fields: ["psks", "psk_secret"],
  verify: (vector: PskSecret, tools) => {
    same("psk_secret", compute(tools.suite(vector.cipher_suite), tools, vector.psks), vector.psk_secret);
  },
  generate: (suite, tools, index) => {
    const fresh = (): string => toHex(tools.bytes(suite.hashLength));
    const psks = Array.from({ length: index }, () => ({ psk_id: fresh(), psk: fresh(), psk_nonce: fresh() }));
    return { cipher_suite: suite.id, psks, psk_secret: compute(suite, tools, psks) } satisfies PskSecret;
  },
};
