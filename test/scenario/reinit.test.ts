// A group ends with a ReInit and goes on in its successor (RFC 9420 section 11.2).
import { describe, expect, it } from "vitest";
import {
  acceptAnyCredential,
  basicCredential,
  Client,
  type ClientOptions,
  encodeExternalSenders,
  Engine,
  ExternalSender,
  ExtensionType,
  type Group,
} from "../../bindings/index.ts";
import { nist } from "../../bindings/suites/nist.ts";

const engine = await Engine.create();
const storageKey = new Uint8Array(32).fill(3);

function client(name: string, options: Partial<ClientOptions> = {}): Client {
  return Client.create({
    credential: basicCredential(name),
    authenticate: acceptAnyCredential,
    suites: nist,
    engine,
    storageKey,
    ...options,
  });
}

/** A group of these clients; all are in the same epoch. */
function gather(clients: readonly Client[], extensions: Parameters<Client["createGroup"]>[1] = {}): Group[] {
  const [founder, ...others] = clients;
  const group = founder!.createGroup("old", extensions);
  const adding = group.commit({ add: others.map((other) => other.keyPackage()) });
  adding.accept();
  return [group, ...others.map((other) => other.join(adding.welcomes[0]!).accept())];
}

function accept(group: Group, message: Uint8Array): void {
  const received = group.receive(message);
  if (received.kind === "commit") received.commit.accept();
}

/** Every member sends, every other one reads. */
function expectTalking(groups: readonly Group[]): void {
  for (const sender of groups) {
    const message = sender.encrypt("hello");
    for (const reader of groups) {
      if (reader !== sender) expect(reader.receive(message)).toMatchObject({ kind: "application" });
    }
  }
  for (const group of groups) expect(group.epochAuthenticator).toEqual(groups[0]!.epochAuthenticator);
}

const closed = expect.objectContaining({ code: "ERR_STATE_CLOSED" });

describe("re-initialization", () => {
  it("MLS-11.2-01, MLS-11.2-02: goes on in a successor with another name and other extensions", () => {
    const clients = ["alice", "bob", "carol"].map((name) => client(name));
    const [atAlice, atBob, atCarol] = gather(clients) as [Group, Group, Group];
    const sender = new ExternalSender({ credential: basicCredential("server"), engine });
    const extensionData = encodeExternalSenders([sender.entry]);
    const extensions = [{ extensionType: ExtensionType.externalSenders, extensionData }];
    const commit = atBob.commit({ reInit: { groupId: Uint8Array.of(7, 7), extensions } });
    expect(commit.reInit).toMatchObject({ cipherSuite: 1, groupId: Uint8Array.of(7, 7) });
    for (const group of [atAlice, atCarol]) accept(group, commit.commit);
    commit.accept();
    expect(atAlice.closedBy).toBe("reinitialized");
    expect(atAlice.reInit).toEqual(atBob.reInit);
    expect(atAlice.epochAuthenticator).toEqual(atCarol.epochAuthenticator);

    // MLS-11.2-05: not the committer of the ReInit
    const [alice, bob, carol] = clients as [Client, Client, Client];
    const { group, welcomes } = alice.createSuccessor(atAlice, { add: [bob.keyPackage(), carol.keyPackage()] });
    expect(group.epoch).toBe(1n);
    expect(group.groupId).toEqual(Uint8Array.of(7, 7));
    expect(group.extensions).toEqual(extensions);
    const successors = [
      group,
      bob.join(welcomes[0]!, { resumes: atBob }).accept(),
      carol.join(welcomes[0]!).accept(), // finds the old group by itself
    ];
    for (const old of [atAlice, atBob, atCarol]) old.close();
    expectTalking(successors);
  });

  it.each([3, 2])("goes on in suite %i, with new clients and a proposal by reference", (cipherSuite) => {
    const names = ["alice", "bob", "carol"];
    const groups = gather(names.map((name) => client(name))) as [Group, Group, Group];
    const proposal = groups[2].propose({ reInit: { cipherSuite } });
    for (const group of groups.slice(0, 2)) group.receive(proposal);
    const commit = groups[0].commit();
    expect(commit.included.length).toBe(1);
    for (const group of groups.slice(1)) accept(group, commit.commit);
    commit.accept();
    const [alice, bob, carol] = names.map((name) => client(name, { cipherSuite })) as [Client, Client, Client];
    const { group, welcomes } = bob.createSuccessor(groups[1], {
      add: [alice.keyPackage(), carol.keyPackage()],
      treeInWelcome: false,
      membersPerWelcome: 1,
    });
    expect(welcomes.length).toBe(2);
    const ratchetTree = group.ratchetTree();
    // The old group is another client's: it has to be named (MLS-12.4.3.1-28).
    expect(() => carol.join(welcomes[1]!, { ratchetTree })).toThrow(expect.objectContaining({ code: "ERR_PSK" }));
    expectTalking([
      group,
      alice.join(welcomes[0]!, { ratchetTree, resumes: groups[0] }).accept(),
      carol.join(welcomes[1]!, { ratchetTree, resumes: groups[2] }).accept(),
    ]);
  });

  it("MLS-12.1.8-03: an external sender may ask for it", () => {
    const sender = new ExternalSender({ credential: basicCredential("server"), engine });
    const extensionData = encodeExternalSenders([sender.entry]);
    const clients = ["alice", "bob"].map((name) => client(name));
    const extensions = [{ extensionType: ExtensionType.externalSenders, extensionData }];
    const [atAlice, atBob] = gather(clients, { extensions }) as [Group, Group];
    const reInit = { groupId: Uint8Array.of(9), cipherSuite: 1, extensions: [] };
    const proposal = sender.propose(atAlice, 0, { reInit });
    atAlice.receive(proposal);
    atBob.receive(proposal);
    const commit = atAlice.commit();
    accept(atBob, commit.commit);
    commit.accept();
    expect(atBob.reInit).toMatchObject(reInit);
  });

  it("MLS-12.2-12: other proposals go first, the ReInit is told as dropped", () => {
    const clients = ["alice", "bob"].map((name) => client(name));
    const [atAlice, atBob] = gather(clients) as [Group, Group];
    atAlice.receive(atBob.propose({ reInit: {} }));
    const commit = atAlice.commit({ add: [client("carol").keyPackage()] });
    expect(commit.dropped).toMatchObject([{ rule: "MLS-12.2-11" }]);
    expect(() => atBob.commit({ reInit: {}, add: [client("dave").keyPackage()] })).toThrow(
      expect.objectContaining({ code: "ERR_PROPOSAL_LIST", rule: "MLS-12.2-11" }),
    );
  });

  it("MLS-12.4.2-09: nothing can be sent any more, what was sent before can still be read", () => {
    const clients = ["alice", "bob"].map((name) => client(name));
    const [atAlice, atBob] = gather(clients) as [Group, Group];
    const late = atBob.encrypt("on its way");
    const lateProposal = atBob.propose({ update: {} });
    const commit = atAlice.commit({ reInit: {} });
    accept(atBob, commit.commit);
    commit.accept();
    expect(atAlice.receive(late)).toMatchObject({ kind: "application" });
    expect(() => atAlice.receive(lateProposal)).toThrow(closed);
    for (const operation of [
      (): unknown => atAlice.encrypt("x"),
      (): unknown => atAlice.commit(),
      (): unknown => atAlice.propose({ update: {} }),
      (): unknown => atAlice.groupInfo(),
      (): unknown => atAlice.exportSecret("label", new Uint8Array(0), 32),
      (): unknown => clients[0]!.createBranch(atAlice, { add: [] }),
    ]) {
      expect(operation).toThrow(closed);
    }
    expect(clients[0]!.groups).toEqual([]);
    atAlice.close();
    expect(() => atAlice.epochAuthenticator).toThrow(closed);
    expect(() => clients[0]!.createSuccessor(atAlice, { add: [] })).toThrow(closed);
  });

  it("MLS-12.1.5-02: a successor of a suite that this client lacks still ends the group", () => {
    const clients = ["alice", "bob"].map((name) => client(name));
    const [atAlice, atBob] = gather(clients) as [Group, Group];
    const commit = atAlice.commit({ reInit: { cipherSuite: 0x4444 } });
    accept(atBob, commit.commit);
    commit.accept();
    expect(atBob.closedBy).toBe("reinitialized");
    expect(() => clients[1]!.createSuccessor(atBob, { add: [] })).toThrow(
      expect.objectContaining({ code: "ERR_UNSUPPORTED", rule: "MLS-11.2-01" }),
    );
  });

  it.each(["snapshot", "record"] as const)("MLS-11.2-06: what is left of the old group is stored as a %s", (how) => {
    const clients = ["alice", "bob"].map((name) => client(name));
    const [atAlice, atBob] = gather(clients) as [Group, Group];
    const late = atAlice.encrypt("on its way");
    const before = atBob.save();
    const commit = atAlice.commit({ reInit: {} });
    accept(atBob, commit.commit);
    commit.accept();
    const records = how === "record" ? [atBob.takeRecord()!] : [];
    const snapshot = how === "record" ? before : atBob.save();
    const saved = clients[1]!.save();
    clients[1]!.close();
    const bob = Client.restore(saved, { authenticate: acceptAnyCredential, engine, storageKey });
    const restored = bob.restoreGroup(snapshot, { records });
    expect(restored.closedBy).toBe("reinitialized");
    expect(restored.epochAuthenticator).toEqual(atAlice.epochAuthenticator);
    expect(restored.receive(late)).toMatchObject({ kind: "application" });
    const { group, welcomes } = clients[0]!.createSuccessor(atAlice, { add: [bob.keyPackage()] });
    expectTalking([group, bob.join(welcomes[0]!, { resumes: restored }).accept()]);
  });

  it("a pending ReInit commit is restored", () => {
    const clients = ["alice", "bob"].map((name) => client(name));
    const [atAlice, atBob] = gather(clients) as [Group, Group];
    const commit = atAlice.commit({ reInit: { groupId: Uint8Array.of(4) } });
    const [snapshot, saved] = [atAlice.save(), clients[0]!.save()];
    clients[0]!.close();
    const alice = Client.restore(saved, { authenticate: acceptAnyCredential, engine, storageKey });
    const restored = alice.restoreGroup(snapshot);
    accept(atBob, commit.commit);
    restored.pendingCommit!.accept();
    expect(restored.reInit).toEqual(atBob.reInit);
    expect(restored.epochAuthenticator).toEqual(atBob.epochAuthenticator);
  });
});

describe("branches", () => {
  it("MLS-11.3-01: some members go on in a group of their own, from another engine as well", async () => {
    const clients = ["alice", "bob", "carol"].map((name) => client(name));
    const [atAlice, atBob, atCarol] = gather(clients) as [Group, Group, Group];
    const carol = client("carol", { engine: await Engine.create() });
    const { group, welcomes } = clients[0]!.createBranch(atAlice, {
      groupId: "side",
      add: [clients[1]!.keyPackage(), carol.keyPackage()],
      path: false,
    });
    expectTalking([
      group,
      clients[1]!.join(welcomes[0]!).accept(),
      carol.join(welcomes[0]!, { resumes: atCarol }).accept(),
    ]);
    expectTalking([atAlice, atBob, atCarol]);
  });

  it("MLS-11.3-07: is checked against the members of the epoch that it branches from", () => {
    const clients = ["alice", "bob", "carol"].map((name) => client(name));
    const [atAlice, atBob] = gather(clients) as [Group, Group, Group];
    const add = [clients[1]!.keyPackage(), clients[2]!.keyPackage()];
    const { group, welcomes } = clients[0]!.createBranch(atAlice, { groupId: "side", add });
    const removing = atAlice.commit({ remove: [2] });
    accept(atBob, removing.commit);
    removing.accept();
    expectTalking([group, clients[1]!.join(welcomes[0]!, { resumes: atBob }).accept()]);
  });
});
