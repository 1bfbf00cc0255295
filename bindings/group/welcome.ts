// Making GroupInfo and Welcome (RFC 9420 section 12.4.3).

import { VECTOR_LIMIT } from "../codec/varint.ts";
import { encodeWhole } from "../codec/writer.ts";
import { failure } from "../core/failure.ts";
import { STATUS_LIMIT } from "../core/generated/status.ts";
import { sealUnder } from "../crypto/hash.ts";
import { encryptToMany } from "../crypto/hpke.ts";
import { keyPackageRef } from "../crypto/labels.ts";
import { randomBytes, type RandomSource } from "../crypto/random.ts";
import { signWithLabel, type SignatureKeyPair } from "../crypto/signature.ts";
import type { CipherSuite } from "../crypto/suite.ts";
import { treeFailure } from "../tree/failure.ts";
import type { NewPath } from "../tree/path.ts";
import { stepSecretFor } from "../tree/pluginpath.ts";
import type { TreeView } from "../tree/ratchettree.ts";
import { ExtensionType } from "../message/constants.ts";
import type { Extension } from "../message/extension.ts";
import { encodeGroupInfo, type GroupInfo, type GroupInfoContent, groupInfoTbs } from "../message/groupinfo.ts";
import { encodeKeyPackage } from "../message/keypackage.ts";
import { encodeMLSMessage } from "../message/mlsmessage.ts";
import { type PreSharedKeyID, writePreSharedKeyID } from "../message/psk.ts";
import { encodeGroupSecrets, type EncryptedGroupSecrets, WelcomeEntries } from "../message/welcome.ts";
import type { AddedLeaf } from "./apply.ts";
import type { Epoch } from "./epoch.ts";

const SEED_LENGTH = 32;
const nothing = new Uint8Array(0);

/** The `ratchet_tree` extension of this tree. MLS-12.4.3.3-01 */
export function ratchetTreeExtension(tree: TreeView): Extension {
  const content = tree.export();
  return { extensionType: ExtensionType.ratchetTree, extensionData: content };
}

/** A signed GroupInfo of an epoch. MLS-12.4.1-07, MLS-12.4.3-05 */
export function signGroupInfo(
  suite: CipherSuite,
  keyPair: SignatureKeyPair,
  epoch: Epoch,
  signer: number,
  extensions: readonly Extension[],
): GroupInfo {
  const content: GroupInfoContent = {
    groupContext: epoch.groupContext,
    extensions,
    confirmationTag: epoch.confirmationTag,
    signer,
  };
  return { ...content, signature: signWithLabel(suite, keyPair, "GroupInfoTBS", groupInfoTbs(content)) };
}

/** What Welcomes are made of. */
export interface WelcomeInput {
  readonly suite: CipherSuite;
  readonly random: RandomSource;
  /** The new epoch's tree, whose path secrets are not forgotten yet. */
  readonly tree: TreeView;
  readonly epoch: Epoch;
  readonly groupInfo: GroupInfo;
  readonly added: readonly AddedLeaf[];
  /** In the order of the commit. MLS-12.4.1-09, MLS-8.4-02 */
  readonly psks: readonly PreSharedKeyID[];
  /** New members in each Welcome. MLS-12.4.3.1-22 */
  readonly membersPerWelcome: number;
  /** The committer's path, where there is one. */
  readonly path: NewPath | undefined;
}

/** Welcomes that together cover every added member. MLS-12.4.1-10 */
export function makeWelcomes(input: WelcomeInput): Uint8Array<ArrayBuffer>[] {
  const { suite, added, epoch } = input;
  if (added.length === 0) return [];
  const groupInfo = encodeGroupInfo(input.groupInfo);
  // MLS-12.4.3.1-10
  const encryptedGroupInfo = sealUnder(suite, epoch.secrets.welcomeSecret!, nothing, nothing, groupInfo);
  const secrets = sealGroupSecrets(input, encryptedGroupInfo);
  const welcomes: Uint8Array<ArrayBuffer>[] = [];
  for (let start = 0; start < secrets.length; start += input.membersPerWelcome) {
    const part = WelcomeEntries.of(secrets.slice(start, start + input.membersPerWelcome));
    welcomes.push(
      encodeMLSMessage({ kind: "welcome", welcome: { cipherSuite: suite.id, secrets: part, encryptedGroupInfo } }),
    );
  }
  return welcomes;
}

function concatenated(parts: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(parts.length * length);
  parts.forEach((part, i) => all.set(part, i * length));
  return all;
}

function sealGroupSecrets(input: WelcomeInput, context: Uint8Array): EncryptedGroupSecrets[] {
  return input.suite.plugin === undefined ? sealInCore(input, context) : sealWithPlugin(input, context);
}

function sealWithPlugin(
  { suite, epoch, added, psks, path, random }: WelcomeInput,
  context: Uint8Array,
): EncryptedGroupSecrets[] {
  const joinerSecret = epoch.secrets.joinerSecret!.export();
  const plaintexts = added.map(({ leafIndex }) => {
    const pathSecret = path && stepSecretFor(path.steps ?? [], leafIndex)?.export();
    const plaintext = encodeGroupSecrets({ joinerSecret, pathSecret, psks });
    pathSecret?.fill(0);
    return plaintext;
  });
  const keys = added.map(({ keyPackage }) => keyPackage.initKey);
  let sealed: ReturnType<typeof encryptToMany>;
  try {
    sealed = encryptToMany(suite, keys, "Welcome", context, plaintexts, random);
  } finally {
    for (const bytes of [joinerSecret, ...plaintexts]) bytes.fill(0);
  }
  return added.map(({ keyPackage }, i) => ({
    newMember: keyPackageRef(suite, keyPackage.encoded ?? encodeKeyPackage(keyPackage)),
    encryptedGroupSecrets: sealed[i]!,
  }));
}

function sealInCore(input: WelcomeInput, context: Uint8Array): EncryptedGroupSecrets[] {
  const { suite, tree, epoch, added, random } = input;
  const { engine, kem, aead, publicKeyLength } = suite;
  const psks = encodeWhole(input.psks, (writer, ids) => writer.list(ids, writePreSharedKeyID));
  const initKeys = added.map(({ keyPackage }) => keyPackage.initKey);
  const leafIndices = Uint32Array.from(added, ({ leafIndex }) => leafIndex);
  return engine.frame((core, frame) => {
    const length = core.groupSecretsLength(tree.handle, psks.length);
    if (length < 0) throw treeFailure(core, length);
    // The core refuses that too, but scratch is taken before, by a length of 32 bits.
    if (added.length * length > VECTOR_LIMIT) throw failure(STATUS_LIMIT);
    const kemOutputs = frame.take(added.length * publicKeyLength);
    const ciphertexts = frame.take(added.length * length);
    const status = core.groupSecretsSeal(
      tree.handle,
      kem,
      aead,
      epoch.secrets.joinerSecret!.handle,
      frame.put(psks),
      psks.length,
      added.length,
      frame.put(concatenated(initKeys, publicKeyLength)),
      frame.put(new Uint8Array(leafIndices.buffer)),
      frame.put(context),
      context.length,
      frame.put(randomBytes(random, SEED_LENGTH)),
      kemOutputs,
      ciphertexts,
    );
    if (status < 0) throw treeFailure(core, status);
    return added.map(({ keyPackage }, i) => ({
      newMember: keyPackageRef(suite, keyPackage.encoded ?? encodeKeyPackage(keyPackage)),
      encryptedGroupSecrets: {
        kemOutput: engine.copyOut(kemOutputs + i * publicKeyLength, publicKeyLength),
        ciphertext: engine.copyOut(ciphertexts + i * length, length),
      },
    }));
  });
}

/** How many members one Welcome is for; throws RangeError for less than one. */
export function membersPerWelcome(value: number | undefined): number {
  if (value === undefined) return Number.MAX_SAFE_INTEGER;
  if (!Number.isInteger(value) || value < 1) throw new RangeError("a Welcome is for at least one member");
  return value;
}
