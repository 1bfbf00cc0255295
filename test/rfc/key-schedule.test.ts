import { describe, expect, it } from "vitest";
import { Engine } from "../../bindings/core/engine.ts";
import { Secret } from "../../bindings/core/secret.ts";
import { cipherSuite } from "../../bindings/crypto/suite.ts";
import { defaultLimits } from "../../bindings/limits.ts";
import { EpochSecrets, welcomeSecretOf } from "../../bindings/schedule/epoch.ts";
import { hex, toHex } from "../support/bytes.ts";
import { occurrences } from "../support/memory.ts";
import { officialVectors, plugins } from "../support/official.ts";
import { loadVectors } from "../support/vectors.ts";

officialVectors("key-schedule", 7, "MLS-8-03, MLS-8-04, MLS-8-05, MLS-8-06, MLS-8-07, MLS-8-09, MLS-8.5-01");

interface Epoch {
  psk_secret: string;
  group_context: string;
  joiner_secret: string;
  welcome_secret: string;
  init_secret: string;
  encryption_secret: string;
  epoch_authenticator: string;
  external_pub: string;
}

const cases = loadVectors<{ cipher_suite: number; epochs: Epoch[] }[]>("mls/key-schedule.json");

describe.skipIf(cases === undefined)("a joiner of key-schedule.json", () => {
  it.each(cases ?? [])("suite $cipher_suite: arrives at the same from the joiner_secret (MLS-8.1-01)", (vector) => {
    const engine = new Engine();
    const suite = cipherSuite(engine, vector.cipher_suite, plugins);
    for (const epoch of vector.epochs) {
      const joiner = Secret.import(engine, hex(epoch.joiner_secret));
      const psk = Secret.import(engine, hex(epoch.psk_secret));
      const welcome = welcomeSecretOf(suite, joiner, psk);
      expect(toHex(welcome.export())).toBe(epoch.welcome_secret);
      welcome.wipe();
      const shape = { leafCount: 8, limits: defaultLimits };
      const joined = EpochSecrets.join(suite, joiner, psk, hex(epoch.group_context), shape);
      expect([joiner.wiped, psk.wiped, joined.joinerSecret]).toEqual([true, true, undefined]);
      expect(toHex(joined.initSecret.export())).toBe(epoch.init_secret);
      expect(toHex(joined.authenticator())).toBe(epoch.epoch_authenticator);
      const external = joined.externalKeyPair(suite);
      expect(toHex(external.publicKey)).toBe(epoch.external_pub);
      external.privateKey.wipe();
      // The secret tree has it, and nothing else does.
      expect(occurrences(engine, hex(epoch.encryption_secret))).toBe(1);
      joined.wipe();
      expect(occurrences(engine, hex(epoch.encryption_secret))).toBe(0);
    }
    expect(engine.core.handlesInUse()).toBe(0);
  });
});
