import { requireBytes } from "./codec/argument.ts";
import { equalBytes } from "./codec/equal.ts";
import { PendingCommit, StagedCommit } from "./commit.ts";
import { proposalRef } from "./crypto/labels.ts";
import { DecodeError, StateError, ValidationError } from "./errors.ts";
import { signFramedContent } from "./framing/authenticated.ts";
import { createCommit } from "./group/create.ts";
import type { CreatedCommit } from "./group/created.ts";
import { frameContent, framedContent, protectHandshake } from "./group/frame.ts";
import { processCommit } from "./group/process.ts";
import { wantedProposal, wantedProposals } from "./group/wanted.ts";
import { proposalKeys } from "./group/propose.ts";
import { checkProposal } from "./group/receiveproposal.ts";
import type { Closed } from "./group/journal.ts";
import type { GroupState } from "./group/state.ts";
import { membersPerWelcome, ratchetTreeExtension, signGroupInfo } from "./group/welcome.ts";
import type { CommitOptions, EncryptOptions, ProposalOptions, SendOptions } from "./options.ts";
import { type Member, memberOf } from "./group/member.ts";
import { ExtensionType, WireFormat } from "./message/constants.ts";
import { copyExtensions, encodeExternalPub, type Extension } from "./message/extension.ts";
import { type AuthenticatedContent, encodeAuthenticatedContent } from "./message/framing.ts";
import type { Limits } from "./limits.ts";
import { encodeMLSMessage } from "./message/mlsmessage.ts";
import { copyReInit, type ReInit } from "./message/proposals.ts";
import { protectPrivate } from "./framing/privatemessage.ts";
import { GroupStore, type RestoredGroup } from "./state/snapshot.ts";
import { authenticate, type Authenticated, handedOut, type Received } from "./receive.ts";
import { type Proposer, proposerOf } from "./validate/proposals.ts";

const nothing = new Uint8Array(0);

/**
 * A group that this client is a member of. Messages go in and out as bytes; every input that breaks a
 * rule throws an {@link MlsError} and leaves the group as it was.
 */
export class Group {
  readonly #state: GroupState;
  readonly #closed: (group: Group) => void;
  readonly #store: GroupStore;
  #pending: { readonly commit: PendingCommit; readonly created: CreatedCommit; readonly bytes: Uint8Array } | undefined;
  /** Commits that are staged, and their messages. */
  readonly #received = new Map<StagedCommit, Uint8Array>();

  /** @internal Groups come from `Client.createGroup`, `StagedJoin.accept` and `Client.restoreGroup`. */
  constructor(state: GroupState, closed: (group: Group) => void, restored?: RestoredGroup) {
    this.#state = state;
    this.#closed = closed;
    this.#store = restored?.store ?? new GroupStore(state, 0n);
    if (restored?.pending !== undefined) this.#hold(restored.pending.created);
  }

  /** @internal */
  get state(): GroupState {
    return this.#state;
  }

  /** Its name; a copy. */
  get groupId(): Uint8Array {
    return Uint8Array.from(this.#state.epoch.groupContext.groupId);
  }

  /** The present epoch, counted from 0; a commit that is accepted begins the next one. */
  get epoch(): bigint {
    return this.#state.epoch.groupContext.epoch;
  }

  /** The suite's number in the IANA registry. */
  get cipherSuite(): number {
    return this.#state.suite.id;
  }

  /** The GroupContext extensions that all members agree on; a copy. */
  get extensions(): readonly Extension[] {
    return copyExtensions(this.#state.epoch.groupContext.extensions);
  }

  /** Our own place in the tree. */
  get ownLeafIndex(): number {
    return this.#state.ownLeafIndex;
  }

  /** How many members there are, this one included. */
  get memberCount(): number {
    this.#state.requireKnown();
    return this.#state.tree.memberCount;
  }

  /** True once this client was removed, the group was re-initialized, or {@link close} was called. */
  get isClosed(): boolean {
    return this.#state.closed !== undefined;
  }

  /** Why the group is over, or undefined. */
  get closedBy(): Closed | undefined {
    return this.#state.closed;
  }

  /** The ReInit that ended this group: what its successor is to be (`client.createSuccessor`). */
  get reInit(): ReInit | undefined {
    return copyReInit(this.#state.reInit);
  }

  /** Our commit that waits to be accepted or discarded. */
  get pendingCommit(): PendingCommit | undefined {
    return this.#pending?.commit;
  }

  /** All members, in the order of their leaves. */
  members(): Member[] {
    this.#state.requireKnown();
    const { tree } = this.#state;
    return Array.from(tree.leaves(), ([leafIndex, leafNode]) => memberOf(leafIndex, leafNode));
  }

  /** The member at a leaf, or undefined for a blank leaf and beyond the last one. */
  member(leafIndex: number): Member | undefined {
    this.#state.requireKnown();
    const leaf = this.#state.tree.leafNode(leafIndex);
    return leaf === undefined ? undefined : memberOf(leafIndex, leaf);
  }

  /** Nh bytes, equal for all members of an epoch; compare it out of band to detect an active attack (RFC 9420 section 8.7). */
  get epochAuthenticator(): Uint8Array {
    this.#state.requireKnown();
    return this.#state.epoch.secrets.authenticator();
  }

  /**
   * MLS-Exporter: a secret of `length` bytes for a purpose of the application (RFC 9420 section 8.5).
   * It changes with every epoch. Throws `ERR_USAGE` for more than 255 * Nh bytes.
   */
  exportSecret(label: string, context: Uint8Array, length: number): Uint8Array {
    this.#state.requireOpen();
    requireBytes(context, "the context of an exported secret");
    return this.#state.epoch.secrets.export(label, context, length);
  }

  /** The ratchet tree (RFC 9420 section 12.4.3.3), for members who join with a Welcome that does not carry it. */
  ratchetTree(): Uint8Array {
    this.#state.requireKnown();
    return this.#state.tree.export();
  }

  /**
   * A signed GroupInfo of this epoch, an MLSMessage: what others need to join by themselves. With
   * the ratchet tree unless told otherwise (RFC 9420 section 12.4.3).
   */
  groupInfo(options: { readonly ratchetTree?: boolean } = {}): Uint8Array {
    return this.#state.exclusively(() => {
      const { suite, signatureKey, epoch, ownLeafIndex, tree, environment } = this.#state;
      const { privateKey, publicKey } = epoch.secrets.externalKeyPair(suite);
      privateKey.wipe();
      const extensions: Extension[] = [
        { extensionType: ExtensionType.externalPub, extensionData: encodeExternalPub(publicKey) },
        ...(options.ratchetTree === false ? [] : [ratchetTreeExtension(tree)]),
        ...environment.greaseExtensions(),
      ];
      return encodeMLSMessage({
        kind: "groupInfo",
        groupInfo: signGroupInfo(suite, signatureKey, epoch, ownLeafIndex, extensions),
      });
    });
  }

  /**
   * Makes a commit: our changes by value, and the valid proposals received in this epoch. Nothing
   * changes until it is accepted (RFC 9420 section 12.4).
   *
   * Throws `ERR_STATE_PENDING_COMMIT` while another one waits, `ERR_STATE_CLOSED` when the group is over;
   * `ERR_KEY_PACKAGE`, `ERR_PROPOSAL_LIST` and `ERR_PSK` for changes that cannot be (`index` says which, and
   * `errorCodes` what is inside), `ERR_CREDENTIAL` for a newcomer who is refused, `ERR_USAGE` for changes
   * of our leaf without a path. Nothing has changed then.
   */
  commit(options: CommitOptions = {}): PendingCommit {
    return this.#state.exclusively(() => {
      if (this.#pending !== undefined) {
        throw new StateError("ERR_STATE_PENDING_COMMIT", "accept or discard the pending commit first");
      }
      const state = this.#state;
      const created = createCommit(state, {
        proposals: wantedProposals(state, options),
        includeReceived: options.includeReceived ?? true,
        path: options.path ?? true,
        leaf: options.leaf ?? {},
        authenticatedData: options.authenticatedData ?? nothing,
        format: options.format ?? state.environment.handshakeFormat,
        treeInWelcome: options.treeInWelcome ?? true,
        membersPerWelcome: membersPerWelcome(options.membersPerWelcome),
        groupInfoExtensions: state.environment.greaseExtensions(),
      });
      state.journal?.pending(created);
      return this.#hold(created);
    });
  }

  /**
   * Makes a proposal for somebody to commit; an MLSMessage (RFC 9420 section 12.1). Our own Update cannot be in
   * our own commit. Throws `ERR_PROPOSAL` and `ERR_KEY_PACKAGE` for what cannot be proposed, `ERR_LIMIT` when too
   * many wait already, `ERR_STATE_CLOSED` when the group is over.
   */
  propose(options: ProposalOptions, send: SendOptions = {}): Uint8Array {
    return this.#state.exclusively(() => {
      const state = this.#state;
      state.cache.requireRoom(); // before a generation is used up
      const { proposal, ownUpdate } = proposalKeys(state, wantedProposal(state, options));
      try {
        const proposer: Proposer = { kind: "member", leafIndex: state.ownLeafIndex };
        checkProposal(state, { proposal, proposer, byReference: true });
        const framed = frameContent(state, { kind: "proposal", proposal }, send.authenticatedData ?? nothing);
        const format = send.format ?? state.environment.handshakeFormat;
        const wireFormat = format === "public" ? WireFormat.publicMessage : WireFormat.privateMessage;
        const { groupContext } = state.epoch;
        const signature = signFramedContent(state.suite, state.signatureKey, wireFormat, framed, groupContext);
        const content: AuthenticatedContent = {
          wireFormat,
          content: framed,
          auth: { signature, confirmationTag: undefined },
        };
        const encoded = encodeAuthenticatedContent(content);
        const reference = proposalRef(state.suite, encoded);
        const { message } = protectHandshake(state, content);
        state.cacheProposal({ reference, proposal, proposer, encoded, ownUpdate });
        return message;
      } catch (error) {
        ownUpdate?.encryptionKey.wipe();
        ownUpdate?.signatureKey?.privateKey.wipe();
        throw error;
      }
    });
  }

  /**
   * Encrypts an application message, a string as UTF-8; an MLSMessage with a PrivateMessage (RFC 9420 section
   * 6.3). Throws `ERR_STATE_PENDING_PROPOSALS` while received proposals wait for a commit (MLS-12.4-02), unless told
   * otherwise; `ERR_STATE_CLOSED` when the group is over; RangeError for a padding that is no count.
   */
  encrypt(data: Uint8Array | string, options: EncryptOptions = {}): Uint8Array {
    return this.#state.exclusively(() => {
      const state = this.#state;
      if (state.cache.size > 0 && options.despiteProposals !== true) {
        throw new StateError("ERR_STATE_PENDING_PROPOSALS", `${state.cache.size} proposals wait for a commit`, {
          rule: "MLS-12.4-02",
        });
      }
      const { suite, epoch, environment } = state;
      const applicationData = typeof data === "string" ? new TextEncoder().encode(data) : data;
      requireBytes(applicationData, "application data");
      const content = { kind: "application", applicationData } as const;
      const framed = framedContent(state, content, options.authenticatedData ?? nothing);
      const wireFormat = WireFormat.privateMessage;
      const signature = signFramedContent(suite, state.signatureKey, wireFormat, framed, epoch.groupContext);
      const authenticated = { wireFormat, content: framed, auth: { signature, confirmationTag: undefined } };
      const sealed = protectPrivate(suite, authenticated, epoch.secrets, environment.random, environment.padding);
      state.noteConsumed(epoch.groupContext.epoch, sealed.position);
      return sealed.encoded;
    });
  }

  /**
   * Takes an MLSMessage of this group: an application message, a proposal, or a commit, which is staged.
   * What is wrong with it throws; the group is then as before. `ERR_WRONG_EPOCH` and `ERR_MISSING_PROPOSAL` ask
   * for what is missing, and for the message once more; `ERR_RATCHET` is most often a message that came twice;
   * `ERR_STATE_OWN_MESSAGE` is one of ours. Other errors of peers mean that the message is to be dropped.
   */
  receive(message: Uint8Array): Received {
    requireBytes(message, "a message");
    return this.#state.exclusivelyKnown(() => {
      requireSize(message, this.#state.environment.limits);
      if (this.#pending !== undefined && equalBytes(this.#pending.bytes, message)) {
        return { kind: "own-commit", commit: this.#pending.commit };
      }
      for (const [commit, known] of this.#received) if (equalBytes(known, message)) return { kind: "commit", commit };
      const authenticated = authenticate(this.#state, message);
      switch (authenticated.content.content.content.kind) {
        case "application":
          return this.#receiveApplication(authenticated);
        case "proposal":
          return this.#receiveProposal(authenticated);
        case "commit":
          return this.#receiveCommit(authenticated, message);
      }
    });
  }

  /**
   * The whole group as bytes, sealed under the client's storage key but for the ratchet tree, with the
   * pending commit and the proposals that wait. Store it before you hand any later message to the
   * network (MLS-6.3.1-10), and replace it or add what {@link takeRecord} returns after every step. Throws
   * `ERR_USAGE` without a storage key.
   */
  save(): Uint8Array {
    return this.#state.exclusivelyKnown(() => this.#store.save(this.#pending?.created));
  }

  /**
   * What has changed since the last {@link save} or `takeRecord`, sealed; undefined when nothing has, and for a group
   * that was over before it was ever stored. When it throws, the next call holds these changes too.
   * Store it before the message that changed something leaves: a lost record would use its keys twice
   * (MLS-9.1-02). The first one, and one that is long overdue, is a whole snapshot: see {@link sequence}.
   */
  takeRecord(): Uint8Array | undefined {
    return this.#state.alone(() => this.#store.takeRecord(this.#pending?.created));
  }

  /** Number of the last snapshot or record that was taken. Kept elsewhere, it tells a rollback. */
  get sequence(): bigint {
    return this.#store.sequence;
  }

  /** Forgets the group: every secret of it is wiped. Closing twice is allowed. */
  close(): void {
    this.#state.close("closed");
    this.#closed(this);
  }

  /** The same as {@link close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  #hold(created: CreatedCommit): PendingCommit {
    const commit = new PendingCommit(this.#state, created, {
      ended: () => (this.#pending = undefined),
      entered: () => this.#entered(),
    });
    this.#pending = { commit, created, bytes: Uint8Array.from(created.message) };
    return commit;
  }

  #receiveApplication({ content, position, consume }: Authenticated): Received {
    const { content: framed } = content;
    if (framed.content.kind !== "application" || framed.sender.kind !== "member" || position === undefined) {
      throw new ValidationError("ERR_SENDER", "application data that no member encrypted", { rule: "MLS-6-05" });
    }
    consume();
    return {
      kind: "application",
      data: Uint8Array.from(framed.content.applicationData),
      sender: framed.sender.leafIndex,
      epoch: framed.epoch,
      generation: position.generation,
      authenticatedData: Uint8Array.from(framed.authenticatedData),
    };
  }

  #receiveProposal({ content, consume }: Authenticated): Received {
    const state = this.#state;
    const { sender, content: inner, authenticatedData } = content.content;
    if (inner.kind !== "proposal") throw new TypeError("not a proposal");
    const { proposal } = inner;
    const proposer = proposerOf(sender);
    checkProposal(state, { proposal, proposer, byReference: true });
    const encoded = encodeAuthenticatedContent(content);
    const reference = proposalRef(state.suite, encoded);
    state.cacheProposal({ reference, proposal, proposer, encoded, ownUpdate: undefined });
    consume();
    return { ...handedOut(encoded, reference, state.environment.decode), authenticatedData };
  }

  #receiveCommit({ content, position }: Authenticated, message: Uint8Array): Received {
    const { stagedCommits } = this.#state.environment.limits;
    if (this.#received.size >= stagedCommits) {
      throw new DecodeError("ERR_LIMIT", `${stagedCommits} commits of this epoch are staged already`);
    }
    const processed = processCommit(this.#state, content);
    const { authenticatedData } = content.content;
    const commit = new StagedCommit(this.#state, processed, authenticatedData, position, {
      ended: () => this.#received.delete(commit),
      entered: () => this.#entered(),
    });
    this.#received.set(commit, Uint8Array.from(message));
    return { kind: "commit", commit };
  }

  #entered(): void {
    this.#received.clear();
    this.#pending = undefined;
  }
}

// DEF-12: before the message is even read
function requireSize({ length }: Uint8Array, { groupMessageBytes }: Limits): void {
  if (length <= groupMessageBytes) return;
  throw new DecodeError("ERR_LIMIT", `a message of ${length} bytes, over the limit of ${groupMessageBytes}`, {
    rule: "DEF-12",
  });
}
