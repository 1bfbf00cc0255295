import { describe, expect, it } from "vitest";
import { withEncoded } from "../../bindings/message/encoded.ts";
import type { Proposal } from "../../bindings/message/proposals.ts";
import type { UpdatePath } from "../../bindings/message/updatepath.ts";
import {
  alteredPath,
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

type Group = ReturnType<typeof groupOf>["groups"][number];

interface Wrong {
  readonly name: string;
  readonly rule: string;
  readonly path: (alice: Group, path: UpdatePath) => UpdatePath;
}

function flipped(bytes: Uint8Array, at = 0): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed[at]! ^= 1;
  return changed;
}

/** Four members in a full tree: Alice's path has two nodes with one ciphertext or two each. */
const wrong: readonly Wrong[] = [
  {
    name: "another source",
    rule: "MLS-7.3-13",
    path: (alice, path) =>
      alteredPath(path, { leafNode: resignedLeaf(alice, path.leafNode, { source: { kind: "update" } }) }),
  },
  {
    name: "the old encryption key",
    rule: "MLS-12.4.2-01",
    path: (alice, path) => {
      const { encryptionKey } = alice.state.ownLeaf;
      return alteredPath(path, { leafNode: resignedLeaf(alice, path.leafNode, { encryptionKey }) });
    },
  },
  {
    name: "a wrong parent hash",
    rule: "MLS-7.9.2-03",
    path: (alice, path) => {
      const source = { kind: "commit", parentHash: new Uint8Array(32) } as const;
      return alteredPath(path, { leafNode: resignedLeaf(alice, path.leafNode, { source }) });
    },
  },
  {
    name: "a signature for another leaf",
    rule: "MLS-7.3-03",
    path: (alice, path) => alteredPath(path, { leafNode: resignedLeaf(alice, path.leafNode, {}, { leafIndex: 1 }) }),
  },
  {
    name: "a signature for another group",
    rule: "MLS-7.3-03",
    path: (alice, path) =>
      alteredPath(path, { leafNode: resignedLeaf(alice, path.leafNode, {}, { groupId: Uint8Array.of(1) }) }),
  },
  {
    name: "a leaf that does not list the suite",
    rule: "MLS-7.2-05",
    path: (alice, path) => {
      const capabilities = { ...path.leafNode.capabilities, cipherSuites: [2] };
      return alteredPath(path, { leafNode: resignedLeaf(alice, path.leafNode, { capabilities }) });
    },
  },
  {
    name: "a node too few",
    rule: "MLS-4.1.2-02",
    path: (_, path) => alteredPath(path, { nodes: path.nodes.slice(1) }),
  },
  {
    name: "a node too many",
    rule: "MLS-4.1.2-02",
    path: (_, path) => alteredPath(path, { nodes: [...path.nodes, path.nodes[0]!] }),
  },
  {
    name: "a ciphertext too few",
    rule: "MLS-7.6-02",
    path: (_, path) => alteredPath(path, { nodes: replaceLast(path, (list) => list.slice(1)) }),
  },
  {
    name: "a ciphertext too many",
    rule: "MLS-7.6-02",
    path: (_, path) => alteredPath(path, { nodes: replaceLast(path, (list) => [...list, list[0]!]) }),
  },
  {
    name: "a key that stands in the tree",
    rule: "MLS-12.4.2-02",
    path: (alice, path) => {
      const encryptionKey = alice.state.tree.encryptionKey(2)!;
      return alteredPath(path, { nodes: [{ ...path.nodes[0]!, encryptionKey }, ...path.nodes.slice(1)] });
    },
  },
  {
    name: "the same key twice",
    rule: "MLS-12.4.2-02",
    path: (_, path) => {
      const { encryptionKey } = path.nodes[0]!;
      return alteredPath(path, { nodes: [path.nodes[0]!, { ...path.nodes[1]!, encryptionKey }] });
    },
  },
];

function replaceLast(
  path: UpdatePath,
  change: (
    list: UpdatePath["nodes"][number]["encryptedPathSecret"],
  ) => UpdatePath["nodes"][number]["encryptedPathSecret"],
): UpdatePath["nodes"] {
  const last = path.nodes.at(-1)!;
  return [...path.nodes.slice(0, -1), { ...last, encryptedPathSecret: change(last.encryptedPathSecret) }];
}

/** Receives what must be refused; nothing changes by it. */
function refused(group: Group, message: Uint8Array): string[] {
  const before = [group.epochAuthenticator, group.state.tree.treeHash(), group.state.tree.export()];
  const rules = rulesOf(refusalOf(() => group.receive(message)));
  expect([group.epochAuthenticator, group.state.tree.treeHash(), group.state.tree.export()]).toEqual(before);
  return rules;
}

describe("a path is refused, and nothing changes, for", () => {
  it.each(wrong)("$name ($rule)", ({ path, rule }) => {
    const { groups } = groupOf("alice", "bob", "carol", "dave");
    const [alice, bob] = groups;
    const honest = honestCommit(alice!);
    expect(refused(bob!, forgeCommit(alice!, [], path(alice!, honest.path)))).toContain(rule);
  });

  it("MLS-7.5-07: a ciphertext that does not open, for whom it is meant alone", () => {
    const { groups } = groupOf("alice", "bob", "carol", "dave");
    const [alice, bob, carol] = groups;
    const { path } = honestCommit(alice!);
    const spoiled = alteredPath(path, {
      nodes: path.nodes.map((node, i) =>
        i !== 0
          ? node
          : {
              ...node,
              encryptedPathSecret: node.encryptedPathSecret.map((each) => ({
                ...each,
                ciphertext: flipped(each.ciphertext),
              })),
            },
      ),
    });
    const message = forgeCommit(alice!, [], spoiled);
    expect(refusalOf(() => bob!.receive(message)).code).toBe("ERR_DECRYPT");
    // Carol reads the node above; for her the spoiled node is no matter, but the context is.
    expect(refused(carol!, message).length).toBeGreaterThan(0);
  });

  it("MLS-12.4.2-07, MLS-6.1-01: a confirmation tag that is wrong, cut short or empty", () => {
    const { groups } = groupOf("alice", "bob");
    const [alice, bob] = groups;
    const { commit } = honestCommit(alice!);
    for (const confirmationTag of [new Uint8Array(32), new Uint8Array(31), new Uint8Array(0), new Uint8Array(33)]) {
      const rules = refused(bob!, forge(alice!, { kind: "commit", commit }, { confirmationTag }));
      expect(rules).toContain("MLS-6.1-01");
    }
  });

  it("MLS-7.5-04, MLS-7.6-04: newcomers get no ciphertext, and none is accepted for them", () => {
    const { groups } = groupOf("alice", "bob");
    const [alice, bob] = groups;
    const proposals: Proposal[] = [{ kind: "add", keyPackage: keyPackageIn(publicClient("carol").keyPackage()) }];
    const { path } = honestCommit(alice!, proposals);
    expect(path.nodes.map(({ encryptedPathSecret }) => encryptedPathSecret.length)).toEqual([1, 0]);
    const [first, second] = path.nodes;
    const extra = alteredPath(path, {
      nodes: [first!, { ...second!, encryptedPathSecret: first!.encryptedPathSecret }],
    });
    expect(refused(bob!, forgeCommit(alice!, proposals, extra))).toContain("MLS-7.6-02");
  });

  it("MLS-12.4.2-10: a commit that removes us is checked as far as we can", () => {
    const { groups } = groupOf("alice", "bob", "carol");
    const [alice, bob] = groups;
    const list: Proposal[] = [{ kind: "remove", removed: 1 }];
    const { path } = honestCommit(alice!, list);
    const leafNode = resignedLeaf(alice!, path.leafNode, {
      source: { kind: "commit", parentHash: new Uint8Array(32) },
    });
    expect(refused(bob!, forgeCommit(alice!, list, alteredPath(path, { leafNode })))).toContain("MLS-7.9.2-03");
    const valid = withEncoded({ leafNode: path.leafNode, nodes: path.nodes }, path.encoded!);
    const received = bob!.receive(forgeCommit(alice!, list, valid));
    expect(received.kind === "commit" && received.commit.removesUs).toBe(true);
  });
});
