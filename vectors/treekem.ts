import { exportPrivateKey } from "../bindings/crypto/signature.ts";
import { encodeWhole } from "../bindings/codec/writer.ts";
import type { Secret } from "../bindings/core/secret.ts";
import { deriveSecret } from "../bindings/crypto/hash.ts";
import { deriveHpkeKeyPair } from "../bindings/crypto/hpke.ts";
import type { CipherSuite } from "../bindings/crypto/suite.ts";
import { treeSuite } from "../bindings/group/epoch.ts";
import { nextLeafContent, signLeaf } from "../bindings/group/leaf.ts";
import { encodeGroupContext } from "../bindings/message/groupcontext.ts";
import { decodeUpdatePath, writeUpdatePathNodes } from "../bindings/message/updatepath.ts";
import {
  createPath,
  forgetPath,
  mergePath,
  openPath,
  replaceOwnKey,
  sealPath,
  setOwnLeaf,
} from "../bindings/tree/path.ts";
import { RatchetTree, type TreeView } from "../bindings/tree/ratchettree.ts";
import { Difference, hex, same, toHex, type Tools, type VectorKind } from "./kind.ts";
import { environment, Person } from "./person.ts";
import { importTree } from "./treeoperations.ts";

interface TreeKem {
  readonly cipher_suite: number;
  readonly group_id: string;
  readonly epoch: number;
  readonly confirmed_transcript_hash: string;
  readonly ratchet_tree: string;
  readonly leaves_private: readonly {
    readonly index: number;
    readonly encryption_priv: string;
    readonly signature_priv: string;
    readonly path_secrets: readonly { readonly node: number; readonly path_secret: string }[];
  }[];
  readonly update_paths: readonly {
    readonly sender: number;
    readonly update_path: string;
    readonly path_secrets: readonly (string | null)[];
    readonly commit_secret: string;
    readonly tree_hash_after: string;
  }[];
}

type Private = TreeKem["leaves_private"][number];
type Context = Pick<TreeKem, "cipher_suite" | "group_id" | "epoch" | "confirmed_transcript_hash">;

/** The lowest common ancestor of two leaves, by halving. */
function commonAncestor(a: number, b: number): number {
  let level = 0;
  while (a >> level !== b >> level) level++;
  return ((a >> level) << (level + 1)) | ((1 << level) - 1);
}

function contextOf(vector: Context, treeHash: Uint8Array): Uint8Array {
  return encodeGroupContext({
    version: 1,
    cipherSuite: vector.cipher_suite,
    groupId: hex(vector.group_id),
    epoch: BigInt(vector.epoch),
    treeHash,
    confirmedTranscriptHash: hex(vector.confirmed_transcript_hash),
    extensions: [],
  });
}

/** The key pair of a path secret (RFC 9420 section 7.4), whose public key must be the one in the tree. */
function keyPairAt(suite: CipherSuite, tree: TreeView, node: number, pathSecret: Secret): Secret {
  using nodeSecret = deriveSecret(suite, pathSecret, "node");
  const { publicKey, privateKey } = deriveHpkeKeyPair(suite, nodeSecret);
  same(`key of node ${node}`, publicKey, toHex(tree.encryptionKey(node) ?? new Uint8Array(0)));
  return privateKey;
}

/** The tree with the private state of one member. */
function memberTree(vector: TreeKem, member: Private, tools: Tools): RatchetTree {
  const suite = tools.suite(vector.cipher_suite);
  const tree = importTree(tools, vector.cipher_suite, vector.ratchet_tree);
  setOwnLeaf(tree, member.index, tools.privateKey(suite, member.encryption_priv));
  for (const { node, path_secret } of member.path_secrets) {
    using privateKey = keyPairAt(suite, tree, node, tools.secret(path_secret));
    const status = tools.engine.core.treeKeepPrivateKey(tree.handle, node, privateKey.handle);
    if (status < 0) throw new Difference(`node ${node} is not above leaf ${member.index}`);
  }
  return tree;
}

function process(vector: TreeKem, member: Private, tree: RatchetTree, tools: Tools): void {
  const suite = tools.suite(vector.cipher_suite);
  for (const update of vector.update_paths) {
    const expected = update.path_secrets[member.index] ?? null;
    if (update.sender === member.index) {
      same("the sender's own path secret", expected, null);
      continue;
    }
    if (expected === null) throw new Difference(`no path secret for leaf ${member.index}`);
    const path = decodeUpdatePath(hex(update.update_path));
    const nodes = encodeWhole(path.nodes, writeUpdatePathNodes);
    using staged = tree.fork();
    mergePath(staged, update.sender, path.leafNode, nodes, []);
    same("tree_hash_after", staged.treeHash(), update.tree_hash_after);
    const context = contextOf(vector, staged.treeHash());
    using commitSecret = openPath(suite, staged, member.index, update.sender, nodes, context, []);
    same(`commit_secret at leaf ${member.index}`, commitSecret.export(), update.commit_secret);
    const ancestor = commonAncestor(member.index, update.sender);
    keyPairAt(suite, staged, ancestor, tools.secret(expected)).wipe();
    same("has the ancestor's key", tools.engine.core.treeHasPrivateKey(staged.handle, ancestor), 1);
  }
}

/** A path that one member makes, and the path secrets of its nodes. */
function makePath(
  vector: Context,
  tree: RatchetTree,
  person: Person,
  sender: number,
  tools: Tools,
): TreeKem["update_paths"][number] {
  const suite = tools.suite(vector.cipher_suite);
  const { parts } = person.leaves;
  const fresh = person.keyPackage();
  using staged = tree.fork();
  replaceOwnKey(staged, fresh.encryptionKey);
  const first = tools.bytes(suite.hashLength);
  const path = createPath(suite, staged, sender, () => first);
  const leaf = signLeaf(
    suite,
    parts.signatureKey,
    nextLeafContent(
      fresh.keyPackage.leafNode,
      fresh.keyPackage.leafNode.encryptionKey,
      parts.signatureKey.publicKey,
      {},
      {
        kind: "commit",
        parentHash: path.parentHash,
      },
    ),
    { groupId: hex(vector.group_id), leafIndex: sender },
    environment(tools).decode,
  );
  staged.setLeaf(sender, leaf.encoded);
  const treeHash = staged.treeHash();
  const nodes = sealPath(suite, staged, sender, path, contextOf(vector, treeHash), [], tools.random);
  const commitSecret = toHex(path.commitSecret.export());
  forgetPath(staged, path);

  const secrets = new Map<number, string>();
  let secret = tools.secret(toHex(first));
  for (const node of staged.filteredDirectPath(sender)) {
    secrets.set(node, toHex(secret.export()));
    secret = deriveSecret(suite, secret, "path");
  }
  return {
    sender,
    update_path: toHex(Buffer.concat([leaf.encoded, nodes])),
    path_secrets: Array.from({ length: tree.memberCount }, (_, i) =>
      i === sender ? null : secrets.get(commonAncestor(i, sender))!,
    ),
    commit_secret: commitSecret,
    tree_hash_after: toHex(treeHash),
  };
}

/** Paths in a tree: every member opens every other's (RFC 9420 sections 7.4 to 7.6). */
export const treeKem: VectorKind = {
  name: "treekem",
  fields: ["leaves_private", "update_paths", "ratchet_tree"],
  verify: (vector: TreeKem, tools) => {
    for (const member of vector.leaves_private) {
      using tree = memberTree(vector, member, tools);
      process(vector, member, tree, tools);
    }
  },
  generate: (suite, tools, index) => {
    const people = Array.from({ length: 2 + (index % 7) }, (_, i) => new Person(`${i}`, suite, tools));
    const held = people.map((person) => person.keyPackage());
    const plain = RatchetTree.create(tools.engine, treeSuite(suite), tools.bytes(16));
    const staged = plain.fork();
    for (const { keyPackage } of held) staged.add(keyPackage.leafNode.encoded);
    staged.merge().close();
    const context: Context = {
      cipher_suite: suite.id,
      group_id: toHex(tools.bytes(16)),
      epoch: 5,
      confirmed_transcript_hash: toHex(tools.bytes(suite.hashLength)),
    };
    const content = toHex(plain.export());
    plain.close();
    return {
      ...context,
      ratchet_tree: content,
      leaves_private: held.map(({ encryptionKey }, i) => ({
        index: i,
        encryption_priv: toHex(encryptionKey.export()),
        signature_priv: toHex(exportPrivateKey(suite, people[i]!.leaves.parts.signatureKey)),
        path_secrets: [],
      })),
      update_paths: people.map((person, sender) => {
        using tree = importTree(tools, suite.id, content);
        setOwnLeaf(tree, sender, held[sender]!.encryptionKey);
        return makePath(context, tree, person, sender, tools);
      }),
    } satisfies TreeKem;
  },
};
