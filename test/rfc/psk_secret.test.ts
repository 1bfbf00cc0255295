import { describe, expect, it } from "vitest";
import { Engine } from "../../bindings/core/engine.ts";
import { Secret } from "../../bindings/core/secret.ts";
import { pskSecret } from "../../bindings/schedule/psk.ts";
import { hex, toHex } from "../support/bytes.ts";
import { symmetricSuite } from "../support/suites.ts";
import { loadVectors } from "../support/vectors.ts";

interface Case {
  cipher_suite: number;
  psks: { psk_id: string; psk: string; psk_nonce: string }[];
  psk_secret: string;
}

const cases = loadVectors<Case[]>("mls/psk_secret.json");

describe.skipIf(cases === undefined)("psk_secret.json", () => {
  it.each(cases ?? [])("suite $cipher_suite, $psks.length PSKs (MLS-8.4-04, MLS-8.4-05, MLS-8.4-06)", (vector) => {
    const engine = new Engine();
    const suite = symmetricSuite(engine, vector.cipher_suite);
    const psks = vector.psks.map(({ psk_id, psk, psk_nonce }) => ({
      id: { kind: "external", pskId: hex(psk_id), pskNonce: hex(psk_nonce) } as const,
      psk: Secret.import(engine, hex(psk)),
    }));
    const secret = pskSecret(suite, psks);
    // No secret stands for Nh zeros.
    expect(secret === undefined).toBe(psks.length === 0);
    expect(secret === undefined ? "00".repeat(suite.hashLength) : toHex(secret.export())).toBe(vector.psk_secret);
    secret?.wipe();
    expect(engine.core.handlesInUse()).toBe(psks.length);
  });
});
