// Joining by Welcome (RFC 9420 section 12.4.3.1), in the order of MLS-12.4.3.1-26. Nothing is kept
// before the last check has passed.

import { equalBytes } from "../codec/equal.ts";
import { Reader } from "../codec/reader.ts";
import { failure } from "../core/failure.ts";
import { STATUS_MALFORMED } from "../core/generated/status.ts";
import { wiping } from "../core/owned.ts";
import { Secret } from "../core/secret.ts";
import { openUnder } from "../crypto/hash.ts";
import { decryptWithLabel } from "../crypto/hpke.ts";
import type { SignatureKeyPair } from "../crypto/signature.ts";
import type { CipherSuite } from "../crypto/suite.ts";
import { MlsError, UnsupportedError, ValidationError } from "../errors.ts";
import { isDefaultExtension } from "../message/constants.ts";
import { isCapability } from "../message/grease.ts";
import { decodeGroupInfo, type GroupInfo } from "../message/groupinfo.ts";
import type { KeyPackage } from "../message/keypackage.ts";
import { copyPreSharedKeyID, type PreSharedKeyID, readPreSharedKeyID } from "../message/psk.ts";
import { decodeGroupSecrets, type EncryptedGroupSecrets, type Welcome } from "../message/welcome.ts";
import type { DeferredAuthentication } from "../policy.ts";
import { EpochSecrets, welcomeSecretOf } from "../schedule/epoch.ts";
import { pskSecret } from "../schedule/psk.ts";
import { interimTranscriptHash } from "../schedule/transcript.ts";
import { joinPath, setOwnLeaf } from "../tree/path.ts";
import type { RatchetTree } from "../tree/ratchettree.ts";
import type { Environment } from "./environment.ts";
import { importTree, verifyGroupInfo, verifyTree } from "./enter.ts";
import { sealedContext } from "./epoch.ts";
import { bytesKey } from "./cache.ts";
import { checkLineage, credentialsOf, type IdentityOf, type Lineage, lineageSecret, successorPsk } from "./lineage.ts";
import { GroupState } from "./state.ts";
import { heldPsks } from "./transition.ts";

const nothing = new Uint8Array(0);

/** A key package of ours with its private keys. */
export interface HeldKeyPackage {
  readonly keyPackage: KeyPackage;
  /** KeyPackageRef. */
  readonly reference: Uint8Array;
  readonly initKey: Secret;
  readonly encryptionKey: Secret;
}

/** Wipes its private keys. MLS-16.8-01 */
export function forgetKeyPackage({ initKey, encryptionKey }: HeldKeyPackage): void {
  initKey.wipe();
  encryptionKey.wipe();
}

/** What a Welcome is joined with. */
export interface JoinInput {
  readonly environment: Environment;
  readonly suite: CipherSuite;
  readonly welcome: Welcome;
  readonly entry: EncryptedGroupSecrets;
  readonly held: HeldKeyPackage;
  /** Copied into the group. */
  readonly signatureKey: SignatureKeyPair;
  /** The `ratchet_tree` content, where it came by another way. */
  readonly ratchetTree: Uint8Array | undefined;
  /** Whether this client is in a group of this name. MLS-12.4.3-04 */
  readonly isJoined: (groupId: Uint8Array) => boolean;
  /** The group that this one must continue, where the application has named it. */
  readonly resumes: GroupState | undefined;
  /** Any group that this client remembers. */
  readonly priorGroup: (groupId: Uint8Array) => GroupState | undefined;
  readonly identityOf: IdentityOf;
}

/** A group that can be entered. */
export interface JoinedGroup {
  readonly state: GroupState;
  readonly inviter: number;
  readonly deferred: readonly DeferredAuthentication[];
}

interface OpenedSecrets {
  readonly joinerSecret: Secret;
  readonly pathSecret: Secret | undefined;
  readonly psks: readonly PreSharedKeyID[];
}

function refuse(rule: string, message: string, code: "ERR_WELCOME" | "ERR_GROUP_INFO" = "ERR_WELCOME"): never {
  throw new ValidationError(code, message, { rule });
}

/** Joins; on any failure nothing is kept, the key package included. */
export function joinByWelcome(input: JoinInput): JoinedGroup {
  const { suite, welcome, held } = input;
  // MLS-12.4.3.1-08
  if (held.keyPackage.cipherSuite !== welcome.cipherSuite) {
    const text = `a Welcome of cipher suite ${welcome.cipherSuite} instead of ${held.keyPackage.cipherSuite}`;
    refuse("MLS-12.4.3.1-08", text);
  }
  const secrets = openGroupSecrets(input);
  let psk: Secret | undefined;
  let resumption: Secret | undefined;
  let tree: RatchetTree | undefined;
  try {
    const successor = successorPsk(secrets.psks);
    const lineage = lineageOf(input, successor);
    resumption = lineage && lineageSecret(lineage, suite.engine);
    const { heldPsk } = input.environment;
    psk = pskSecret(
      suite,
      heldPsks((id) => (id === successor ? resumption : heldPsk(id)), secrets.psks),
    );
    const groupInfo = openGroupInfo(input, secrets.joinerSecret, psk);
    tree = importTree(suite, input.environment, groupInfo, input.ratchetTree);
    verifyGroupInfo(suite, input.environment, groupInfo, tree);
    const joined = enter(input, secrets, psk, groupInfo, tree);
    if (lineage !== undefined) requireLineage(input, lineage, joined.state);
    return joined;
  } catch (error) {
    tree?.close();
    throw error;
  } finally {
    psk?.wipe();
    resumption?.wipe();
    secrets.joinerSecret.wipe();
    secrets.pathSecret?.wipe();
  }
}

// MLS-12.4.3.1-09
function openGroupSecrets(input: JoinInput): OpenedSecrets {
  return input.suite.plugin === undefined ? openInCore(input) : openWithPlugin(input);
}

function openWithPlugin({ suite, welcome, entry, held, environment }: JoinInput): OpenedSecrets {
  const keyPair = { privateKey: held.initKey, publicKey: held.keyPackage.initKey };
  const bytes = decryptWithLabel(suite, keyPair, "Welcome", welcome.encryptedGroupInfo, entry.encryptedGroupSecrets);
  try {
    const { joinerSecret, pathSecret, psks } = decodeGroupSecrets(bytes, environment.decode);
    const lengths = [joinerSecret.length, pathSecret?.length ?? suite.hashLength];
    if (lengths.some((length) => length !== suite.hashLength)) {
      throw failure(STATUS_MALFORMED, { rule: "MLS-12.4.3.1-09", struct: "GroupSecrets" });
    }
    return {
      joinerSecret: Secret.import(suite.engine, joinerSecret),
      pathSecret: pathSecret && Secret.import(suite.engine, pathSecret),
      psks: psks.map(copyPreSharedKeyID),
    };
  } finally {
    bytes.fill(0);
  }
}

function openInCore({ suite, welcome, entry, held, environment }: JoinInput): OpenedSecrets {
  const { engine, kem, kdf, aead } = suite;
  const { kemOutput, ciphertext } = entry.encryptedGroupSecrets;
  const context = welcome.encryptedGroupInfo;
  return engine.frame((core, frame) => {
    const out = frame.take(16);
    const status = core.groupSecretsOpen(
      kem,
      kdf,
      aead,
      held.initKey.handle,
      frame.put(held.keyPackage.initKey),
      frame.put(context),
      context.length,
      frame.put(kemOutput),
      kemOutput.length,
      frame.put(ciphertext),
      ciphertext.length,
      out,
    );
    if (status < 0) throw failure(status, { rule: "MLS-12.4.3.1-09", struct: "GroupSecrets" });
    const joinerSecret = Secret.adopt(engine, engine.word(out));
    const pathHandle = engine.word(out + 4);
    const pathSecret = pathHandle === 0 ? undefined : Secret.adopt(engine, pathHandle);
    try {
      const encoded = engine.copyOut(engine.word(out + 8), engine.word(out + 12));
      const reader = new Reader(encoded, environment.decode, "GroupSecrets");
      const psks = reader.list(readPreSharedKeyID, environment.limits.proposals);
      reader.finish();
      return { joinerSecret, pathSecret, psks };
    } catch (error) {
      joinerSecret.wipe();
      pathSecret?.wipe();
      throw error;
    }
  });
}

// MLS-11.2-03, MLS-11.2-05: from whichever member the Welcome comes
function lineageOf(input: JoinInput, psk: ReturnType<typeof successorPsk>): Lineage | undefined {
  const { resumes, priorGroup } = input;
  if (psk === undefined) {
    if (resumes !== undefined) refuse("MLS-11.2-03", "the Welcome does not continue the group that was named");
    return undefined;
  }
  const { pskGroupId, usage, pskEpoch: epoch } = psk;
  const prior = resumes ?? priorGroup(pskGroupId);
  if (prior === undefined) {
    const message = "the Welcome continues a group that is not known here: pass it as resumes";
    throw new ValidationError("ERR_PSK", message, { rule: "MLS-12.4.3.1-28" });
  }
  if (bytesKey(pskGroupId) !== bytesKey(prior.epoch.groupContext.groupId)) {
    refuse("MLS-11.2-03", "the Welcome continues another group than the one that was named");
  }
  return { usage, prior, epoch } as Lineage;
}

// The last check of MLS-12.4.3.1-26
function requireLineage({ identityOf }: JoinInput, lineage: Lineage, state: GroupState): void {
  try {
    checkLineage(lineage, state.epoch.groupContext, credentialsOf(state.tree), identityOf);
  } catch (error) {
    state.close("closed");
    throw error;
  }
}

function openGroupInfo(input: JoinInput, joinerSecret: Secret, psk: Secret | undefined): GroupInfo {
  const { suite, welcome, environment, held, isJoined } = input;
  const bytes = wiping(welcomeSecretOf(suite, joinerSecret, psk), (welcomeSecret) =>
    openUnder(suite, welcomeSecret, nothing, nothing, welcome.encryptedGroupInfo, {
      rule: "MLS-12.4.3.1-10",
      struct: "GroupInfo",
    }),
  );
  const groupInfo = decodeGroupInfo(bytes, environment.decode);
  const { groupContext } = groupInfo;
  if (groupContext.cipherSuite !== held.keyPackage.cipherSuite) {
    const { cipherSuite } = held.keyPackage;
    refuse("MLS-12.4.3.1-11", `a group of cipher suite ${groupContext.cipherSuite} instead of ${cipherSuite}`);
  }
  if (groupContext.version !== held.keyPackage.version) {
    const message = `a group of version ${groupContext.version} instead of ${held.keyPackage.version}`;
    throw new UnsupportedError("ERR_UNSUPPORTED", message, { rule: "MLS-12.4.3.1-11", struct: "GroupContext" });
  }
  if (isJoined(groupContext.groupId)) {
    refuse("MLS-12.4.3-04", "this client is in a group of this name already");
  }
  return groupInfo;
}

// MLS-12.4.3.1-14
function ownLeafIndex({ held }: JoinInput, tree: RatchetTree): number {
  const { leafNode } = held.keyPackage;
  const node = tree.findKey("encryption", leafNode.encryptionKey);
  const leaf = node === undefined || node % 2 !== 0 ? undefined : tree.leaf(node / 2);
  const isOurs = leaf !== undefined && equalBytes(leaf, leafNode.encoded);
  if (node === undefined || !isOurs) refuse("MLS-12.4.3.1-14", "the tree does not hold our key package's leaf");
  return node / 2;
}

// MLS-12.4.3-03, MLS-13.4-08
function requireSupportedExtensions({ held }: JoinInput, { groupContext }: GroupInfo): void {
  const { extensions } = held.keyPackage.leafNode.capabilities;
  for (const { extensionType } of groupContext.extensions) {
    if (isDefaultExtension(extensionType) || isCapability(extensions, extensionType)) continue;
    refuse("MLS-13.4-08", `the group uses extension ${extensionType}, which this client lacks`, "ERR_GROUP_INFO");
  }
}

function enter(
  input: JoinInput,
  secrets: OpenedSecrets,
  psk: Secret | undefined,
  groupInfo: GroupInfo,
  tree: RatchetTree,
): JoinedGroup {
  const { environment, suite, held, signatureKey } = input;
  requireSupportedExtensions(input, groupInfo);
  const own = ownLeafIndex(input, tree);
  if (groupInfo.signer === own) refuse("MLS-12.4.3.1-27", `the Welcome is signed by leaf ${own}, our own`);
  const { deferred, types } = verifyTree(environment, suite, groupInfo, tree);
  setOwnLeaf(tree, own, held.encryptionKey);
  if (secrets.pathSecret !== undefined) {
    try {
      joinPath(suite, tree, own, groupInfo.signer, secrets.pathSecret);
    } catch (error) {
      if (!(error instanceof MlsError)) throw error;
      throw new ValidationError("ERR_WELCOME", error.message, { rule: "MLS-12.4.3.1-16", cause: error });
    }
  }
  const groupContext = sealedContext(groupInfo.groupContext);
  const epochSecrets = EpochSecrets.join(suite, secrets.joinerSecret, psk, groupContext.encoded, {
    leafCount: tree.leafCount,
    limits: environment.limits,
  });
  try {
    // MLS-12.4.3.1-18
    const { confirmationTag } = groupInfo;
    epochSecrets.verifyConfirmationTag(groupContext.confirmedTranscriptHash, confirmationTag);
    epochSecrets.forgetJoining();
    const state = new GroupState({
      environment,
      suite,
      tree,
      ownLeafIndex: own,
      signatureKey: { publicKey: signatureKey.publicKey, privateKey: signatureKey.privateKey.copy() },
      epoch: {
        groupContext,
        secrets: epochSecrets,
        confirmationTag,
        // MLS-12.4.3.1-19
        interimTranscriptHash: interimTranscriptHash(suite, groupContext.confirmedTranscriptHash, confirmationTag),
        credentialTypes: types,
      },
    });
    return { state, inviter: groupInfo.signer, deferred };
  } catch (error) {
    epochSecrets.wipe();
    throw error;
  }
}
