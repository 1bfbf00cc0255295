import { describe, expect, it } from "vitest";
import { Engine } from "../../bindings/core/engine.ts";
import { Secret } from "../../bindings/core/secret.ts";
import { defaultLimits } from "../../bindings/limits.ts";
import { encodeGroupContext } from "../../bindings/message/groupcontext.ts";
import { EpochSecrets, welcomeSecretOf } from "../../bindings/schedule/epoch.ts";
import { hex, toHex } from "../support/bytes.ts";
import { occurrences } from "../support/memory.ts";
import { cipherSuite } from "../../bindings/crypto/suite.ts";
import { nist } from "../../bindings/suites/nist.ts";
import { x448 } from "../../bindings/suites/x448.ts";
import { loadVectors } from "../support/vectors.ts";

interface Epoch {
  tree_hash: string;
  commit_secret: string;
  psk_secret: string;
  confirmed_transcript_hash: string;
  group_context: string;
  joiner_secret: string;
  welcome_secret: string;
  init_secret: string;
  sender_data_secret: string;
  encryption_secret: string;
  exporter_secret: string;
  epoch_authenticator: string;
  external_secret: string;
  confirmation_key: string;
  membership_key: string;
  resumption_psk: string;
  external_pub: string;
  exporter: { label: string; context: string; length: number; secret: string };
}

interface Case {
  cipher_suite: number;
  group_id: string;
  initial_init_secret: string;
  epochs: Epoch[];
}

const cases = loadVectors<Case[]>("mls/key-schedule.json");
const shape = { leafCount: 8, limits: defaultLimits };

describe.skipIf(cases === undefined)("key-schedule.json", () => {
  it.each(cases ?? [])("suite $cipher_suite (MLS-8-03..07, MLS-8-09, MLS-8.1-01, MLS-8.5-01)", (vector) => {
    const engine = new Engine();
    const suite = cipherSuite(engine, vector.cipher_suite, [...nist, ...x448]);
    const secret = (text: string): Secret => Secret.import(engine, hex(text));
    let before: EpochSecrets | undefined;
    let init = secret(vector.initial_init_secret);
    for (const [number, epoch] of vector.epochs.entries()) {
      const groupContext = encodeGroupContext({
        version: 1,
        cipherSuite: vector.cipher_suite,
        groupId: hex(vector.group_id),
        epoch: BigInt(number),
        treeHash: hex(epoch.tree_hash),
        confirmedTranscriptHash: hex(epoch.confirmed_transcript_hash),
        extensions: [],
      });
      expect(toHex(groupContext)).toBe(epoch.group_context);
      const commit = secret(epoch.commit_secret);
      const psk = secret(epoch.psk_secret);
      const secrets = EpochSecrets.commit(suite, init, commit, psk, groupContext, shape);
      expect([commit.wiped, psk.wiped]).toEqual([true, true]);
      const check = (derived: EpochSecrets): void => {
        expect(toHex(derived.welcomeSecret!.export())).toBe(epoch.welcome_secret);
        expect(toHex(derived.initSecret.export())).toBe(epoch.init_secret);
        expect(toHex(derived.senderDataSecret.export())).toBe(epoch.sender_data_secret);
        expect(toHex(derived.exporterSecret.export())).toBe(epoch.exporter_secret);
        expect(toHex(derived.externalSecret.export())).toBe(epoch.external_secret);
        expect(toHex(derived.confirmationKey.export())).toBe(epoch.confirmation_key);
        expect(toHex(derived.membershipKey.export())).toBe(epoch.membership_key);
        expect(toHex(derived.resumptionPsk.export())).toBe(epoch.resumption_psk);
        expect(toHex(derived.authenticator())).toBe(epoch.epoch_authenticator);
        const external = derived.externalKeyPair(suite);
        expect(toHex(external.publicKey)).toBe(epoch.external_pub);
        external.privateKey.wipe();
        const { label, context, length, secret: exported } = epoch.exporter;
        expect(toHex(derived.export(label, hex(context), length))).toBe(exported);
        expect(occurrences(engine, hex(epoch.encryption_secret))).toBe(1);
      };
      expect(toHex(secrets.joinerSecret!.export())).toBe(epoch.joiner_secret);
      check(secrets);
      secrets.secretTree.wipe();

      // A joiner starts from the joiner_secret and arrives at the same.
      const joiner = secret(epoch.joiner_secret);
      const joinerPsk = secret(epoch.psk_secret);
      const welcome = welcomeSecretOf(suite, joiner, joinerPsk);
      expect(toHex(welcome.export())).toBe(epoch.welcome_secret);
      welcome.wipe();
      const joined = EpochSecrets.join(suite, joiner, joinerPsk, groupContext, shape);
      expect([joiner.wiped, joinerPsk.wiped, joined.joinerSecret]).toEqual([true, true, undefined]);
      check(joined);
      joined.wipe();

      before?.wipe();
      if (before === undefined) init.wipe();
      before = secrets;
      init = secrets.initSecret;
    }
    before?.wipe();
    expect(engine.core.handlesInUse()).toBe(0);
  });
});
