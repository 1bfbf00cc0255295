// Errors name the proposal, the leaf and the struct at fault, with what came and what was expected there.
import { describe, expect, it } from "vitest";
import type { Proposal } from "../../bindings/message/proposals.ts";
import type { LeafNodeContent } from "../../bindings/message/leafnode.ts";
import { acceptAnyCredential, type ErrorDetails, type Group, PublicGroup } from "../../bindings/index.ts";
import { fromJSON, type Json, toJSON } from "../../json/index.ts";
import { utf8 } from "../support/bytes.ts";
import { explained, innermost, trio } from "../support/explained.ts";
import {
  alteredPath,
  errorOf,
  forge,
  forgeCommit,
  forgedKeyPackage,
  honestCommit,
  publicClient,
  resignedLeaf,
} from "../support/forge.ts";
import { forgedWelcome } from "../support/welcome.ts";

const removes = (removed: number): Proposal => ({ kind: "remove", removed });

describe("errors of proposals name the position in the commit", () => {
  const add = (alice: Group, leaf: Partial<LeafNodeContent>): Proposal => ({
    kind: "add",
    keyPackage: forgedKeyPackage(alice, leaf),
  });
  const capabilities = { versions: [1], cipherSuites: [1], extensions: [], proposals: [], credentials: [1] };
  const withCapabilities = (change: object) => (alice: Group) =>
    add(alice, { capabilities: { ...capabilities, ...change } });
  const lifetime = (notBefore: bigint, notAfter: bigint) => (alice: Group) =>
    add(alice, { source: { kind: "keyPackage", lifetime: { notBefore, notAfter } } });
  const psk = (pskNonce: Uint8Array): Proposal => ({
    kind: "psk",
    psk: { kind: "external", pskId: utf8("x"), pskNonce },
  });

  const wrong: [string, (alice: Group) => Proposal, string | undefined, RegExp][] = [
    ["a Remove of nobody", () => removes(9), undefined, /names leaf 9/],
    ["a nonce of 5 bytes", () => psk(new Uint8Array(5)), undefined, /a PSK nonce of 5 bytes instead of 32/],
    ["no capabilities for the version", withCapabilities({ versions: [2] }), "LeafNode", /lack the group's version 1/],
    ["nor for the suite", withCapabilities({ cipherSuites: [3] }), "LeafNode", /lack the group's cipher suite 1/],
    ["nor for its credential", withCapabilities({ credentials: [2] }), "LeafNode", /its own credential type 1/],
    ["a lifetime that is over", lifetime(0n, 10n), "LeafNode", /present time \d+ is outside its lifetime, 0 to 10/],
    ["a lifetime that ends early", lifetime(20n, 10n), "LeafNode", /ends before it begins: 20 to 10/],
    [
      "a leaf of a commit",
      (alice) => add(alice, { source: { kind: "update" } }),
      "LeafNode",
      /is update instead of keyPackage/,
    ],
    [
      "an extension that the leaf does not list",
      (alice) => add(alice, { extensions: [{ extensionType: 0xff01, extensionData: new Uint8Array(0) }] }),
      "LeafNode",
      /its own extension type 65281/,
    ],
    [
      "a key package of another suite",
      (alice) => ({ kind: "add", keyPackage: forgedKeyPackage(alice, {}, { cipherSuite: 3 }) }),
      "KeyPackage",
      /cipher suite 3 instead of 1/,
    ],
    ["a Remove of the committer", () => removes(0), undefined, /a Remove of the committer, leaf 0/],
  ];

  it.each(wrong)("%s", (_, make, struct, message) => {
    for (const before of [0, 2]) {
      const [alice, bob] = trio();
      const others = Array.from({ length: before }, () => add(alice, {}));
      const proposals = [...others, make(alice)];
      const error = explained(errorOf(() => bob.receive(forgeCommit(alice, proposals, honestCommit(alice).path))));
      expect([error.code, error.index]).toEqual(["ERR_PROPOSAL_LIST", before]);
      expect(error.message).toMatch(message);
      expect(error.message).toContain(`index ${before}`);
      const leafIndex = struct === "LeafNode" ? 3 + before : undefined;
      expect(innermost(error)).toMatchObject({ struct, leafIndex });
    }
  });

  it("and the position among the key packages that are to be added", () => {
    const alice = publicClient("alice").createGroup("room");
    const good = publicClient("bob-the-second").keyPackage();
    const commit = (bad: Uint8Array) => () => alice.commit({ add: [good, bad] });
    const ofSuite3 = publicClient("charlotte", { cipherSuite: 3 }).keyPackage();
    const cases: [Uint8Array, RegExp][] = [
      [ofSuite3, /cipher suite 3 instead of 1/],
      [alice.groupInfo(), /a groupInfo instead of a keyPackage/],
      [good.subarray(0, 40), /needs|a vector of|not a leaf/],
    ];
    for (const [bad, message] of cases) {
      const error = explained(errorOf(commit(bad)));
      expect(error.index).toBe(1);
      expect(error.message).toMatch(message);
    }
  });

  it("and what a member sends by itself has no position but its own", () => {
    const [alice, bob] = trio();
    const own = bob.state.tree.leafNode(0)!;
    const leafNode = resignedLeaf(alice, own, { source: { kind: "update" } });
    const error = explained(
      errorOf(() => bob.receive(forge(alice, { kind: "proposal", proposal: { kind: "update", leafNode } }))),
    );
    expect(error).toMatchObject({ rule: "MLS-7.3-12", struct: "LeafNode", leafIndex: 0 });
  });
});

describe("errors of leaves and trees name the leaf", () => {
  it.each<[string, (alice: Group) => Partial<LeafNodeContent>, RegExp]>([
    ["another source", () => ({ source: { kind: "update" } }), /leaf_node_source is update instead of commit/],
    [
      "the old key",
      (alice) => ({ encryptionKey: alice.state.ownLeaf.encryptionKey }),
      /keeps the committer's encryption key/,
    ],
    ["a key of 31 bytes", () => ({ encryptionKey: new Uint8Array(31) }), /31 bytes instead of 32/],
    ["another parent hash", () => ({ source: { kind: "commit", parentHash: new Uint8Array(32) } }), /parent hash/],
  ])("of a path with %s", (_, change) => {
    for (const committer of [0, 2]) {
      const groups = trio();
      const alice = groups[committer]!;
      const { path } = honestCommit(alice);
      const leafNode = resignedLeaf(alice, path.leafNode, change(alice));
      const error = explained(
        errorOf(() => groups[1].receive(forgeCommit(alice, [], alteredPath(path, { leafNode })))),
      );
      expect(innermost(error)).toMatchObject({ leafIndex: committer, struct: "LeafNode" });
      expect(error.message).toContain(`leaf ${committer}`);
    }
  });

  it("of a tree in which a member's key stands twice", () => {
    const [alice] = trio();
    const nodes = toJSON("RatchetTree", alice.ratchetTree()) as Json[];
    const ratchetTree = fromJSON("RatchetTree", nodes.with(4, nodes[2]!));
    const error = explained(
      errorOf(() => PublicGroup.follow(alice.groupInfo(), { authenticate: acceptAnyCredential, ratchetTree })),
    );
    expect(error).toMatchObject({ struct: "LeafNode", leafIndex: 2 });
  });

  it("of the leaf that the application refuses", () => {
    const [alice] = trio();
    const refusing = publicClient("stranger", { authenticate: ({ leafIndex }) => leafIndex !== 1 });
    const error = explained(errorOf(() => refusing.joinExternal(alice.groupInfo())));
    expect(error).toMatchObject({ code: "ERR_CREDENTIAL", leafIndex: 1 });
    expect(error.message).toMatch(/refused a credential \([\w-]+\)/);
  });
});

describe("errors of joining", () => {
  it.each<[string, () => unknown, ErrorDetails, RegExp]>([
    [
      "by a Welcome of another suite",
      () => publicClient("alice", { cipherSuite: 3 }).join(forgedWelcome().welcome),
      { struct: "Welcome" },
      /cipher suite 1 instead of 3/,
    ],
    [
      "by what is no Welcome",
      () => publicClient("alice").join(publicClient("alice").keyPackage()),
      {},
      /a keyPackage instead of a Welcome/,
    ],
    [
      "a group of another version",
      () => {
        const { joiner, welcome } = forgedWelcome({ context: { version: 7 } });
        joiner.join(welcome);
      },
      { struct: "GroupContext" },
      /version 7 instead of 1/,
    ],
    [
      "by a GroupInfo of nobody",
      () => {
        const founder = publicClient("alice").createGroup("room");
        const { joiner, welcome } = forgedWelcome({ signer: { leafIndex: 3, key: founder.state.signatureKey } });
        joiner.join(welcome);
      },
      { struct: "GroupInfo", leafIndex: 3 },
      /the signer is no member/,
    ],
    [
      "from outside a group of another suite",
      () => publicClient("bob-the-second", { cipherSuite: 3 }).joinExternal(trio()[0].groupInfo()),
      { struct: "GroupContext" },
      /cipher suite 1 instead of 3/,
    ],
  ])("%s", (_, run, place, message) => {
    const error = explained(errorOf(run));
    expect(error).toMatchObject(place);
    expect(error.message).toMatch(message);
  });
});
