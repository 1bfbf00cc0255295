import { type DecodeContext, defaultContext } from "./codec/context.ts";
import { defaultEngine, type Engine } from "./core/engine.ts";
import { Secret } from "./core/secret.ts";
import { generateHpkeKeyPair } from "./crypto/hpke.ts";
import { keyPackageRef } from "./crypto/labels.ts";
import { systemRandom, randomBytes, type RandomSource } from "./crypto/random.ts";
import {
  generateSignatureKeyPair,
  type SignatureKeyPair,
  signatureKeyPair,
  signWithLabel,
} from "./crypto/signature.ts";
import { cipherSuite, type CipherSuite, cipherSuites } from "./crypto/suite.ts";
import { StateError, UnsupportedError, ValidationError } from "./errors.ts";
import type { PaddingScheme } from "./framing/privatemessage.ts";
import { PendingExternalJoin } from "./externaljoin.ts";
import { Group } from "./group.ts";
import { bytesKey, bytesOfKey } from "./group/cache.ts";
import type { Environment, HandshakeFormat } from "./group/environment.ts";
import { sealedContext, treeSuite } from "./group/epoch.ts";
import { joinFromOutside } from "./group/external.ts";
import { proposeFromOutside } from "./group/outside.ts";
import { type HeldKeyPackage, joinByWelcome } from "./group/join.ts";
import { type PskReference, pskProposal } from "./group/psks.ts";
import { signLeaf } from "./group/leaf.ts";
import { leafExpectations } from "./group/members.ts";
import { GroupState } from "./group/state.ts";
import { StagedJoin } from "./join.ts";
import { type Limits, limitsWith } from "./limits.ts";
import { CredentialType, PROTOCOL_VERSION_MLS10 } from "./message/constants.ts";
import { type Credential, credentialTypeOf } from "./message/credential.ts";
import { checkExtensions, type Extension } from "./message/extension.ts";
import { pickGrease } from "./message/grease.ts";
import { decodeKeyPackage, encodeKeyPackage, type KeyPackageContent, keyPackageTbs } from "./message/keypackage.ts";
import type { GroupInfo } from "./message/groupinfo.ts";
import type { Capabilities, LeafNode, LeafNodeContent, Lifetime } from "./message/leafnode.ts";
import { decodeMLSMessage, encodeMLSMessage } from "./message/mlsmessage.ts";
import type { PreSharedKeyID } from "./message/psk.ts";
import { type Authenticate, type AuthenticateMany, Authenticator } from "./policy.ts";
import { EpochSecrets } from "./schedule/epoch.ts";
import { interimTranscriptHash } from "./schedule/transcript.ts";
import { openClient, sealClient } from "./state/clientstate.ts";
import { restoreGroupState } from "./state/snapshot.ts";
import { setOwnLeaf } from "./tree/path.ts";
import { RatchetTree } from "./tree/ratchettree.ts";
import { checkCredentialKey, externalSenderRequests } from "./validate/credential.ts";
import { findInvalidLeaf, leafRuleError } from "./validate/leafnode.ts";

/** What a client is made of. */
export interface ClientOptions {
  /** Who this client is, to the other members. */
  readonly credential: Credential;
  /** The Authentication Service's place: asked about every credential that this client meets. */
  readonly authenticate?: Authenticate;
  /** The same for many questions at once; give one of the two. */
  readonly authenticateMany?: AuthenticateMany;
  /** The suite of its key packages and groups, by its number in the IANA registry; 1 unless given. */
  readonly cipherSuite?: number;
  /** The signature private key (32 bytes for Ed25519); a fresh one unless given. */
  readonly signaturePrivateKey?: Uint8Array;
  /** 32 bytes that seal what `save` returns; kept by the application, apart from the records. */
  readonly storageKey?: Uint8Array;
  /** Extension, proposal and credential types that the application supports beyond those of RFC 9420. */
  readonly supports?: Partial<Pick<Capabilities, "extensions" | "proposals" | "credentials">>;
  /** Extensions of this client's leaves, such as `application_id`. */
  readonly leafExtensions?: readonly Extension[];
  /** Seconds that a key package is valid for, from an hour ago; 90 days unless given. */
  readonly keyPackageLifetime?: number;
  readonly limits?: Partial<Limits>;
  /** Seconds since the Unix epoch; the system's clock unless given. */
  readonly now?: () => number;
  /** Fresh random bytes; `crypto.getRandomValues` unless given. */
  readonly random?: RandomSource;
  /** False accepts received leaves outside their lifetime (MLS-7.3-08). */
  readonly checkLifetime?: boolean;
  /** Bytes of padding for a plaintext of this length; to the next multiple of 32 unless given. */
  readonly padding?: PaddingScheme;
  /** How proposals and commits travel: "private" unless given (MLS-6-06). */
  readonly handshakeFormat?: HandshakeFormat;
  /** False sends no GREASE values (RFC 9420 section 13.5). */
  readonly grease?: boolean;
  /** The core to run on; a shared one unless given. */
  readonly engine?: Engine;
}

/** How a group is created. */
export interface GroupOptions {
  /** GroupContext extensions. */
  readonly extensions?: readonly Extension[];
}

/** How a Welcome is joined. */
export interface JoinOptions {
  /** The group's `ratchetTree()`, where the Welcome does not carry it. */
  readonly ratchetTree?: Uint8Array;
}

/** How a client is restored: what its saved state does not hold. */
export type RestoreOptions = Omit<
  ClientOptions,
  "credential" | "cipherSuite" | "signaturePrivateKey" | "supports" | "leafExtensions" | "keyPackageLifetime" | "grease"
>;

/** How a group is restored. */
export interface RestoreGroupOptions {
  /** What `takeRecord` returned after the snapshot, in that order. */
  readonly records?: readonly Uint8Array[];
  /** The group's `sequence`, remembered where the store cannot roll it back. */
  readonly expectedSequence?: bigint;
}

/** How a group is joined from outside. */
export interface ExternalJoinOptions {
  /** The group's `ratchetTree()`, where the GroupInfo does not carry it. */
  readonly ratchetTree?: Uint8Array;
  /**
   * Replace our old leaf, because its state is lost: the one with this client's signature key, or the
   * leaf named (a client that has changed its key).
   */
  readonly resync?: boolean | number;
  /** PSKs that prove something about the joiner. */
  readonly psks?: readonly PskReference[];
  /** Authenticated, not encrypted. */
  readonly authenticatedData?: Uint8Array;
}

const TREE_SEED_LENGTH = 16;
const DAY = 86_400;
const PADDING_STEP = 32;
const nothing = new Uint8Array(0);

function defaultPadding(lengthBytes: number): number {
  return (PADDING_STEP - (lengthBytes % PADDING_STEP)) % PADDING_STEP;
}

/** A basic credential for an identity of the application, a string (as UTF-8) or bytes. */
export function basicCredential(identity: string | Uint8Array): Credential {
  return {
    kind: "basic",
    identity: typeof identity === "string" ? new TextEncoder().encode(identity) : Uint8Array.from(identity),
  };
}

/** An x509 credential: DER certificates, the client's own first (RFC 9420 section 5.3). */
export function x509Credential(certificates: readonly Uint8Array[]): Credential {
  return { kind: "x509", certificates: certificates.map((certificate) => Uint8Array.from(certificate)) };
}

/**
 * One device of one user: a signature key, a credential, key packages that others can add, and the
 * groups it is in.
 */
export class Client {
  readonly #environment: Environment;
  readonly #suite: CipherSuite;
  readonly #credential: Credential;
  readonly #signatureKey: SignatureKeyPair;
  readonly #supports: NonNullable<ClientOptions["supports"]>;
  readonly #leafExtensions: readonly Extension[];
  readonly #lifetime: bigint;
  readonly #grease: boolean;
  readonly #keyPackages = new Map<string, HeldKeyPackage>();
  readonly #psks = new Map<string, Secret>();
  readonly #groups = new Map<string, Group>();

  #sequence = 0n;
  #changed = true;

  /** Makes a client. Throws TypeError without `authenticate`, `ERR_UNSUPPORTED` for a suite it lacks. */
  static create(options: ClientOptions): Client {
    return new Client(options);
  }

  /**
   * A client as {@link save} stored it: key, credential and unused key packages come from there, the rest
   * from the options. Throws `ERR_STATE_RECORD` for anything that is not such a state under this key.
   */
  static restore(saved: Uint8Array, options: RestoreOptions): Client {
    const engine = options.engine ?? defaultEngine();
    const storageKey = storageKeyOf(engine, options.storageKey);
    try {
      const state = openClient(saved, storageKey, { ...defaultContext, engine });
      const { credential, cipherSuite: suite, supports, leafExtensions, grease } = state;
      const keyPackageLifetime = Number(state.keyPackageLifetime);
      const own = { credential, cipherSuite: suite, supports, leafExtensions, grease, keyPackageLifetime };
      const client = new Client({ ...options, ...own, engine }, state.signatureKey);
      for (const held of state.keyPackages) client.#keyPackages.set(bytesKey(held.reference), held);
      for (const { pskId, psk } of state.psks) client.#psks.set(bytesKey(pskId), psk);
      client.#sequence = state.sequence;
      client.#changed = false;
      return client;
    } finally {
      storageKey?.wipe();
    }
  }

  private constructor(options: ClientOptions, signatureKey?: SignatureKeyPair) {
    const engine = options.engine ?? defaultEngine();
    const random = options.random ?? systemRandom;
    const limits = limitsWith(options.limits);
    const now = options.now ?? ((): number => Math.floor(Date.now() / 1000));
    this.#suite = cipherSuite(engine, options.cipherSuite ?? 1);
    this.#credential = options.credential;
    this.#supports = options.supports ?? {};
    this.#leafExtensions = options.leafExtensions ?? [];
    this.#lifetime = BigInt(options.keyPackageLifetime ?? 90 * DAY);
    this.#grease = options.grease ?? true;
    const decode: DecodeContext = {
      limits,
      customProposalTypes: new Set(),
      customCredentialTypes: new Set(options.supports?.credentials),
      engine,
    };
    this.#environment = {
      engine,
      limits,
      decode,
      random,
      now: () => BigInt(Math.floor(now())),
      checkLifetime: options.checkLifetime ?? true,
      authenticator: new Authenticator(options.authenticate, options.authenticateMany),
      padding: options.padding ?? defaultPadding,
      handshakeFormat: options.handshakeFormat ?? "private",
      heldPsk: (id) => this.#heldPsk(id),
      greaseExtensions: () => this.#greaseExtensions(),
      storageKey: storageKeyOf(engine, options.storageKey),
    };
    this.#signatureKey =
      signatureKey ??
      (options.signaturePrivateKey === undefined
        ? generateSignatureKeyPair(this.#suite, random)
        : signatureKeyPair(this.#suite, Secret.import(engine, options.signaturePrivateKey)));
    checkCredentialKey(this.#credential, this.#signatureKey.publicKey);
  }

  get credential(): Credential {
    return this.#credential;
  }

  /** The public half of the signature key that the credential stands for. */
  get signatureKey(): Uint8Array {
    return Uint8Array.from(this.#signatureKey.publicKey);
  }

  get cipherSuite(): number {
    return this.#suite.id;
  }

  /** The groups that this client is in, as long as they are open. */
  get groups(): readonly Group[] {
    return [...this.#groups.values()].filter((group) => !group.isClosed);
  }

  /** Key packages that have been handed out and not been used. */
  get unusedKeyPackages(): number {
    return this.#keyPackages.size;
  }

  /**
   * A fresh key package, an MLSMessage: whoever holds it can add this client to a group, once. Its
   * private keys stay with this client until a Welcome uses them, or {@link close}.
   */
  keyPackage(): Uint8Array {
    const suite = this.#suite;
    const init = generateHpkeKeyPair(suite, this.#environment.random);
    const encryption = generateHpkeKeyPair(suite, this.#environment.random);
    const [grease] = this.#greaseExtensions();
    const leafNode = this.#leafNode(encryption.publicKey, grease);
    const content: KeyPackageContent = {
      version: PROTOCOL_VERSION_MLS10,
      cipherSuite: suite.id,
      initKey: init.publicKey,
      leafNode,
      // MLS-10-08: a type in use is listed among the leaf's capabilities
      extensions: grease === undefined ? [] : [grease],
    };
    const signature = signWithLabel(suite, this.#signatureKey, "KeyPackageTBS", keyPackageTbs(content));
    const encoded = encodeKeyPackage({ ...content, signature });
    const keyPackage = decodeKeyPackage(encoded, this.#environment.decode);
    const reference = keyPackageRef(suite, encoded);
    this.#changed = true;
    this.#keyPackages.set(bytesKey(reference), {
      keyPackage,
      reference,
      initKey: init.privateKey,
      encryptionKey: encryption.privateKey,
    });
    return encodeMLSMessage({ kind: "keyPackage", keyPackage });
  }

  /** As many fresh key packages as asked for. */
  keyPackages(count: number): Uint8Array[] {
    if (!Number.isInteger(count) || count < 0) throw new RangeError(`cannot make ${count} key packages`);
    return Array.from({ length: count }, () => this.keyPackage());
  }

  /** Holds an external PSK under its name, for commits that use it (RFC 9420 section 8.4). */
  addPsk(pskId: Uint8Array, psk: Uint8Array): void {
    const key = bytesKey(pskId);
    this.#changed = true;
    this.#psks.get(key)?.wipe();
    this.#psks.set(key, Secret.import(this.#environment.engine, psk));
  }

  /**
   * Creates a group with this client as its only member. The name is random unless given (MLS-11-03).
   * Throws `ERR_USAGE` when this client is in a group of this name already (DEF-08).
   */
  createGroup(groupId?: string | Uint8Array, options: GroupOptions = {}): Group {
    const suite = this.#suite;
    const { random, engine, limits } = this.#environment;
    const name = groupIdOf(groupId) ?? Uint8Array.from(randomBytes(random, suite.hashLength));
    if (this.#isJoined(name)) {
      throw new StateError("ERR_USAGE", "this client is in a group of this name already", { rule: "DEF-08" });
    }
    const extensions = options.extensions ?? [];
    checkExtensions(extensions, "groupContext");
    const { authenticator, decode } = this.#environment;
    if (authenticator.ask(externalSenderRequests(extensions, decode)).length > 0) {
      throw new StateError("ERR_STATE_DEFERRED", "an external sender of a new group cannot be deferred");
    }
    const encryption = generateHpkeKeyPair(suite, random);
    const leafNode = this.#leafNode(encryption.publicKey, this.#greaseExtensions()[0]);
    this.#requireCreatorFits(leafNode, extensions);
    const tree = RatchetTree.create(engine, treeSuite(suite), randomBytes(random, TREE_SEED_LENGTH));
    const staged = tree.fork();
    staged.add(leafNode.encoded);
    staged.merge().close();
    setOwnLeaf(tree, 0, encryption.privateKey);
    encryption.privateKey.wipe();
    // MLS-11-05, MLS-11-06
    const groupContext = sealedContext({
      version: PROTOCOL_VERSION_MLS10,
      cipherSuite: suite.id,
      groupId: name,
      epoch: 0n,
      treeHash: tree.treeHash(),
      confirmedTranscriptHash: nothing,
      extensions,
    });
    const secrets = EpochSecrets.create(suite, random, { leafCount: 1, limits });
    const confirmationTag = secrets.confirmationTag(nothing);
    const state = new GroupState({
      environment: this.#environment,
      suite,
      tree,
      ownLeafIndex: 0,
      signatureKey: this.#copyOfSignatureKey(),
      epoch: {
        groupContext,
        secrets,
        confirmationTag,
        interimTranscriptHash: interimTranscriptHash(suite, nothing, confirmationTag),
        credentialTypes: new Map([[leafNode.credentialType, 1]]),
      },
    });
    return this.#keep(new Group(state, (closed) => this.#forget(closed)));
  }

  /**
   * Opens a Welcome and verifies everything about the group it leads to. Throws `ERR_WELCOME` when it
   * is not for one of our key packages, `ERR_TREE_NEEDED` when the ratchet tree must come another way.
   */
  join(message: Uint8Array, options: JoinOptions = {}): StagedJoin {
    if (!(message instanceof Uint8Array)) throw new TypeError("a Welcome is a Uint8Array");
    const decoded = decodeMLSMessage(message, this.#environment.decode);
    if (decoded.kind !== "welcome") {
      throw new ValidationError("ERR_WELCOME", `a ${decoded.kind} is no Welcome`, { rule: "MLS-12.4.3.1-07" });
    }
    const { welcome } = decoded;
    if (welcome.cipherSuite !== this.#suite.id) {
      throw new UnsupportedError("ERR_UNSUPPORTED", `a Welcome of cipher suite ${welcome.cipherSuite}`, {
        rule: "MLS-12.4.3.1-26",
      });
    }
    // MLS-12.4.3.1-07
    for (const entry of welcome.secrets) {
      const held = this.#keyPackages.get(bytesKey(entry.newMember));
      if (held === undefined) continue;
      const joined = joinByWelcome({
        environment: this.#environment,
        suite: this.#suite,
        welcome,
        entry,
        held,
        signatureKey: this.#signatureKey,
        ratchetTree: options.ratchetTree,
        isJoined: (groupId) => this.#isJoined(groupId),
      });
      return new StagedJoin(joined, {
        accepted: (group) => {
          this.#useUp(held);
          this.#keep(group);
        },
        closed: (group) => this.#forget(group),
      });
    }
    throw new ValidationError("ERR_WELCOME", "the Welcome is for none of the key packages that this client holds", {
      rule: "MLS-12.4.3.1-07",
    });
  }

  /**
   * Joins from outside with a GroupInfo that a member published (`group.groupInfo()`), without an
   * invitation. Throws `ERR_GROUP_INFO` when it does not allow that, or when this client is a member
   * already and no resync is asked for.
   */
  joinExternal(message: Uint8Array, options: ExternalJoinOptions = {}): PendingExternalJoin {
    const groupInfo = this.#groupInfo(message);
    const resync = options.resync ?? false;
    const { groupId } = groupInfo.groupContext;
    const { random } = this.#environment;
    if (resync === false && this.#isJoined(groupId)) {
      throw new ValidationError("ERR_GROUP_INFO", "this client is in this group already", { rule: "MLS-12.4.3-04" });
    }
    const join = joinFromOutside({
      environment: this.#environment,
      suite: this.#suite,
      groupInfo,
      ratchetTree: options.ratchetTree,
      signatureKey: this.#signatureKey,
      leaf: this.#leafDescription(this.#greaseExtensions()[0]),
      psks: (options.psks ?? []).map((psk) => pskProposal(psk, groupId, this.#suite.hashLength, random)),
      resync,
      authenticatedData: options.authenticatedData ?? nothing,
    });
    return new PendingExternalJoin(join, {
      accepted: (group) => {
        // MLS-12.4.3-04: the old state is dropped only after the new one is accepted
        this.#groups.get(bytesKey(group.groupId))?.close();
        this.#keep(group);
      },
      closed: (group) => this.#forget(group),
    });
  }

  /**
   * Asks the members of a group to add this client: a proposal from outside, with a fresh key package
   * (RFC 9420 section 12.1.8). A member who commits it sends the Welcome.
   */
  proposeToJoin(group: { readonly groupId: Uint8Array; readonly epoch: bigint }): Uint8Array {
    const keyPackage = decodeMLSMessage(this.keyPackage(), this.#environment.decode);
    if (keyPackage.kind !== "keyPackage") throw new TypeError("not a key package");
    const proposal = { kind: "add", keyPackage: keyPackage.keyPackage } as const;
    return proposeFromOutside(this.#suite, this.#signatureKey, group, { kind: "newMemberProposal" }, proposal);
  }

  /**
   * The client as bytes, sealed under its storage key: signature key, credential, key packages that are
   * still out with their private keys, external PSKs. Groups save themselves.
   */
  save(): Uint8Array {
    const { engine, storageKey, random } = this.#environment;
    const state = {
      cipherSuite: this.#suite.id,
      credential: this.#credential,
      supports: { extensions: [], proposals: [], credentials: [], ...this.#supports },
      leafExtensions: this.#leafExtensions,
      keyPackageLifetime: this.#lifetime,
      grease: this.#grease,
      signatureKey: this.#signatureKey,
      keyPackages: [...this.#keyPackages.values()],
      psks: Array.from(this.#psks, ([key, psk]) => ({ pskId: bytesOfKey(key), psk })),
    };
    const saved = sealClient(state, engine, this.#sequence + 1n, storageKey, random);
    this.#sequence++;
    this.#changed = false;
    return saved;
  }

  /**
   * What to store when a key package was made or used or a PSK was added since the last `save` or
   * `takeRecord`: the client's whole state, which is small; undefined when nothing has changed.
   */
  takeRecord(): Uint8Array | undefined {
    return this.#changed ? this.save() : undefined;
  }

  /**
   * A group as `group.save()` stored it, and the records after it in their order. With
   * `expectedSequence`, the number that the application remembers elsewhere, a rollback is found out.
   * Throws `ERR_STATE_RECORD`; nothing is restored then.
   */
  restoreGroup(snapshot: Uint8Array, options: RestoreGroupOptions = {}): Group {
    const suiteOf = (): CipherSuite => this.#suite;
    const { records = [], expectedSequence } = options;
    const restored = restoreGroupState(this.#environment, suiteOf, snapshot, records, expectedSequence);
    if (this.#isJoined(restored.state.epoch.groupContext.groupId)) {
      restored.state.close("closed");
      throw new StateError("ERR_USAGE", "this client is in a group of this name already", { rule: "DEF-08" });
    }
    return this.#keep(new Group(restored.state, (closed) => this.#forget(closed), restored));
  }

  /** Closes all groups and wipes every secret of this client. Closing twice is allowed. */
  close(): void {
    for (const group of this.#groups.values()) group.close();
    for (const held of [...this.#keyPackages.values()]) this.#useUp(held);
    for (const psk of this.#psks.values()) psk.wipe();
    this.#psks.clear();
    this.#signatureKey.privateKey.wipe();
    this.#environment.storageKey?.wipe();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  // MLS-8.4-07, MLS-8.4-09
  #heldPsk(id: PreSharedKeyID): Secret | undefined {
    if (id.kind === "external") return this.#psks.get(bytesKey(id.pskId));
    return this.#groups.get(bytesKey(id.pskGroupId))?.state.resumptionPsk(id.pskEpoch);
  }

  // MLS-12.4.3.1-21, MLS-16.8-01
  #useUp({ reference, initKey, encryptionKey }: HeldKeyPackage): void {
    this.#changed = true;
    this.#keyPackages.delete(bytesKey(reference));
    initKey.wipe();
    encryptionKey.wipe();
  }

  #groupInfo(message: Uint8Array): GroupInfo {
    if (!(message instanceof Uint8Array)) throw new TypeError("a GroupInfo is a Uint8Array");
    const decoded = decodeMLSMessage(message, this.#environment.decode);
    if (decoded.kind === "groupInfo") return decoded.groupInfo;
    throw new ValidationError("ERR_GROUP_INFO", `a ${decoded.kind} is no GroupInfo`, { rule: "MLS-12.4.3.2-01" });
  }

  #isJoined(groupId: Uint8Array): boolean {
    return this.#groups.get(bytesKey(groupId))?.isClosed === false;
  }

  #keep(group: Group): Group {
    this.#groups.set(bytesKey(group.groupId), group);
    return group;
  }

  #forget(group: Group): void {
    const key = bytesKey(group.groupId);
    if (this.#groups.get(key) === group) this.#groups.delete(key);
  }

  #copyOfSignatureKey(): SignatureKeyPair {
    return { publicKey: this.#signatureKey.publicKey, privateKey: this.#signatureKey.privateKey.copy() };
  }

  /** One GREASE extension, or none when GREASE is switched off. MLS-13.5-01, MLS-13.5-03 */
  #greaseExtensions(): Extension[] {
    if (!this.#grease) return [];
    const [extensionType] = pickGrease(1, this.#environment.random);
    return [{ extensionType: extensionType!, extensionData: nothing }];
  }

  /** A leaf for a key package or a new group. MLS-11-09 */
  #leafNode(encryptionKey: Uint8Array, grease: Extension | undefined): LeafNode {
    const now = this.#environment.now();
    const hour = 3600n;
    const lifetime: Lifetime = { notBefore: now > hour ? now - hour : 0n, notAfter: now + this.#lifetime };
    const content: LeafNodeContent = {
      ...this.#leafDescription(grease),
      encryptionKey,
      signatureKey: this.#signatureKey.publicKey,
      source: { kind: "keyPackage", lifetime },
    };
    return signLeaf(this.#suite, this.#signatureKey, content, undefined, this.#environment.decode);
  }

  /** All of a leaf of ours but its keys and where it comes from. */
  #leafDescription(grease: Extension | undefined): Pick<LeafNodeContent, "credential" | "capabilities" | "extensions"> {
    return {
      credential: this.#credential,
      capabilities: this.#capabilities(grease),
      extensions: grease === undefined ? this.#leafExtensions : [...this.#leafExtensions, grease],
    };
  }

  // MLS-7.2-03..05, MLS-7.2-09, MLS-13.5-02
  #capabilities(grease: Extension | undefined): Capabilities {
    const random = this.#environment.random;
    const one = (): number[] => (this.#grease ? pickGrease(1, random) : []);
    const suites = cipherSuites.filter(
      ({ signature, kem }) => signature === this.#suite.signature && kem === this.#suite.kem,
    );
    const own = credentialTypeOf(this.#credential);
    const credentials = new Set([
      CredentialType.basic,
      CredentialType.x509,
      ...(this.#supports.credentials ?? []),
      own,
    ]);
    return {
      versions: [PROTOCOL_VERSION_MLS10],
      cipherSuites: [...suites.map(({ id }) => id), ...one()],
      extensions: [...(this.#supports.extensions ?? []), ...(grease === undefined ? [] : [grease.extensionType])],
      proposals: [...(this.#supports.proposals ?? []), ...one()],
      credentials: [...credentials, ...one()],
    };
  }

  // MLS-11-08
  #requireCreatorFits(leafNode: LeafNode, extensions: readonly Extension[]): void {
    const { engine, limits, now } = this.#environment;
    const policy = {
      version: PROTOCOL_VERSION_MLS10,
      cipherSuite: this.#suite.id,
      encryptionKeyLength: this.#suite.publicKeyLength,
      signatureKeyLength: this.#suite.signatureKeyLength,
      maximumLifetime: limits.lifetimeSeconds,
      clockSkew: limits.clockSkewSeconds,
    };
    const types = new Map([[leafNode.credentialType, 1]]);
    const invalid = findInvalidLeaf(engine, [leafNode.encoded], leafExpectations(policy, extensions, types, now()), 1);
    if (invalid === undefined) return;
    const cause = leafRuleError(invalid.answer, 0)!;
    throw new StateError("ERR_USAGE", `this client does not fit the group: ${cause.message}`, {
      rule: "MLS-11-08",
      cause,
    });
  }
}

function groupIdOf(groupId: string | Uint8Array | undefined): Uint8Array | undefined {
  return typeof groupId === "string" ? new TextEncoder().encode(groupId) : groupId && Uint8Array.from(groupId);
}

function storageKeyOf(engine: Engine, bytes: Uint8Array | undefined): Secret | undefined {
  if (bytes === undefined) return undefined;
  if (bytes.length !== 32) throw new RangeError(`a storage key has 32 bytes, not ${bytes.length}`);
  return Secret.import(engine, bytes);
}
