import { describe, expect, it } from "vitest";
import { acceptAnyCredential, basicCredential, Client, type Group } from "../../bindings/index.ts";
import { nist } from "../../bindings/suites/nist.ts";
import { x448 } from "../../bindings/suites/x448.ts";

const suites = [...nist, ...x448];

function client(name: string, cipherSuite = 1): Client {
  return Client.create({ credential: basicCredential(name), authenticate: acceptAnyCredential, cipherSuite, suites });
}

/** Hands a handshake message to everyone else and accepts what it brings. */
function deliver(message: Uint8Array, groups: readonly Group[]): void {
  for (const group of groups) {
    const received = group.receive(message);
    if (received.kind === "commit") received.commit.accept();
  }
}

function expectSameEpoch(...groups: readonly Group[]): void {
  const [first, ...others] = groups.map((group) => group.epochAuthenticator);
  for (const other of others) expect(other).toEqual(first);
}

const text = new TextDecoder();

describe.each([1, 2, 3, 4, 5, 6, 7])("a group of cipher suite %i", (suite) => {
  it("lives: add, join, message, update, remove", () => {
    const alice = client("alice", suite);
    const bob = client("bob", suite);
    const carol = client("carol", suite);
    const atAlice = alice.createGroup("room");
    const adding = atAlice.commit({ add: [bob.keyPackage(), carol.keyPackage()] });
    adding.accept();
    const atBob = bob.join(adding.welcomes[0]!).accept();
    const atCarol = carol.join(adding.welcomes[0]!).accept();
    expectSameEpoch(atAlice, atBob, atCarol);
    expect(atCarol.members().map(({ identity }) => text.decode(identity))).toEqual(["alice", "bob", "carol"]);

    const greeting = atBob.encrypt("hello");
    for (const group of [atAlice, atCarol]) {
      const received = group.receive(greeting);
      expect(received.kind === "application" && text.decode(received.data)).toBe("hello");
    }

    const refresh = atCarol.commit();
    deliver(refresh.commit, [atAlice, atBob]);
    expect(atCarol.receive(refresh.commit)).toEqual({ kind: "own-commit", commit: refresh });
    refresh.accept();
    expectSameEpoch(atAlice, atBob, atCarol);

    const update = atBob.propose({ update: {} });
    deliver(update, [atAlice, atCarol]);
    const commit = atAlice.commit();
    expect(commit.updated).toHaveLength(1);
    deliver(commit.commit, [atBob, atCarol]);
    commit.accept();
    expectSameEpoch(atAlice, atBob, atCarol);

    const removal = atCarol.commit({ remove: [atBob.ownLeafIndex] });
    deliver(removal.commit, [atAlice, atBob]);
    removal.accept();
    expect(atBob.closedBy).toBe("removed");
    expectSameEpoch(atAlice, atCarol);
    expect(atAlice.memberCount).toBe(2);
  });
});
