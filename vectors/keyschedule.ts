import type { CipherSuite } from "../bindings/crypto/suite.ts";
import { defaultLimits } from "../bindings/limits.ts";
import { encodeGroupContext } from "../bindings/message/groupcontext.ts";
import { EpochSecrets } from "../bindings/schedule/epoch.ts";
import { hex, same, toHex, type Tools, type VectorKind } from "./kind.ts";

interface EpochInput {
  readonly tree_hash: string;
  readonly commit_secret: string;
  readonly psk_secret: string;
  readonly confirmed_transcript_hash: string;
}

interface EpochOutput {
  readonly group_context: string;
  readonly joiner_secret: string;
  readonly welcome_secret: string;
  readonly init_secret: string;
  readonly sender_data_secret: string;
  readonly exporter_secret: string;
  readonly epoch_authenticator: string;
  readonly external_secret: string;
  readonly confirmation_key: string;
  readonly membership_key: string;
  readonly resumption_psk: string;
  readonly external_pub: string;
}

interface Exported {
  readonly exporter: {
    readonly label: string;
    readonly context: string;
    readonly length: number;
    readonly secret: string;
  };
}

interface KeySchedule {
  readonly cipher_suite: number;
  readonly group_id: string;
  readonly initial_init_secret: string;
  readonly epochs: readonly (EpochInput & EpochOutput & Exported)[];
}

interface Position {
  readonly suite: CipherSuite;
  readonly groupId: string;
  readonly epoch: number;
  readonly initSecret: string;
}

function compute(
  tools: Tools,
  at: Position,
  input: EpochInput,
  exporter: Omit<Exported["exporter"], "secret">,
): { output: EpochOutput; exported: string } {
  const { suite } = at;
  const groupContext = encodeGroupContext({
    version: 1,
    cipherSuite: suite.id,
    groupId: hex(at.groupId),
    epoch: BigInt(at.epoch),
    treeHash: hex(input.tree_hash),
    confirmedTranscriptHash: hex(input.confirmed_transcript_hash),
    extensions: [],
  });
  const [init, commit, psk] = [at.initSecret, input.commit_secret, input.psk_secret].map((text) => tools.secret(text));
  const shape = { leafCount: 1, limits: defaultLimits };
  const secrets = EpochSecrets.commit(suite, init!, commit, psk, groupContext, shape);
  const external = secrets.externalKeyPair(suite);
  const output: EpochOutput = {
    group_context: toHex(groupContext),
    joiner_secret: toHex(secrets.joinerSecret!.export()),
    welcome_secret: toHex(secrets.welcomeSecret!.export()),
    init_secret: toHex(secrets.initSecret.export()),
    sender_data_secret: toHex(secrets.senderDataSecret.export()),
    exporter_secret: toHex(secrets.exporterSecret.export()),
    epoch_authenticator: toHex(secrets.authenticator()),
    external_secret: toHex(secrets.externalSecret.export()),
    confirmation_key: toHex(secrets.confirmationKey.export()),
    membership_key: toHex(secrets.membershipKey.export()),
    resumption_psk: toHex(secrets.resumptionPsk.export()),
    external_pub: toHex(external.publicKey),
  };
  const exported = toHex(secrets.export(exporter.label, hex(exporter.context), exporter.length));
  secrets.wipe();
  init!.wipe();
  external.privateKey.wipe();
  return { output, exported };
}

/** One epoch's secrets after the other (RFC 9420 section 8). */
export const keySchedule: VectorKind = {
  name: "key-schedule",
  fields: ["initial_init_secret", "epochs"],
  verify: (vector: KeySchedule, tools) => {
    const suite = tools.suite(vector.cipher_suite);
    let initSecret = vector.initial_init_secret;
    vector.epochs.forEach((expected, epoch) => {
      const at = { suite, groupId: vector.group_id, epoch, initSecret };
      const { output, exported } = compute(tools, at, expected, expected.exporter);
      for (const [name, value] of Object.entries(output)) {
        same(`epoch ${epoch}: ${name}`, value, expected[name as keyof EpochOutput]);
      }
      same(`epoch ${epoch}: exporter`, exported, expected.exporter.secret);
      initSecret = expected.init_secret;
    });
  },
  generate: (suite, tools) => {
    const fresh = (): string => toHex(tools.bytes(suite.hashLength));
    const [groupId, initial] = [fresh(), fresh()];
    let initSecret = initial;
    const epochs = Array.from({ length: 5 }, (_, epoch) => {
      const input = {
        tree_hash: fresh(),
        commit_secret: fresh(),
        psk_secret: fresh(),
        confirmed_transcript_hash: fresh(),
      };
      const exporter = { label: fresh(), context: fresh(), length: suite.hashLength };
      const at = { suite, groupId, epoch, initSecret };
      const { output, exported } = compute(tools, at, input, exporter);
      initSecret = output.init_secret;
      return { ...input, ...output, exporter: { ...exporter, secret: exported } };
    });
    return { cipher_suite: suite.id, group_id: groupId, initial_init_secret: initial, epochs } satisfies KeySchedule;
  },
};
