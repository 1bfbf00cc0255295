// What goes in and what comes out is copied: no array that an application holds is part of a group.
import { describe, expect, it } from "vitest";
import {
  basicCredential,
  type Client,
  ExtensionType,
  ExternalSender,
  type Group,
  PublicGroup,
} from "../../bindings/index.ts";
import { forge, groupOf, publicClient } from "../support/forge.ts";

const capabilities = (): { extensionType: number; extensionData: Uint8Array }[] => [
  { extensionType: ExtensionType.requiredCapabilities, extensionData: Uint8Array.of(0, 0, 0) },
];

/** Overwrites every byte string that can be reached. */
function scribble(value: unknown): void {
  if (value instanceof Uint8Array) value.fill(0xee);
  else if (typeof value === "object" && value !== null && !("handle" in value)) Object.values(value).forEach(scribble);
}

function pair(): { alice: Client; atAlice: Group; atBob: Group } {
  const { clients, groups } = groupOf("alice", "bob");
  return { alice: clients[0]!, atAlice: groups[0]!, atBob: groups[1]! };
}

function follow(group: Group, message: Uint8Array): void {
  const received = group.receive(message);
  if (received.kind !== "commit") throw new Error(`a ${received.kind}`);
  received.commit.accept();
}

/** A Uint8Array like Node's Buffer: its `slice` is a view. */
class Viewing extends Uint8Array<ArrayBuffer> {
  override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
    return this.subarray(start, end);
  }
}

describe("what is given is copied", () => {
  it("extensions of a group, and of the commit that changes them", () => {
    const given = capabilities();
    const founder = publicClient("founder");
    const group = founder.createGroup("room", { extensions: given });
    scribble(given);
    expect(group.extensions).toEqual(capabilities());
    const changed = capabilities();
    const commit = group.commit({ extensions: changed });
    scribble(changed);
    commit.accept();
    expect(group.extensions).toEqual(capabilities());
  });

  it("extensions and name of a successor", () => {
    const { atAlice } = pair();
    const reInit = { groupId: Uint8Array.of(1, 2), extensions: capabilities() };
    const commit = atAlice.commit({ reInit });
    scribble(reInit);
    commit.accept();
    expect(atAlice.reInit).toMatchObject({ groupId: Uint8Array.of(1, 2), extensions: capabilities() });
  });

  it("the credential of a client, and of an external sender", () => {
    const credential = basicCredential("alice");
    const alice = publicClient("x", { credential });
    const server = new ExternalSender({ credential });
    scribble(credential);
    expect(alice.credential).toEqual(basicCredential("alice"));
    expect(server.entry.credential).toEqual(basicCredential("alice"));
  });

  it("long messages, which are not copied more often than need be: each fills a buffer of its own", () => {
    const { atAlice, atBob } = pair();
    for (const length of [65_535, 65_536, 65_537, 200_000]) {
      const given = new Uint8Array(length).fill(7);
      const message = atAlice.encrypt(given, { authenticatedData: new Uint8Array(70_000) });
      scribble(given);
      expect(message.buffer.byteLength).toBe(message.length);
      const again = message.slice();
      const received = atBob.receive(message);
      scribble(message);
      expect(received).toMatchObject({ kind: "application", authenticatedData: new Uint8Array(70_000) });
      expect(received.kind === "application" && received.data).toEqual(new Uint8Array(length).fill(7));
      expect(() => atBob.receive(again)).toThrow(expect.objectContaining({ code: "ERR_RATCHET" }));
    }
  });

  it("messages, also in a class of which `slice` gives a view", () => {
    const { atAlice, atBob } = pair();
    const given = Viewing.from(atAlice.propose({ extensions: capabilities() }));
    atBob.receive(given);
    scribble(given);
    const commit = atBob.commit();
    expect(commit.dropped).toEqual([]);
    follow(atAlice, commit.commit);
    commit.accept();
    expect(atBob.extensions).toEqual(capabilities());
    expect(atAlice.epochAuthenticator).toEqual(atBob.epochAuthenticator);
  });
});

describe("what is returned is a copy", () => {
  it("of a group's extensions, and a follower's", () => {
    const group = publicClient("founder").createGroup("room", { extensions: capabilities() });
    const follower = PublicGroup.follow(group.groupInfo(), { authenticate: () => true });
    for (const each of [group, follower]) {
      scribble(each.extensions);
      expect(each.extensions).toEqual(capabilities());
    }
  });

  it("of a client's credential", () => {
    const alice = publicClient("alice");
    scribble(alice.credential);
    expect(alice.credential).toEqual(basicCredential("alice"));
  });

  it("of a received proposal: whatever is done to it, the cached one is committed", () => {
    const { atAlice, atBob } = pair();
    const follower = PublicGroup.follow(atAlice.groupInfo(), { authenticate: () => true });
    const key = publicClient("carol").keyPackage();
    const messages = [
      atAlice.propose({ extensions: capabilities() }),
      atAlice.propose({ add: key }),
      atAlice.propose({ update: {} }),
    ];
    for (const message of messages) {
      scribble(atBob.receive(message));
      scribble(follower.receive(message));
    }
    const commit = atBob.commit();
    expect(commit.dropped).toEqual([]);
    expect(commit.included).toHaveLength(3);
    scribble(commit.included);
    const followed = follower.receive(commit.commit);
    if (followed.kind === "commit") followed.commit.accept();
    follow(atAlice, commit.commit);
    commit.accept();
    expect(atAlice.epochAuthenticator).toEqual(atBob.epochAuthenticator);
    expect(follower.treeHash).toEqual(atBob.state.epoch.groupContext.treeHash);
  });

  it("of what a commit does", () => {
    const { atAlice, atBob } = pair();
    const commit = atAlice.commit({ extensions: capabilities() });
    const received = atBob.receive(commit.commit);
    if (received.kind !== "commit") throw new Error(`a ${received.kind}`);
    for (const staged of [commit, received.commit]) {
      for (const part of [staged.extensions, staged.added, staged.updated, staged.removed]) scribble(part);
      staged.accept();
    }
    expect(atAlice.extensions).toEqual(capabilities());
    expect(atBob.extensions).toEqual(capabilities());
    const next = atAlice.commit();
    follow(atBob, next.commit);
    next.accept();
    expect(atAlice.epochAuthenticator).toEqual(atBob.epochAuthenticator);
  });

  it("of a ReInit, staged or over", () => {
    const { alice, atAlice, atBob } = pair();
    const bob = publicClient("bob");
    const reInit = { groupId: Uint8Array.of(4, 5), extensions: capabilities() };
    const commit = atAlice.commit({ reInit });
    const received = atBob.receive(commit.commit);
    if (received.kind !== "commit") throw new Error(`a ${received.kind}`);
    for (const staged of [commit, received.commit]) {
      scribble(staged.reInit);
      staged.accept();
    }
    for (const group of [atAlice, atBob]) {
      scribble(group.reInit);
      expect(group.reInit).toMatchObject(reInit);
    }
    const { group, welcomes } = alice.createSuccessor(atAlice, { add: [bob.keyPackage()] });
    const joined = bob.join(welcomes[0]!, { resumes: atBob }).accept();
    expect(joined.epochAuthenticator).toEqual(group.epochAuthenticator);
  });
});

describe("what is no byte string is refused, and nothing changes", () => {
  const wrong = "bytes" as unknown as Uint8Array;

  it.each<[string, (alice: Client, group: Group) => unknown]>([
    ["the name of a group", (alice) => alice.createGroup(5 as never)],
    ["the name of a PSK", (alice) => alice.addPsk(wrong, new Uint8Array(32))],
    ["a PSK", (alice) => alice.addPsk(new Uint8Array(1), wrong)],
    ["a PSK to be committed", (_, group) => group.commit({ psks: [{ external: wrong }] })],
    ["a key package", (_, group) => group.commit({ add: [wrong] })],
    ["authenticated data of a commit", (_, group) => group.commit({ authenticatedData: wrong })],
    ["authenticated data of a proposal", (_, group) => group.propose({ update: {} }, { authenticatedData: wrong })],
    ["authenticated data of a message", (_, group) => group.encrypt("x", { authenticatedData: wrong })],
    ["application data", (_, group) => group.encrypt(5 as never)],
    ["the context of an exported secret", (_, group) => group.exportSecret("x", wrong, 32)],
    ["a message", (_, group) => group.receive(wrong)],
    ["a GroupInfo", (alice) => alice.joinExternal(wrong)],
    [
      "authenticated data of an external commit",
      (_, group) => publicClient("x").joinExternal(group.groupInfo(), { authenticatedData: wrong }),
    ],
  ])("%s", (_name, ask) => {
    const { alice, atAlice, atBob } = pair();
    const before = [alice.groups.length, atAlice.epochAuthenticator, atAlice.state.cache.size];
    expect(() => ask(alice, atAlice)).toThrow(TypeError);
    expect([alice.groups.length, atAlice.epochAuthenticator, atAlice.state.cache.size]).toEqual(before);
    expect(atAlice.pendingCommit).toBeUndefined();
    expect(atBob.receive(atAlice.encrypt("still here"))).toMatchObject({ generation: 0 });
  });

  it("nor does a wrong leaf index or length change anything", () => {
    const { atAlice } = pair();
    for (const index of [-1, 0.5, 2 ** 32, NaN]) expect(() => atAlice.member(index)).toThrow(RangeError);
    for (const index of [2, 3, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]) expect(atAlice.member(index)).toBeUndefined();
    const groupInfo = atAlice.groupInfo();
    for (const resync of [-1, 0.5, 2 ** 32]) {
      expect(() => publicClient("x").joinExternal(groupInfo, { resync })).toThrow(RangeError);
    }
    expect(() => forge(atAlice, { kind: "proposal", proposal: { kind: "remove", removed: -1 } })).toThrow(RangeError);
  });
});
