import { encodeWhole } from "../bindings/codec/writer.ts";
import { Secret } from "../bindings/core/secret.ts";
import { deriveSecret } from "../bindings/crypto/hash.ts";
import { deriveHpkeKeyPair, generateHpkeKeyPair } from "../bindings/crypto/hpke.ts";
import { exportPrivateKey, type SignatureKeyPair } from "../bindings/crypto/signature.ts";
import type { CipherSuite } from "../bindings/crypto/suite.ts";
import { treeSuite } from "../bindings/group/epoch.ts";
import { nextLeafContent, signLeaf } from "../bindings/group/leaf.ts";
import { encodeGroupContext } from "../bindings/message/groupcontext.ts";
import type { LeafNode } from "../bindings/message/leafnode.ts";
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
import { RatchetTree, type StagedTree, type TreeView } from "../bindings/tree/ratchettree.ts";
import { type VectorKind, vectorKind } from "./kind.ts";
import { environment, Person } from "./person.ts";
import { bytes, Difference, list, type Of, optional, record, same, uint16, uint32, uint64 } from "./shape.ts";
import type { Tools } from "./tools.ts";
import { importTree } from "./treeoperations.ts";

const contextFields = { cipher_suite: uint16, group_id: bytes, epoch: uint64, confirmed_transcript_hash: bytes };
const shape = record({
  ...contextFields,
  ratchet_tree: bytes,
  leaves_private: list(
    record({
      index: uint32,
      encryption_priv: bytes,
      signature_priv: bytes,
      path_secrets: list(record({ node: uint32, path_secret: bytes })),
    }),
  ),
  update_paths: list(
    record({
      sender: uint32,
      update_path: bytes,
      path_secrets: list(optional(bytes)),
      commit_secret: bytes,
      tree_hash_after: bytes,
    }),
  ),
});

type TreeKem = Of<typeof shape>;
type Context = Pick<TreeKem, keyof typeof contextFields>;
type LeafPrivate = TreeKem["leaves_private"][number];
type UpdatePath = TreeKem["update_paths"][number];

/** One member's view of the tree. */
interface Member {
  readonly index: number;
  readonly tree: RatchetTree;
  readonly signer: SignatureKeyPair;
}

/** A path as it is sent, and what its sender takes from it. */
interface SentPath {
  readonly leafNode: LeafNode;
  readonly nodes: Uint8Array;
  readonly staged: StagedTree;
  readonly encryptionKey: Secret;
  readonly commitSecret: Secret;
}

/** The lowest common ancestor of two leaves, by halving. */
function commonAncestor(a: number, b: number): number {
  let level = 0;
  while (a >>> level !== b >>> level) level++;
  return ((a >>> level) << (level + 1)) | ((1 << level) - 1);
}

function contextOf(vector: Context, treeHash: Uint8Array): Uint8Array {
  return encodeGroupContext({
    version: 1,
    cipherSuite: vector.cipher_suite,
    groupId: vector.group_id,
    epoch: vector.epoch,
    treeHash,
    confirmedTranscriptHash: vector.confirmed_transcript_hash,
    extensions: [],
  });
}

/** The private key of a path secret (RFC 9420 section 7.4), whose public key must be the one in the tree. */
function privateKeyAt(suite: CipherSuite, tools: Tools, tree: TreeView, node: number, pathSecret: Uint8Array): Secret {
  const secret = tools.hashSecret(suite, "path_secret", pathSecret);
  const nodeSecret = tools.own(deriveSecret(suite, secret, "node"));
  const { publicKey, privateKey } = deriveHpkeKeyPair(suite, nodeSecret);
  tools.own(privateKey);
  same(`the key of node ${node}`, publicKey, tree.encryptionKey(node));
  return privateKey;
}

function enter(vector: Context & Pick<TreeKem, "ratchet_tree">, own: LeafPrivate, tools: Tools): Member {
  const suite = tools.suite(vector.cipher_suite);
  const tree = importTree(tools, treeSuite(suite), vector.ratchet_tree);
  const leaf = tree.leafNode(own.index);
  if (leaf === undefined) throw new Difference(`leaf ${own.index} is blank`);
  const what = `private key of leaf ${own.index}`;
  const encryption = tools.hpkeKeyPair(suite, `the encryption ${what}`, own.encryption_priv, leaf.encryptionKey);
  setOwnLeaf(tree, own.index, encryption.privateKey);
  for (const { node, path_secret } of own.path_secrets) {
    const privateKey = privateKeyAt(suite, tools, tree, node, path_secret);
    const status = tools.engine.core.treeKeepPrivateKey(tree.handle, node, privateKey.handle);
    if (status < 0) throw new Difference(`node ${node} is not above leaf ${own.index}`);
  }
  const signer = tools.signatureKeyPair(suite, `the signature ${what}`, own.signature_priv, leaf.signatureKey);
  return { index: own.index, tree, signer };
}

/** Merges a path and opens it: the tree after it, and the commit_secret. */
function receive(
  vector: Context,
  { tree, index }: Member,
  { sender, leafNode, nodes }: { sender: number; leafNode: LeafNode; nodes: Uint8Array },
  tools: Tools,
): { staged: StagedTree; commitSecret: Secret } {
  const staged = tools.own(tree.fork());
  mergePath(staged, sender, leafNode, nodes, []);
  const context = contextOf(vector, staged.treeHash());
  const commitSecret = openPath(tools.suite(vector.cipher_suite), staged, index, sender, nodes, context, []);
  return { staged, commitSecret: tools.own(commitSecret) };
}

/** Makes a path; `first` is its first path secret. */
function send(vector: Context, { tree, index, signer }: Member, first: Uint8Array, tools: Tools): SentPath {
  const suite = tools.suite(vector.cipher_suite);
  const staged = tools.own(tree.fork());
  const encryption = generateHpkeKeyPair(suite, tools.random);
  tools.own(encryption.privateKey);
  replaceOwnKey(staged, encryption.privateKey);
  const path = createPath(suite, staged, index, () => first);
  const source = { kind: "commit", parentHash: path.parentHash } as const;
  const content = nextLeafContent(tree.leafNode(index)!, encryption.publicKey, signer.publicKey, {}, source);
  const position = { groupId: vector.group_id, leafIndex: index };
  const leafNode = signLeaf(suite, signer, content, position, environment(tools).decode);
  staged.setLeaf(index, leafNode.encoded);
  const nodes = sealPath(suite, staged, index, path, contextOf(vector, staged.treeHash()), [], tools.random);
  forgetPath(staged, path);
  const { commitSecret } = path;
  return { leafNode, nodes, staged, encryptionKey: encryption.privateKey, commitSecret: tools.own(commitSecret) };
}

/** There is a path secret for every member but the sender, and for nobody else. */
function verifyReceivers({ sender, path_secrets }: UpdatePath, members: readonly number[], leafCount: number): void {
  const receivers = path_secrets.flatMap((secret, leafIndex) => (secret === undefined ? [] : [leafIndex]));
  const expected = members.filter((leafIndex) => leafIndex !== sender);
  same("the leaves that path_secrets are for", receivers, expected);
  const { length } = path_secrets;
  if (length <= members.at(-1)! || length > leafCount) throw new Difference(`${length} path_secrets`);
}

function verifyReceived(vector: TreeKem, update: UpdatePath, member: Member, tools: Tools): void {
  const suite = tools.suite(vector.cipher_suite);
  const path = decodeUpdatePath(update.update_path);
  const { sender } = update;
  const nodes = encodeWhole(path.nodes, writeUpdatePathNodes);
  const { staged, commitSecret } = receive(vector, member, { sender, leafNode: path.leafNode, nodes }, tools);
  same("tree_hash_after", staged.treeHash(), update.tree_hash_after);
  same(`commit_secret at leaf ${member.index}`, commitSecret.export(), update.commit_secret);
  const expected = update.path_secrets[member.index]!;
  const ancestor = commonAncestor(member.index, sender);
  const { engine } = tools;
  const kept = tools.own(Secret.adopt(engine, engine.core.treePrivateKey(staged.handle, ancestor)));
  same("the key that is kept", kept.equals(privateKeyAt(suite, tools, staged, ancestor, expected)), true);
}

/** The sending half: what a member of the case sends, every other one opens. */
function verifySent(vector: TreeKem, sender: Member, others: readonly Member[], tools: Tools): void {
  const { hashLength } = tools.symmetric(vector.cipher_suite);
  const { leafNode, nodes, staged, commitSecret } = send(vector, sender, tools.bytes(hashLength), tools);
  for (const member of others) {
    const received = receive(vector, member, { sender: sender.index, leafNode, nodes }, tools);
    same("tree hash after our own path", received.staged.treeHash(), staged.treeHash());
    same("commit_secret of our own path", received.commitSecret.equals(commitSecret), true);
  }
}

/** The secrets of a path by the letter of section 7.4, by node, from the bottom. */
function pathSecrets(
  suite: CipherSuite,
  tools: Tools,
  path: readonly number[],
  first: Uint8Array,
): Map<number, Uint8Array> {
  let secret = tools.secret(first);
  return new Map(
    path.map((node) => {
      const own = secret.export();
      secret = tools.own(deriveSecret(suite, secret, "path"));
      return [node, own];
    }),
  );
}

/** Cases have two to seven members, a path of leaf 0 behind them, and a last leaf that came after it. */
function setUp(suite: CipherSuite, tools: Tools, index: number): Omit<TreeKem, "update_paths"> {
  const people = Array.from({ length: 2 + (index % 6) }, (_, i) => new Person(`${i}`, suite, tools));
  const held = people.map((person) => person.keyPackage());
  const tree = tools.own(RatchetTree.create(tools.engine, treeSuite(suite), tools.bytes(16)));
  const change = (apply: (staged: StagedTree) => void): void => {
    const staged = tree.fork();
    apply(staged);
    tools.own(staged.merge());
  };
  const context: Context = {
    cipher_suite: suite.id,
    group_id: tools.bytes(16),
    epoch: 5n,
    confirmed_transcript_hash: tools.bytes(suite.hashLength),
  };
  change((staged) => held.slice(0, -1).forEach(({ keyPackage }) => staged.add(keyPackage.leafNode.encoded)));
  setOwnLeaf(tree, 0, held[0]!.encryptionKey);
  const first = tools.bytes(suite.hashLength);
  const { staged, encryptionKey } = send(
    context,
    { index: 0, tree, signer: people[0]!.leaves.parts.signatureKey },
    first,
    tools,
  );
  const known = pathSecrets(suite, tools, staged.filteredDirectPath(0), first);
  tools.own(staged.merge());
  change((staged) => staged.add(held[held.length - 1]!.keyPackage.leafNode.encoded));
  const leaves_private = people.map(({ leaves }, i): LeafPrivate => ({
    index: i,
    encryption_priv: (i === 0 ? encryptionKey : held[i]!.encryptionKey).export(),
    signature_priv: exportPrivateKey(suite, leaves.parts.signatureKey),
    path_secrets: [...known]
      .filter(([node]) => i < people.length - 1 && node >= commonAncestor(0, i))
      .map(([node, path_secret]) => ({ node, path_secret })),
  }));
  return { ...context, ratchet_tree: tree.export(), leaves_private };
}

function generateUpdatePath(vector: Context, sender: Member, suite: CipherSuite, tools: Tools): UpdatePath {
  const first = tools.bytes(suite.hashLength);
  const { leafNode, nodes, staged, commitSecret } = send(vector, sender, first, tools);
  const secrets = pathSecrets(suite, tools, staged.filteredDirectPath(sender.index), first);
  return {
    sender: sender.index,
    update_path: Uint8Array.of(...leafNode.encoded, ...nodes),
    path_secrets: [...staged.members()].map((i) =>
      i === sender.index ? undefined : secrets.get(commonAncestor(i, sender.index)),
    ),
    commit_secret: commitSecret.export(),
    tree_hash_after: staged.treeHash(),
  };
}

/** Paths in a tree: every member opens every other's (RFC 9420 sections 7.4 to 7.6). */
export const treeKem: VectorKind = vectorKind("treekem", shape, {
  verify: (vector, tools) => {
    const members = vector.leaves_private.map((own) => enter(vector, own, tools));
    const tree = importTree(tools, tools.symmetric(vector.cipher_suite), vector.ratchet_tree);
    const indices = members.map(({ index }) => index);
    same("the leaves of leaves_private", indices, [...tree.members()]);
    for (const update of vector.update_paths) {
      const sender = members.find(({ index }) => index === update.sender);
      if (sender === undefined) throw new Difference(`leaf ${update.sender} sends, but is blank`);
      verifyReceivers(update, indices, tree.leafCount);
      const others = members.filter((member) => member !== sender);
      for (const member of others) verifyReceived(vector, update, member, tools);
      verifySent(vector, sender, others, tools);
    }
  },
  generate: (suite, tools, index) => {
    const vector = setUp(suite, tools, index);
    const members = vector.leaves_private.map((own) => enter(vector, own, tools));
    return { ...vector, update_paths: members.map((sender) => generateUpdatePath(vector, sender, suite, tools)) };
  },
});
