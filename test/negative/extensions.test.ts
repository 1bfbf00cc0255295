// Extension lists that proposals carry (RFC 9420 sections 12.1.5, 12.1.7 and 13.4): judged in a commit
// as by themselves, so that nobody's proposal can spoil the commits of others.
import { describe, expect, it } from "vitest";
import {
  basicCredential,
  type Client,
  encodeExternalSenders,
  type Extension,
  ExternalSender,
  ExtensionType,
} from "../../bindings/index.ts";
import type { Proposal } from "../../bindings/message/proposals.ts";
import { refusalOf, forge, forgeCommit, groupOf, honestCommit, publicClient, rulesOf } from "../support/forge.ts";

const extension = (extensionType: number, ...data: number[]): Extension => {
  return { extensionType, extensionData: Uint8Array.from(data) };
};
const replacing = (extensions: readonly Extension[]): Proposal => ({ kind: "groupContextExtensions", extensions });
const reInit = (extensions: readonly Extension[]): Proposal => {
  return { kind: "reInit", groupId: Uint8Array.of(9), version: 1, cipherSuite: 1, extensions };
};

const wrong: readonly [name: string, rule: string, proposal: Proposal][] = [
  ["GroupContextExtensions with a misplaced one", "MLS-17.3-01", replacing([extension(ExtensionType.ratchetTree)])],
  ["a ReInit with a misplaced one", "MLS-17.3-01", reInit([extension(ExtensionType.externalPub)])],
  ["a ReInit with one of leaves", "MLS-17.3-01", reInit([extension(ExtensionType.applicationId, 0)])],
  ["required_capabilities cut short", "MLS-2.1.2-03", replacing([extension(ExtensionType.requiredCapabilities, 0)])],
  [
    "required_capabilities that run on",
    "MLS-2.1.2-07",
    replacing([extension(ExtensionType.requiredCapabilities, 0, 0, 0, 0)]),
  ],
  ["external_senders cut short", "MLS-2.1.2-03", replacing([extension(ExtensionType.externalSenders, 5)])],
  [
    "external_senders with an unknown credential type",
    "MLS-5.3-01",
    replacing([extension(ExtensionType.externalSenders, 4, 0, 0xf0, 0x77, 0)]),
  ],
];

describe("MLS-13.4-10: refused by itself and in a commit is", () => {
  it.each(wrong)("%s (%s)", (_name, rule, proposal) => {
    const { groups } = groupOf("alice", "bob");
    const [alice, bob] = groups;
    const path = proposal.kind === "groupContextExtensions" ? honestCommit(alice!).path : undefined;
    for (const message of [forge(alice!, { kind: "proposal", proposal }), forgeCommit(alice!, [proposal], path)]) {
      const rules = rulesOf(refusalOf(() => bob!.receive(message)));
      expect(rules).toContain("MLS-13.4-10");
      expect(rules).toContain(rule);
    }
    expect(bob!.state.cache.size).toBe(0);
    const own = proposal.kind === "reInit" ? { reInit: proposal } : { extensions: [...wrongList(proposal)] };
    expect(rulesOf(refusalOf(() => bob!.commit(own)))).toContain("MLS-13.4-10");
    expect(rulesOf(refusalOf(() => bob!.propose(own)))).toContain("MLS-13.4-10");
  });

  function wrongList(proposal: Proposal): readonly Extension[] {
    return proposal.kind === "groupContextExtensions" ? proposal.extensions : [];
  }
});

describe("MLS-5.3.1-07: an external sender whom the Authentication Service refuses", () => {
  const server = new ExternalSender({ credential: basicCredential("server") });
  const list = [{ extensionType: ExtensionType.externalSenders, extensionData: encodeExternalSenders([server.entry]) }];

  it("is refused with the proposal, and keeps nobody from committing", () => {
    const founder = publicClient("founder");
    const picky = publicClient("picky", { authenticate: ({ reason }) => reason !== "external-sender" });
    const group = founder.createGroup("room");
    const adding = group.commit({ add: [picky.keyPackage()] });
    adding.accept();
    const mine = picky.join(adding.welcomes[0]!).accept();
    expect(refusalOf(() => mine.receive(group.propose({ extensions: list }))).code).toBe("ERR_CREDENTIAL");
    expect(mine.state.cache.size).toBe(0);
    mine.commit().discard();
    const { commit } = group.commit({ extensions: list });
    expect(refusalOf(() => mine.receive(commit)).code).toBe("ERR_CREDENTIAL");
  });

  it("may have a credential of a type that the application registered", () => {
    const supports = { credentials: [0xf0c1] };
    const credential = { kind: "custom", credentialType: 0xf0c1, data: Uint8Array.of(1) } as const;
    const special = new ExternalSender({ credential });
    const extensionData = encodeExternalSenders([special.entry]);
    const extensions = [{ extensionType: ExtensionType.externalSenders, extensionData }];
    const [alice, bob] = ["alice", "bob"].map((name) => publicClient(name, { supports })) as [Client, Client];
    const group = alice.createGroup("room");
    const adding = group.commit({ add: [bob.keyPackage()] });
    adding.accept();
    const atBob = bob.join(adding.welcomes[0]!).accept();
    const commit = group.commit({ extensions });
    const received = atBob.receive(commit.commit);
    if (received.kind === "commit") received.commit.accept();
    commit.accept();
    expect(atBob.epochAuthenticator).toEqual(group.epochAuthenticator);
    const proposal = atBob.receive(special.propose(atBob, 0, { remove: 0 }));
    expect(proposal).toMatchObject({ kind: "proposal", proposer: { kind: "external", senderIndex: 0 } });
  });
});
