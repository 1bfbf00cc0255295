// Types that the application brings: proposals, extensions, credentials (RFC 9420 sections 13.2 to 13.4), and
// key packages of last resort.
import { describe, expect, it } from "vitest";
import {
  acceptAnyCredential,
  basicCredential,
  Client,
  type ClientOptions,
  encodeExternalSenders,
  encodeRequiredCapabilities,
  ExternalSender,
  ExtensionType,
  type Group,
  PublicGroup,
} from "../../bindings/index.ts";
import { errorOf, forge, forgeCommit, rulesOf } from "../support/forge.ts";

const vote = { type: 0xf001, path: false, external: true } as const;
const rename = { type: 0xf002 } as const;
const data = Uint8Array.of(1, 2, 3);

function client(name: string, options: Partial<ClientOptions> = {}): Client {
  return Client.create({
    credential: basicCredential(name),
    authenticate: acceptAnyCredential,
    handshakeFormat: "public",
    customProposals: [vote, rename],
    ...options,
  });
}

function gather(clients: readonly Client[], options: Parameters<Client["createGroup"]>[1] = {}): Group[] {
  const [founder, ...others] = clients;
  const group = founder!.createGroup("room", options);
  if (others.length === 0) return [group];
  const adding = group.commit({ add: others.map((other) => other.keyPackage()) });
  adding.accept();
  return [group, ...others.map((other) => other.join(adding.welcomes[0]!).accept())];
}

function staged(
  group: Group,
  message: Uint8Array,
): Extract<ReturnType<Group["receive"]>, { kind: "commit" }>["commit"] {
  const received = group.receive(message);
  if (received.kind !== "commit") throw new Error(`a ${received.kind}`);
  return received.commit;
}

describe("custom proposals", () => {
  it("MLS-13.2-01: travel by value and by reference, from members and from outside", () => {
    const sender = new ExternalSender({ credential: basicCredential("server") });
    const extensionData = encodeExternalSenders([sender.entry]);
    const extensions = [{ extensionType: ExtensionType.externalSenders, extensionData }];
    const [atAlice, atBob] = gather([client("alice"), client("bob")], { extensions }) as [Group, Group];
    const follower = PublicGroup.follow(atAlice.groupInfo(), {
      authenticate: acceptAnyCredential,
      customProposals: [vote, rename],
    });
    const proposals = [
      atBob.propose({ custom: { type: vote.type, data } }),
      sender.propose(atAlice, 0, { custom: { type: vote.type, data: Uint8Array.of(9) } }),
    ];
    for (const proposal of proposals) {
      expect(atAlice.receive(proposal)).toMatchObject({ kind: "proposal" });
      follower.receive(proposal);
    }
    atBob.receive(proposals[1]!);
    const commit = atAlice.commit({ custom: [{ type: rename.type, data: Uint8Array.of(4) }] });
    const expected = [
      { type: rename.type, data: Uint8Array.of(4), proposer: { kind: "member", leafIndex: 0 } },
      { type: vote.type, data, proposer: { kind: "member", leafIndex: 1 } },
      { type: vote.type, data: Uint8Array.of(9), proposer: { kind: "external", senderIndex: 0 } },
    ];
    expect(commit.custom).toEqual(expected);
    const atBobsSide = staged(atBob, commit.commit);
    expect(atBobsSide.custom).toEqual(expected);
    atBobsSide.accept();
    const followed = follower.receive(commit.commit);
    if (followed.kind !== "commit") throw new Error(followed.kind);
    expect(followed.commit.custom).toEqual(expected);
    followed.commit.accept();
    commit.accept();
    expect(atBob.epochAuthenticator).toEqual(atAlice.epochAuthenticator);
    expect(follower.epoch).toBe(atAlice.epoch);
  });

  it("MLS-12.4-09: need a path unless registered without", () => {
    const [atAlice, atBob] = gather([client("alice"), client("bob")]) as [Group, Group];
    const forged = forgeCommit(atBob, [{ kind: "custom", proposalType: rename.type, data }]);
    expect(errorOf(() => atAlice.receive(forged))).toMatchObject({ code: "ERR_COMMIT", rule: "MLS-12.4-08" });
    const commit = atAlice.commit({ custom: [{ type: vote.type, data }], path: false });
    staged(atBob, commit.commit).accept();
    commit.accept();
    expect(atBob.epochAuthenticator).toEqual(atAlice.epochAuthenticator);
  });

  it("MLS-12.1-01: of types that are not registered are neither read nor sent", () => {
    const [atAlice, atBob] = gather([client("alice"), client("bob")]) as [Group, Group];
    const forged = forge(atBob, { kind: "proposal", proposal: { kind: "custom", proposalType: 0xf00f, data } });
    expect(errorOf(() => atAlice.receive(forged))).toMatchObject({ code: "ERR_UNSUPPORTED", rule: "MLS-12.1-01" });
    expect(errorOf(() => atAlice.propose({ custom: { type: 0xf00f, data } }))).toMatchObject({
      code: "ERR_UNSUPPORTED",
      rule: "MLS-12.1-01",
    });
  });

  it("MLS-12.2-14: a member who must process the commit and lacks the type forbids it; newcomers and leavers do not", () => {
    const carol = client("carol", { customProposals: [] });
    const [atAlice, atBob] = gather([client("alice"), client("bob"), carol]) as [Group, Group];
    const custom = [{ type: vote.type, data }];
    expect(errorOf(() => atAlice.commit({ custom }))).toMatchObject({
      code: "ERR_PROPOSAL_LIST",
      rule: "MLS-12.2-14",
    });
    const forged = forgeCommit(atBob, [{ kind: "custom", proposalType: vote.type, data }]);
    expect(rulesOf(errorOf(() => atAlice.receive(forged)))).toContain("MLS-12.2-14");
    const dave = client("dave", { customProposals: [] });
    const commit = atAlice.commit({ custom, remove: [2], add: [dave.keyPackage()] });
    staged(atBob, commit.commit).accept();
    commit.accept();
    expect(dave.join(commit.welcomes[0]!).accept().epochAuthenticator).toEqual(atBob.epochAuthenticator);
  });

  it("MLS-12.2-14: where the group requires the type, nobody can lack it", () => {
    const extensions = [
      {
        extensionType: ExtensionType.requiredCapabilities,
        extensionData: encodeRequiredCapabilities({
          extensionTypes: [],
          proposalTypes: [vote.type],
          credentialTypes: [],
        }),
      },
    ];
    const [atAlice, atBob] = gather([client("alice"), client("bob")], { extensions }) as [Group, Group];
    const lacking = client("carol", { customProposals: [] }).keyPackage();
    expect(rulesOf(errorOf(() => atAlice.commit({ add: [lacking] })))).toContain("MLS-12.1.1-03");
    const commit = atAlice.commit({ custom: [{ type: vote.type, data }] });
    expect(staged(atBob, commit.commit).custom.length).toBe(1);
  });

  it("MLS-12.1.8-03: external senders may send those that are registered so", () => {
    const sender = new ExternalSender({ credential: basicCredential("server") });
    const extensionData = encodeExternalSenders([sender.entry]);
    const extensions = [{ extensionType: ExtensionType.externalSenders, extensionData }];
    const [atAlice] = gather([client("alice")], { extensions }) as [Group];
    const proposal = sender.propose(atAlice, 0, { custom: { type: rename.type, data } });
    expect(errorOf(() => atAlice.receive(proposal))).toMatchObject({ code: "ERR_SENDER", rule: "MLS-12.1.8-03" });
  });

  it("MLS-12.2-21: the application judges each, received alone or in a commit", () => {
    const strict = { ...vote, validate: (body: Uint8Array): boolean => body[0] !== 0 };
    const [atAlice, atBob] = gather([client("alice", { customProposals: [strict] }), client("bob")]) as [Group, Group];
    const bad = { type: vote.type, data: Uint8Array.of(0) };
    expect(errorOf(() => atAlice.receive(atBob.propose({ custom: bad })))).toMatchObject({
      code: "ERR_POLICY",
      rule: "MLS-12.2-21",
    });
    const commit = atBob.commit({ custom: [bad], includeReceived: false });
    expect(rulesOf(errorOf(() => atAlice.receive(commit.commit)))).toContain("MLS-12.2-21");
    expect(() => atAlice.commit({ custom: [bad] })).toThrow(expect.objectContaining({ code: "ERR_PROPOSAL_LIST" }));
  });

  it("a pending commit with one is restored", () => {
    const storageKey = new Uint8Array(32);
    const alice = client("alice", { storageKey });
    const [atAlice, atBob] = gather([alice, client("bob")]) as [Group, Group];
    atAlice.receive(atBob.propose({ custom: { type: vote.type, data } }));
    const commit = atAlice.commit();
    const [saved, snapshot] = [alice.save(), atAlice.save()];
    alice.close();
    const customProposals = [vote, rename];
    const again = Client.restore(saved, { authenticate: acceptAnyCredential, storageKey, customProposals });
    const restored = again.restoreGroup(snapshot);
    expect(restored.pendingCommit!.custom).toEqual(commit.custom);
    staged(atBob, restored.pendingCommit!.commit).accept();
    restored.pendingCommit!.accept();
    expect(atBob.epochAuthenticator).toEqual(restored.epochAuthenticator);
  });

  it.each([0, 1, 7, 0x10000, 1.5])("RangeError: %d is no type of an application", (type) => {
    expect(() => client("alice", { customProposals: [{ type }] })).toThrow(RangeError);
  });
});

describe("custom extensions and credentials", () => {
  it("MLS-13.4-07, MLS-13.4-08: GroupContext extensions bind all members", () => {
    const supports = { extensions: [0xf010] };
    const extensions = [{ extensionType: 0xf010, extensionData: data }];
    const [atAlice, atBob] = gather([client("alice", { supports }), client("bob", { supports })], { extensions }) as [
      Group,
      Group,
    ];
    expect(atBob.extensions).toEqual(extensions);
    const lacking = client("carol").keyPackage();
    expect(rulesOf(errorOf(() => atAlice.commit({ add: [lacking] })))).toContain("MLS-12.1.1-03");
    expect(errorOf(() => client("dave").createGroup("x", { extensions }))).toMatchObject({ rule: "MLS-11-08" });
  });

  it("MLS-13.3-01: a credential type of the application, followed from outside as well", () => {
    const credential = { kind: "custom", credentialType: 0xf123, data } as const;
    const supports = { credentials: [0xf123] };
    const [atAlice, atBob] = gather([client("alice", { supports, credential }), client("bob", { supports })]) as [
      Group,
      Group,
    ];
    expect(atBob.member(0)!.credential).toMatchObject({ credentialType: 0xf123 });
    const follower = PublicGroup.follow(atBob.groupInfo(), {
      authenticate: acceptAnyCredential,
      customCredentials: [0xf123],
    });
    const commit = atAlice.commit();
    const followed = follower.receive(commit.commit);
    expect(followed.kind).toBe("commit");
  });
});

describe("key packages of last resort", () => {
  it("MLS-16.8-01: are used any number of times, others once; and can be retired", () => {
    const bob = client("bob");
    const once = bob.keyPackage();
    const lastResort = bob.keyPackage({ lastResort: true });
    const founders = ["alice", "carol", "dave"].map((name) => client(name).createGroup(name));
    const invite = (group: Group, keyPackage: Uint8Array): Uint8Array => {
      const commit = group.commit({ add: [keyPackage] });
      commit.accept();
      return commit.welcomes[0]!;
    };
    bob.join(invite(founders[0]!, once)).accept();
    expect(bob.unusedKeyPackages).toBe(1);
    expect(() => bob.join(invite(founders[1]!, once))).toThrow(expect.objectContaining({ code: "ERR_WELCOME" }));
    for (const founder of founders.slice(1)) {
      if (founder.memberCount === 2) founder.commit({ remove: [1] }).accept();
      const joined = bob.join(invite(founder, lastResort)).accept();
      expect(joined.epochAuthenticator).toEqual(founder.epochAuthenticator);
    }
    expect(bob.unusedKeyPackages).toBe(1);
    expect(bob.retireKeyPackage(lastResort)).toBe(true);
    expect(bob.retireKeyPackage(lastResort)).toBe(false);
    expect(bob.unusedKeyPackages).toBe(0);
  });

  it("survive a restart", () => {
    const storageKey = new Uint8Array(32);
    const bob = client("bob", { storageKey });
    const lastResort = bob.keyPackage({ lastResort: true });
    const saved = bob.save();
    bob.close();
    const again = Client.restore(saved, { authenticate: acceptAnyCredential, storageKey });
    for (const name of ["one", "two"]) {
      const commit = client("alice")
        .createGroup(name)
        .commit({ add: [lastResort] });
      again.join(commit.welcomes[0]!).accept();
    }
    expect(again.groups.length).toBe(2);
  });
});
