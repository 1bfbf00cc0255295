// What comes back to its sender, and what an application's callbacks throw.
import { describe, expect, it } from "vitest";
import { type Client, type Group } from "../../bindings/index.ts";
import { provisionalContext } from "../../bindings/group/transition.ts";
import { nist } from "../../bindings/suites/nist.ts";
import { refusalOf, forge, groupOf, publicClient, rulesOf } from "../support/forge.ts";

function follow(group: Group, message: Uint8Array): void {
  const received = group.receive(message);
  if (received.kind !== "commit") throw new Error(`a ${received.kind}`);
  received.commit.accept();
}

describe("MLS-12.4.2-12: our own commit comes back", () => {
  it.each([1, 2])("as what it is while it waits, as lost once it is discarded (suite %i)", (cipherSuite) => {
    const client = (name: string): Client => publicClient(name, { cipherSuite, suites: nist });
    const bob = client("bob");
    const group = client("alice").createGroup("room");
    const alone = group.commit();
    expect(group.receive(alone.commit)).toEqual({ kind: "own-commit", commit: alone });
    alone.discard();
    const lost = { code: "ERR_STATE_OWN_MESSAGE", rule: "MLS-12.4.2-12" };
    expect(refusalOf(() => group.receive(alone.commit))).toMatchObject(lost);
    const adding = group.commit({ add: [bob.keyPackage()] });
    adding.accept();
    const atBob = bob.join(adding.welcomes[0]!).accept();
    const before = group.epochAuthenticator;
    const discarded = group.commit();
    discarded.discard();
    expect(refusalOf(() => group.receive(discarded.commit))).toMatchObject(lost);
    const hidden = group.commit({ format: "private" });
    hidden.discard();
    expect(refusalOf(() => group.receive(hidden.commit)).code).toBe("ERR_STATE_OWN_MESSAGE");
    expect(group.epochAuthenticator).toEqual(before);
    // Without a path there is no key to lose: it can be received like anybody's.
    const bare = group.commit({ add: [client("carol").keyPackage()], path: false });
    bare.discard();
    for (const each of [group, atBob]) follow(each, bare.commit);
    expect(group.epochAuthenticator).toEqual(atBob.epochAuthenticator);
  });
});

describe("MLS-8.1-03: epochs", () => {
  it("go up by one, and end at 2^64 - 1", () => {
    const { groups } = groupOf("alice", "bob");
    const { state } = groups[0]!;
    const at = (epoch: bigint): bigint => {
      const groupContext = { ...state.epoch.groupContext, epoch };
      const view = { environment: state.environment, suite: state.suite, tree: state.tree };
      const tree = state.tree.fork();
      const applied = { tree, extensions: [], extensionsChanged: false, extensionsIndex: -1 };
      const nothing = { added: [], updated: [], removed: [], psks: [], custom: [] };
      try {
        return provisionalContext(
          { ...view, epoch: { ...state.epoch, groupContext } },
          { ...applied, ...nothing, externalInit: undefined, reInit: undefined },
        ).epoch;
      } finally {
        tree.close();
      }
    };
    for (const epoch of [0n, 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 2n]) {
      expect(at(epoch)).toBe(epoch + 1n);
    }
    expect(refusalOf(() => at(2n ** 64n - 1n))).toMatchObject({ code: "ERR_LIMIT", rule: "MLS-8.1-03" });
  });
});

describe("what a callback throws is the library's error, and nothing changes", () => {
  it("MLS-12.2-21: a validate that throws refuses the proposal", () => {
    const validate = (): boolean => {
      throw new SyntaxError("not JSON");
    };
    const type = 0xf00d;
    const alice = publicClient("alice", { customProposals: [{ type }] });
    const bob = publicClient("bob", { customProposals: [{ type, validate }] });
    const group = alice.createGroup("room");
    const adding = group.commit({ add: [bob.keyPackage()] });
    adding.accept();
    const atBob = bob.join(adding.welcomes[0]!).accept();
    const data = Uint8Array.of(1);
    const proposal = { kind: "custom", proposalType: type, data } as const;
    for (const message of [
      forge(group, { kind: "proposal", proposal }),
      group.commit({ custom: [{ type, data }] }).commit,
    ]) {
      expect(rulesOf(refusalOf(() => atBob.receive(message)))).toContain("MLS-12.2-21");
    }
    expect(atBob.state.cache.size).toBe(0);
  });

  it("MLS-11.3-07: an identityOf that throws refuses the Welcome", () => {
    const { clients, groups } = groupOf("alice", "bob");
    const [alice, bob] = clients as [Client, Client];
    const { welcomes } = alice.createBranch(groups[0]!, { groupId: "side", add: [bob.keyPackage()] });
    const identityOf = (): string => {
      throw new SyntaxError("not JSON");
    };
    expect(refusalOf(() => bob.join(welcomes[0]!, { identityOf })).code).toBe("ERR_CREDENTIAL");
    expect(bob.unusedKeyPackages).toBe(1);
    expect(bob.join(welcomes[0]!).accept().memberCount).toBe(2);
  });
});
