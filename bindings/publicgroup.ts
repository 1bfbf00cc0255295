import type { CustomEffect } from "./group/apply.ts";
import { type CommitEffects, effectsOf, joinerOf } from "./group/effects.ts";
import type { Engine } from "./core/engine.ts";
import { proposalRef } from "./crypto/labels.ts";
import type { RandomSource } from "./crypto/random.ts";
import { cipherSuite, type CipherSuite, type SuitePlugin } from "./crypto/suite.ts";
import { DecodeError, StateError, ValidationError } from "./errors.ts";
import { checkDestination, checkSender, type SenderKeys, verifyAuthenticatedContent } from "./framing/authenticated.ts";
import { ProposalCache } from "./group/cache.ts";
import { importTree, verifyGroupInfo, verifyTree } from "./group/enter.ts";
import type { ViewEnvironment } from "./group/environment.ts";
import type { CustomProposalType } from "./group/custom.ts";
import { sealedContext } from "./group/epoch.ts";
import { type FollowedCommit, followCommit } from "./group/public.ts";
import { checkProposal } from "./group/receiveproposal.ts";
import type { Staged } from "./group/state.ts";
import { senderKeysOf } from "./group/senders.ts";
import type { Limits } from "./limits.ts";
import { type Member, type MemberChange, memberOf } from "./group/member.ts";
import { Turn } from "./group/turn.ts";
import { copyExtensions, type Extension } from "./message/extension.ts";
import {
  type AuthenticatedContent,
  encodeAuthenticatedContent,
  publicAuthenticatedContent,
} from "./message/framing.ts";
import { decodeMLSMessage } from "./message/mlsmessage.ts";
import { handedOut } from "./receive.ts";
import type { Proposal, ReInit } from "./message/proposals.ts";
import type { Authenticate, AuthenticateMany, MayResync } from "./policy.ts";
import { interimTranscriptHash } from "./schedule/transcript.ts";
import { decodeFollowed, encodeFollowed, type FollowedGroup } from "./state/publicstate.ts";
import { viewEnvironmentOf } from "./surroundings.ts";
import { StagedChange } from "./staged.ts";
import type { RatchetTree } from "./tree/ratchettree.ts";
import { proposerOf, type Proposer } from "./validate/proposals.ts";

/** How a group is followed. */
export interface PublicGroupOptions {
  /** The group's ratchet tree, where the GroupInfo does not carry it. */
  readonly ratchetTree?: Uint8Array;
  /** Asked about every credential that the follower meets. */
  readonly authenticate?: Authenticate;
  /** The same for many questions at once; give one of the two. */
  readonly authenticateMany?: AuthenticateMany;
  /** As for the members (`ClientOptions`). */
  readonly mayResync?: MayResync;
  /** Plug-ins for suites whose curves are not in the core: `[...nist, ...x448]`. */
  readonly suites?: readonly SuitePlugin[];
  /** Bounds on what senders can make the follower do; {@link defaultLimits} unless given. */
  readonly limits?: Partial<Limits>;
  /** Seconds since the Unix epoch; the system's clock unless given. */
  readonly now?: () => number;
  /** False accepts leaves outside their lifetime (MLS-7.3-08). */
  readonly checkLifetime?: boolean;
  /** Fresh random bytes; `crypto.getRandomValues` unless given. */
  readonly random?: RandomSource;
  /** Proposal types of the application that the group uses. */
  readonly customProposals?: readonly CustomProposalType[];
  /** Credential types of the application that the group uses. */
  readonly customCredentials?: readonly number[];
  /** The core to run on; a shared one unless given. */
  readonly engine?: Engine;
}

/** What came of a message that a follower was shown. */
export type Followed =
  | {
      readonly kind: "proposal";
      /** ProposalRef. */
      readonly reference: Uint8Array;
      /** What is proposed. */
      readonly proposal: Proposal;
      /** By whom. */
      readonly proposer: Proposer;
    }
  | {
      readonly kind: "commit";
      /** To be accepted or discarded. */
      readonly commit: FollowedStagedCommit;
    };

/** A verified commit that waits to be accepted: the follower's twin of `StagedCommit`. */
export class FollowedStagedCommit extends StagedChange implements CommitEffects {
  /** The committer's leaf; that of a joiner from outside is the one it will have. */
  readonly committer: number;
  /** Who joins from outside by this commit: the committer, who is not among {@link added}. */
  readonly joined: Member | undefined;
  readonly added: readonly Member[];
  readonly removed: readonly Member[];
  readonly updated: readonly MemberChange[];
  readonly extensions: readonly Extension[] | undefined;
  readonly reInit: ReInit | undefined;
  readonly custom: readonly CustomEffect[];
  readonly #followed: FollowedCommit;
  readonly #advance: (followed: FollowedCommit) => void;

  /** @internal */
  constructor(ground: PublicGroup, followed: FollowedCommit, advance: (followed: FollowedCommit) => void) {
    super(ground, followed.deferred);
    this.#followed = followed;
    this.#advance = advance;
    this.committer = followed.committer;
    this.joined = joinerOf(followed.applied, followed.committer);
    const effects = effectsOf(followed.applied);
    this.added = effects.added;
    this.removed = effects.removed;
    this.updated = effects.updated;
    this.extensions = effects.extensions;
    this.reInit = effects.reInit;
    this.custom = effects.custom;
  }

  protected enter(): void {
    this.#advance(this.#followed);
  }

  protected forget(): void {
    this.#followed.applied.tree.close();
  }
}

/**
 * Follows a group from its GroupInfo and its PublicMessages, without any secret: what a delivery
 * service can stand on. It verifies signatures, membership rules, trees and transcripts; what needs the
 * group's secrets (membership and confirmation tags, path secrets) only members can verify.
 */
export class PublicGroup {
  readonly #environment: ViewEnvironment;
  readonly #suite: CipherSuite;
  readonly #tree: RatchetTree;
  readonly #cache: ProposalCache;
  /** @internal */
  readonly staged: Set<Staged> = new Set();
  #epoch: FollowedCommit["epoch"];
  #confirmationTag: Uint8Array;
  #reInit: ReInit | undefined;
  #closed = false;
  readonly #turn = new Turn();

  /**
   * Starts from a GroupInfo (an MLSMessage), which is verified like by a joiner. Throws `ERR_GROUP_INFO` for
   * anything else, `ERR_TREE_NEEDED` when the ratchet tree must come another way, `ERR_CREDENTIAL` for a member that
   * is refused or deferred, `ERR_UNSUPPORTED` for a suite it lacks, and what is wrong with the tree.
   */
  static follow(message: Uint8Array, options: PublicGroupOptions): PublicGroup {
    const environment = viewEnvironmentOf(options, options.customCredentials);
    const decoded = decodeMLSMessage(message, environment.decode);
    if (decoded.kind !== "groupInfo") {
      throw new ValidationError("ERR_GROUP_INFO", `a ${decoded.kind} instead of a GroupInfo`, {
        rule: "MLS-12.4.3-05",
      });
    }
    const { groupInfo } = decoded;
    const { groupContext, confirmationTag } = groupInfo;
    const suite = cipherSuite(environment.engine, groupContext.cipherSuite, options.suites);
    const tree = importTree(suite, environment, groupInfo, options.ratchetTree);
    try {
      verifyGroupInfo(suite, environment, groupInfo, tree);
      const { deferred, types } = verifyTree(environment, suite, groupInfo, tree);
      if (deferred.length > 0) {
        const { leafIndex } = deferred[0]!.request;
        throw new ValidationError("ERR_CREDENTIAL", "a follower's credentials cannot be deferred", {
          rule: "MLS-5.3.1-03",
          ...(leafIndex !== undefined && { leafIndex }),
        });
      }
      const confirmed = groupContext.confirmedTranscriptHash;
      const epoch = {
        groupContext: sealedContext(groupContext),
        interimTranscriptHash: interimTranscriptHash(suite, confirmed, confirmationTag),
        credentialTypes: types,
      };
      return new PublicGroup(environment, suite, { tree, epoch, confirmationTag, reInit: undefined, cached: [] });
    } catch (error) {
      tree.close();
      throw error;
    }
  }

  /**
   * A group as {@link save} stored it. What was verified then is not verified again: whoever can write to the
   * store can make the follower believe anything. Throws `ERR_STATE_RECORD` for bytes that are not such a
   * state, `ERR_UNSUPPORTED` for a cipher suite that is not there.
   */
  static restore(saved: Uint8Array, options: Omit<PublicGroupOptions, "ratchetTree">): PublicGroup {
    const environment = viewEnvironmentOf(options, options.customCredentials);
    const suiteOf = (id: number): CipherSuite => cipherSuite(environment.engine, id, options.suites);
    const { suite, group } = decodeFollowed(saved, environment, suiteOf);
    return new PublicGroup(environment, suite, group);
  }

  private constructor(environment: ViewEnvironment, suite: CipherSuite, group: FollowedGroup) {
    this.#environment = environment;
    this.#suite = suite;
    this.#tree = group.tree;
    this.#epoch = group.epoch;
    this.#confirmationTag = group.confirmationTag;
    this.#reInit = group.reInit;
    this.#cache = new ProposalCache(environment.limits.proposals);
    for (const proposal of group.cached) this.#cache.add(proposal);
  }

  /** Its name; a copy. */
  get groupId(): Uint8Array {
    return Uint8Array.from(this.#epoch.groupContext.groupId);
  }

  /** The present epoch. */
  get epoch(): bigint {
    return this.#epoch.groupContext.epoch;
  }

  /** The suite's number in the IANA registry. */
  get cipherSuite(): number {
    return this.#suite.id;
  }

  /** The GroupContext extensions; a copy. */
  get extensions(): readonly Extension[] {
    return copyExtensions(this.#epoch.groupContext.extensions);
  }

  /** The tree hash that members agree on in this epoch, Nh bytes. */
  get treeHash(): Uint8Array {
    return Uint8Array.from(this.#epoch.groupContext.treeHash);
  }

  /** The confirmation tag of the commit that began this epoch; only members can verify it. */
  get confirmationTag(): Uint8Array {
    return Uint8Array.from(this.#confirmationTag);
  }

  /** The ReInit that has ended the group: nothing comes after it (MLS-12.4.2-09). */
  get reInit(): ReInit | undefined {
    return this.#reInit;
  }

  /** How many members there are. */
  get memberCount(): number {
    return this.#tree.memberCount;
  }

  /** All members, in the order of their leaves. */
  members(): Member[] {
    return Array.from(this.#tree.leaves(), ([leafIndex, leafNode]) => memberOf(leafIndex, leafNode));
  }

  /** The ratchet tree, for joiners. */
  ratchetTree(): Uint8Array {
    return this.#tree.export();
  }

  /**
   * Takes a PublicMessage of the group: a proposal, or a commit, which is staged. Throws `ERR_POLICY`
   * for a PrivateMessage, which nobody can follow from outside; `ERR_STATE_CLOSED` after a ReInit.
   */
  receive(message: Uint8Array): Followed {
    return this.exclusively(() => {
      if (this.#reInit !== undefined) {
        throw new StateError("ERR_STATE_CLOSED", "the group was re-initialized", { rule: "MLS-12.4.2-09" });
      }
      const decoded = decodeMLSMessage(message, this.#environment.decode);
      if (decoded.kind !== "publicMessage") {
        throw new ValidationError(
          "ERR_POLICY",
          `a ${decoded.kind} instead of a publicMessage: it cannot be followed from outside`,
          {
            rule: "MLS-6-07",
          },
        );
      }
      const content = this.#authenticate(publicAuthenticatedContent(decoded.publicMessage));
      if (content.content.content.kind === "proposal") return this.#takeProposal(content);
      const { stagedCommits } = this.#environment.limits;
      if (this.staged.size >= stagedCommits) {
        throw new DecodeError("ERR_LIMIT", `${stagedCommits} commits of this epoch are staged already`);
      }
      const followed = followCommit(this.#view, this.#cache, content);
      const commit = new FollowedStagedCommit(this, followed, (accepted) => this.#advance(accepted));
      return { kind: "commit", commit };
    });
  }

  /**
   * The group as bytes, with the proposals that wait: what {@link PublicGroup.restore} goes on from. Staged
   * commits are not among them; they can be received again. Nothing of it is secret, and nothing is sealed.
   */
  save(): Uint8Array {
    return this.exclusively(() =>
      encodeFollowed(this.#suite, {
        tree: this.#tree,
        epoch: this.#epoch,
        confirmationTag: this.#confirmationTag,
        reInit: this.#reInit,
        cached: this.#cache.entries(),
      }),
    );
  }

  /** Forgets the group. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#outdate();
    this.#tree.close();
  }

  /** The same as {@link close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal */
  exclusively<T>(operation: () => T): T {
    if (this.#closed) throw new StateError("ERR_STATE_CLOSED", "this group is not followed any more");
    return this.#turn.take(operation);
  }

  get #view(): Parameters<typeof followCommit>[0] {
    return { environment: this.#environment, suite: this.#suite, tree: this.#tree, epoch: this.#epoch };
  }

  #authenticate(content: AuthenticatedContent): AuthenticatedContent {
    const { groupContext } = this.#epoch;
    checkDestination(content.content, groupContext);
    checkSender(content.content.sender, content.content.content.kind);
    if (content.content.content.kind === "application") {
      throw new ValidationError("ERR_SENDER", "application data in a PublicMessage", {
        rule: "MLS-6-05",
        struct: "PublicMessage",
      });
    }
    const keys: SenderKeys = senderKeysOf(this.#view);
    verifyAuthenticatedContent(this.#suite, content, groupContext, keys);
    return content;
  }

  #takeProposal(content: AuthenticatedContent): Followed {
    const { sender, content: inner } = content.content;
    if (inner.kind !== "proposal") throw new TypeError("not a proposal");
    const { proposal } = inner;
    const proposer = proposerOf(sender);
    checkProposal(this.#view, { proposal, proposer, byReference: true });
    const encoded = encodeAuthenticatedContent(content);
    const reference = proposalRef(this.#suite, encoded);
    this.#cache.add({ reference, proposal, proposer, encoded, ownUpdate: undefined });
    return handedOut(encoded, reference, this.#environment.decode);
  }

  #advance(followed: FollowedCommit): void {
    followed.applied.tree.merge().close();
    this.#epoch = followed.epoch;
    this.#confirmationTag = followed.confirmationTag;
    this.#reInit = followed.applied.reInit;
    this.#cache.clear();
    this.#outdate();
  }

  #outdate(): void {
    const staged = [...this.staged];
    this.staged.clear();
    for (const change of staged) change.outdate();
  }
}
