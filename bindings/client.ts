import { requireBytes } from "./codec/argument.ts";
import { defaultContext } from "./codec/context.ts";
import { defaultEngine } from "./core/engine.ts";
import { Secret } from "./core/secret.ts";
import { randomBytes } from "./crypto/random.ts";
import { generateSignatureKeyPair, type SignatureKeyPair, signatureKeyPair } from "./crypto/signature.ts";
import { cipherSuite, type CipherSuite } from "./crypto/suite.ts";
import { StateError, ValidationError } from "./errors.ts";
import { PendingExternalJoin } from "./externaljoin.ts";
import { Group } from "./group.ts";
import { Holdings } from "./holdings.ts";
import type { Environment } from "./group/environment.ts";
import { foundGroup } from "./group/found.ts";
import { type LeafTemplate, leafTemplate } from "./group/template.ts";
import type {
  ClientOptions,
  ExternalJoinOptions,
  GroupOptions,
  KeyPackageOptions,
  RestoreGroupOptions,
  RestoreOptions,
} from "./options.ts";
import { joinFromOutside } from "./group/external.ts";
import { proposeFromOutside } from "./group/outside.ts";
import { forgetKeyPackage, joinByWelcome } from "./group/join.ts";
import { pskProposal } from "./group/psks.ts";
import { byCredential, type Lineage } from "./group/lineage.ts";
import { foundSubgroup } from "./group/subgroup.ts";
import { membersPerWelcome } from "./group/welcome.ts";
import type { GroupState } from "./group/state.ts";
import { groupInfoIn, welcomeIn } from "./invitation.ts";
import { type Invitation, type JoinOptions, StagedJoin } from "./join.ts";
import { Memberships } from "./memberships.ts";
import { branchOf, type BranchOptions, type Subgroup, type SubgroupOptions, successorOf } from "./subgroup.ts";
import type { Extension } from "./message/extension.ts";
import { copyCredential, type Credential } from "./message/credential.ts";
import { encodeKeyPackage, isLastResort } from "./message/keypackage.ts";
import { keyPackageRef } from "./crypto/labels.ts";
import { keyPackageOf } from "./group/wanted.ts";
import { encodeMLSMessage } from "./message/mlsmessage.ts";
import type { PreSharedKeyID } from "./message/psk.ts";
import { environmentOf, storageKeyOf } from "./surroundings.ts";
import { forgetClientState, openClient, sealClient, type StoredClient } from "./state/clientstate.ts";
import { type RestoredGroup, restoreGroupState } from "./state/snapshot.ts";
import { checkCredentialKey } from "./validate/credential.ts";

const nothing = new Uint8Array(0);

/**
 * One device of one user: a signature key, a credential, key packages that others can add, and the
 * groups it is in.
 */
export class Client {
  readonly #environment: Environment;
  readonly #suite: CipherSuite;
  readonly #leaves: LeafTemplate;
  readonly #holdings = new Holdings();
  readonly #groups = new Memberships();
  /** Joins that are neither accepted nor discarded yet. */
  readonly #invitations = new Set<Invitation>();
  #sequence = 0n;

  /**
   * Makes a client. Throws TypeError without `authenticate`, RangeError for a storage key that has not 32 bytes
   * and for limits that make no sense, `ERR_UNSUPPORTED` for a suite it lacks, `ERR_CREDENTIAL` or
   * `ERR_MALFORMED` for a certificate that does not hold its key, `ERR_NO_WASM` and `ERR_NO_SIMD` where the core cannot be loaded.
   */
  static create(options: ClientOptions): Client {
    return new Client(options);
  }

  /**
   * A client as {@link save} stored it: key, credential and unused key packages come from there, the rest
   * from the options. Throws `ERR_STATE_RECORD` for anything that is not such a state under this key, `ERR_USAGE` without
   * one, and what {@link create} throws for the options; nothing is kept then.
   */
  static restore(saved: Uint8Array, options: RestoreOptions): Client {
    const engine = options.engine ?? defaultEngine();
    const storageKey = storageKeyOf(engine, options.storageKey);
    try {
      const state = openClient(saved, storageKey, { ...defaultContext, engine });
      try {
        return Client.#from(state, { ...options, engine });
      } catch (error) {
        forgetClientState(state);
        throw error;
      }
    } finally {
      storageKey?.wipe();
    }
  }

  static #from(state: StoredClient, options: RestoreOptions): Client {
    const { credential, cipherSuite: suite, supports, leafExtensions, grease } = state;
    const keyPackageLifetime = Number(state.keyPackageLifetime);
    const own = { credential, cipherSuite: suite, supports, leafExtensions, grease, keyPackageLifetime };
    const client = new Client({ ...options, ...own }, state.signatureKey);
    for (const held of state.keyPackages) client.#holdings.keep(held);
    for (const { pskId, psk } of state.psks) client.#holdings.keepPsk(pskId, psk);
    client.#sequence = state.sequence;
    client.#holdings.changed = false;
    return client;
  }

  private constructor(options: ClientOptions, signatureKey?: SignatureKeyPair) {
    this.#environment = environmentOf(options, {
      heldPsk: (id) => this.#heldPsk(id),
      greaseExtensions: () => this.#leaves.grease(),
    });
    let keyPair = signatureKey;
    try {
      this.#suite = cipherSuite(this.#environment.engine, options.cipherSuite ?? 1, options.suites);
      keyPair ??= this.#keyPair(options.signaturePrivateKey);
      this.#leaves = leafTemplate(options, this.#suite, keyPair, this.#environment);
      checkCredentialKey(options.credential, keyPair.publicKey);
    } catch (error) {
      keyPair?.privateKey.wipe();
      this.#environment.storageKey?.wipe();
      throw error;
    }
  }

  /** The credential of new key packages and groups; a copy. */
  get credential(): Credential {
    return copyCredential(this.#leaves.parts.credential);
  }

  /** The public half of the signature key that the credential stands for. */
  get signatureKey(): Uint8Array {
    return Uint8Array.from(this.#leaves.parts.signatureKey.publicKey);
  }

  /** The suite's number in the IANA registry. */
  get cipherSuite(): number {
    return this.#suite.id;
  }

  /** The groups that this client is in, as long as they are open. */
  get groups(): readonly Group[] {
    return this.#groups.open;
  }

  /** Key packages that have been handed out and not been used. */
  get unusedKeyPackages(): number {
    return this.#holdings.keyPackageCount;
  }

  /**
   * A fresh key package, an MLSMessage: whoever holds it can add this client to a group, once. Its
   * private keys stay with this client until a Welcome uses them, {@link retireKeyPackage}, or
   * {@link close}. One of last resort stays for any number of Welcomes: it is for the delivery service
   * to hand out when the others are used up, and should be replaced often (RFC 9420 section 16.8).
   */
  keyPackage(options: KeyPackageOptions = {}): Uint8Array {
    return this.#newKeyPackages(1, options.lastResort ?? false)[0]!;
  }

  /** As many fresh key packages as asked for, their keys made together. Throws RangeError for what is no count. */
  keyPackages(count: number): Uint8Array[] {
    if (!Number.isInteger(count) || count < 0) throw new RangeError(`cannot make ${count} key packages`);
    return this.#newKeyPackages(count, false);
  }

  #newKeyPackages(count: number, lastResort: boolean): Uint8Array[] {
    return this.#leaves.keyPackages(count, lastResort).map((held) => {
      this.#holdings.keep(held);
      return encodeMLSMessage({ kind: "keyPackage", keyPackage: held.keyPackage });
    });
  }

  /**
   * Wipes the private keys of a key package (an MLSMessage) that shall not be used any more; false when there are
   * none. Throws `ERR_KEY_PACKAGE` for what is no key package.
   */
  retireKeyPackage(message: Uint8Array): boolean {
    const keyPackage = keyPackageOf(message, 0, this.#environment.decode);
    const held = this.#holdings.keyPackage(keyPackageRef(this.#suite, encodeKeyPackage(keyPackage)));
    if (held !== undefined) this.#holdings.useUp(held);
    return held !== undefined;
  }

  /** Holds an external PSK, of any length, under its name, for commits and Welcomes that use it (RFC 9420 section 8.4). */
  addPsk(pskId: Uint8Array, psk: Uint8Array): void {
    requireBytes(pskId, "the name of a PSK");
    requireBytes(psk, "a PSK");
    this.#holdings.keepPsk(pskId, Secret.import(this.#environment.engine, psk));
  }

  /**
   * Creates a group with this client as its only member. The name is random unless given (MLS-11-03).
   * Throws `ERR_USAGE` when this client is in a group of this name already (DEF-08) or does not support its
   * extensions, `ERR_EXTENSION` for a list that cannot be.
   */
  createGroup(groupId?: string | Uint8Array, options: GroupOptions = {}): Group {
    const state = foundGroup(this.#environment, this.#leaves, this.#newName(groupId), options.extensions ?? []);
    return this.#enter(state);
  }

  /**
   * Opens a Welcome (an MLSMessage) and verifies everything about the group it leads to (RFC 9420 section
   * 12.4.3.1). Throws `ERR_WELCOME` when it is not for one of our key packages, `ERR_TREE_NEEDED` when the ratchet
   * tree must come another way, `ERR_PSK` when a PSK is not held, `ERR_CREDENTIAL` for a member that is refused,
   * and what is wrong with the tree; the key package stays good for another Welcome.
   */
  join(message: Uint8Array, options: JoinOptions = {}): StagedJoin {
    const welcome = welcomeIn(message, this.#suite, this.#environment.decode);
    // MLS-12.4.3.1-07
    for (const entry of welcome.secrets.for(this.#holdings.references)) {
      const held = this.#holdings.keyPackage(entry.newMember)!;
      const joined = joinByWelcome({
        environment: this.#environment,
        suite: this.#suite,
        welcome,
        entry,
        held,
        signatureKey: this.#leaves.parts.signatureKey,
        ratchetTree: options.ratchetTree,
        isJoined: (groupId) => this.#groups.has(groupId),
        resumes: options.resumes?.state,
        priorGroup: (groupId) => this.#groups.find(groupId)?.state,
        identityOf: options.identityOf ?? byCredential,
      });
      return this.#invited(
        new StagedJoin(joined, {
          ended: (join) => this.#invitations.delete(join),
          admit: (groupId) => {
            this.#requireOpen();
            this.#groups.requireNew(groupId);
            // MLS-16.8-01: another Welcome may have used it up
            if (this.#holdings.keyPackage(held.reference) !== held) {
              throw new StateError("ERR_STATE_USED", "the key package of this invitation has been used or retired");
            }
          },
          accepted: (group) => {
            if (!isLastResort(held.keyPackage)) this.#holdings.useUp(held);
            this.#groups.keep(group);
          },
          closed: (group) => this.#groups.forget(group),
        }),
      );
    }
    throw new ValidationError("ERR_WELCOME", "the Welcome is for none of the key packages that this client holds", {
      rule: "MLS-12.4.3.1-07",
      struct: "Welcome",
    });
  }

  /**
   * Makes the successor of a group that a ReInit has ended, with all of its members: `add` holds a fresh
   * key package of each of the others. Hand the Welcomes out; whoever gets one passes the old group as
   * `resumes` to {@link join}. The old group may belong to another client, of another suite; close it
   * once everybody is in the new one (RFC 9420 section 11.2).
   *
   * Throws `ERR_USAGE` for a group without a ReInit, or when `add` misses a member (MLS-12.4.3.1-24);
   * `ERR_UNSUPPORTED` when the successor's suite is not this client's.
   *
   * @example
   * ```ts
   * oldGroup.commit({ reInit: { cipherSuite: 3 } }).accept();
   * const { group, welcomes } = newClient.createSuccessor(oldGroup, { add: keyPackages });
   * ```
   */
  createSuccessor(oldGroup: Group, options: SubgroupOptions): Subgroup {
    const { lineage, reInit } = successorOf(oldGroup, this.#suite);
    return this.#continue(lineage, reInit.groupId, reInit.extensions, options);
  }

  /**
   * Makes a group of some members of another one, under the same suite: `add` holds a fresh key package
   * of each of the others. Whoever gets a Welcome passes the old group as `resumes` to {@link join}; it
   * goes on as before (RFC 9420 section 11.3). Throws `ERR_USAGE` for somebody who is not in the old
   * group (MLS-12.4.3.1-25).
   */
  createBranch(oldGroup: Group, options: BranchOptions): Subgroup {
    const lineage = branchOf(oldGroup, this.#suite);
    return this.#continue(lineage, this.#newName(options.groupId), options.extensions ?? [], options);
  }

  /**
   * Joins from outside with a GroupInfo that a member published (`group.groupInfo()`), without an
   * invitation (RFC 9420 section 12.4.3.2). Throws `ERR_GROUP_INFO` when it does not allow that, or when this
   * client is a member already and no resync is asked for; `ERR_TREE_NEEDED` when the ratchet tree must come
   * another way; `ERR_PSK`, `ERR_CREDENTIAL` and what is wrong with the tree.
   */
  joinExternal(message: Uint8Array, options: ExternalJoinOptions = {}): PendingExternalJoin {
    const groupInfo = groupInfoIn(message, this.#environment.decode);
    const resync = options.resync ?? false;
    const { groupId } = groupInfo.groupContext;
    const { random } = this.#environment;
    if (resync === false && this.#groups.has(groupId)) {
      throw new ValidationError("ERR_GROUP_INFO", "this client is in this group already", { rule: "MLS-12.4.3-04" });
    }
    const join = joinFromOutside({
      environment: this.#environment,
      suite: this.#suite,
      groupInfo,
      ratchetTree: options.ratchetTree,
      signatureKey: this.#leaves.parts.signatureKey,
      leaf: this.#leaves.description(this.#leaves.leafGrease()),
      psks: (options.psks ?? []).map((psk) => pskProposal(psk, groupId, this.#suite.hashLength, random)),
      resync,
      authenticatedData: options.authenticatedData ?? nothing,
    });
    return this.#invited(
      new PendingExternalJoin(join, {
        ended: (pending) => this.#invitations.delete(pending),
        admit: (name) => {
          this.#requireOpen();
          if (resync === false) this.#groups.requireNew(name);
        },
        accepted: (group) => {
          // MLS-12.4.3-04: the old state is dropped only after the new one is accepted
          this.#groups.find(group.groupId)?.close();
          this.#groups.keep(group);
        },
        closed: (group) => this.#groups.forget(group),
      }),
    );
  }

  /**
   * Asks the members of a group to add this client: a proposal from outside, with a fresh key package, as an
   * MLSMessage with a PublicMessage (RFC 9420 section 12.1.8). A member who commits it sends the Welcome.
   */
  proposeToJoin(group: { readonly groupId: Uint8Array; readonly epoch: bigint }): Uint8Array {
    requireBytes(group.groupId, "the name of a group");
    const held = this.#leaves.keyPackage(false);
    const { keyPackage } = held;
    try {
      const sender = { kind: "newMemberProposal" } as const;
      const { signatureKey } = this.#leaves.parts;
      const message = proposeFromOutside(this.#suite, signatureKey, group, sender, { kind: "add", keyPackage });
      this.#holdings.keep(held);
      return message;
    } catch (error) {
      forgetKeyPackage(held);
      throw error;
    }
  }

  /**
   * The client as bytes, sealed under its storage key: signature key, credential, key packages that are
   * still out with their private keys, external PSKs. Groups save themselves. Throws `ERR_USAGE` without a
   * storage key.
   */
  save(): Uint8Array {
    const { engine, storageKey, random } = this.#environment;
    const { signatureKey, credential, supports, extensions, keyPackageLifetime, sendsGrease } = this.#leaves.parts;
    const state = {
      cipherSuite: this.#suite.id,
      credential,
      supports: { extensions: [], proposals: [], credentials: [], ...supports },
      leafExtensions: extensions,
      keyPackageLifetime,
      grease: sendsGrease,
      signatureKey,
      keyPackages: this.#holdings.keyPackages,
      psks: this.#holdings.psks,
    };
    // What comes while the state is sealed is not in it.
    this.#holdings.changed = false;
    try {
      const saved = sealClient(state, engine, this.#sequence + 1n, storageKey, random);
      this.#sequence++;
      return saved;
    } catch (error) {
      this.#holdings.changed = true;
      throw error;
    }
  }

  /**
   * What to store when a key package was made or used or a PSK was added since the last `save` or
   * `takeRecord`: the client's whole state, which is small; undefined when nothing has changed.
   */
  takeRecord(): Uint8Array | undefined {
    return this.#holdings.changed ? this.save() : undefined;
  }

  /**
   * A group as `group.save()` stored it, and the records after it in their order. With
   * `expectedSequence`, the number that the application remembers elsewhere, a rollback is found out.
   * Throws `ERR_STATE_RECORD`, and `ERR_USAGE` without a storage key or in a group of that name; nothing is restored then.
   */
  restoreGroup(snapshot: Uint8Array, options: RestoreGroupOptions = {}): Group {
    const suiteOf = (): CipherSuite => this.#suite;
    const { records = [], expectedSequence } = options;
    const restored = restoreGroupState(this.#environment, suiteOf, snapshot, records, expectedSequence);
    return this.#enter(restored.state, restored);
  }

  /** Closes all groups, discards open joins and wipes every secret of this client. Closing twice is allowed. */
  close(): void {
    for (const invitation of this.#invitations) invitation.discard();
    this.#groups.close();
    this.#holdings.wipe();
    this.#leaves.parts.signatureKey.privateKey.wipe();
    this.#environment.storageKey?.wipe();
  }

  /** The same as {@link close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  #invited<T extends Invitation>(join: T): T {
    this.#invitations.add(join);
    return join;
  }

  #requireOpen(): void {
    if (this.#leaves.parts.signatureKey.privateKey.wiped) {
      throw new StateError("ERR_STATE_CLOSED", "the client was closed");
    }
  }

  #enter(state: GroupState, restored?: RestoredGroup): Group {
    try {
      // Callbacks of the application have run since the name was looked up.
      this.#requireOpen();
      this.#groups.requireNew(state.epoch.groupContext.groupId);
    } catch (error) {
      restored?.pending?.forget();
      state.close("closed");
      throw error;
    }
    return this.#groups.keep(new Group(state, (closed) => this.#groups.forget(closed), restored));
  }

  // MLS-11-03
  #newName(groupId: string | Uint8Array | undefined): Uint8Array {
    const { random } = this.#environment;
    const name = groupIdOf(groupId) ?? randomBytes(random, this.#suite.hashLength);
    this.#groups.requireNew(name);
    return name;
  }

  #continue(
    lineage: Lineage,
    groupId: Uint8Array,
    extensions: readonly Extension[],
    options: SubgroupOptions,
  ): Subgroup {
    this.#groups.requireNew(groupId);
    const { state, welcomes } = foundSubgroup({
      environment: this.#environment,
      leaves: this.#leaves,
      lineage,
      groupId,
      extensions,
      add: options.add,
      identityOf: options.identityOf ?? byCredential,
      path: options.path ?? true,
      treeInWelcome: options.treeInWelcome ?? true,
      membersPerWelcome: membersPerWelcome(options.membersPerWelcome),
    });
    return { group: this.#enter(state), welcomes };
  }

  // MLS-8.4-07, MLS-8.4-09
  #heldPsk(id: PreSharedKeyID): Secret | undefined {
    if (id.kind === "external") return this.#holdings.psk(id.pskId);
    return this.#groups.find(id.pskGroupId)?.state.resumptionPsk(id.pskEpoch);
  }

  #keyPair(privateKey: Uint8Array | undefined): SignatureKeyPair {
    return privateKey === undefined
      ? generateSignatureKeyPair(this.#suite, this.#environment.random)
      : signatureKeyPair(this.#suite, privateKey);
  }
}

function groupIdOf(groupId: string | Uint8Array | undefined): Uint8Array | undefined {
  if (groupId === undefined) return undefined;
  if (typeof groupId === "string") return new TextEncoder().encode(groupId);
  requireBytes(groupId, "the name of a group, unless it is a string,");
  return Uint8Array.from(groupId);
}
