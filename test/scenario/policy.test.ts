// What clients say of themselves, ask the application, and let nobody send: GREASE (RFC 9420 section 13.5),
// credentials (5.3), proposals and commits from outside (12.1.8, 12.4.3.2), messages (15).
import { describe, expect, it } from "vitest";
import { lineagePsk } from "../../bindings/group/lineage.ts";
import { processCommit } from "../../bindings/group/process.ts";
import {
  type AuthenticationRequest,
  basicCredential,
  Client,
  encodeApplicationId,
  encodeExternalSenders,
  ExtensionType,
  ExternalSender,
  type Group,
  PublicGroup,
} from "../../bindings/index.ts";
import { decodeApplicationId } from "../../bindings/message/extension.ts";
import { publicAuthenticatedContent, type PublicMessage } from "../../bindings/message/framing.ts";
import { decodeLeafNode } from "../../bindings/message/leafnode.ts";
import { isGrease, greaseValues } from "../../bindings/message/grease.ts";
import { decodeMLSMessage } from "../../bindings/message/mlsmessage.ts";
import type { Proposal } from "../../bindings/message/proposals.ts";
import {
  alteredPath,
  errorOf,
  forge,
  forgeCommit,
  forgedKeyPackage,
  groupOf,
  honestCommit,
  keyPackageIn,
  publicClient,
  resignedLeaf,
  rulesOf,
} from "../support/forge.ts";

const nothing = new Uint8Array(0);

function accept(group: Group, message: Uint8Array): void {
  const received = group.receive(message);
  if (received.kind !== "commit") throw new Error(`a ${received.kind}`);
  received.commit.accept();
}

function publicMessage(bytes: Uint8Array): PublicMessage {
  const message = decodeMLSMessage(bytes);
  if (message.kind !== "publicMessage") throw new Error(`a ${message.kind}`);
  return message.publicMessage;
}

describe("GREASE", () => {
  it("MLS-13.5-03, MLS-7.2-09, MLS-12.4.3-02: stands in leaves, key packages and GroupInfos, unless it is switched off", () => {
    for (const grease of [true, false]) {
      const client = publicClient("alice", { grease });
      const { extensions, leafNode } = keyPackageIn(client.keyPackage());
      const { capabilities } = leafNode;
      const info = decodeMLSMessage(client.createGroup("room").groupInfo());
      if (info.kind !== "groupInfo") throw new Error(`a ${info.kind}`);
      const types = (list: readonly { readonly extensionType: number }[]): number[] =>
        list.map(({ extensionType }) => extensionType);
      const { cipherSuites, proposals, credentials } = capabilities;
      const lists = [capabilities.extensions, cipherSuites, proposals, credentials];
      for (const list of [...lists, types(extensions), types(leafNode.extensions), types(info.groupInfo.extensions)]) {
        expect(list.filter(isGrease)).toHaveLength(grease ? 1 : 0);
      }
    }
  });

  it("MLS-13.5-04: is never sent as an extension of a group or as a proposal", () => {
    for (const extensionType of [greaseValues[0]!, greaseValues.at(-1)!]) {
      const extensions = [{ extensionType, extensionData: nothing }];
      const client = publicClient("alice", { supports: { extensions: [extensionType] } });
      const wrong = { code: "ERR_USAGE", rule: "MLS-13.5-04" };
      expect(errorOf(() => client.createGroup("room", { extensions }))).toMatchObject(wrong);
      const group = client.createGroup("room");
      expect(errorOf(() => group.commit({ extensions }))).toMatchObject(wrong);
      expect(errorOf(() => group.propose({ extensions }))).toMatchObject(wrong);
      expect(errorOf(() => group.commit({ reInit: { extensions } }))).toMatchObject(wrong);
      expect(() => publicClient("x", { customProposals: [{ type: extensionType }] })).toThrow(RangeError);
    }
  });

  it("MLS-13.5-06: is judged like any unknown value, where it may stand and where it may not", () => {
    const { groups } = groupOf("alice", "bob");
    const [alice, bob] = groups as [Group, Group];
    const outcome = (value: number): string[] => {
      const extensions = [{ extensionType: value, extensionData: nothing }];
      const { capabilities } = forgedKeyPackage(alice).leafNode;
      const listing = { ...capabilities, extensions: [value], proposals: [value], cipherSuites: [1, value] };
      const without = { ...capabilities, extensions: capabilities.extensions.filter((type) => type !== value) };
      const stranger = forgedKeyPackage(alice, { extensions, capabilities: without });
      const unlisted: Proposal = { kind: "add", keyPackage: stranger };
      const keyPackage = forgedKeyPackage(alice, { extensions, capabilities: listing }, { extensions });
      const inGroup: Proposal = { kind: "groupContextExtensions", extensions };
      const bytes = forge(alice, {
        kind: "proposal",
        proposal: { kind: "custom", proposalType: value, data: nothing },
      });
      return [
        rulesOf(errorOf(() => bob.receive(forge(alice, { kind: "proposal", proposal: unlisted })))).join(),
        bob.commit({ includeReceived: false, add: [] }).discard() ?? "committed",
        bob.receive(forge(alice, { kind: "proposal", proposal: { kind: "add", keyPackage } })).kind,
        rulesOf(errorOf(() => bob.receive(forgeCommit(alice, [inGroup], honestCommit(alice).path)))).join(),
        errorOf(() => bob.receive(bytes)).code,
      ];
    };
    // One that neither of them happens to list.
    const listed = [alice, bob].flatMap(({ state }) => Object.values(state.ownLeaf.capabilities).flat());
    const value = greaseValues.find((each) => !listed.includes(each))!;
    expect(outcome(value)).toEqual(outcome(0xf123));
  });
});

describe("the Authentication Service", () => {
  it("MLS-5.3.1-09, MLS-5.3.1-08: is asked in one go, in order, and with the credential that is replaced", () => {
    const calls: AuthenticationRequest[][] = [];
    let refuse = -1;
    const alice = Client.create({
      credential: basicCredential("alice"),
      authenticateMany: (requests) => {
        calls.push([...requests]);
        return requests.map((_, i) => i !== refuse);
      },
    });
    const group = alice.createGroup("room");
    const add = ["bob", "carol", "dave"].map((name) => publicClient(name).keyPackage());
    refuse = 1;
    expect(errorOf(() => group.commit({ add }))).toMatchObject({ code: "ERR_CREDENTIAL", leafIndex: 2, index: 1 });
    expect(calls.map((requests) => requests.map(({ leafIndex }) => leafIndex))).toEqual([[1, 2, 3]]);
    refuse = -1;
    group.commit({ add }).accept();
    group.commit({ leaf: { credential: basicCredential("alice 2") } }).accept();
    const [request] = calls.at(-1);
    expect(request).toMatchObject({ reason: "commit", leafIndex: 0, credential: basicCredential("alice 2") });
    expect(request!.previous).toEqual(basicCredential("alice"));
    const count = calls.length;
    group.commit().accept();
    expect(calls).toHaveLength(count);
  });

  it.each([undefined, null, 1, "yes", {}, [], false])("MLS-5.3.1-01: refuses by answering %j", (answer) => {
    const alice = publicClient("alice", { authenticate: () => answer as never });
    const group = alice.createGroup("room");
    expect(errorOf(() => group.commit({ add: [publicClient("bob").keyPackage()] })).code).toBe("ERR_CREDENTIAL");
    expect(group.pendingCommit).toBeUndefined();
  });

  it("MLS-5.3.1-01: refuses by throwing", () => {
    const authenticate = (): never => {
      throw new SyntaxError("no");
    };
    const group = publicClient("alice", { authenticate }).createGroup("room");
    expect(errorOf(() => group.commit({ add: [publicClient("bob").keyPackage()] })).code).toBe("ERR_CREDENTIAL");
  });

  it("MLS-5.3.3-01, MLS-5.3.3-03: members are told by leaf and credential, never by application_id", () => {
    const extensionData = encodeApplicationId(Uint8Array.of(1, 2));
    const leafExtensions = [{ extensionType: ExtensionType.applicationId, extensionData }];
    const keyPackages = ["bob", "carol", "dave"].map((name) => publicClient(name, { leafExtensions }).keyPackage());
    const group = publicClient("alice", { leafExtensions }).createGroup("room");
    // One application_id for all is no clash, and a leaf index means another member after a removal.
    group.commit({ add: keyPackages.slice(0, 2) }).accept();
    expect(group.member(1)!.credential).toEqual(basicCredential("bob"));
    group.commit({ remove: [1], add: keyPackages.slice(2) }).accept();
    expect(group.member(1)!.credential).toEqual(basicCredential("dave"));
    expect(decodeApplicationId(extensionData)).toEqual(Uint8Array.of(1, 2));
    expect(Object.keys(group.member(1)!).sort()).toEqual(["credential", "identity", "leafIndex", "signatureKey"]);
  });
});

describe("from outside", () => {
  it("MLS-12.1.8-02, MLS-12.1.8-07, MLS-12.1.8-08: proposals are PublicMessages that know group and epoch alone, and are committed by reference", () => {
    const server = new ExternalSender({ credential: basicCredential("server") });
    const extensionData = encodeExternalSenders([server.entry]);
    const extensions = [{ extensionType: ExtensionType.externalSenders, extensionData }];
    const alice = publicClient("alice").createGroup("room", { extensions });
    const bob = publicClient("bob");
    const adding = alice.commit({ add: [bob.keyPackage()] });
    adding.accept();
    const atBob = bob.join(adding.welcomes[0]!).accept();
    const { groupId, epoch } = alice;
    const message = server.propose({ groupId, epoch }, 0, { extensions });
    expect(publicMessage(message)).toMatchObject({ membershipTag: undefined });
    expect(publicMessage(message).content.sender).toEqual({ kind: "external", senderIndex: 0 });
    const received = atBob.receive(message);
    expect(received).toMatchObject({ kind: "proposal", proposer: { kind: "external", senderIndex: 0 } });
    alice.receive(message);
    for (const stale of [epoch - 1n, epoch + 1n]) {
      const late = server.propose({ groupId, epoch: stale }, 0, { remove: 1 });
      expect(errorOf(() => alice.receive(late)).code).toBe("ERR_WRONG_EPOCH");
    }
    const commit = alice.commit();
    const { content } = publicMessage(commit.commit).content;
    if (content.kind !== "commit") throw new Error(`a ${content.kind}`);
    expect(content.commit.proposals.map(({ kind }) => kind)).toEqual(["reference"]);
    accept(atBob, commit.commit);
    commit.accept();
    expect(atBob.epochAuthenticator).toEqual(alice.epochAuthenticator);
  });

  it("MLS-12.4.3.2-02, -03, -06, -07, -09, MLS-12.4.2-05: an external commit takes the leftmost blank leaf, with a path, in public", () => {
    const { groups } = groupOf("alice", "bob", "carol", "dave");
    const [alice, , carol] = groups as [Group, Group, Group];
    const removal = alice.commit({ remove: [1, 3] });
    accept(carol, removal.commit);
    removal.accept();
    const erin = publicClient("erin");
    const joining = erin.joinExternal(alice.groupInfo());
    const { content } = publicMessage(joining.commit);
    expect(content.sender).toEqual({ kind: "newMemberCommit" });
    if (content.content.kind !== "commit") throw new Error(`a ${content.content.kind}`);
    expect(content.content.commit.path?.nodes).toHaveLength(2);
    for (const group of [alice, carol]) accept(group, joining.commit);
    const atErin = joining.accept();
    expect(atErin.ownLeafIndex).toBe(1);
    for (const group of [alice, carol]) expect(group.epochAuthenticator).toEqual(atErin.epochAuthenticator);
    // Whoever joins looks at the GroupInfo as a newcomer with a Welcome does.
    const info = Uint8Array.from(alice.groupInfo());
    info[info.length - 1]! ^= 1;
    expect(errorOf(() => publicClient("frank").joinExternal(info)).code).toBe("ERR_SIGNATURE");
    expect(errorOf(() => publicClient("frank").joinExternal(publicClient("x").keyPackage()))).toMatchObject({
      rule: "MLS-12.4.3.2-01",
    });
  });

  it("MLS-12.2-18: a resync keeps the rules of an Update: another encryption key than the leaf that it replaces", () => {
    const signaturePrivateKey = new Uint8Array(32).fill(7);
    const bob = publicClient("bob", { signaturePrivateKey });
    const alice = publicClient("alice").createGroup("room");
    const adding = alice.commit({ add: [bob.keyPackage()] });
    adding.accept();
    const atBob = bob.join(adding.welcomes[0]!).accept();
    const joining = publicClient("bob", { signaturePrivateKey }).joinExternal(alice.groupInfo(), { resync: true });
    const { content } = publicMessage(joining.commit).content;
    if (content.kind !== "commit") throw new Error(`a ${content.kind}`);
    const { encryptionKey } = atBob.state.ownLeaf;
    const leafNode = resignedLeaf(atBob, content.commit.path!.leafNode, { encryptionKey });
    const commit = { ...content.commit, path: alteredPath(content.commit.path!, { leafNode }) };
    const message = forge(atBob, { kind: "commit", commit }, { sender: { kind: "newMemberCommit" } });
    expect(rulesOf(errorOf(() => alice.receive(message)))).toContain("MLS-12.4.2-01");
    accept(alice, joining.commit);
    expect(alice.epochAuthenticator).toEqual(joining.accept().epochAuthenticator);
  });

  it("MLS-12.4.2-13: no commit comes from anybody else", () => {
    const { groups } = groupOf("alice", "bob");
    const { content, auth } = publicAuthenticatedContent(publicMessage(groups[0]!.commit().commit));
    for (const sender of [{ kind: "external", senderIndex: 0 }, { kind: "newMemberProposal" }] as const) {
      const authenticated = { wireFormat: 1, content: { ...content, sender }, auth };
      const error = errorOf(() => processCommit(groups[1]!.state, authenticated));
      expect(error).toMatchObject({ code: "ERR_SENDER", rule: "MLS-12.4.2-13" });
    }
  });

  it("MLS-6-07: a follower reads PublicMessages alone", () => {
    const { groups } = groupOf("alice", "bob");
    const follower = PublicGroup.follow(groups[0]!.groupInfo(), { authenticate: () => true });
    const message = groups[0]!.commit({ format: "private" }).commit;
    expect(errorOf(() => follower.receive(message))).toMatchObject({ code: "ERR_POLICY", rule: "MLS-6-07" });
  });
});

describe("commits and messages", () => {
  it("MLS-12.4.2-06, MLS-7.5-02, MLS-7.2-13: a path's leaf must meet what the commit requires, and be signed as it is", () => {
    const { groups } = groupOf("alice", "bob");
    const [alice, bob] = groups as [Group, Group];
    const { path } = honestCommit(alice);
    const { capabilities } = path.leafNode;
    const rules = (leafNode: typeof path.leafNode): string[] =>
      rulesOf(errorOf(() => bob.receive(forgeCommit(alice, [], alteredPath(path, { leafNode })))));
    const lacking = { ...capabilities, versions: [2] };
    expect(rules(resignedLeaf(alice, path.leafNode, { capabilities: lacking }))).toContain("MLS-12.4.2-06");
    const signature = honestCommit(alice).path.leafNode.signature;
    const { encoded } = path.leafNode;
    const spliced = Uint8Array.of(...encoded.subarray(0, encoded.length - 64), ...signature);
    expect(rules(decodeLeafNode(spliced, alice.state.environment.decode))).toContain("MLS-7.3-03");
  });

  it("MLS-12.4.2-04: a commit wrong in many ways is refused for the first of them in the RFC's order", () => {
    const { groups } = groupOf("alice", "bob");
    const [alice, bob] = groups as [Group, Group];
    const list: Proposal[] = [{ kind: "remove", removed: 7 }];
    const code = (changes: Parameters<typeof forge>[2], proposals = list): string => {
      const inline = proposals.map((proposal) => ({ kind: "proposal", proposal }) as const);
      const commit = { kind: "commit", commit: { proposals: inline, path: undefined } } as const;
      return errorOf(() => bob.receive(forge(alice, commit, changes))).code;
    };
    const sender = { kind: "member", leafIndex: 1 } as const;
    expect(code({ epoch: 9n, groupId: nothing, sender })).toBe("ERR_WRONG_GROUP");
    expect(code({ epoch: 9n, sender })).toBe("ERR_WRONG_EPOCH");
    expect(code({ sender: { kind: "external", senderIndex: 0 } })).toBe("ERR_SENDER");
    expect(code({ sender })).toBe("ERR_SIGNATURE");
    expect(code({})).toBe("ERR_PROPOSAL_LIST");
    const psk = { kind: "external", pskId: nothing, pskNonce: new Uint8Array(32) } as const;
    const unheld: Proposal[] = [
      { kind: "psk", psk },
      { kind: "groupContextExtensions", extensions: [] },
    ];
    expect(code({}, unheld)).toBe("ERR_PSK");
    expect(code({}, unheld.slice(1))).toBe("ERR_COMMIT");
  });

  it("MLS-15.1-01, MLS-16.9-01: messages are padded, and tell their generation", () => {
    const lengths = (padding?: (length: number) => number): number[] => {
      const group = publicClient("alice", padding && { padding }).createGroup("room");
      return [1, 2, 3].map((length) => group.encrypt("x".repeat(length)).length);
    };
    expect(new Set(lengths()).size).toBe(1);
    const bare = lengths(() => 0);
    expect(bare.map((length) => length - bare[0]!)).toEqual([0, 1, 2]);
    expect(lengths(() => 100)).toEqual(bare.map((length) => length + 100));
    // What would not fit into one vector, or not into the core's addresses, is refused before memory is asked for.
    for (const wrong of [-1, 1.5, NaN, 2 ** 30, 2 ** 31, 2 ** 32, 2 ** 32 + 64])
      expect(() => lengths(() => wrong)).toThrow(new RangeError(`a padding of ${wrong} bytes`));
    const { groups } = groupOf("alice", "bob");
    const messages = ["a", "b", "c"].map((text) => groups[0]!.encrypt(text));
    expect([2, 0].map((i) => groups[1]!.receive(messages[i]!))).toMatchObject([{ generation: 2 }, { generation: 0 }]);
  });

  it("MLS-11.3-02: every branch names its PSK with a fresh nonce", () => {
    const { groups } = groupOf("alice");
    const { state, epoch } = groups[0]!;
    const lineage = { usage: "branch", prior: state, epoch } as const;
    const nonces = [0, 1, 2].map(() => lineagePsk(lineage, 32, state.environment.random).pskNonce);
    expect(nonces.map(({ length }) => length)).toEqual([32, 32, 32]);
    expect(new Set(nonces.map(String)).size).toBe(3);
  });
});
