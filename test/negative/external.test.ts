// Who comes from outside, and breaks one rule (RFC 9420 sections 12.1.8 and 12.4.3.2). A client inside and a
// follower outside refuse it alike, but for what only secrets show.
import { describe, expect, it } from "vitest";
import { acceptAnyCredential, type ClientOptions, type Group, PublicGroup } from "../../bindings/index.ts";
import type { Proposal } from "../../bindings/message/proposals.ts";
import { refusalOf, groupOf, publicClient, rulesOf } from "../support/forge.ts";
import { Outsider, type OutsideCommit } from "../support/outsider.ts";
import { add, noExtensions, psk, reInit, remove } from "../support/proposals.ts";

interface Scene {
  readonly outsider: Outsider;
  readonly honest: OutsideCommit;
  readonly groups: readonly Group[];
}

/** A commit from outside; Alice (leaf 0) and Bob (leaf 1) look at it, Carol's leaf is blank. */
interface Wrong {
  readonly name: string;
  readonly rule: string;
  readonly commit: (scene: Scene) => Uint8Array;
  /** Only the group's secrets show it. */
  readonly isHidden?: boolean;
}

/** More proposals beside the ExternalInit, under an honest path. */
const beside = (name: string, rule: string, ...more: readonly Proposal[]): Wrong => ({
  name,
  rule,
  commit: ({ outsider, honest }) => outsider.commit([honest.externalInit, ...more], honest.path),
});

const wrong: readonly Wrong[] = [
  {
    name: "no ExternalInit",
    rule: "MLS-12.2-16",
    commit: ({ outsider, honest }) => outsider.commit([], honest.path),
  },
  {
    name: "two ExternalInits",
    rule: "MLS-12.2-16",
    commit: ({ outsider, honest }) => outsider.commit([honest.externalInit, honest.externalInit], honest.path),
  },
  beside("two Removes", "MLS-12.2-17", remove(0), remove(1)),
  beside("an Add", "MLS-12.2-19", add("x")),
  beside("GroupContextExtensions", "MLS-12.2-19", noExtensions),
  beside("a ReInit", "MLS-12.2-11", reInit),
  {
    name: "an Update",
    rule: "MLS-12.1.2-02",
    commit: ({ outsider, honest }) =>
      outsider.commit([honest.externalInit, { kind: "update", leafNode: honest.path.leafNode }], honest.path),
  },
  // MLS-12.2-22: what is wrong with a proposal is wrong here as well
  beside("a PSK nonce that is short", "MLS-8.4-03", psk(31)),
  beside("a PSK of usage reinit", "MLS-12.1.4-01", psk(32, "reinit")),
  beside("a PSK of usage branch", "MLS-12.1.4-02", psk(32, "branch")),
  beside("the same PSK twice", "MLS-12.2-01", psk(32), psk(32)),
  { ...beside("a PSK that is not held", "MLS-12.4.2-02b", psk(32)), isHidden: true },
  beside("a Remove of a blank leaf", "MLS-12.1.3-03", remove(2)),
  ...[0, 1].map((leaf) => beside(`a Remove of somebody else, leaf ${leaf}`, "MLS-12.4.3.2-08", remove(leaf))),
  {
    name: "a proposal by reference",
    rule: "MLS-12.4.3.2-04",
    commit: ({ outsider, honest, groups }) => {
      const proposal = groups[0]!.propose({ remove: 1 });
      const received = groups[1]!.receive(proposal);
      if (received.kind !== "proposal") throw new Error(`a ${received.kind}`);
      const proposals = [
        { kind: "proposal", proposal: honest.externalInit },
        { kind: "reference", reference: received.reference },
      ] as const;
      return outsider.send({ kind: "commit", commit: { proposals, path: honest.path } });
    },
    isHidden: true, // the follower has not seen the proposal
  },
  {
    name: "no path (MLS-12.4.3.2-02)",
    rule: "MLS-6.1-05",
    commit: ({ outsider, honest }) => outsider.commit([honest.externalInit], undefined),
  },
  {
    name: "a signature of somebody else (MLS-12.4.3.2-05)",
    rule: "MLS-6.1-07",
    commit: ({ outsider, honest, groups }) =>
      outsider.commit([honest.externalInit], honest.path, { key: new Outsider(groups[0]!, "mallory", 78).key }),
  },
  {
    name: "a member's signature (MLS-12.4.3.2-05)",
    rule: "MLS-6.1-07",
    commit: ({ outsider, honest, groups }) =>
      outsider.commit([honest.externalInit], honest.path, { key: groups[0]!.state.signatureKey }),
  },
  {
    name: "a leaf signed for another place (MLS-12.4.3.2-03)",
    rule: "MLS-7.3-03",
    commit: ({ outsider, honest }) => outsider.commit([honest.externalInit], outsider.withLeaf(honest.path, {}, 3)),
  },
  {
    name: "a leaf of an Update",
    rule: "MLS-7.3-13",
    commit: ({ outsider, honest }) =>
      outsider.commit([honest.externalInit], outsider.withLeaf(honest.path, { source: { kind: "update" } }, 2)),
  },
  {
    name: "a leaf without the group's version",
    rule: "MLS-7.2-05",
    commit: ({ outsider, honest }) => {
      const { capabilities } = honest.path.leafNode;
      const changes = { capabilities: { ...capabilities, versions: [] } };
      return outsider.commit([honest.externalInit], outsider.withLeaf(honest.path, changes, 2));
    },
  },
  {
    name: "a path that lacks a node",
    rule: "MLS-4.1.2-02",
    commit: ({ outsider, honest }) =>
      outsider.commit([honest.externalInit], { ...honest.path, nodes: honest.path.nodes.slice(1) }),
  },
  {
    name: "a kem_output of 31 bytes",
    rule: "MLS-8.3-01",
    commit: ({ outsider, honest }) =>
      outsider.commit([{ kind: "externalInit", kemOutput: new Uint8Array(31) }], honest.path),
    isHidden: true,
  },
  {
    name: "a kem_output of zeros",
    rule: "MLS-8.3-01",
    commit: ({ outsider, honest }) =>
      outsider.commit([{ kind: "externalInit", kemOutput: new Uint8Array(32) }], honest.path),
    isHidden: true,
  },
  {
    name: "a confirmation tag of zeros (MLS-12.4.2-07)",
    rule: "MLS-6.1-01",
    commit: ({ outsider, honest }) => outsider.commit([honest.externalInit], honest.path),
    isHidden: true,
  },
  {
    name: "another group",
    rule: "MLS-6-09",
    commit: ({ outsider, honest }) =>
      outsider.commit([honest.externalInit], honest.path, { groupId: Uint8Array.of(1) }),
  },
  {
    name: "another epoch",
    rule: "MLS-6-09",
    commit: ({ outsider, honest }) => outsider.commit([honest.externalInit], honest.path, { epoch: 99n }),
  },
  {
    name: "a membership tag",
    rule: "MLS-6.2-03",
    commit: ({ outsider, honest }) =>
      outsider.commit([honest.externalInit], honest.path, { rest: Uint8Array.of(32, ...new Uint8Array(32)) }),
  },
  ...(["newMemberProposal", "external"] as const).map((kind) => ({
    name: `the sender type ${kind} (MLS-12.4.2-13)`,
    rule: "MLS-6-12",
    commit: ({ outsider, honest }: Scene) =>
      outsider.commit([honest.externalInit], honest.path, {
        sender: kind === "external" ? { kind, senderIndex: 0 } : { kind },
      }),
  })),
];

/** Alice and Bob, and a blank leaf where Carol was. */
function scene(): Scene & { readonly follower: PublicGroup } {
  const { groups } = groupOf("alice", "bob", "carol");
  const [alice, bob] = groups as [Group, Group];
  const removal = alice.commit({ remove: [2] });
  const received = bob.receive(removal.commit);
  if (received.kind === "commit") received.commit.accept();
  removal.accept();
  const outsider = new Outsider(alice, "dave");
  const follower = PublicGroup.follow(alice.groupInfo(), { authenticate: acceptAnyCredential });
  return { outsider, honest: outsider.honest(), groups: [alice, bob], follower };
}

describe("an external commit is refused, and nothing changes, for", () => {
  it.each(wrong)("$name ($rule)", ({ rule, commit, isHidden }) => {
    const stage = scene();
    const { groups, follower, outsider } = stage;
    const bob = groups[1]!;
    const message = commit(stage);
    const before = [bob.epochAuthenticator, bob.state.tree.treeHash(), bob.memberCount];
    expect(rulesOf(refusalOf(() => bob.receive(message)))).toContain(rule);
    expect([bob.epochAuthenticator, bob.state.tree.treeHash(), bob.memberCount]).toEqual(before);
    if (isHidden !== true) expect(rulesOf(refusalOf(() => follower.receive(message)))).toContain(rule);
    expect(follower.epoch).toBe(bob.epoch);

    // The same newcomer is taken once it is honest.
    const joining = outsider.client.joinExternal(groups[0]!.groupInfo());
    for (const group of [...groups, follower]) {
      const received = group.receive(joining.commit);
      if (received.kind === "commit") received.commit.accept();
    }
    expect(joining.accept().epochAuthenticator).toEqual(bob.epochAuthenticator);
  });

  it("MLS-12.2-20: but not for the place of its ExternalInit", () => {
    const { outsider, honest, groups } = scene();
    const message = outsider.commit([remove(1), honest.externalInit], honest.path);
    // The list is not what is wrong with it.
    expect(rulesOf(refusalOf(() => groups[1]!.receive(message)))).toEqual(["MLS-12.4.3.2-08"]);
  });
});

describe("a resync", () => {
  /** Alice, Bob and Carol; Bob comes back. */
  function resyncScene(): { groups: Group[]; outsider: Outsider } {
    const { groups } = groupOf("alice", "bob", "carol");
    return { groups, outsider: new Outsider(groups[0]!, "bob") };
  }

  it("MLS-12.2-18, MLS-7.5-02: brings a new encryption key", () => {
    const { groups, outsider } = resyncScene();
    const { commit, path } = outsider.honest({ resync: 1 });
    const { encryptionKey } = groups[1]!.state.ownLeaf;
    const kept = outsider.withLeaf(path, { encryptionKey }, 1);
    const message = outsider.send({ kind: "commit", commit: { proposals: commit.proposals, path: kept } });
    expect(rulesOf(refusalOf(() => groups[2]!.receive(message)))).toContain("MLS-12.4.2-01");
  });

  it("MLS-12.4.3.2-08: takes nobody else's place, unless the application says so", () => {
    const { groups, outsider } = resyncScene();
    for (const leaf of [0, 2]) {
      expect(() => outsider.honest({ resync: leaf })).toThrow(
        expect.objectContaining({ code: "ERR_CREDENTIAL", rule: "MLS-12.4.3.2-08" }),
      );
    }
    const seen: string[] = [];
    const mayResync: ClientOptions["mayResync"] = (previous, joiner) => {
      for (const each of [previous, joiner])
        if (each.kind === "basic") seen.push(new TextDecoder().decode(each.identity));
      return true;
    };
    const heir = publicClient("carol, renamed", { mayResync });
    const { commit } = heir.joinExternal(groups[0]!.groupInfo(), { resync: 2 });
    expect(seen).toEqual(["carol", "carol, renamed"]);
    const refused = { code: "ERR_CREDENTIAL", rule: "MLS-12.4.3.2-08" };
    expect(refusalOf(() => groups[1]!.receive(commit))).toMatchObject(refused);
    const info = groups[0]!.groupInfo();
    const strict = PublicGroup.follow(info, { authenticate: acceptAnyCredential });
    expect(refusalOf(() => strict.receive(commit))).toMatchObject(refused);
    const lenient = PublicGroup.follow(info, { authenticate: acceptAnyCredential, mayResync });
    expect(lenient.receive(commit)).toMatchObject({ kind: "commit" });
  });

  it("MLS-12.4.3.2-08: can be forbidden", () => {
    const mayResync = (): boolean => false;
    const [alice, bob] = [publicClient("alice", { mayResync }), publicClient("bob")];
    const atAlice = alice.createGroup("room");
    const adding = atAlice.commit({ add: [bob.keyPackage()] });
    adding.accept();
    const { commit } = bob.joinExternal(atAlice.groupInfo(), { resync: true });
    expect(refusalOf(() => atAlice.receive(commit))).toMatchObject({ rule: "MLS-12.4.3.2-08" });
  });

  it("MLS-5.3.1-06, MLS-5.3.1-08: the application is asked about the successor", () => {
    const asked: unknown[] = [];
    const alice = publicClient("alice", {
      authenticate: ({ reason, previous, leafIndex }) => {
        asked.push([reason, previous !== undefined, leafIndex]);
        return reason !== "commit";
      },
    });
    const atAlice = alice.createGroup("room");
    const adding = atAlice.commit({ add: [publicClient("bob").keyPackage()] });
    adding.accept();
    const { commit } = publicClient("bob").joinExternal(atAlice.groupInfo(), { resync: 1 });
    expect(refusalOf(() => atAlice.receive(commit))).toMatchObject({ code: "ERR_CREDENTIAL", rule: "MLS-5.3.1-01" });
    expect(asked.at(-1)).toEqual(["commit", true, 1]);
  });

  it("MLS-12.2-23: a joiner whose key is still in the tree brings the Remove", () => {
    const { groups } = groupOf("alice", "bob");
    const [alice, bob] = groups as [Group, Group];
    const first = new Outsider(alice, "dave");
    const joining = first.client.joinExternal(alice.groupInfo());
    for (const group of [alice, bob]) {
      const received = group.receive(joining.commit);
      if (received.kind === "commit") received.commit.accept();
    }
    joining.accept();
    expect(first.honest({ resync: true }).commit.proposals).toHaveLength(2);
    // Erin's path, with Dave's key in its leaf.
    const { externalInit, path } = new Outsider(alice, "erin", 78).honest();
    const again = first.commit([externalInit], first.withLeaf(path, { signatureKey: first.key.publicKey }, 3));
    expect(rulesOf(refusalOf(() => bob.receive(again)))).toContain("MLS-7.3-14");
  });
});
