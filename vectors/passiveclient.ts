import { keyPackageRef } from "../bindings/crypto/labels.ts";
import { exportPrivateKey, signatureKeyPair } from "../bindings/crypto/signature.ts";
import type { CipherSuite } from "../bindings/crypto/suite.ts";
import { Group } from "../bindings/group.ts";
import { byCredential } from "../bindings/group/lineage.ts";
import { joinByWelcome } from "../bindings/group/join.ts";
import { decodeMLSMessage } from "../bindings/message/mlsmessage.ts";
import { Difference, hex, same, toHex, type Tools, type VectorKind } from "./kind.ts";
import { environment, Person } from "./person.ts";

interface PassiveClient {
  readonly cipher_suite: number;
  readonly external_psks: readonly { readonly psk_id: string; readonly psk: string }[];
  readonly key_package: string;
  readonly signature_priv: string;
  readonly encryption_priv: string;
  readonly init_priv: string;
  readonly welcome: string;
  readonly ratchet_tree: string | null;
  readonly initial_epoch_authenticator: string;
  readonly epochs: readonly {
    readonly proposals: readonly string[];
    readonly commit: string;
    readonly epoch_authenticator: string;
  }[];
}

/** Joins as the case says, without a look at lifetimes: those of published vectors have ended. */
function join(vector: PassiveClient, tools: Tools): Group {
  const suite = tools.suite(vector.cipher_suite);
  const psks = new Map(vector.external_psks.map(({ psk_id, psk }) => [psk_id.toLowerCase(), tools.secret(psk)]));
  const keyPackage = decodeMLSMessage(hex(vector.key_package));
  const welcome = decodeMLSMessage(hex(vector.welcome));
  if (keyPackage.kind !== "keyPackage" || welcome.kind !== "welcome") throw new Difference("another kind of message");
  const reference = keyPackageRef(suite, keyPackage.keyPackage.encoded!);
  const entry = welcome.welcome.secrets.find(({ newMember }) => toHex(newMember) === toHex(reference));
  if (entry === undefined) throw new Difference("the Welcome is for somebody else");
  const signatureKey = signatureKeyPair(suite, tools.privateKey(suite, vector.signature_priv));
  same("signature_priv's public key", signatureKey.publicKey, toHex(keyPackage.keyPackage.leafNode.signatureKey));
  const { state } = joinByWelcome({
    environment: environment(tools, psks),
    suite,
    welcome: welcome.welcome,
    entry,
    held: {
      keyPackage: keyPackage.keyPackage,
      reference,
      initKey: tools.privateKey(suite, vector.init_priv),
      encryptionKey: tools.privateKey(suite, vector.encryption_priv),
    },
    signatureKey,
    ratchetTree: vector.ratchet_tree === null ? undefined : hex(vector.ratchet_tree),
    isJoined: () => false,
    resumes: undefined,
    priorGroup: () => undefined,
    identityOf: byCredential,
  });
  return new Group(state, () => undefined);
}

function follow(vector: PassiveClient, tools: Tools): void {
  using group = join(vector, tools);
  same("initial_epoch_authenticator", group.epochAuthenticator, vector.initial_epoch_authenticator);
  vector.epochs.forEach(({ proposals, commit, epoch_authenticator }, epoch) => {
    for (const proposal of proposals) group.receive(hex(proposal));
    const received = group.receive(hex(commit));
    if (received.kind !== "commit") throw new Difference(`epoch ${epoch}: a ${received.kind}, not a commit`);
    received.commit.accept();
    same(`epoch ${epoch}: epoch_authenticator`, group.epochAuthenticator, epoch_authenticator);
  });
}

/** A group of four; the last to join is the client that follows. */
function setUp(suite: CipherSuite, tools: Tools, treeInWelcome: boolean): { group: Group; vector: PassiveClient } {
  const pskId = tools.bytes(8);
  const psk = tools.bytes(suite.hashLength);
  const psks = new Map([[toHex(pskId), tools.secret(toHex(psk))]]);
  const group = new Person("founder", suite, tools, psks).createGroup(tools.bytes(16));
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
      external_psks: [{ psk_id: toHex(pskId), psk: toHex(psk) }],
      key_package: toHex(held.message),
      signature_priv: toHex(exportPrivateKey(suite, client.leaves.parts.signatureKey)),
      encryption_priv: toHex(held.encryptionKey.export()),
      init_priv: toHex(held.initKey.export()),
      welcome: toHex(adding.welcomes[0]!),
      ratchet_tree: treeInWelcome ? null : toHex(group.ratchetTree()),
      initial_epoch_authenticator: toHex(group.epochAuthenticator),
      epochs: [],
    },
  };
}

/** What the founder does next; proposals go out before the commit that takes them by reference. */
function step(group: Group, suite: CipherSuite, tools: Tools, number: number): PassiveClient["epochs"][number] {
  const keyPackage = (): Uint8Array => new Person(`late ${number}`, suite, tools).keyPackage().message;
  const format = number % 2 === 0 ? "public" : "private";
  const proposals = number % 3 === 1 ? [group.propose({ add: keyPackage() }, { format })] : [];
  const commit =
    number % 3 === 2 ? group.commit({ add: [keyPackage()], remove: [1], format }) : group.commit({ format });
  commit.accept();
  return {
    proposals: proposals.map(toHex),
    commit: toHex(commit.commit),
    epoch_authenticator: toHex(group.epochAuthenticator),
  };
}

function kind(name: string, steps: (tools: Tools) => number): VectorKind {
  return {
    name,
    fields: ["external_psks", "init_priv", "initial_epoch_authenticator"],
    verify: follow,
    generate: (suite, tools, index) => {
      const { group, vector } = setUp(suite, tools, index % 2 === 0);
      const epochs = Array.from({ length: steps(tools) }, (_, number) => step(group, suite, tools, number));
      group.close();
      return { ...vector, epochs };
    },
  };
}

/** A client that joins by Welcome and follows commits: all of RFC 9420 at once. */
export const passiveClients: readonly VectorKind[] = [
  kind("passive-client-welcome", () => 0),
  kind("passive-client-handling-commit", () => 3),
  kind("passive-client-random", (tools) => 4 + (tools.bytes(1)[0]! % 8)),
];
