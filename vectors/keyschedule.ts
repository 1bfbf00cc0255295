import { Secret } from "../bindings/core/secret.ts";
import { deriveSecret, expandWithLabel } from "../bindings/crypto/hash.ts";
import type { CipherSuite } from "../bindings/crypto/suite.ts";
import { defaultLimits } from "../bindings/limits.ts";
import { encodeGroupContext } from "../bindings/message/groupcontext.ts";
import { EpochSecrets } from "../bindings/schedule/epoch.ts";
import { type VectorKind, vectorKind } from "./kind.ts";
import { keyAndNonce, seal } from "./secrettree.ts";
import { bytes, list, type Of, record, same, text, uint16, uint32 } from "./shape.ts";
import type { Tools } from "./tools.ts";

const inputs = { tree_hash: bytes, commit_secret: bytes, psk_secret: bytes, confirmed_transcript_hash: bytes };
const outputs = {
  group_context: bytes,
  joiner_secret: bytes,
  welcome_secret: bytes,
  init_secret: bytes,
  sender_data_secret: bytes,
  exporter_secret: bytes,
  epoch_authenticator: bytes,
  external_secret: bytes,
  confirmation_key: bytes,
  membership_key: bytes,
  resumption_psk: bytes,
  external_pub: bytes,
};
const exporter = { label: text, context: bytes, length: uint32 };
const shape = record({
  cipher_suite: uint16,
  group_id: bytes,
  initial_init_secret: bytes,
  epochs: list(
    record({
      ...inputs,
      ...outputs,
      encryption_secret: bytes,
      exporter: record({ ...exporter, secret: bytes }),
    }),
  ),
});

type Epoch = Of<typeof shape>["epochs"][number];
type Inputs = Pick<Epoch, keyof typeof inputs>;
type Outputs = Pick<Epoch, keyof typeof outputs>;

/** Where an epoch stands in its case. */
interface Position {
  readonly suite: CipherSuite;
  readonly groupId: Uint8Array;
  readonly epoch: number;
  readonly initSecret: Uint8Array;
}

function contextOf({ suite, groupId, epoch }: Position, input: Inputs): Uint8Array {
  return encodeGroupContext({
    version: 1,
    cipherSuite: suite.id,
    groupId,
    epoch: BigInt(epoch),
    treeHash: input.tree_hash,
    confirmedTranscriptHash: input.confirmed_transcript_hash,
    extensions: [],
  });
}

/** The epoch's secrets, for the time of the case. */
function enter(tools: Tools, at: Position, input: Inputs): EpochSecrets {
  const { suite } = at;
  const init = tools.hashSecret(suite, "init_secret", at.initSecret);
  const commit = tools.hashSecret(suite, "commit_secret", input.commit_secret);
  const psk = tools.hashSecret(suite, "psk_secret", input.psk_secret);
  const shape = { leafCount: 1, limits: defaultLimits };
  const secrets = EpochSecrets.commit(suite, init, commit, psk, contextOf(at, input), shape);
  tools.own({ [Symbol.dispose]: () => secrets.wipe() });
  return secrets;
}

function outputsOf(secrets: EpochSecrets, tools: Tools, at: Position, input: Inputs): Outputs {
  const external = secrets.externalKeyPair(at.suite);
  tools.own(external.privateKey);
  return {
    group_context: contextOf(at, input),
    joiner_secret: secrets.joinerSecret!.export(),
    welcome_secret: secrets.welcomeSecret!.export(),
    init_secret: secrets.initSecret.export(),
    sender_data_secret: secrets.senderDataSecret.export(),
    exporter_secret: secrets.exporterSecret.export(),
    epoch_authenticator: secrets.authenticator(),
    external_secret: secrets.externalSecret.export(),
    confirmation_key: secrets.confirmationKey.export(),
    membership_key: secrets.membershipKey.export(),
    resumption_psk: secrets.resumptionPsk.export(),
    external_pub: external.publicKey,
  };
}

/** The secret tree has taken its root over: it is the one of the case if it opens what that one seals. */
function verifySecretTree(secrets: EpochSecrets, suite: CipherSuite, tools: Tools, root: Uint8Array): void {
  const leaf = tools.hashSecret(suite, "encryption_secret", root);
  const { key, nonce } = keyAndNonce(suite, tools, leaf, "handshake", 0);
  const plaintext = tools.bytes(20);
  const position = { leafIndex: 0, ratchet: "handshake", generation: 0 } as const;
  const ciphertext = seal(suite, key, nonce, plaintext);
  same(
    "the secret tree",
    secrets.secretTree.open(position, new Uint8Array(4), new Uint8Array(0), ciphertext),
    plaintext,
  );
}

/** The encryption_secret by the letter of section 8. */
function encryptionSecret({ suite, ...at }: Position, tools: Tools, input: Inputs, joiner: Uint8Array): Uint8Array {
  const [salt, psk] = [tools.secret(joiner), tools.secret(input.psk_secret)];
  const { engine, kdf, hashLength } = suite;
  const extracted = tools.own(Secret.adopt(engine, engine.core.secretExtract(kdf, salt.handle, psk.handle)));
  const context = contextOf({ suite, ...at }, input);
  const epochSecret = tools.own(expandWithLabel(suite, extracted, "epoch", context, hashLength));
  return tools.own(deriveSecret(suite, epochSecret, "encryption")).export();
}

/** One epoch's secrets after the other (RFC 9420 section 8). */
export const keySchedule: VectorKind = vectorKind("key-schedule", shape, {
  verify: (vector, tools) => {
    const suite = tools.suite(vector.cipher_suite);
    let initSecret = vector.initial_init_secret;
    vector.epochs.forEach((expected, epoch) => {
      const at = { suite, groupId: vector.group_id, epoch, initSecret };
      const secrets = enter(tools, at, expected);
      for (const [name, value] of Object.entries(outputsOf(secrets, tools, at, expected))) {
        same(`epochs[${epoch}].${name}`, value, expected[name as keyof Outputs]);
      }
      verifySecretTree(secrets, suite, tools, expected.encryption_secret);
      const { label, context, length, secret } = expected.exporter;
      same(`epochs[${epoch}].exporter`, secrets.export(label, context, length), secret);
      initSecret = expected.init_secret;
    });
  },
  generate: (suite, tools) => {
    const fresh = (): Uint8Array => tools.bytes(suite.hashLength);
    const [groupId, initial] = [fresh(), fresh()];
    let initSecret = initial;
    const epochs = Array.from({ length: 5 }, (_, epoch): Epoch => {
      const input: Inputs = {
        tree_hash: fresh(),
        commit_secret: fresh(),
        psk_secret: fresh(),
        confirmed_transcript_hash: fresh(),
      };
      const at = { suite, groupId, epoch, initSecret };
      const secrets = enter(tools, at, input);
      const output = outputsOf(secrets, tools, at, input);
      const exporter = { label: `exporter of epoch ${epoch}`, context: fresh(), length: suite.hashLength };
      initSecret = output.init_secret;
      return {
        ...input,
        ...output,
        encryption_secret: encryptionSecret(at, tools, input, output.joiner_secret),
        exporter: { ...exporter, secret: secrets.export(exporter.label, exporter.context, exporter.length) },
      };
    });
    return { cipher_suite: suite.id, group_id: groupId, initial_init_secret: initial, epochs };
  },
});
