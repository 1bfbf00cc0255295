// What a commit, its Welcome and the epoch after it are made of (RFC 9420 sections 8, 11, 12.1, 12.3, 12.4 and 14).
import { describe, expect, it } from "vitest";
import { verifyAuthenticatedContent } from "../../bindings/framing/authenticated.ts";
import { senderKeysOf } from "../../bindings/group/senders.ts";
import { Client, type Group } from "../../bindings/index.ts";
import { publicAuthenticatedContent, type PublicMessage } from "../../bindings/message/framing.ts";
import { decodeMLSMessage } from "../../bindings/message/mlsmessage.ts";
import type { Proposal } from "../../bindings/message/proposals.ts";
import { EpochSecrets } from "../../bindings/schedule/epoch.ts";
import { interimTranscriptHash } from "../../bindings/schedule/transcript.ts";
import { nist } from "../../bindings/suites/nist.ts";
import { errorOf, forge, groupOf, groupUnder, publicClient, rulesOf } from "../support/forge.ts";

const empty = new Uint8Array(0);

function staged(
  group: Group,
  message: Uint8Array,
): Extract<ReturnType<Group["receive"]>, { kind: "commit" }>["commit"] {
  const received = group.receive(message);
  if (received.kind !== "commit") throw new Error(`a ${received.kind}`);
  return received.commit;
}

/** Commits, and lets the others follow. */
function advance(groups: readonly Group[], by: number, options: Parameters<Group["commit"]>[0] = {}): void {
  const commit = groups[by]!.commit(options);
  groups.forEach((group, i) => i !== by && staged(group, commit.commit).accept());
  commit.accept();
}

function publicMessage(bytes: Uint8Array): PublicMessage {
  const message = decodeMLSMessage(bytes);
  if (message.kind !== "publicMessage") throw new Error(`a ${message.kind}`);
  return message.publicMessage;
}

function commitIn(bytes: Uint8Array): { proposals: Proposal[]; keys: string[] } {
  const { content } = publicMessage(bytes).content;
  if (content.kind !== "commit") throw new Error(`a ${content.kind}`);
  const { proposals, path } = content.commit;
  const keys = path === undefined ? [] : [path.leafNode, ...path.nodes];
  return {
    proposals: proposals.flatMap((each) => (each.kind === "proposal" ? [each.proposal] : [])),
    keys: keys.map(({ encryptionKey }) => encryptionKey.join()),
  };
}

describe("a new group", () => {
  it("MLS-11-05, MLS-11-06, MLS-11-07, MLS-11-09: one leaf, epoch 0, an empty transcript, a random secret", () => {
    const group = publicClient("alice").createGroup("room");
    const { epoch, tree, suite } = group.state;
    const { groupContext, secrets, confirmationTag, interimTranscriptHash: interim } = epoch;
    expect([tree.leafCount, group.memberCount, group.ownLeafIndex, group.epoch]).toEqual([1, 1, 0, 0n]);
    expect(groupContext.treeHash).toEqual(tree.treeHash());
    expect(groupContext.confirmedTranscriptHash).toEqual(empty);
    expect(confirmationTag).toEqual(secrets.confirmationTag(empty));
    expect(interim).toEqual(interimTranscriptHash(suite, empty, confirmationTag));
    expect(group.state.ownLeaf.source.kind).toBe("keyPackage");
    expect(publicClient("alice").createGroup("room").epochAuthenticator).not.toEqual(group.epochAuthenticator);
  });

  it("MLS-11-03: has a random name of Nh bytes unless it is given one; its successor as well", () => {
    const alice = publicClient("alice");
    const names = [0, 1, 2].map(() => alice.createGroup().groupId);
    const successors = [0, 1].map(() => alice.createGroup().commit({ reInit: {} }).reInit!.groupId);
    const all = [...names, ...successors];
    expect(all.every(({ length }) => length === 32)).toBe(true);
    expect(new Set(all.map(String)).size).toBe(all.length);
  });

  it("DEF-08: has a name that this client does not use yet", () => {
    const alice = publicClient("alice");
    const group = alice.createGroup("room");
    expect(errorOf(() => alice.createGroup("room"))).toMatchObject({ code: "ERR_USAGE", rule: "DEF-08" });
    group.close();
    expect(alice.createGroup("room").epoch).toBe(0n);
  });
});

describe("a commit", () => {
  it("MLS-12.4.1-03: is signed in the old epoch and confirmed in the new one", () => {
    const { groups } = groupOf("alice", "bob", "carol");
    const [alice, bob] = groups as [Group, Group];
    const before = alice.state.epoch.groupContext;
    const commit = alice.commit();
    const message = publicMessage(commit.commit);
    const verify = (context: typeof before): void => {
      verifyAuthenticatedContent(
        bob.state.suite,
        publicAuthenticatedContent(message),
        context,
        senderKeysOf(bob.state),
      );
    };
    expect(message.content.epoch).toBe(before.epoch);
    verify(before);
    commit.accept();
    const { groupContext, secrets } = alice.state.epoch;
    expect(errorOf(() => verify(groupContext)).code).toBe("ERR_SIGNATURE");
    expect(message.auth.confirmationTag).toEqual(secrets.confirmationTag(groupContext.confirmedTranscriptHash));
  });

  it("MLS-12.4.1-06: travels in the next handshake generation of the old epoch", () => {
    const { groups } = groupOf("alice", "bob");
    const [alice] = groups as [Group, Group];
    const at = (): number => alice.state.epoch.secrets.secretTree.state(0, "handshake").generation;
    for (const generation of [0, 1]) {
      expect(at()).toBe(generation);
      const commit = alice.commit({ format: "private" });
      expect(at()).toBe(generation + 1);
      commit.discard();
    }
    alice.commit({ format: "public" }).discard();
    expect(at()).toBe(2);
  });

  it("MLS-7.4-01, MLS-14-07: shares no key with another one of the same epoch", () => {
    const { groups } = groupOf("alice", "bob", "carol", "dave");
    const keys = [0, 1, 2].flatMap(() => {
      const commit = groups[0]!.commit();
      commit.discard();
      return commitIn(commit.commit).keys;
    });
    expect(keys).toHaveLength(9);
    expect(new Set(keys).size).toBe(9);
  });

  it("MLS-12.4.1-12: of a sole member has a path without nodes, and a commit_secret that is not zero", () => {
    const { groups } = groupOf("alice");
    const { state } = groups[0]!;
    using initSecret = state.epoch.secrets.initSecret.copy();
    const commit = groups[0]!.commit();
    expect(commitIn(commit.commit).keys).toHaveLength(1);
    commit.accept();
    const { limits } = state.environment;
    const context = state.epoch.groupContext.encoded;
    const zero = EpochSecrets.commit(state.suite, initSecret, undefined, undefined, context, { leafCount: 1, limits });
    expect(groups[0]!.epochAuthenticator).not.toEqual(zero.authenticator());
    zero.wipe();
  });

  it("MLS-12.3-01, MLS-12.3-03: removes before it adds, so that newcomers take the leaves that became free", () => {
    const { groups } = groupOf("alice", "bob", "carol", "dave", "erin");
    const [alice, , carol] = groups as [Group, Group, Group];
    const newcomers = ["frank", "grace", "heidi"].map((name) => publicClient(name));
    const commit = alice.commit({ add: newcomers.map((each) => each.keyPackage()), remove: [4, 3, 1] });
    // Adds stand first in the commit; without leaf 4 the tree has four leaves, and then eight again.
    expect(commitIn(commit.commit).proposals.map(({ kind }) => kind)).toEqual([
      ...["add", "add", "add"],
      ...["remove", "remove", "remove"],
    ]);
    expect(commit.added.map(({ leafIndex }) => leafIndex)).toEqual([1, 3, 4]);
    staged(carol, commit.commit).accept();
    commit.accept();
    expect(carol.state.tree.treeHash()).toEqual(alice.state.tree.treeHash());
    expect(alice.state.tree.leafCount).toBe(8);
    const truncating = alice.commit({ remove: [4, 3] });
    staged(carol, truncating.commit).accept();
    truncating.accept();
    expect([alice.state.tree.leafCount, carol.state.tree.leafCount]).toEqual([4, 4]);
  });

  it("MLS-12.4-03, MLS-12.1-03, MLS-12.4-11: takes every valid proposal along; the next epoch knows none of them", () => {
    const { groups } = groupOf("alice", "bob", "carol");
    const [alice, bob, carol] = groups as [Group, Group, Group];
    const messages = [carol.propose({ update: {} }), carol.propose({ add: publicClient("dave").keyPackage() })];
    const references = messages.map((message) => {
      alice.receive(message);
      const received = bob.receive(message);
      if (received.kind !== "proposal") throw new Error(`a ${received.kind}`);
      return received.reference;
    });
    const left = bob.propose({ add: publicClient("erin").keyPackage() });
    for (const group of [alice, carol]) group.receive(left);
    const commit = alice.commit();
    expect(commit.included).toHaveLength(3);
    expect(commit.included.slice(0, 2)).toEqual(references);
    commit.discard();
    advance(groups, 0, { includeReceived: false });
    for (const group of groups) expect(group.state.cache.size).toBe(0);
    const proposals = [{ kind: "reference", reference: references[1]! } as const];
    const late = forge(alice, { kind: "commit", commit: { proposals, path: undefined } });
    expect(errorOf(() => bob.receive(late)).code).toBe("ERR_MISSING_PROPOSAL");
    expect(errorOf(() => bob.receive(messages[1]!)).code).toBe("ERR_WRONG_EPOCH"); // MLS-12.1-02
  });

  it("MLS-12.1.7-02: replaces the extensions of the group, all of them", () => {
    const alice = publicClient("alice", { supports: { extensions: [0xf101, 0xf102] } });
    const extension = (extensionType: number): { extensionType: number; extensionData: Uint8Array } => {
      return { extensionType, extensionData: Uint8Array.of(1) };
    };
    const group = alice.createGroup("room", { extensions: [extension(0xf101)] });
    group.commit({ extensions: [extension(0xf102)] }).accept();
    expect(group.extensions).toEqual([extension(0xf102)]);
    group.commit({ extensions: [] }).accept();
    expect(group.extensions).toEqual([]);
  });

  it("MLS-12.1.4-03, MLS-12.1.4-04, MLS-12.4.1-09: names its PSKs in their order, here and in the Welcome, each with a fresh nonce", () => {
    const { clients, groups } = groupOf("alice", "bob");
    const [alice, bob] = groups as [Group, Group];
    const carol = publicClient("carol");
    for (const client of [...clients, carol]) {
      for (const name of [1, 2]) client.addPsk(Uint8Array.of(name), new Uint8Array(32).fill(name));
    }
    const psks = [{ external: Uint8Array.of(2) }, { external: Uint8Array.of(1) }];
    const commits = [0, 1].map(() => {
      const commit = alice.commit({ add: [carol.keyPackage()], psks });
      commit.discard();
      return commit;
    });
    const nonces = commits.flatMap(({ commit }) =>
      commitIn(commit).proposals.flatMap((each) => (each.kind === "psk" ? [each.psk] : [])),
    );
    expect(nonces.map((id) => (id.kind === "external" ? id.pskId[0] : 0))).toEqual([2, 1, 2, 1]);
    expect(nonces.every(({ pskNonce }) => pskNonce.length === 32)).toBe(true);
    expect(new Set(nonces.map(({ pskNonce }) => pskNonce.join())).size).toBe(4);
    const commit = alice.commit({ add: [carol.keyPackage()], psks });
    staged(bob, commit.commit).accept();
    commit.accept();
    const atCarol = carol.join(commit.welcomes[0]!).accept();
    for (const group of [bob, atCarol]) expect(group.epochAuthenticator).toEqual(alice.epochAuthenticator);
  });
});

describe("Welcomes of a commit", () => {
  it("MLS-12.4.1-10, MLS-14-01: cover every newcomer once, and lead to the epoch that accepting it begins", () => {
    const { groups } = groupOf("alice");
    const newcomers = ["bob", "carol", "dave", "erin", "frank"].map((name) => publicClient(name));
    const commit = groups[0]!.commit({ add: newcomers.map((each) => each.keyPackage()), membersPerWelcome: 2 });
    const joining = newcomers.map((each) => {
      const open = commit.welcomes.flatMap((welcome) => {
        try {
          return [each.join(welcome)];
        } catch (error) {
          expect(error).toMatchObject({ rule: "MLS-12.4.3.1-07" });
          return [];
        }
      });
      expect(open).toHaveLength(1);
      expect(open[0]!.epoch).toBe(groups[0]!.epoch + 1n);
      return open[0]!.accept();
    });
    commit.accept();
    for (const group of joining) {
      expect(group.epochAuthenticator).toEqual(groups[0]!.epochAuthenticator); // MLS-8.7-01
      // MLS-8.2-06, MLS-12.4.3.1-19
      expect(group.state.epoch.interimTranscriptHash).toEqual(groups[0]!.state.epoch.interimTranscriptHash);
    }
  });

  it("MLS-12.4.1-07: carry a GroupInfo signed by the committer, with the key that its leaf has then", () => {
    const { groups } = groupOf("alice", "bob");
    const carol = publicClient("carol");
    const leaf = { signaturePrivateKey: new Uint8Array(32).fill(5) };
    const commit = groups[1]!.commit({ add: [carol.keyPackage()], leaf });
    const joining = carol.join(commit.welcomes[0]!);
    expect(joining.inviter.leafIndex).toBe(1);
    expect(joining.inviter.signatureKey).not.toEqual(groups[0]!.member(1)!.signatureKey);
    commit.accept();
    expect(joining.inviter.signatureKey).toEqual(groups[1]!.member(1)!.signatureKey);
  });

  it("MLS-12.4.1-08: hold the path secret of the lowest common ancestor, if there is a path", () => {
    const { groups } = groupOf("alice", "bob");
    const [alice] = groups as [Group];
    const held = (path: boolean): boolean[] => {
      const carol = publicClient("carol");
      const commit = alice.commit({ add: [carol.keyPackage()], path });
      const { tree, environment } = carol.join(commit.welcomes[0]!).accept().state;
      commit.discard();
      return [1, 3, 5].map((node) => environment.engine.core.treeHasPrivateKey(tree.handle, node) === 1);
    };
    expect(held(true)).toEqual([false, true, false]);
    expect(held(false)).toEqual([false, false, false]);
  });
});

describe("epochs", () => {
  it("MLS-12.4.2-08, MLS-14-04, MLS-8.6-01: what is kept of those that ended is bounded", () => {
    const limits = { pastEpochs: 2, resumptionEpochs: 3 };
    const { groups } = groupUnder({ limits }, "alice", "bob");
    const [alice, bob] = groups as [Group, Group];
    const [first] = [alice.epoch];
    const messages: Uint8Array[] = [];
    for (let i = 0; i < 5; i++) {
      messages.push(alice.encrypt(`${i}`));
      advance(groups, 0);
    }
    const { past } = bob.state;
    expect(past.all.map(({ groupContext }) => groupContext.epoch)).toEqual([first + 4n, first + 3n]);
    expect(messages.slice(0, 3).map((each) => errorOf(() => bob.receive(each)).code)).toEqual(
      Array(3).fill("ERR_WRONG_EPOCH"),
    );
    expect(messages.slice(3).map((each) => bob.receive(each).kind)).toEqual(["application", "application"]);
    const psk = (epoch: bigint) => () => bob.commit({ psks: [{ resumption: { epoch } }] }).discard();
    for (const epoch of [first + 2n, first + 3n, first + 4n, first + 5n]) psk(epoch)();
    for (const epoch of [0n, first, first + 1n, first + 6n, 2n ** 64n - 1n]) {
      expect(errorOf(psk(epoch)).code).toBe("ERR_PSK");
    }
  });

  it("MLS-14-03, MLS-14-05: making a commit and discarding it leaves nothing but a used generation", () => {
    const { groups } = groupOf("alice", "bob", "carol");
    const { state } = groups[0]!;
    const { core } = state.environment.engine;
    const seen = (): unknown[] => [
      groups[0]!.epochAuthenticator,
      state.epoch.groupContext.encoded,
      state.epoch.interimTranscriptHash,
      state.tree.export(),
      state.cache.size,
      state.past.all.length,
      state.signatureKey.publicKey,
      state.epoch.secrets.secretTree.state(0, "application"),
      core.handlesInUse(),
    ];
    const dave = publicClient("dave").keyPackage();
    groups[0]!.commit({ format: "private" }).discard();
    const before = seen();
    const signaturePrivateKey = new Uint8Array(32).fill(9);
    const commit = groups[0]!.commit({
      format: "private",
      remove: [2],
      add: [dave],
      leaf: { signaturePrivateKey },
    });
    expect(seen().slice(0, -1)).toEqual(before.slice(0, -1));
    expect(core.handlesInUse()).toBeGreaterThan(before.at(-1) as number);
    commit.discard();
    expect(seen()).toEqual(before);
  });

  it("MLS-12.4-02: application data waits for the commit of proposals that have been seen", () => {
    const { groups } = groupOf("alice", "bob");
    groups[0]!.receive(groups[1]!.propose({ update: {} }));
    expect(errorOf(() => groups[0]!.encrypt("x"))).toMatchObject({ rule: "MLS-12.4-02" });
    expect(groups[0]!.encrypt("x", { despiteProposals: true }).length).toBeGreaterThan(0);
  });

  it("MLS-12.4.2-11, MLS-12.4.2-15: who is removed, and who sees a ReInit, is done with the group", () => {
    const { groups } = groupOf("alice", "bob", "carol");
    const [alice, bob, carol] = groups as [Group, Group, Group];
    advance([alice, bob, carol], 0, { remove: [2] });
    const over = { code: "ERR_STATE_CLOSED", rule: "MLS-12.4.2-15" };
    expect(carol.closedBy).toBe("removed");
    for (const ask of [(): unknown => carol.encrypt("x"), () => carol.commit(), () => carol.propose({ update: {} })]) {
      expect(errorOf(ask)).toMatchObject(over);
    }
    const { secrets } = carol.state.epoch;
    for (const secret of [secrets.initSecret, secrets.resumptionPsk, secrets.senderDataSecret, secrets.membershipKey]) {
      expect(errorOf(() => secret.handle).code).toBe("ERR_STATE_USED");
    }
    expect(carol.state.tree.closed).toBe(true);
    const late = [
      alice.propose({ update: {} }),
      forge(alice, { kind: "proposal", proposal: { kind: "remove", removed: 1 } }),
    ];
    advance([alice, bob], 0, { reInit: {} });
    for (const message of late) expect(errorOf(() => bob.receive(message))).toMatchObject(over);
    expect(rulesOf(errorOf(() => alice.commit()))).toContain("MLS-12.4.2-15");
  });
});

describe("MLS-12.4.2-14: an Update of our own that somebody commits", () => {
  it.each([1, 2])("brings its keys along, a new signature key too (suite %i)", (cipherSuite) => {
    const { groups } = groupUnder({ cipherSuite, suites: nist }, "alice", "bob", "carol", "dave");
    const [alice, bob] = groups as [Group, Group];
    const update = bob.propose({ update: { signaturePrivateKey: new Uint8Array(32).fill(7) } });
    for (const group of groups) if (group !== bob) group.receive(update);
    const before = [bob.member(1)!.signatureKey, bob.state.ownLeaf.encryptionKey];
    advance(groups, 2);
    expect(alice.member(1)!.signatureKey).toEqual(bob.state.signatureKey.publicKey);
    expect(before).not.toContainEqual(bob.member(1)!.signatureKey);
    expect(before).not.toContainEqual(bob.state.ownLeaf.encryptionKey);
    // Bob reads what is sealed to the new key, and signs with the new one.
    advance(groups, 0);
    advance(groups, 1);
    for (const group of groups) expect(group.epochAuthenticator).toEqual(bob.epochAuthenticator);
    expect(alice.receive(bob.encrypt("hello")).kind).toBe("application");
  });

  it("is refused where those keys are lost", () => {
    const storageKey = new Uint8Array(32).fill(1);
    const clients = ["alice", "bob"].map((name) => publicClient(name, { storageKey })) as [Client, Client];
    const group = clients[0].createGroup("room");
    const adding = group.commit({ add: [clients[1].keyPackage()] });
    adding.accept();
    const atBob = clients[1].join(adding.welcomes[0]!).accept();
    const [savedClient, savedGroup] = [clients[1].save(), atBob.save()];
    const update = atBob.propose({ update: {} });
    clients[1].close();
    const restored = Client.restore(savedClient, { storageKey, authenticate: () => true, handshakeFormat: "public" });
    const back = restored.restoreGroup(savedGroup);
    for (const each of [group, back]) each.receive(update);
    const { commit } = group.commit();
    expect(rulesOf(errorOf(() => back.receive(commit)))).toContain("MLS-12.4.2-14");
  });
});
