import { describe, expect, it } from "vitest";
import {
  acceptAnyCredential,
  basicCredential,
  Client,
  encodeExternalSenders,
  ExtensionType,
  ExternalSender,
  type Group,
} from "../../bindings/index.ts";

function client(name: string, signaturePrivateKey?: Uint8Array): Client {
  return Client.create({
    credential: basicCredential(name),
    authenticate: acceptAnyCredential,
    ...(signaturePrivateKey && { signaturePrivateKey }),
  });
}

function deliver(message: Uint8Array, ...groups: readonly Group[]): void {
  for (const group of groups) {
    const received = group.receive(message);
    if (received.kind === "commit") received.commit.accept();
  }
}

function expectSameEpoch(...groups: readonly Group[]): void {
  const [first, ...others] = groups.map((group) => group.epochAuthenticator);
  for (const other of others) expect(other).toEqual(first);
}

function pair(): { alice: Client; bob: Client; atAlice: Group; atBob: Group } {
  const alice = client("alice");
  const bob = client("bob");
  const atAlice = alice.createGroup();
  const adding = atAlice.commit({ add: [bob.keyPackage()] });
  adding.accept();
  return { alice, bob, atAlice, atBob: bob.join(adding.welcomes[0]!).accept() };
}

const text = new TextDecoder();

describe("joining from outside", () => {
  it.each([true, false])("MLS-12.4.3.2: joins with a GroupInfo (tree inside: %s) and takes part", (ratchetTree) => {
    const { atAlice, atBob } = pair();
    const carol = client("carol");
    const info = atBob.groupInfo({ ratchetTree });
    const joining = carol.joinExternal(info, ratchetTree ? {} : { ratchetTree: atBob.ratchetTree() });
    const seen = atAlice.receive(joining.commit);
    if (seen.kind !== "commit") throw new Error(`a ${seen.kind}`);
    expect(seen.commit.joined).toMatchObject({ leafIndex: 2, signatureKey: carol.signatureKey });
    expect(seen.commit.added).toEqual([]);
    deliver(joining.commit, atAlice, atBob);
    const atCarol = joining.accept();
    expectSameEpoch(atAlice, atBob, atCarol);
    const received = atAlice.receive(atCarol.encrypt("hi"));
    expect(received.kind === "application" && text.decode(received.data)).toBe("hi");
    const refresh = atAlice.commit();
    deliver(refresh.commit, atBob, atCarol);
    refresh.accept();
    expectSameEpoch(atAlice, atBob, atCarol);
  });

  it("MLS-12.4.3.2-08: comes back by a resync, which replaces the lost leaf", () => {
    const alice = client("alice");
    const key = new Uint8Array(32).fill(7);
    const bob = client("bob", key);
    const atAlice = alice.createGroup();
    const adding = atAlice.commit({ add: [bob.keyPackage()] });
    adding.accept();
    const atBob = bob.join(adding.welcomes[0]!).accept();
    const reborn = client("bob", key);
    expect(() => reborn.joinExternal(atAlice.groupInfo())).toThrow(expect.objectContaining({ rule: "MLS-12.2-23" }));
    const joining = reborn.joinExternal(atAlice.groupInfo(), { resync: true });
    deliver(joining.commit, atAlice, atBob);
    const atReborn = joining.accept();
    expect(atBob.closedBy).toBe("removed");
    expect(atAlice.memberCount).toBe(2);
    expectSameEpoch(atAlice, atReborn);
  });

  it("MLS-12.4.3.2-10: one GroupInfo serves one join", () => {
    const { atAlice, atBob } = pair();
    const info = atAlice.groupInfo();
    const first = client("carol").joinExternal(info);
    const second = client("dave").joinExternal(info);
    deliver(first.commit, atAlice, atBob);
    expect(() => atAlice.receive(second.commit)).toThrow(expect.objectContaining({ code: "ERR_WRONG_EPOCH" }));
    second.discard();
    expectSameEpoch(atAlice, atBob, first.accept());
  });
});

describe("proposals from outside", () => {
  it("MLS-12.1.8-06: a newcomer proposes to add itself", () => {
    const { atAlice, atBob } = pair();
    const carol = client("carol");
    const proposal = carol.proposeToJoin(atAlice);
    deliver(proposal, atAlice, atBob);
    const adding = atBob.commit();
    expect(adding.included).toHaveLength(1);
    deliver(adding.commit, atAlice);
    adding.accept();
    expectSameEpoch(atAlice, atBob, carol.join(adding.welcomes[0]!).accept());
  });

  it("MLS-6.1-04: an external sender that the group lists proposes a removal", () => {
    const server = new ExternalSender({ credential: basicCredential("server") });
    const alice = client("alice");
    const bob = client("bob");
    const extensionData = encodeExternalSenders([server.entry]);
    const atAlice = alice.createGroup("room", {
      extensions: [{ extensionType: ExtensionType.externalSenders, extensionData }],
    });
    const adding = atAlice.commit({ add: [bob.keyPackage()] });
    adding.accept();
    const atBob = bob.join(adding.welcomes[0]!).accept();
    const removal = server.propose(atAlice, 0, { remove: atBob.ownLeafIndex });
    deliver(removal, atAlice, atBob);
    const commit = atAlice.commit();
    deliver(commit.commit, atBob);
    commit.accept();
    expect(atBob.closedBy).toBe("removed");
    expect(() => atAlice.receive(server.propose(atAlice, 1, { remove: 0 }))).toThrow(
      expect.objectContaining({ code: "ERR_SENDER", rule: "MLS-6.1-04" }),
    );
  });
});
