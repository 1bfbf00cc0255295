// Errors explain themselves: what came, what was expected, and where. Hostile inputs of every kind, and for each the
// place, the rule and the values that its message must name; and nothing of what the input says.
import { describe, expect, it } from "vitest";
import { decodeGroupContext } from "../../bindings/message/groupcontext.ts";
import { decodeProposal, type Proposal } from "../../bindings/message/proposals.ts";
import {
  acceptAnyCredential,
  basicCredential,
  Client,
  defaultLimits,
  type ErrorDetails,
  type Group,
  PublicGroup,
} from "../../bindings/index.ts";
import { fromJSON, type Json, toJSON } from "../../json/index.ts";
import { utf8 } from "../support/bytes.ts";
import { explained, names, trio } from "../support/explained.ts";
import { errorOf, forge, groupUnder, publicClient } from "../support/forge.ts";

describe("errors of cut and changed bytes", () => {
  const [alice] = trio();
  const adding = publicClient("alice")
    .createGroup("room")
    .commit({ add: [publicClient("bob-the-second").keyPackage()] });
  const samples: Readonly<Record<string, Uint8Array>> = {
    keyPackage: publicClient("bob-the-second").keyPackage(),
    groupInfo: alice.groupInfo(),
    proposal: alice.propose({ update: {} }),
    commit: adding.commit,
    welcome: adding.welcomes[0]!,
    privateMessage: alice.encrypt("secretly", { despiteProposals: true }),
  };
  const bare = [...Array.from({ length: 8 }, () => 0)];
  const publicMessage = (...sender: number[]): Uint8Array => Uint8Array.of(0, 1, 0, 1, 0, ...bare, ...sender);
  const decode = (bytes: Uint8Array): unknown => toJSON("MLSMessage", bytes);

  it.each(Object.keys(samples))("a %s that ends at any byte: the struct, the byte, what is missing", (name) => {
    const whole = samples[name]!;
    const structs = new Set<string>();
    for (let length = 0; length < whole.length; length++) {
      const error = explained(errorOf(() => decode(whole.subarray(0, length))));
      expect([error.code, error.rule]).toEqual(["ERR_MALFORMED", expect.stringMatching(/^MLS-/)]);
      expect(error.offset).toBeLessThanOrEqual(length);
      expect(error.message).toMatch(
        /^(needs \d+ bytes, \d+ are left|a vector of \d+ bytes, \d+ are left|ends inside a vector's length|not a leaf node)/,
      );
      structs.add(error.struct!);
    }
    expect(structs.size).toBeGreaterThan(1);
    const longer = explained(errorOf(() => decode(Uint8Array.of(...whole, 0, 0))));
    expect(longer).toMatchObject({ struct: "MLSMessage", offset: whole.length });
    expect(longer.message).toMatch(/^2 bytes too many/);
  });

  it.each<[string, () => unknown, ErrorDetails, RegExp]>([
    [
      "a version",
      () => decode(Uint8Array.of(0, 2, 0, 1)),
      { struct: "MLSMessage", offset: 0 },
      /version 2 instead of 1/,
    ],
    ["a wire format", () => decode(Uint8Array.of(0, 1, 0, 9)), { offset: 2 }, /wire format 9 instead of 1 to 5/],
    [
      "a sender type",
      () => decode(publicMessage(9)),
      { offset: 13 },
      /unknown value 9, none of member, external, newMember/,
    ],
    [
      "a content type",
      () => decode(publicMessage(1, 0, 0, 0, 0, 0, 7)),
      { offset: 19 },
      /value 7, none of application, /,
    ],
    ["a long length", () => decode(publicMessage(1, 0, 0, 0, 0, 0x40, 1)), { offset: 18 }, /in more bytes than needed/],
    ["a wrong prefix", () => decode(publicMessage(1, 0, 0, 0, 0, 0xc0)), { offset: 18 }, /prefix 11/],
    ["a presence octet", () => toJSON("Commit", Uint8Array.of(0, 2)), { offset: 1 }, /octet 2 instead of 0 or 1/],
    ["a proposal type", () => decodeProposal(Uint8Array.of(0x0b, 0x0c)), { offset: 0 }, /unknown proposal type 2828/],
    [
      "extensions that stand twice",
      () => decodeGroupContext(Uint8Array.of(0, 1, 0, 1, 0, ...bare, 0, 0, 6, 9, 9, 0, 9, 9, 0)),
      { struct: "Extension", offset: 19 },
      /type 2313 stands twice/,
    ],
    [
      "an extension of another place",
      () => decodeGroupContext(Uint8Array.of(0, 1, 0, 1, 0, ...bare, 0, 0, 3, 0, 2, 0)),
      { struct: "Extension", offset: 16 },
      /type 2 belongs in a groupInfo, not in a groupContext/,
    ],
    [
      "a tree whose nodes have changed places",
      () =>
        toJSON(
          "RatchetTree",
          fromJSON("RatchetTree", [...(toJSON("RatchetTree", alice.ratchetTree()) as Json[]).slice(1)]),
        ),
      { struct: "Node", offset: 3 },
      /a \w+ at node 0/,
    ],
  ])("%s that nobody knows: the byte, what came, what is known", (_, run, place, message) => {
    const error = explained(errorOf(run));
    expect(error).toMatchObject(place);
    expect(error.message).toMatch(message);
  });
});

describe("errors of limits: how much came, and how much may", () => {
  const [alice] = trio();
  const message = alice.encrypt("secretly");
  const client = (limits: object): Client => publicClient("bob-the-second", { limits });

  it.each<[string, () => unknown, RegExp]>([
    [
      "of a Welcome",
      () => client({ groupMessageBytes: 10 }).join(new Uint8Array(11)),
      /^11 bytes, over the limit of 10/,
    ],
    [
      "of a message",
      () => groupUnder({ limits: { groupMessageBytes: 2000 } }, "alice").groups[0]!.receive(new Uint8Array(2001)),
      /2001 bytes, over the limit of 2000/,
    ],
    [
      "of a key package",
      () =>
        publicClient("alice", { limits: { messageBytes: 100 } })
          .createGroup()
          .commit({ add: [client({}).keyPackage()] }),
      /keyPackage of \d+ bytes, over the limit of 100/,
    ],
    ["of a number of PSKs", () => alice.exportSecret("label", utf8("secretly"), 8161), /0 to 8160 bytes, not 8161/],
    [
      "of generations",
      () => {
        const [sender, receiver] = groupUnder({ limits: { forwardGenerations: 3 } }, "alice", "bob-the-second").groups;
        for (let i = 0; i < 5; i++) sender!.encrypt("secretly");
        receiver!.receive(sender!.encrypt("secretly"));
      },
      /too far behind this generation: 5 \[leaf 0, /,
    ],
    [
      "of proposals",
      () => {
        const [sender, receiver] = groupUnder({ limits: { proposals: 1 } }, "alice", "bob-the-second").groups;
        for (let i = 0; i < 2; i++) receiver!.receive(sender!.propose({ update: {} }));
      },
      /more than 1 proposals in one epoch/,
    ],
  ])("%s", (_, run, expected) => {
    expect(message.length).toBeLessThan(defaultLimits.messageBytes);
    expect(explained(errorOf(run)).message).toMatch(expected);
  });
});

describe("errors of messages that are not for us", () => {
  it.each<[string, (alice: Group, bob: Group) => unknown, ErrorDetails, RegExp]>([
    ["of a past epoch", late, {}, /the past epoch 1 instead of 2/],
    [
      "of an epoch to come",
      (alice, bob) => bob.receive(forge(alice, { kind: "proposal", proposal: removes(1) }, { epoch: 70n })),
      {},
      /the future epoch 70 instead of 1/,
    ],
    [
      "of another kind",
      (alice) => alice.receive(publicClient("charlotte").keyPackage()),
      {},
      /a keyPackage instead of a message of a group/,
    ],
    [
      "of a sender who is no member",
      (alice, bob) => {
        const sender = { kind: "member", leafIndex: 5 } as const;
        bob.receive(forge(alice, { kind: "proposal", proposal: removes(0) }, { sender }));
      },
      { leafIndex: 5 },
      /the sender is no member/,
    ],
    [
      "that have been read",
      (alice, bob) => {
        const message = alice.encrypt("secretly");
        bob.receive(message);
        bob.receive(message);
      },
      { leafIndex: 0 },
      /has used this generation up: 0 \[/,
    ],
    [
      "that are damaged",
      (alice, bob) => {
        const message = alice.propose({ update: {} });
        bob.receive(message.with(-1, message.at(-1) ^ 1));
      },
      {},
      /the MAC does not match/,
    ],
    ["of ourselves", (alice) => alice.receive(alice.encrypt("secretly")), { leafIndex: 0 }, /names this client/],
    [
      "of a group that is followed from outside",
      (alice) => {
        const followed = PublicGroup.follow(alice.groupInfo(), { authenticate: acceptAnyCredential });
        followed.receive(alice.encrypt("secretly"));
      },
      {},
      /a privateMessage instead of a publicMessage/,
    ],
  ])("%s", (_, run, place, message) => {
    const [alice, bob] = trio();
    const error = explained(errorOf(() => run(alice, bob)));
    expect(error).toMatchObject(place);
    expect(error.message).toMatch(message);
  });
});

const removes = (removed: number): Proposal => ({ kind: "remove", removed });

function late(alice: Group, bob: Group): void {
  const message = alice.propose({ update: {} });
  const pending = bob.commit();
  pending.accept();
  bob.receive(message);
}

describe("errors of the present state, of the store and of what is handed in", () => {
  const storageKey = new Uint8Array(32).fill(7);
  const options = { authenticate: acceptAnyCredential, storageKey };

  it.each<[string, () => unknown, RegExp]>([
    ["proposals that wait", () => waiting().encrypt("secretly"), /1 proposals wait for a commit/],
    [
      "a change that has ended",
      () => {
        const pending = trio()[0].commit();
        pending.discard();
        pending.accept();
      },
      /this change has been discarded/,
    ],
    ["a suite that is none", () => publicClient("alice", { cipherSuite: 99 }), /cipher suite 99 instead of 1 to 7/],
    [
      "a source of randomness that is short",
      () => publicClient("alice", { random: () => new Uint8Array(5) }),
      /gave 5 instead of \d+ bytes/,
    ],
    [
      "a stored state of another kind",
      () => {
        const client = Client.create({ credential: basicCredential("alice"), ...options });
        Client.restore(client.createGroup("room").save(), options);
      },
      /a snapshot instead of a client/,
    ],
    ["a stored state of another format", () => Client.restore(new Uint8Array(100), options), /format 0 instead of \d+/],
  ])("%s", (_, run, message) => {
    expect(explained(errorOf(run)).message).toMatch(message);
  });

  it("a record out of order: which, which number it has, and which is due", () => {
    const client = Client.create({ credential: basicCredential("alice"), ...options });
    const group = client.createGroup("room");
    const snapshot = group.save();
    const records = Array.from({ length: 3 }, () => {
      group.commit().accept();
      return group.takeRecord()!;
    });
    const restore = (list: readonly Uint8Array[]): unknown =>
      Client.restore(client.save(), options).restoreGroup(snapshot, { records: list });
    const error = explained(errorOf(() => restore([records[0]!, records[2]!])));
    expect(error).toMatchObject({ code: "ERR_STATE_RECORD", index: 1 });
    expect(error.message).toMatch(/record (\d+) instead of \d+/);
  });
});

function waiting(): Group {
  const [alice, bob] = trio();
  bob.receive(alice.propose({ update: {} }));
  return bob;
}

it("are held against inputs that hold the names which must not come back", () => {
  expect(new TextDecoder("latin1").decode(publicClient("bob-the-second").keyPackage())).toContain(names[1]);
});
