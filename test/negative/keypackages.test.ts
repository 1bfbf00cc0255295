// Key packages and leaves that must not enter a group (RFC 9420 sections 7.3, 10, 10.1, 11.1 and 12.3).
import { describe, expect, it } from "vitest";
import { signGroupInfo, ratchetTreeExtension } from "../../bindings/group/welcome.ts";
import { sealedContext } from "../../bindings/group/epoch.ts";
import {
  type Client,
  type ClientOptions,
  encodeRequiredCapabilities,
  type Extension,
  ExtensionType,
  type Group,
  PublicGroup,
} from "../../bindings/index.ts";
import { encodeExternalPub } from "../../bindings/message/extension.ts";
import type { KeyPackage } from "../../bindings/message/keypackage.ts";
import type { LeafNodeContent } from "../../bindings/message/leafnode.ts";
import { encodeMLSMessage } from "../../bindings/message/mlsmessage.ts";
import type { Proposal } from "../../bindings/message/proposals.ts";
import { nist } from "../../bindings/suites/nist.ts";
import {
  alteredPath,
  errorOf,
  refusalOf,
  forge,
  forgeCommit,
  forgedKeyPackage,
  groupOf,
  groupUnder,
  honestCommit,
  publicClient,
  resignedLeaf,
  rulesOf,
} from "../support/forge.ts";

const CUSTOM = 0xf0c1;
const unlisted = { extensionType: 0xf123, extensionData: new Uint8Array(0) };
const add = (keyPackage: KeyPackage): Proposal => ({ kind: "add", keyPackage });

function required(types: Partial<Record<"extensionTypes" | "proposalTypes" | "credentialTypes", number[]>>): Extension {
  const extensionData = encodeRequiredCapabilities({
    extensionTypes: [],
    proposalTypes: [],
    credentialTypes: [],
    ...types,
  });
  return { extensionType: ExtensionType.requiredCapabilities, extensionData };
}

/** What is said of a key package that arrives by itself, in a commit, and that this member is to add. */
function refusals(group: Group, sender: Group, keyPackage: KeyPackage): string[][] {
  const before = [group.epochAuthenticator, group.state.tree.treeHash()];
  const message = encodeMLSMessage({ kind: "keyPackage", keyPackage });
  const all = [
    (): unknown => group.receive(forge(sender, { kind: "proposal", proposal: add(keyPackage) })),
    (): unknown => group.receive(forgeCommit(sender, [add(keyPackage)])),
    (): unknown => group.commit({ add: [message] }),
    (): unknown => group.propose({ add: message }),
  ].map((run) => rulesOf(refusalOf(run)));
  expect([group.epochAuthenticator, group.state.tree.treeHash(), group.state.cache.size]).toEqual([...before, 0]);
  return all;
}

function flipped(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes, (byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte));
}

const hour = 3600n;
const now = BigInt(Math.floor(Date.now() / 1000));
const during = (notBefore: bigint, notAfter: bigint): Pick<LeafNodeContent, "source"> => ({
  source: { kind: "keyPackage", lifetime: { notBefore, notAfter } },
});

describe("MLS-10.1-05, MLS-7.3-01: an Add is refused alone, in a commit and by its own committer, for", () => {
  const wrong: readonly [what: string, rules: string, make: (group: Group) => KeyPackage][] = [
    ["a short init_key", "MLS-10-02", (group) => forgedKeyPackage(group, {}, { initKey: new Uint8Array(31) })],
    ["a long init_key", "MLS-10-02", (group) => forgedKeyPackage(group, {}, { initKey: new Uint8Array(33) })],
    ["one key in both places", "MLS-10.1-04", sameKeyTwice],
    ["another version", "MLS-10.1-01|MLS-10-06", (group) => forgedKeyPackage(group, {}, { version: 2 })],
    [
      "a short encryption_key",
      "MLS-10-04|MLS-12.2-09",
      (group) => forgedKeyPackage(group, { encryptionKey: new Uint8Array(31) }),
    ],
    ["a short signature_key", "MLS-10-04", (group) => forgedKeyPackage(group, { signatureKey: new Uint8Array(31) })],
    ["another's signature_key", "MLS-10.1-03|MLS-7.3-14", otherKey],
    [
      "an extension that is not listed",
      "MLS-7.2-06", // MLS-7.3-09, MLS-10-08
      (group) => forgedKeyPackage(group, { extensions: [unlisted] }),
    ],
    ["a leaf of a commit", "MLS-7.3-10", (group) => forgedKeyPackage(group, { source: { kind: "update" } })],
    ["no cipher suite listed", "MLS-7.2-05", (group) => withList(group, "cipherSuites", [])],
    ["no version listed", "MLS-7.2-05", (group) => withList(group, "versions", [])],
    ["its own credential type unlisted", "MLS-7.2-07", (group) => withList(group, "credentials", [2])],
    ["a time to come", "MLS-7.3-08", (group) => forgedKeyPackage(group, during(now + 8n * hour, now + 9n * hour))],
    ["a time gone by", "MLS-7.3-08", (group) => forgedKeyPackage(group, during(now - 9n * hour, now - 8n * hour))],
    ["an end before the beginning", "MLS-7.2-10", (group) => forgedKeyPackage(group, during(now, now - 1n))],
    ["too long a time", "MLS-7.2-11", (group) => forgedKeyPackage(group, during(now, now + 2n * 366n * 24n * hour))],
  ];

  it.each(wrong)("%s (%s)", (_what, rule, make) => {
    const { groups } = groupUnder({ limits: { lifetimeSeconds: 366n * 24n * hour } }, "alice", "bob");
    const [alice, bob] = groups as [Group, Group];
    for (const rules of refusals(bob, alice, make(alice))) {
      expect(rule.split("|").some((each) => rules.includes(each))).toBe(true);
      // MLS-10.1-02: what is wrong with a leaf is wrong with its key package, and with the Add
      if (/^MLS-7|^MLS-10-04$/.test(rule)) expect(rules).toContain("MLS-10.1-02");
    }
  });

  function sameKeyTwice(group: Group): KeyPackage {
    const { leafNode } = forgedKeyPackage(group);
    return forgedKeyPackage(group, { encryptionKey: leafNode.encryptionKey }, { initKey: leafNode.encryptionKey });
  }

  function otherKey(group: Group): KeyPackage {
    return forgedKeyPackage(group, { signatureKey: group.state.signatureKey.publicKey });
  }

  function withList(group: Group, list: "cipherSuites" | "versions" | "credentials", values: number[]): KeyPackage {
    const { capabilities } = forgedKeyPackage(group).leafNode;
    return forgedKeyPackage(group, { capabilities: { ...capabilities, [list]: values }, extensions: [] });
  }

  it("nothing, when it is in order; extensions of the key package itself need not be known (MLS-10-08)", () => {
    const { groups } = groupOf("alice", "bob");
    const [alice, bob] = groups as [Group, Group];
    const keyPackage = forgedKeyPackage(alice, {}, { extensions: [unlisted] });
    const received = bob.receive(forge(alice, { kind: "proposal", proposal: add(keyPackage) }));
    expect(received.kind).toBe("proposal");
    expect(bob.commit({ includeReceived: true }).added).toHaveLength(1);
  });

  it("MLS-7.3-07: its own committer minds the lifetime even where receivers do not", () => {
    const { groups } = groupUnder({ checkLifetime: false }, "alice", "bob");
    const [alice, bob] = groups as [Group, Group];
    const keyPackage = forgedKeyPackage(alice, during(now - 9n * hour, now - 8n * hour));
    expect(bob.receive(forge(alice, { kind: "proposal", proposal: add(keyPackage) })).kind).toBe("proposal");
    const message = encodeMLSMessage({ kind: "keyPackage", keyPackage });
    expect(rulesOf(refusalOf(() => bob.commit({ includeReceived: false, add: [message] })))).toContain("MLS-7.3-08");
  });
});

describe("credential types", () => {
  const knows: Partial<ClientOptions> = { supports: { credentials: [CUSTOM] } };
  const credential = { kind: "custom", credentialType: CUSTOM, data: Uint8Array.of(1) } as const;

  function newcomer(group: Group, credentials: number[]): KeyPackage {
    const { capabilities } = forgedKeyPackage(group).leafNode;
    return forgedKeyPackage(group, { credential, capabilities: { ...capabilities, credentials }, extensions: [] });
  }

  it("MLS-7.3-06: a newcomer lists every type in use", () => {
    const { groups } = groupUnder(knows, "alice", "bob");
    const [alice, bob] = groups as [Group, Group];
    for (const rules of refusals(bob, alice, newcomer(alice, [CUSTOM]))) expect(rules).toContain("MLS-7.3-06");
    expect(bob.receive(forgeProposal(alice, newcomer(alice, [CUSTOM, 1]))).kind).toBe("proposal");
  });

  it("MLS-7.3-05: and every member lists the newcomer's, in an Add, an Update and a path", () => {
    const [alice, bob] = [publicClient("alice", knows), publicClient("bob", knows)];
    const carol = publicClient("carol");
    const group = alice.createGroup("room");
    const adding = group.commit({ add: [bob.keyPackage(), carol.keyPackage()] });
    adding.accept();
    const atBob = bob.join(adding.welcomes[0]!).accept();
    const message = encodeMLSMessage({ kind: "keyPackage", keyPackage: newcomer(group, [CUSTOM, 1]) });
    expect(rulesOf(refusalOf(() => group.commit({ add: [message] })))).toContain("MLS-7.3-05");
    expect(rulesOf(refusalOf(() => group.commit({ leaf: { credential } })))).toContain("MLS-7.3-05");
    const commit = forgeCommit(group, [add(newcomer(group, [CUSTOM, 1]))]);
    expect(rulesOf(refusalOf(() => atBob.receive(commit)))).toContain("MLS-7.3-05");
    const { path } = honestCommit(group);
    const changed = alteredPath(path, { leafNode: resignedLeaf(group, path.leafNode, { credential }) });
    expect(rulesOf(refusalOf(() => atBob.receive(forgeCommit(group, [], changed))))).toContain("MLS-7.3-05");
    // With the removal of who lacks it, it may come.
    expect(group.commit({ add: [message], remove: [2] }).added).toHaveLength(1);
  });

  function forgeProposal(group: Group, keyPackage: KeyPackage): Uint8Array {
    return forge(group, { kind: "proposal", proposal: add(keyPackage) });
  }
});

describe("required capabilities", () => {
  const able: Partial<ClientOptions> = { supports: { extensions: [0xf123] } };
  const list = [required({ extensionTypes: [0xf123] })];

  it("MLS-11.1-03, MLS-12.3-02: an Add must meet them, those that the same commit brings as well", () => {
    const { groups } = groupUnder(able, "alice", "bob");
    const [alice, bob] = groups as [Group, Group];
    const unable = publicClient("unable").keyPackage();
    expect(rulesOf(refusalOf(() => alice.commit({ add: [unable], extensions: list })))).toContain("MLS-7.3-04");
    const keyPackage = forgedKeyPackage(alice);
    const proposals: Proposal[] = [{ kind: "groupContextExtensions", extensions: list }, add(keyPackage)];
    for (const each of [proposals, [...proposals].reverse()]) {
      const message = forgeCommit(alice, each, honestCommit(alice).path);
      expect(rulesOf(refusalOf(() => bob.receive(message)))).toContain("MLS-7.3-04");
    }
    const commit = alice.commit({ extensions: list });
    const received = bob.receive(commit.commit);
    if (received.kind === "commit") received.commit.accept();
    commit.accept();
    for (const rules of refusals(bob, alice, keyPackage)) expect(rules).toContain("MLS-7.3-04");
    expect(alice.commit({ add: [publicClient("able", able).keyPackage()] }).added).toHaveLength(1);
  });

  it("MLS-11.1-04, MLS-12.1.7-03: the members who stay must meet them; whoever the commit removes need not", () => {
    const clients = [publicClient("alice", able), publicClient("bob", able), publicClient("carol")];
    const [alice, bob, carol] = clients as [Client, Client, Client];
    const group = alice.createGroup("room");
    const adding = group.commit({ add: [bob.keyPackage(), carol.keyPackage()] });
    adding.accept();
    const atBob = bob.join(adding.welcomes[0]!).accept();
    const plain = [{ extensionType: 0xf123, extensionData: Uint8Array.of(1) }];
    for (const extensions of [list, plain]) {
      expect(rulesOf(refusalOf(() => group.commit({ extensions })))).toContain("MLS-12.1.7-01");
      const proposals: Proposal[] = [{ kind: "groupContextExtensions", extensions }];
      const message = forgeCommit(group, proposals, honestCommit(group).path);
      expect(rulesOf(refusalOf(() => atBob.receive(message)))).toContain("MLS-12.1.7-01");
    }
    const commit = group.commit({ extensions: plain, remove: [2] });
    const received = atBob.receive(commit.commit);
    if (received.kind === "commit") received.commit.accept();
    commit.accept();
    expect(atBob.extensions).toEqual(plain);
  });

  it("MLS-11.1-01: they stand in a GroupContext and nowhere else", () => {
    const { groups } = groupOf("alice");
    expect(rulesOf(errorOf(() => forgedKeyPackage(groups[0]!, { extensions: list })))).toContain("MLS-17.3-01");
    expect(rulesOf(errorOf(() => forgedKeyPackage(groups[0]!, {}, { extensions: list })))).toContain("MLS-17.3-01");
  });
});

describe("MLS-5.1.1-01, MLS-5.1.1-02: keys that are no points of the curve are refused", () => {
  const suite: Partial<ClientOptions> = { cipherSuite: 2, suites: nist };
  const compressed = (key: Uint8Array): Uint8Array => Uint8Array.of(2 + (key.at(-1) & 1), ...key.subarray(1, 33));

  it("in a key package", () => {
    const { groups } = groupUnder(suite, "alice", "bob");
    const [alice, bob] = groups as [Group, Group];
    const { initKey, leafNode } = forgedKeyPackage(alice);
    const { encryptionKey } = leafNode;
    const cases: [string, KeyPackage][] = [
      ["MLS-10-02", forgedKeyPackage(alice, {}, { initKey: flipped(initKey) })],
      ["MLS-10-02", forgedKeyPackage(alice, {}, { initKey: compressed(initKey) })],
      ["MLS-5.1.1-01", forgedKeyPackage(alice, { encryptionKey: flipped(encryptionKey) })],
      ["MLS-12.2-09", forgedKeyPackage(alice, { encryptionKey: compressed(encryptionKey) })],
      ["MLS-10-04", forgedKeyPackage(alice, { signatureKey: compressed(leafNode.signatureKey) })],
      ["MLS-7.3-03", forgedKeyPackage(alice, { signatureKey: flipped(leafNode.signatureKey) })],
    ];
    for (const [rule, keyPackage] of cases) {
      for (const rules of refusals(bob, alice, keyPackage)) {
        expect(rules.includes(rule) || rules.includes("MLS-10-04")).toBe(true);
      }
    }
  });

  it("in an Update, a path's leaf and a path's node", () => {
    const { groups } = groupUnder(suite, "alice", "bob", "carol");
    const [alice, bob] = groups as [Group, Group];
    const { path } = honestCommit(alice);
    const encryptionKey = flipped(path.leafNode.encryptionKey);
    const update = resignedLeaf(alice, path.leafNode, { encryptionKey, source: { kind: "update" } });
    const nodes = path.nodes.map((node) => ({ ...node, encryptionKey: flipped(node.encryptionKey) }));
    for (const message of [
      forge(alice, { kind: "proposal", proposal: { kind: "update", leafNode: update } }),
      forgeCommit(alice, [], alteredPath(path, { leafNode: resignedLeaf(alice, path.leafNode, { encryptionKey }) })),
      forgeCommit(alice, [], alteredPath(path, { nodes: [path.nodes[0]!, nodes[1]!] })),
      forgeCommit(alice, [], alteredPath(path, { nodes: [nodes[0]!, path.nodes[1]!] })),
    ]) {
      expect(rulesOf(refusalOf(() => bob.receive(message)))).toContain("MLS-5.1.1-01");
    }
    expect(bob.receive(alice.commit().commit).kind).toBe("commit");
  });

  it.each(["leaf", "parent"] as const)("in the tree of a group to be joined, in a %s", (where) => {
    const { groups } = groupUnder(suite, "alice", "bob");
    const { state } = groups[0]!;
    const tree = state.tree.fork();
    const { encryptionKey } = honestCommit(groups[0]!).path.leafNode;
    const fresh = honestCommit(groups[0]!).path.nodes[0]!.encryptionKey;
    const parentHash = tree.setPath(0, [where === "parent" ? flipped(fresh) : fresh]);
    const changes = {
      encryptionKey: where === "leaf" ? flipped(encryptionKey) : encryptionKey,
      source: { kind: "commit", parentHash } as const,
    };
    tree.setLeaf(0, resignedLeaf(groups[0]!, state.ownLeaf, changes).encoded);
    const groupContext = sealedContext({ ...state.epoch.groupContext, treeHash: tree.treeHash() });
    const extensions = [
      { extensionType: ExtensionType.externalPub, extensionData: encodeExternalPub(fresh) },
      ratchetTreeExtension(tree),
    ];
    const epoch = { ...state.epoch, groupContext };
    const groupInfo = signGroupInfo(state.suite, state.signatureKey, epoch, 0, extensions);
    tree.close();
    const message = encodeMLSMessage({ kind: "groupInfo", groupInfo });
    const follow = (): unknown => PublicGroup.follow(message, { suites: nist, authenticate: () => true });
    const newcomer = publicClient("new", suite);
    for (const enter of [follow, (): unknown => newcomer.joinExternal(message)]) {
      expect(rulesOf(refusalOf(enter))).toContain("MLS-5.1.1-01");
    }
  });
});

it("MLS-10-03: no two key packages of a client share an init_key or an encryption_key", () => {
  const client = publicClient("alice");
  const keys = client.keyPackages(50).flatMap((message) => [message.subarray(8, 40).join(), message.join()]);
  expect(new Set(keys).size).toBe(100);
});
