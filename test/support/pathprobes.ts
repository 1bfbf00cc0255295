// The constant-time test's calls that seal and open with labels, that make and open paths, and GroupSecrets.
// `pathFinish` and `pathMerge` are not among them: they know public keys alone, and look them up by their bytes.
import type { CoreExports } from "../../bindings/core/generated/exports.ts";
import { AEAD_AES128GCM, AEAD_TAG_LENGTH, KDF_SHA256, KEM_X25519 } from "../../bindings/core/generated/layout.ts";
import { STATUS_DECRYPT, STATUS_OK } from "../../bindings/core/generated/status.ts";
import { seededBytes } from "./aead.ts";
import { utf8 } from "./bytes.ts";
import { expectStatus, type Probe, type Setting } from "./constanttime.ts";
import { keyPair } from "./hpkeprobes.ts";
import { leafBytes, vector } from "./leaf.ts";

const suite = [KEM_X25519, KDF_SHA256, AEAD_AES128GCM] as const;
const LENGTH = 32;
const MEMBERS = 4;
const COMMITTER = 0;
/** Meets the committer at the root, whose path secret is sealed to two leaves: this one comes second. */
const RECEIVER = 3;
const label = utf8("label");
const context = seededBytes(5, 90);

/** A handle or a length. */
function succeeded(status: number): number {
  if (status < 0) throw new Error(`status ${status}`);
  return status;
}

function bytesAt({ memory }: CoreExports, at: number, length: number): Uint8Array {
  return new Uint8Array(memory.buffer).slice(at, at + length);
}

const words = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);

/** A handle of a secret. */
const imported = ({ core, secret }: Setting): number => succeeded(core.secretImport(secret(LENGTH), LENGTH));

function leafOf(i: number, encryptionKey: Uint8Array, source: number[] = [2]): Uint8Array {
  return leafBytes({
    encryptionKey: vector(encryptionKey),
    signatureKey: vector(seededBytes(40 + i, LENGTH)),
    source,
  });
}

type KeyPair = ReturnType<typeof keyPair>;

/** An overlay on a tree of four members, one of which is ours. */
function stagedTree(setting: Setting, own: number, receiver: KeyPair): number {
  const { core, put } = setting;
  const tree = succeeded(core.treeCreate(KDF_SHA256, LENGTH, put(seededBytes(6, 16))));
  const first = succeeded(core.treeFork(tree));
  for (let i = 0; i < MEMBERS; i++) {
    const isReceiver = i === RECEIVER;
    const leaf = leafOf(i, isReceiver ? bytesAt(core, receiver.publicKey, LENGTH) : publicKeyOf(setting, i));
    expectStatus(core.treeAddLeaf(first, put(leaf), leaf.length), i);
  }
  expectStatus(core.treeMerge(first), STATUS_OK);
  const privateKey = own === RECEIVER ? core.secretImport(receiver.privateKey, LENGTH) : imported(setting);
  expectStatus(core.treeSetOwnLeaf(tree, own, succeeded(privateKey)), STATUS_OK);
  return succeeded(core.treeFork(tree));
}

/** The public key of somebody else: the same in every run. */
function publicKeyOf({ core, put, take }: Setting, i: number): Uint8Array {
  const publicKey = take(LENGTH);
  core.x25519Base(publicKey, put(seededBytes(50 + i, LENGTH)));
  return bytesAt(core, publicKey, LENGTH);
}

/** A committer whose path is derived from a secret. */
function committing(setting: Setting): { staged: number; first: number; receiver: KeyPair; begin: () => void } {
  const { core } = setting;
  const receiver = keyPair(setting);
  const staged = stagedTree(setting, COMMITTER, receiver);
  const first = imported(setting);
  const begin = (): void => {
    expectStatus(core.pathBegin(staged, first), 2);
    expectStatus(core.pathDeriveKeyPairs(staged), STATUS_OK);
  };
  return { staged, first, receiver, begin };
}

interface SealedPath {
  readonly staged: number;
  readonly receiver: KeyPair;
  readonly parentHash: Uint8Array;
  readonly seal: () => void;
  /** Where the `nodes` vector goes. */
  readonly nodes: number;
  readonly length: number;
  readonly contextAt: number;
}

/** The same with its path in the tree, and the call that seals it. */
function sealedPath(setting: Setting): SealedPath {
  const { core, put, secret, take } = setting;
  const { staged, receiver, begin } = committing(setting);
  begin();
  const hash = take(LENGTH);
  expectStatus(core.pathFinish(staged, hash), LENGTH);
  const parentHash = bytesAt(core, hash, LENGTH);
  const length = succeeded(core.pathSealLength(staged, 0, 0));
  const [contextAt, seed, nodes] = [put(context), secret(LENGTH), take(length)];
  const seal = (): void => {
    const status = core.pathSeal(staged, KEM_X25519, AEAD_AES128GCM, contextAt, context.length, 0, 0, seed, nodes);
    expectStatus(status, length);
  };
  return { staged, receiver, parentHash, seal, nodes, length, contextAt };
}

/** The receiver's overlay with the committer's path merged, which is still to be opened. */
function merged(setting: Setting, path: SealedPath): number {
  const { core, put } = setting;
  path.seal();
  const theirs = stagedTree(setting, RECEIVER, path.receiver);
  const leaf = leafOf(COMMITTER, seededBytes(60, LENGTH), [3, ...vector(path.parentHash)]);
  const status = core.pathMerge(theirs, COMMITTER, put(leaf), leaf.length, path.nodes, path.length, 0, 0);
  expectStatus(status, STATUS_OK);
  return theirs;
}

const pathProbes: Probe[] = [
  {
    name: "pathBegin and pathDeriveKeyPairs",
    prepare: (setting) => committing(setting).begin,
  },
  {
    name: "pathSeal",
    prepare: (setting) => sealedPath(setting).seal,
  },
  {
    name: "pathSecretFor and pathCommitSecret",
    prepare(setting) {
      const { core } = setting;
      const { staged, first, begin } = committing(setting);
      begin();
      return () => {
        for (let i = 1; i < MEMBERS; i++) succeeded(core.pathSecretFor(staged, i));
        succeeded(core.pathCommitSecret(staged, first));
      };
    },
  },
  {
    name: "pathOpen",
    prepare(setting) {
      const { core } = setting;
      const path = sealedPath(setting);
      const theirs = merged(setting, path);
      return () => void succeeded(opened(core, theirs, path));
    },
  },
  {
    name: "pathOpen of a ciphertext that is damaged in some byte",
    prepare(setting) {
      const { core } = setting;
      const path = sealedPath(setting);
      const theirs = merged(setting, path);
      setting.spoil(path.nodes + path.length - 1 - (setting.run % (LENGTH + AEAD_TAG_LENGTH)));
      return () => expectStatus(opened(core, theirs, path), STATUS_DECRYPT);
    },
  },
  {
    name: "the private keys of a tree: set, replaced, kept, copied, pruned, forgotten",
    prepare(setting) {
      const { core } = setting;
      const staged = stagedTree(setting, RECEIVER, keyPair(setting));
      const [own, other] = [imported(setting), imported(setting)];
      return () => {
        expectStatus(core.treeSetOwnLeaf(staged, RECEIVER, own), STATUS_OK);
        expectStatus(core.treeReplaceOwnKey(staged, other), STATUS_OK);
        expectStatus(core.treeKeepPrivateKey(staged, MEMBERS - 1, own), STATUS_OK);
        succeeded(core.treePrivateKey(staged, MEMBERS - 1));
        expectStatus(core.treePrunePrivateKeys(staged), STATUS_OK);
        expectStatus(core.treeForgetPrivateKeys(staged), STATUS_OK);
      };
    },
  },
  {
    name: "pathJoin",
    prepare(setting) {
      const { core } = setting;
      const path = sealedPath(setting);
      const theirs = merged(setting, path);
      const pathSecret = succeeded(core.pathSecretFor(path.staged, RECEIVER));
      return () => expectStatus(core.pathJoin(theirs, COMMITTER, pathSecret), STATUS_OK);
    },
  },
];

function opened(core: CoreExports, theirs: number, { nodes, length, contextAt }: SealedPath): number {
  const at = [nodes, length, contextAt, context.length] as const;
  return core.pathOpen(theirs, KEM_X25519, AEAD_AES128GCM, COMMITTER, ...at, 0, 0);
}

/** `encryptWithLabelMany` for `count` keys that lie one after the other. */
function labelled(setting: Setting, publicKeys: number, count: number) {
  const { core, put, secret, take } = setting;
  const sealedLength = LENGTH + AEAD_TAG_LENGTH;
  const [plaintexts, seed, enc, ciphertexts] = [
    secret(count * LENGTH),
    secret(LENGTH),
    take(count * LENGTH),
    take(count * sealedLength),
  ];
  const bound = [put(label), label.length, put(context), context.length] as const;
  const seal = (): void => {
    const to = [enc, LENGTH, ciphertexts, sealedLength] as const;
    const from = [plaintexts, LENGTH, LENGTH, seed] as const;
    expectStatus(core.encryptWithLabelMany(...suite, count, publicKeys, LENGTH, ...bound, ...from, ...to), STATUS_OK);
  };
  return { seal, enc, ciphertexts, bound, sealedLength };
}

/** A key pair's ciphertext, and the call that opens it. */
function labelledOpen(setting: Setting, expected: number): { open: () => void; ciphertext: number } {
  const { core, take } = setting;
  const { privateKey, publicKey } = keyPair(setting);
  const { seal, enc, ciphertexts, bound, sealedLength } = labelled(setting, publicKey, 1);
  seal();
  const dst = take(LENGTH);
  const open = (): void => {
    const keys = [dst, privateKey, publicKey] as const;
    expectStatus(core.decryptWithLabel(...suite, ...keys, ...bound, enc, LENGTH, ciphertexts, sealedLength), expected);
  };
  return { open, ciphertext: ciphertexts };
}

const labelProbes: Probe[] = [
  {
    name: "encryptWithLabelMany",
    prepare(setting) {
      const keys = Uint8Array.from([1, 2, 3].flatMap((i) => [...publicKeyOf(setting, i)]));
      return labelled(setting, setting.put(keys), 3).seal;
    },
  },
  { name: "decryptWithLabel", prepare: (setting) => labelledOpen(setting, STATUS_OK).open },
  {
    name: "decryptWithLabel of a ciphertext that is damaged in some byte",
    prepare(setting) {
      const { open, ciphertext } = labelledOpen(setting, STATUS_DECRYPT);
      setting.spoil(ciphertext + (setting.run % (LENGTH + AEAD_TAG_LENGTH)));
      return open;
    },
  },
];

/** A Welcome for the last two members, with path secrets; the init key of the second is a secret. */
function welcome(setting: Setting) {
  const { core, put, take } = setting;
  const { staged, begin } = committing(setting);
  begin();
  const init = keyPair(setting);
  const psks = put(Uint8Array.of(0));
  const length = succeeded(core.groupSecretsLength(staged, 1));
  const keys = put(Uint8Array.of(...publicKeyOf(setting, 9), ...bytesAt(core, init.publicKey, LENGTH)));
  const [leaves, contextAt, seed] = [put(words(2, RECEIVER)), put(context), setting.secret(LENGTH)];
  const [enc, ciphertexts, joiner] = [take(2 * LENGTH), take(2 * length), imported(setting)];
  const seal = (): void => {
    const kind = [KEM_X25519, AEAD_AES128GCM] as const;
    const to = [contextAt, context.length, seed, enc, ciphertexts] as const;
    expectStatus(core.groupSecretsSeal(staged, ...kind, joiner, psks, 1, 2, keys, leaves, ...to), STATUS_OK);
  };
  return { init, seal, contextAt, enc: enc + LENGTH, ciphertext: ciphertexts + length, length };
}

const groupSecretsProbes: Probe[] = [
  {
    name: "groupSecretsSeal",
    prepare: (setting) => welcome(setting).seal,
  },
  ...[STATUS_OK, STATUS_DECRYPT].map((expected): Probe => {
    const damaged = expected === STATUS_OK ? "" : " of a ciphertext that is damaged in some byte";
    return {
      name: `groupSecretsOpen${damaged}`,
      prepare(setting) {
        const { core, take } = setting;
        const { init, seal, contextAt, enc, ciphertext, length } = welcome(setting);
        seal();
        const initKey = succeeded(core.secretImport(init.privateKey, LENGTH));
        if (expected !== STATUS_OK) setting.spoil(ciphertext + (setting.run % length));
        const from = [contextAt, context.length, enc, LENGTH, ciphertext, length] as const;
        const out = take(16);
        return () => expectStatus(core.groupSecretsOpen(...suite, initKey, init.publicKey, ...from, out), expected);
      },
    };
  }),
];

export const pathAndLabelProbes: readonly Probe[] = [...labelProbes, ...pathProbes, ...groupSecretsProbes];
