// `grove tree` and `grove keypackage`: what is drawn, what is written, and who may read it.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { cipherSuites } from "../../bindings/index.ts";
import { paintFor } from "../../cli/terminal.ts";
import { drawTree } from "../../cli/treedrawing.ts";
import { HashedTree, type JsonNode } from "../../cli/treehash.ts";
import { fromJSON, type Json, toJSON } from "../../json/index.ts";
import { hex, toHex } from "../support/bytes.ts";
import { grove } from "../support/command.ts";
import { groupOf, publicClient } from "../support/forge.ts";
import { loadVectors } from "../support/vectors.ts";

const place = mkdtempSync(join(tmpdir(), "grove-tree-"));
const at = (name: string): string => join(place, name);
afterAll(() => rmSync(place, { recursive: true }));

/** Five members; bob has committed, carol is removed, erin was added after that. */
function group(): ReturnType<typeof groupOf>["groups"][number] {
  const [alice, bob] = groupOf("alice", "bob", "carol", "dave").groups;
  const removing = bob!.commit({ remove: [2] });
  const received = alice!.receive(removing.commit);
  if (received.kind === "commit") received.commit.accept();
  alice!
    .commit({ add: [publicClient("erin\u202e").keyPackage(), publicClient("frank").keyPackage()], path: false })
    .accept();
  return alice!;
}

const nodesOf = (tree: Uint8Array): readonly JsonNode[] =>
  toJSON("RatchetTree", tree) as unknown as readonly JsonNode[];
const plain = paintFor({}, {});

describe("grove tree", () => {
  const room = group();
  const treeHash = toHex(room.state.epoch.groupContext.treeHash);
  const lines = [
    'node 3  committed by leaf 1 "bob", unmerged: leaf 2 6572696ee280ae',
    '├─ node 1  committed by leaf 1 "bob"',
    '│  ├─ leaf 0 "alice"  commit',
    '│  └─ leaf 1 "bob"  commit',
    "└─ node 5  blank",
    "   ├─ leaf 2 6572696ee280ae  key package",
    '   └─ leaf 3 "dave"  key package',
  ];

  it("draws blank nodes, unmerged leaves, and whose commit set which node", () => {
    writeFileSync(at("info"), room.groupInfo());
    const { status, text, stderr } = grove(["tree", at("info")]);
    expect([status, stderr]).toEqual([0, ""]);
    const printed = text.split("\n");
    expect(printed[0]).toBe('group "room", epoch 3, cipher suite 1, 5 members, 8 leaves');
    expect(printed.slice(1, -2)).toEqual([
      "node 7  blank",
      `├─ ${lines[0]!}`,
      ...lines.slice(1).map((line) => `│  ${line}`),
      "└─ node 11  blank",
      "   ├─ node 9  blank",
      '   │  ├─ leaf 4 "frank"  key package',
      "   │  └─ leaf 5  blank",
      "   └─ node 13  blank, and all below",
    ]);
    expect(printed.at(-2)).toBe(`tree hash ${treeHash}, as in the GroupContext`);
  });

  it("draws a tree alone, in hexadecimal, and one beside its GroupInfo", () => {
    const tree = room.ratchetTree();
    const alone = grove(["tree", "-"], toHex(tree));
    expect(alone).toMatchObject({ status: 0, stderr: "" });
    expect(alone.text).toMatch(/^5 members, 8 leaves\nnode 7 {2}blank\n/);
    expect(alone.text).toContain(`\ntree hash ${treeHash}\n`);
    const info = toJSON("MLSMessage", room.groupInfo()) as { groupInfo: { extensions: { ratchetTree?: Json }[] } };
    info.groupInfo.extensions = info.groupInfo.extensions.filter(({ ratchetTree }) => ratchetTree === undefined);
    writeFileSync(at("bare"), fromJSON("MLSMessage", info));
    writeFileSync(at("apart"), tree);
    expect(grove(["tree", at("bare")]).stderr).toBe(
      "grove: this GroupInfo has no ratchet_tree extension (--tree FILE)\n",
    );
    expect(grove(["tree", at("bare"), "--tree", at("apart")]).text).toContain(", as in the GroupContext\n");
    writeFileSync(at("other"), groupOf("x", "y").groups[0]!.ratchetTree());
    const wrong = grove(["tree", at("bare"), "--tree", at("other")]);
    expect(wrong.status).toBe(1);
    expect(wrong.stderr).toBe(`grove: the GroupContext has the tree hash ${treeHash}\n`);
  });

  it("shows a parent node that no leaf's parent hash leads to", () => {
    const nodes = nodesOf(room.ratchetTree()).map((node, i) =>
      i === 3 && node?.kind === "parent"
        ? ({ kind: "parent", parentNode: { ...node.parentNode, encryptionKey: "00".repeat(32) } } as const)
        : node,
    );
    const drawn = drawTree(new HashedTree(nodes, 32), plain);
    expect(drawn[1]).toMatch(/^├─ node 3 {2}no leaf's parent hash leads here/);
    expect(drawn[2]).toMatch(/node 1 {2}committed by leaf 1 "bob"$/);
  });

  it("fails for what has no tree, and does not understand what is no command line", () => {
    const keyPackage = publicClient("x").keyPackage();
    expect(grove(["tree", "-"], keyPackage)).toMatchObject({
      status: 1,
      stderr: "grove: a keyPackage has no ratchet tree\n",
    });
    expect(grove(["tree", "-"], Uint8Array.of(0))).toMatchObject({ status: 1, stderr: "grove: the tree is empty\n" });
    expect(grove(["tree"]).status).toBe(2);
    expect(grove(["tree", at("info"), "--suite", "8"]).status).toBe(2);
  });
});

interface TreeValidation {
  readonly cipher_suite: number;
  readonly tree: string;
  readonly tree_hashes: readonly string[];
}
const cases = loadVectors<TreeValidation[]>("mls/tree-validation.json");

it.skipIf(cases === undefined)(
  "MLS-7.9.2-02 finds the committer of every parent node of tree-validation.json, and its hashes",
  () => {
    let parents = 0;
    for (const { cipher_suite, tree, tree_hashes } of cases!) {
      const hashed = new HashedTree(nodesOf(hex(tree)), cipherSuites.find(({ id }) => id === cipher_suite)!.hashLength);
      expect(hashed.treeHash).toBe(tree_hashes[hashed.root]);
      const committers = hashed.committers();
      for (const [index, node] of hashed.nodes.entries()) {
        expect(committers.has(index)).toBe(node?.kind === "parent");
        if (node?.kind === "parent") parents++;
      }
    }
    expect(parents).toBeGreaterThan(100);
  },
);

describe("grove keypackage", () => {
  const options = (name: string): string[] => ["--out", at(`${name}.keypackage`), "--keys", at(`${name}.keys`)];

  it("writes a key package, and private keys for the owner's eyes, with which a Welcome is drawn", () => {
    const made = grove(["keypackage", "bob", ...options("bob")]);
    expect([made.status, made.stderr]).toEqual([0, ""]);
    expect(statSync(at("bob.keys")).mode & 0o777).toBe(0o600);
    const keyPackage = readFileSync(at("bob.keypackage"));
    expect(toJSON("MLSMessage", keyPackage)).toMatchObject({
      kind: "keyPackage",
      keyPackage: { cipherSuite: 1, leafNode: { credential: { kind: "basic", identity: "626f62" } } },
    });
    const room = publicClient("alice").createGroup("room");
    const pending = room.commit({ add: [keyPackage] });
    pending.accept();
    writeFileSync(at("welcome"), pending.welcomes[0]!);
    const drawn = grove(["tree", at("welcome"), "--keys", at("bob.keys")]);
    expect(drawn).toMatchObject({ status: 0, stderr: "" });
    expect(drawn.text).toContain('group "room", epoch 1, cipher suite 1, 2 members, 2 leaves\n');
    expect(drawn.text).toContain('└─ leaf 1 "bob"  key package\n');
    expect(grove(["tree", at("welcome")]).stderr).toBe("grove: a Welcome is encrypted: --keys FILE opens it\n");
    expect(grove(["keypackage", "eve", ...options("eve")]).status).toBe(0);
    expect(grove(["tree", at("welcome"), "--keys", at("eve.keys")])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^grove: ERR_WELCOME .* \[Welcome, MLS-12\.4\.3\.1-07\]\n$/),
    });
    for (const text of ["{", "{}", '{"format":"grove client 1","storageKey":"00","state":""}']) {
      writeFileSync(at("broken.keys"), text);
      expect(grove(["tree", at("welcome"), "--keys", at("broken.keys")])).toMatchObject({
        status: 1,
        stderr: `grove: ${at("broken.keys")} is no file of grove keypackage\n`,
      });
    }
  });

  it("overwrites nothing, and leaves no half of a pair behind", () => {
    writeFileSync(at("carol.keypackage"), "precious");
    const refused = grove(["keypackage", "carol", ...options("carol")]);
    expect(refused).toMatchObject({ status: 1, text: "" });
    expect(readFileSync(at("carol.keypackage"), "utf8")).toBe("precious");
    expect(existsSync(at("carol.keys"))).toBe(false);
  });

  it("prints one of another suite and of last resort, and says that nobody can join with it", () => {
    const { status, text, stderr } = grove(["keypackage", "dave", "--print", "--suite", "3", "--last-resort"]);
    expect(status).toBe(0);
    expect(stderr).toMatch(/private keys were thrown away/);
    const json = toJSON("MLSMessage", hex(text.trim()));
    expect(json).toMatchObject({ keyPackage: { cipherSuite: 3 } });
    expect(JSON.stringify(json)).toContain('{"extensionType":10,');
  });

  it.each([[[]], [[""]], [["a", "b"]], [["a/b"]], [["a", "--print", "--out", "x"]], [["a", "--suite", "0"]]])(
    "does not understand %j",
    (args) => {
      const { status, text } = grove(["keypackage", ...args]);
      expect([status, text]).toEqual([2, ""]);
    },
  );
});
