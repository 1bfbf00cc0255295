// What a cipher suite can do, not from a list but by doing it: each line is played by small groups.

import {
  acceptAnyCredential,
  basicCredential,
  Client,
  encodeExternalSenders,
  encodeRequiredCapabilities,
  type Extension,
  ExtensionType,
  ExternalSender,
  type Group,
  type GroupOptions,
  PublicGroup,
  type SuitePlugin,
} from "../bindings/index.ts";

/** One thing that groups can do, and whether they did. */
export interface Support {
  readonly feature: string;
  /** "yes", or what went wrong. */
  readonly answer: string;
}

/** Plays everything in one suite. */
export function playSupport(cipherSuite: number, suites: readonly SuitePlugin[]): Support[] {
  const stage = new Stage(cipherSuite, suites);
  return [
    stage.play("add, update, remove; by value and by reference", () => addUpdateRemove(stage)),
    stage.play("Welcome with the ratchet tree inside or apart", () => welcomes(stage)),
    stage.play("GroupContext extensions, required capabilities", () => contextExtensions(stage)),
    stage.play("external and resumption PSKs", () => psks(stage)),
    stage.play("external join, resync", () => externalJoins(stage)),
    stage.play("proposals of external senders and of newcomers", () => outsiders(stage)),
    stage.play("re-initialization, branches", () => successions(stage)),
    stage.play("following without a secret (PublicGroup)", () => following(stage)),
  ];
}

/** Makes clients and groups of one suite. */
class Stage {
  readonly cipherSuite: number;
  readonly suites: readonly SuitePlugin[];
  #clients: Client[] = [];

  constructor(cipherSuite: number, suites: readonly SuitePlugin[]) {
    this.cipherSuite = cipherSuite;
    this.suites = suites;
  }

  play(feature: string, scene: () => void): Support {
    try {
      scene();
      return { feature, answer: "yes" };
    } catch (error) {
      return { feature, answer: `NO: ${(error as Error).message}` };
    } finally {
      for (const client of this.#clients) client.close();
      this.#clients = [];
    }
  }

  client(name: string, signaturePrivateKey?: Uint8Array): Client {
    const client = Client.create({
      credential: basicCredential(name),
      authenticate: acceptAnyCredential,
      handshakeFormat: "public",
      cipherSuite: this.cipherSuite,
      suites: this.suites,
      ...(signaturePrivateKey && { signaturePrivateKey }),
    });
    this.#clients.push(client);
    return client;
  }

  /** Alice and Bob, and their group. */
  pair(options: GroupOptions = {}): { alice: Client; bob: Client; atAlice: Group; atBob: Group } {
    const [alice, bob] = [this.client("alice"), this.client("bob")];
    const atAlice = alice.createGroup("stage", options);
    const adding = atAlice.commit({ add: [bob.keyPackage()] });
    adding.accept();
    return { alice, bob, atAlice, atBob: bob.join(adding.welcomes[0]!).accept() };
  }
}

function take(message: Uint8Array, ...groups: readonly Group[]): void {
  for (const group of groups) {
    const received = group.receive(message);
    if (received.kind === "commit") received.commit.accept();
  }
}

/** A member commits, these others take it. */
function commit(actor: Group, options: Parameters<Group["commit"]>[0], ...others: readonly Group[]): Uint8Array {
  const pending = actor.commit(options);
  take(pending.commit, ...others);
  pending.accept();
  return pending.welcomes[0] ?? new Uint8Array(0);
}

/** Throws unless all are in one epoch and read each other. */
function expectTogether(...groups: readonly Group[]): void {
  const [first] = groups as [Group];
  for (const group of groups) {
    if (group.epochAuthenticator.join() !== first.epochAuthenticator.join()) throw new Error("the members differ");
    const message = group.encrypt("hello");
    for (const reader of groups) {
      if (reader !== group && reader.receive(message).kind !== "application") throw new Error("nothing was read");
    }
  }
}

function addUpdateRemove(stage: Stage): void {
  const { atAlice, atBob } = stage.pair();
  const [carol, dave] = [stage.client("carol"), stage.client("dave")];
  take(atBob.propose({ add: carol.keyPackage() }), atAlice);
  take(atBob.propose({ update: {} }), atAlice);
  const welcome = commit(atAlice, { add: [dave.keyPackage()] }, atBob);
  const [atCarol, atDave] = [carol.join(welcome).accept(), dave.join(welcome).accept()];
  expectTogether(atAlice, atBob, atCarol, atDave);
  take(atAlice.propose({ remove: atDave.ownLeafIndex }), atBob, atCarol);
  commit(atBob, { remove: [atCarol.ownLeafIndex] }, atAlice);
  expectTogether(atAlice, atBob);
}

function welcomes(stage: Stage): void {
  const { atAlice, atBob } = stage.pair();
  const carol = stage.client("carol");
  const welcome = commit(atBob, { add: [carol.keyPackage()], treeInWelcome: false }, atAlice);
  expectTogether(atAlice, atBob, carol.join(welcome, { ratchetTree: atBob.ratchetTree() }).accept());
}

function extension(extensionType: number, extensionData: Uint8Array): Extension {
  return { extensionType, extensionData };
}

function contextExtensions(stage: Stage): void {
  const { atAlice, atBob } = stage.pair();
  const required = { extensionTypes: [], proposalTypes: [], credentialTypes: [1] };
  const extensions = [extension(ExtensionType.requiredCapabilities, encodeRequiredCapabilities(required))];
  commit(atAlice, { extensions }, atBob);
  if (atBob.extensions.length !== 1) throw new Error("the extensions did not arrive");
  expectTogether(atAlice, atBob);
}

function psks(stage: Stage): void {
  const { alice, bob, atAlice, atBob } = stage.pair();
  const external = Uint8Array.of(1);
  for (const client of [alice, bob]) client.addPsk(external, new Uint8Array(32).fill(1));
  commit(atAlice, { psks: [{ external }, { resumption: { epoch: 1n } }] }, atBob);
  expectTogether(atAlice, atBob);
}

function externalJoins(stage: Stage): void {
  const { atAlice, atBob } = stage.pair();
  const carol = stage.client("carol");
  const joining = carol.joinExternal(atAlice.groupInfo());
  take(joining.commit, atAlice, atBob);
  expectTogether(atAlice, atBob, joining.accept());
  const resync = carol.joinExternal(atBob.groupInfo(), { resync: true });
  take(resync.commit, atAlice, atBob);
  expectTogether(atAlice, atBob, resync.accept());
}

function outsiders(stage: Stage): void {
  const { cipherSuite, suites } = stage;
  const server = new ExternalSender({ credential: basicCredential("server"), cipherSuite, suites });
  const extensions = [extension(ExtensionType.externalSenders, encodeExternalSenders([server.entry]))];
  const { atAlice, atBob } = stage.pair({ extensions });
  const carol = stage.client("carol");
  take(carol.proposeToJoin(atAlice), atAlice, atBob);
  const atCarol = carol.join(commit(atAlice, {}, atBob)).accept();
  take(server.propose(atAlice, 0, { remove: atBob.ownLeafIndex }), atAlice, atCarol);
  commit(atCarol, {}, atAlice);
  expectTogether(atAlice, atCarol);
  server.close();
}

function successions(stage: Stage): void {
  const { alice, bob, atAlice, atBob } = stage.pair();
  const side = alice.createBranch(atAlice, { groupId: "side", add: [bob.keyPackage()] });
  expectTogether(side.group, bob.join(side.welcomes[0]!).accept());
  commit(atAlice, { reInit: {} }, atBob);
  const next = bob.createSuccessor(atBob, { add: [alice.keyPackage()] });
  expectTogether(next.group, alice.join(next.welcomes[0]!).accept());
}

function following(stage: Stage): void {
  const { atAlice, atBob } = stage.pair();
  const { suites } = stage;
  using follower = PublicGroup.follow(atAlice.groupInfo(), { authenticate: acceptAnyCredential, suites });
  const pending = atBob.commit();
  const followed = follower.receive(pending.commit);
  if (followed.kind === "commit") followed.commit.accept();
  pending.accept();
  if (follower.epoch !== atBob.epoch) throw new Error("the follower stayed behind");
}
