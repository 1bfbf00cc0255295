import { exportPrivateKey } from "../../bindings/crypto/signature.ts";
import { describe, expect, it } from "vitest";
import { encodeRequiredCapabilities, ExtensionType } from "../../bindings/index.ts";
import type { Proposal } from "../../bindings/message/proposals.ts";
import {
  refusalOf,
  forge,
  forgeCommit,
  groupOf,
  honestCommit,
  keyPackageIn,
  publicClient,
  resignedLeaf,
  rulesOf,
} from "../support/forge.ts";
import { add, psk, reInit, remove } from "../support/proposals.ts";

type Groups = ReturnType<typeof groupOf>["groups"];

/** Alice (leaf 0) commits what is forged; Bob (leaf 1) and Carol (leaf 2) look at it. */
interface Wrong {
  readonly name: string;
  readonly rule: string;
  readonly list: (groups: Groups) => Proposal[];
}

const extensions = (...types: number[]): Proposal => ({
  kind: "groupContextExtensions",
  extensions: types.map((extensionType) => ({ extensionType, extensionData: new Uint8Array(0) })),
});
const requires = (extensionType: number): Proposal => ({
  kind: "groupContextExtensions",
  extensions: [
    {
      extensionType: ExtensionType.requiredCapabilities,
      extensionData: encodeRequiredCapabilities({
        extensionTypes: [extensionType],
        proposalTypes: [],
        credentialTypes: [],
      }),
    },
  ],
});

const wrong: readonly Wrong[] = [
  { name: "an Update of the committer by value", rule: "MLS-12.1.2-03", list: ([alice]) => [updateOf(alice!)] },
  { name: "a Remove of the committer", rule: "MLS-12.2-05", list: () => [remove(0)] },
  { name: "a Remove of a blank leaf", rule: "MLS-12.1.3-03", list: () => [remove(3)] },
  ...[4, 2 ** 31, 2 ** 32 - 1].map((leaf) => ({
    name: `a Remove of leaf ${leaf}`,
    rule: "MLS-12.1.3-03",
    list: () => [remove(leaf)],
  })),
  { name: "two Removes of one member", rule: "MLS-12.2-06", list: () => [remove(1), remove(1)] },
  {
    name: "an ExternalInit",
    rule: "MLS-12.2-13",
    list: () => [{ kind: "externalInit", kemOutput: new Uint8Array(32) }],
  },
  { name: "two GroupContextExtensions", rule: "MLS-12.2-10", list: () => [extensions(), extensions()] },
  { name: "a ReInit with something else", rule: "MLS-12.2-11", list: () => [reInit, remove(1)] },
  { name: "two ReInits", rule: "MLS-12.2-11", list: () => [reInit, reInit] },
  { name: "a ReInit to a lower version", rule: "MLS-12.1.5-01", list: () => [{ ...reInit, version: 0 }] },
  { name: "a PSK nonce that is short", rule: "MLS-8.4-03", list: () => [psk(31)] },
  { name: "the same PSK twice", rule: "MLS-12.2-01", list: () => [psk(32), psk(32)] },
  { name: "a PSK of usage reinit", rule: "MLS-12.1.4-01", list: () => [psk(32, "reinit")] },
  { name: "a PSK of usage branch", rule: "MLS-12.1.4-02", list: () => [psk(32, "branch")] },
  { name: "the same client twice (MLS-12.2-08)", rule: "MLS-7.3-14", list: () => twiceTheSameClient() },
  { name: "the same key package twice", rule: "MLS-7.3-15", list: () => twice(add("dave")) },
  { name: "an Add of a member (MLS-12.2-09)", rule: "MLS-7.3-15", list: ([, bob]) => [readd(bob!)] },
  { name: "a misplaced extension", rule: "MLS-17.3-01", list: () => [extensions(ExtensionType.ratchetTree)] },
  { name: "an extension that members lack", rule: "MLS-13.4-02", list: () => [extensions(0xf123)] },
  { name: "a requirement that members lack", rule: "MLS-7.3-04", list: () => [requires(0xf123)] },
  {
    name: "a key package of another suite",
    rule: "MLS-10.1-01",
    list: () => [{ kind: "add", keyPackage: keyPackageIn(publicClient("x", { cipherSuite: 3 }).keyPackage()) }],
  },
  { name: "a key package with a bad signature", rule: "MLS-10.1-03", list: () => [badSignature()] },
  {
    name: "a key package that has expired",
    rule: "MLS-7.3-08",
    list: () => [{ kind: "add", keyPackage: keyPackageIn(publicClient("x", { now: () => 1e9 }).keyPackage()) }],
  },
  ...(["update", "remove", "groupContextExtensions"] as const).map((kind) => ({
    name: `a ${kind} without a path`,
    rule: kind === "update" ? "MLS-12.1.2-03" : "MLS-12.4-08",
    list: ([alice]: Groups) => [kind === "update" ? updateOf(alice!) : kind === "remove" ? remove(1) : extensions()],
  })),
  { name: "an empty list without a path", rule: "MLS-12.4-08", list: () => [] },
];

function twice(proposal: Proposal): Proposal[] {
  return [proposal, proposal];
}

function twiceTheSameClient(): Proposal[] {
  const dave = publicClient("dave");
  return dave.keyPackages(2).map((message) => ({ kind: "add", keyPackage: keyPackageIn(message) }));
}

function updateOf(group: Groups[number]): Proposal {
  const leaf = group.state.ownLeaf;
  const encryptionKey = Uint8Array.from(leaf.encryptionKey, (byte) => byte ^ 1);
  return { kind: "update", leafNode: resignedLeaf(group, leaf, { encryptionKey, source: { kind: "update" } }) };
}

function readd(group: Groups[number]): Proposal {
  const fresh = keyPackageIn(publicClient("again").keyPackage());
  const leafNode = group.state.ownLeaf;
  return { kind: "add", keyPackage: { ...fresh, leafNode } };
}

function badSignature(): Proposal {
  const keyPackage = keyPackageIn(publicClient("x").keyPackage());
  const signature = Uint8Array.from(keyPackage.signature);
  signature[5]! ^= 1;
  return { kind: "add", keyPackage: { ...keyPackage, signature } };
}

describe("a commit is refused, and nothing changes, for", () => {
  it.each(wrong)("$name ($rule)", ({ list, rule }) => {
    const { groups } = groupOf("alice", "bob", "carol");
    const [alice, bob, carol] = groups;
    const proposals = list(groups);
    const needsPath = proposals.some(({ kind }) => kind === "remove" || kind === "groupContextExtensions");
    // Where the rule is not about the path, an honest one is there.
    const path = needsPath && rule !== "MLS-12.4-08" ? honestCommit(alice!).path : undefined;
    const before = [bob!.epochAuthenticator, bob!.state.tree.treeHash()];
    expect(rulesOf(refusalOf(() => bob!.receive(forgeCommit(alice!, proposals, path))))).toContain(rule);
    expect([bob!.epochAuthenticator, bob!.state.tree.treeHash()]).toEqual(before);
    const honest = carol!.commit();
    const received = bob!.receive(honest.commit);
    if (received.kind !== "commit") throw new Error(`a ${received.kind}`);
    received.commit.accept();
    honest.accept();
    expect(bob!.epochAuthenticator).toEqual(carol!.epochAuthenticator);
  });

  it("MLS-5.2-02, MLS-12.4-10: references that are unknown or stand twice", () => {
    const { groups } = groupOf("alice", "bob", "carol");
    const [alice, bob, carol] = groups;
    const unknown = { kind: "reference", reference: new Uint8Array(32) } as const;
    const commit = (proposals: { readonly kind: "reference"; readonly reference: Uint8Array }[]): Uint8Array =>
      forge(alice!, { kind: "commit", commit: { proposals, path: undefined } });
    expect(refusalOf(() => bob!.receive(commit([unknown]))).code).toBe("ERR_MISSING_PROPOSAL");
    const proposal = bob!.receive(carol!.propose({ remove: 0 }));
    if (proposal.kind !== "proposal") throw new Error(`a ${proposal.kind}`);
    const known = { kind: "reference", reference: proposal.reference } as const;
    expect(rulesOf(refusalOf(() => bob!.receive(commit([known, known]))))).toContain("MLS-12.4-10");
  });

  it("MLS-12.2-04, MLS-12.2-07: the committer's own Update by reference; Remove goes before Update", () => {
    const { groups } = groupOf("alice", "bob", "carol");
    const [alice, bob, carol] = groups;
    const update = alice!.propose({ update: {} });
    const received = bob!.receive(update);
    if (received.kind !== "proposal") throw new Error(`a ${received.kind}`);
    const commit = { proposals: [{ kind: "reference", reference: received.reference } as const], path: undefined };
    expect(rulesOf(refusalOf(() => bob!.receive(forge(alice!, { kind: "commit", commit }))))).toContain("MLS-12.2-04");
    carol!.receive(update);
    bob!.receive(carol!.propose({ remove: 0 }));
    const pending = bob!.commit();
    expect(pending.included).toHaveLength(1);
    expect(pending.dropped).toEqual([expect.objectContaining({ rule: "MLS-12.2-06" })]);
    expect(pending.removed.map(({ leafIndex }) => leafIndex)).toEqual([0]);
  });
});

describe("a proposal by itself is refused for", () => {
  it.each([
    ["MLS-12.1.6-01", (): Proposal => ({ kind: "externalInit", kemOutput: new Uint8Array(32) })],
    ["MLS-12.1.3-03", (): Proposal => remove(7)],
    ["MLS-10.1-03", badSignature],
    ["MLS-8.4-03", (): Proposal => psk(31)],
    ["MLS-17.3-01", (): Proposal => extensions(ExtensionType.externalPub)],
  ] as const)("%s", (rule, make) => {
    const { groups } = groupOf("alice", "bob");
    const message = forge(groups[0]!, { kind: "proposal", proposal: make() });
    expect(rulesOf(refusalOf(() => groups[1]!.receive(message)))).toContain(rule);
    expect(groups[1]!.state.cache.size).toBe(0);
  });

  it("MLS-7.3-11, MLS-7.3-12, MLS-7.2-02: an Update with another source, the old key, or signed for another place", () => {
    const { groups } = groupOf("alice", "bob");
    const [alice, bob] = groups;
    const { ownLeaf } = alice!.state;
    const source = { kind: "update" } as const;
    const encryptionKey = Uint8Array.from(ownLeaf.encryptionKey, (byte) => byte ^ 1);
    const send = (leafNode: typeof ownLeaf): string[] =>
      rulesOf(
        refusalOf(() => bob!.receive(forge(alice!, { kind: "proposal", proposal: { kind: "update", leafNode } }))),
      );
    expect(send(resignedLeaf(alice!, ownLeaf, { encryptionKey }))).toContain("MLS-7.3-11");
    expect(send(resignedLeaf(alice!, ownLeaf, { source }))).toContain("MLS-7.3-12");
    expect(send(resignedLeaf(alice!, ownLeaf, { encryptionKey, source }, { leafIndex: 1 }))).toContain("MLS-7.3-03");
    const groupId = Uint8Array.of(1);
    expect(send(resignedLeaf(alice!, ownLeaf, { encryptionKey, source }, { groupId }))).toContain("MLS-7.3-03");
  });
});

/** A key package of a member that comes a second time: another encryption key, the same signature key. */
function comesAgain(group: Groups[number]): Proposal {
  const signaturePrivateKey = exportPrivateKey(group.state.suite, group.state.signatureKey);
  return { kind: "add", keyPackage: keyPackageIn(publicClient("again", { signaturePrivateKey }).keyPackage()) };
}

describe("nobody's proposal can keep others from committing", () => {
  it("MLS-12.2-09: an Add of a present member is left out, and said to be", () => {
    const { groups } = groupOf("alice", "bob", "carol");
    const [alice, bob, carol] = groups;
    const references = [comesAgain(bob!), add("dave")].map((proposal) => {
      const message = forge(alice!, { kind: "proposal", proposal });
      carol!.receive(message);
      const received = bob!.receive(message);
      if (received.kind !== "proposal") throw new Error(`a ${received.kind}`);
      return received.reference;
    });
    const pending = bob!.commit();
    expect(pending.included).toEqual([references[1]]);
    expect(pending.dropped).toEqual([expect.objectContaining({ reference: references[0], rule: "MLS-12.2-15" })]);
    const received = carol!.receive(pending.commit);
    if (received.kind !== "commit") throw new Error(`a ${received.kind}`);
    received.commit.accept();
    pending.accept();
    expect(carol!.epochAuthenticator).toEqual(bob!.epochAuthenticator);
  });

  it("MLS-7.3-14: but somebody who is removed by the same commit may come again", () => {
    const { groups } = groupOf("alice", "bob", "carol");
    const [alice, bob, carol] = groups;
    for (const proposal of [comesAgain(carol!), remove(2)]) {
      bob!.receive(forge(alice!, { kind: "proposal", proposal }));
    }
    const pending = bob!.commit();
    expect(pending.dropped).toEqual([]);
    expect(pending.added).toHaveLength(1);
    expect(pending.removed.map(({ leafIndex }) => leafIndex)).toEqual([2]);
  });

  it("MLS-12.1.7-01: extensions that members lack are left out, and nothing else is", () => {
    const { groups } = groupOf("alice", "bob");
    const [alice, bob] = groups;
    for (const proposal of [add("dave"), extensions(0xf321)])
      bob!.receive(forge(alice!, { kind: "proposal", proposal }));
    const pending = bob!.commit();
    expect(pending.added).toHaveLength(1);
    expect(pending.dropped).toHaveLength(1);
  });
});
