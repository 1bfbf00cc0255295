import { exportPrivateKey } from "../bindings/crypto/signature.ts";
import type { CipherSuite } from "../bindings/crypto/suite.ts";
import { Group } from "../bindings/group.ts";
import { joinByWelcome } from "../bindings/group/join.ts";
import { byCredential } from "../bindings/group/lineage.ts";
import { toHex } from "./json.ts";
import { type VectorKind, vectorKind } from "./kind.ts";
import { environment, Person } from "./person.ts";
import { bytes, Difference, list, type Of, optional, record, same, uint16 } from "./shape.ts";
import type { Tools } from "./tools.ts";
import { readInvitation } from "./welcome.ts";

const shape = record({
  cipher_suite: uint16,
  external_psks: list(record({ psk_id: bytes, psk: bytes })),
  key_package: bytes,
  signature_priv: bytes,
  encryption_priv: bytes,
  init_priv: bytes,
  welcome: bytes,
  ratchet_tree: optional(bytes),
  initial_epoch_authenticator: bytes,
  epochs: list(record({ proposals: list(bytes), commit: bytes, epoch_authenticator: bytes })),
});

type PassiveClient = Of<typeof shape>;
type Epoch = PassiveClient["epochs"][number];

/** Joins as the case says, without a look at lifetimes: those of published vectors have ended. */
function join(vector: PassiveClient, tools: Tools): Group {
  const suite = tools.suite(vector.cipher_suite);
  const psks = new Map(vector.external_psks.map(({ psk_id, psk }) => [toHex(psk_id), tools.secret(psk)]));
  const { keyPackage, reference, welcome, entry } = readInvitation(suite, vector.key_package, vector.welcome);
  const { initKey, leafNode } = keyPackage;
  const encryption = tools.hpkeKeyPair(suite, "encryption_priv", vector.encryption_priv, leafNode.encryptionKey);
  const { state } = joinByWelcome({
    environment: environment(tools, psks),
    suite,
    welcome,
    entry,
    held: {
      keyPackage,
      reference,
      initKey: tools.hpkeKeyPair(suite, "init_priv", vector.init_priv, initKey).privateKey,
      encryptionKey: encryption.privateKey,
    },
    signatureKey: tools.signatureKeyPair(suite, "signature_priv", vector.signature_priv, leafNode.signatureKey),
    ratchetTree: vector.ratchet_tree,
    isJoined: () => false,
    resumes: undefined,
    priorGroup: () => undefined,
    identityOf: byCredential,
  });
  return tools.own(new Group(state, () => undefined));
}

function follow(vector: PassiveClient, tools: Tools): void {
  const group = join(vector, tools);
  same("initial_epoch_authenticator", group.epochAuthenticator, vector.initial_epoch_authenticator);
  vector.epochs.forEach(({ proposals, commit, epoch_authenticator }, epoch) => {
    for (const proposal of proposals) group.receive(proposal);
    const received = group.receive(commit);
    if (received.kind !== "commit") throw new Difference(`epochs[${epoch}].commit is a ${received.kind}`);
    received.commit.accept();
    same(`epochs[${epoch}].epoch_authenticator`, group.epochAuthenticator, epoch_authenticator);
  });
}

/** A group of four; the last to join is the client that follows. */
function setUp(suite: CipherSuite, tools: Tools, treeInWelcome: boolean): { group: Group; vector: PassiveClient } {
  const pskId = tools.bytes(8);
  const psk = tools.bytes(suite.hashLength);
  const psks = new Map([[toHex(pskId), tools.secret(psk)]]);
  const group = tools.own(new Person("founder", suite, tools, psks).createGroup());
  const others = ["one", "two"].map((name) => new Person(name, suite, tools).keyPackage().message);
  group.commit({ add: others }).accept();
  const client = new Person("passive", suite, tools);
  const held = client.keyPackage();
  const adding = group.commit({ add: [held.message], psks: [{ external: pskId }], treeInWelcome });
  adding.accept();
  return {
    group,
    vector: {
      cipher_suite: suite.id,
      external_psks: [{ psk_id: pskId, psk }],
      key_package: held.message,
      signature_priv: exportPrivateKey(suite, client.leaves.parts.signatureKey),
      encryption_priv: held.encryptionKey.export(),
      init_priv: held.initKey.export(),
      welcome: adding.welcomes[0]!,
      ratchet_tree: treeInWelcome ? undefined : group.ratchetTree(),
      initial_epoch_authenticator: group.epochAuthenticator,
      epochs: [],
    },
  };
}

/** What the founder does next; proposals go out before the commit that takes them by reference. */
function step(group: Group, suite: CipherSuite, tools: Tools, number: number): Epoch {
  const keyPackage = (): Uint8Array => new Person(`late ${number}`, suite, tools).keyPackage().message;
  const format = number % 2 === 0 ? "public" : "private";
  const proposals = number % 3 === 1 ? [group.propose({ add: keyPackage() }, { format })] : [];
  const commit =
    number % 3 === 2 ? group.commit({ add: [keyPackage()], remove: [1], format }) : group.commit({ format });
  commit.accept();
  return { proposals, commit: commit.commit, epoch_authenticator: group.epochAuthenticator };
}

function kind(name: string, steps: (tools: Tools) => number): VectorKind {
  return vectorKind(name, shape, {
    verify: follow,
    generate: (suite, tools, index) => {
      const { group, vector } = setUp(suite, tools, index % 2 === 0);
      const epochs = Array.from({ length: steps(tools) }, (_, number) => step(group, suite, tools, number));
      return { ...vector, epochs };
    },
  });
}

/** A client that joins by Welcome and follows commits: all of RFC 9420 at once. */
export const passiveClients: readonly VectorKind[] = [
  kind("passive-client-welcome", () => 0),
  kind("passive-client-handling-commit", () => 3),
  kind("passive-client-random", (tools) => 5 + (tools.bytes(1)[0]! % 8)),
];
