// Proposals of those who are no members, each with one rule broken (RFC 9420 section 12.1.8).
import { describe, expect, it } from "vitest";
import {
  acceptAnyCredential,
  type ClientOptions,
  encodeExternalSenders,
  ExtensionType,
  ExternalSender,
  basicCredential,
  type Group,
  type MlsError,
  PublicGroup,
} from "../../bindings/index.ts";
import { defaultEngine } from "../../bindings/core/engine.ts";
import { type SignatureKeyPair, signatureKeyPair } from "../../bindings/crypto/signature.ts";
import { cipherSuite } from "../../bindings/crypto/suite.ts";
import { proposeFromOutside } from "../../bindings/group/outside.ts";
import type { Proposal } from "../../bindings/message/proposals.ts";
import { refusalOf, forge, groupOf, keyPackageIn, publicClient, rulesOf } from "../support/forge.ts";
import { Outsider } from "../support/outsider.ts";
import { add, noExtensions, psk, reInit, remove } from "../support/proposals.ts";

const serverKey = new Uint8Array(32).fill(99);

function serverKeyPair(): SignatureKeyPair {
  const engine = defaultEngine();
  return signatureKeyPair(cipherSuite(engine, 1), serverKey);
}

describe("a proposal from outside is refused, and not cached, for", () => {
  const server = new ExternalSender({ credential: basicCredential("server"), signaturePrivateKey: serverKey });
  const extensionData = encodeExternalSenders([server.entry]);
  const senders = [{ extensionType: ExtensionType.externalSenders, extensionData }];

  /** Alice and Bob; their group lists the server. */
  function served(): { alice: Group; bob: Group; outsider: Outsider; follower: PublicGroup } {
    const alice = publicClient("alice").createGroup("room", { extensions: senders });
    const client = publicClient("bob");
    const adding = alice.commit({ add: [client.keyPackage()] });
    adding.accept();
    const bob = client.join(adding.welcomes[0]!).accept();
    const follower = PublicGroup.follow(alice.groupInfo(), { authenticate: acceptAnyCredential });
    return { alice, bob, outsider: new Outsider(alice, "dave"), follower };
  }

  const external = { kind: "external", senderIndex: 0 } as const;
  const newMember = { kind: "newMemberProposal" } as const;
  const signedByServer = (group: Group, proposal: Proposal, senderIndex = 0): Uint8Array =>
    proposeFromOutside(group.state.suite, serverKeyPair(), group, { ...external, senderIndex }, proposal);

  type Case = readonly [name: string, rule: string, make: (stage: ReturnType<typeof served>) => Uint8Array];
  const cases: readonly Case[] = [
    ["a place that is nobody's", "MLS-6.1-04", ({ bob }) => signedByServer(bob, remove(0), 1)],
    ["a place far out", "MLS-6.1-04", ({ bob }) => signedByServer(bob, remove(0), 2 ** 32 - 1)],
    [
      "a signature of somebody else",
      "MLS-6.1-07",
      ({ outsider }) => outsider.send({ kind: "proposal", proposal: remove(0) }, { sender: external }),
    ],
    [
      "an Update (MLS-12.1.8-03)",
      "MLS-6.1-04",
      ({ bob }) => signedByServer(bob, { kind: "update", leafNode: bob.state.ownLeaf }),
    ],
    [
      "an ExternalInit (MLS-12.1.8-03)",
      "MLS-6.1-04",
      ({ bob }) => signedByServer(bob, { kind: "externalInit", kemOutput: new Uint8Array(32) }),
    ],
    ["a Remove of a blank leaf", "MLS-12.1.3-03", ({ bob }) => signedByServer(bob, remove(3))],
    ["a PSK nonce that is short", "MLS-8.4-03", ({ bob }) => signedByServer(bob, psk(31))],
    ["a ReInit to a lower version", "MLS-12.1.5-01", ({ bob }) => signedByServer(bob, { ...reInit, version: 0 })],
    [
      "another group",
      "MLS-6-09",
      ({ bob }) => server.propose({ groupId: Uint8Array.of(5), epoch: bob.epoch }, 0, { remove: 0 }),
    ],
    [
      "a past epoch",
      "MLS-6-09",
      ({ bob: { groupId, epoch } }) => server.propose({ groupId, epoch: epoch - 1n }, 0, { remove: 0 }),
    ],
    [
      "an epoch to come",
      "MLS-6-09",
      ({ bob: { groupId, epoch } }) => server.propose({ groupId, epoch: epoch + 1n }, 0, { remove: 0 }),
    ],
    [
      "a signature over the GroupContext (MLS-12.1.8-07)",
      "MLS-6.1-07",
      ({ outsider }) => {
        const content = { kind: "proposal", proposal: remove(0) } as const;
        return outsider.send(content, { sender: external, key: serverKeyPair(), withContext: true });
      },
    ],
    [
      "a membership tag",
      "MLS-6.2-03",
      ({ bob }) => Uint8Array.of(...signedByServer(bob, remove(0)), 32, ...new Uint8Array(32)),
    ],
    [
      "a commit of an external sender (MLS-12.4.2-13)",
      "MLS-6-12",
      ({ outsider }) =>
        outsider.send({ kind: "commit", commit: { proposals: [], path: undefined } }, { sender: external }),
    ],
    [
      "a newcomer's Remove (MLS-12.1.8-06)",
      "MLS-6.1-06",
      ({ outsider }) => outsider.send({ kind: "proposal", proposal: remove(0) }),
    ],
    [
      "a newcomer's GroupContextExtensions (MLS-12.1.8-06)",
      "MLS-6.1-06",
      ({ outsider }) => outsider.send({ kind: "proposal", proposal: noExtensions }),
    ],
    [
      "a newcomer that adds somebody else (MLS-12.1.8-06)",
      "MLS-6.1-07",
      ({ outsider }) => outsider.send({ kind: "proposal", proposal: add("x") }),
    ],
    [
      "a newcomer's key package that is damaged",
      "MLS-10.1-03",
      ({ outsider }) => {
        const keyPackage = keyPackageIn(outsider.client.keyPackage());
        const signature = keyPackage.signature.map((byte) => byte ^ 1);
        const proposal = { kind: "add", keyPackage: { ...keyPackage, signature } } as const;
        return outsider.send({ kind: "proposal", proposal }, { sender: newMember });
      },
    ],
  ];

  it.each(cases)("%s (%s)", (_, rule, make) => {
    const stage = served();
    const { alice, bob, follower } = stage;
    const message = make(stage);
    for (const group of [bob, follower]) expect(rulesOf(refusalOf(() => group.receive(message)))).toContain(rule);
    expect(bob.state.cache.size).toBe(0);
    // An honest one is cached, and keeps its sender.
    const received = bob.receive(server.propose(alice, 0, { remove: 0 }));
    expect(received).toMatchObject({ kind: "proposal", proposer: { kind: "external", senderIndex: 0 } });
  });

  it("MLS-12.1.8-01: a group that lists nobody", () => {
    const { groups } = groupOf("alice", "bob");
    const error = refusalOf(() => groups[1]!.receive(server.propose(groups[0]!, 0, { remove: 0 })));
    expect(error).toMatchObject({ code: "ERR_SENDER", rule: "MLS-6.1-04" });
  });

  it("MLS-12.1.8-08: somebody outside who cannot be told apart from a member by the commit", () => {
    const { alice, bob } = served();
    const proposal = server.propose(alice, 0, { remove: 1 });
    const received = alice.receive(proposal);
    if (received.kind !== "proposal") throw new Error(`a ${received.kind}`);
    // By value the same proposal is the committer's own: Bob may not remove himself, the server may remove him.
    const byValue = forge(bob, {
      kind: "commit",
      commit: { proposals: [{ kind: "proposal", proposal: received.proposal }], path: undefined },
    });
    expect(rulesOf(refusalOf(() => alice.receive(byValue)))).toContain("MLS-12.2-05");
    const commit = alice.commit();
    expect(commit.included).toEqual([received.reference]);
  });

  it("MLS-5.3.1-07: an external sender whom the application does not accept", () => {
    const authenticate: ClientOptions["authenticate"] = ({ reason }) => reason !== "external-sender";
    const strict = publicClient("strict", { authenticate });
    const refused: Partial<MlsError> = { code: "ERR_CREDENTIAL" };
    expect(refusalOf(() => strict.createGroup("room", { extensions: senders }))).toMatchObject(refused);
    const { alice } = served();
    expect(refusalOf(() => strict.joinExternal(alice.groupInfo()))).toMatchObject(refused);
    const room = publicClient("alice").createGroup("other");
    const adding = room.commit({ add: [strict.keyPackage()] });
    adding.accept();
    const atStrict = strict.join(adding.welcomes[0]!).accept();
    const { commit } = room.commit({ extensions: senders });
    expect(refusalOf(() => atStrict.receive(commit))).toMatchObject(refused);
  });
});
