import type { Engine } from "./core/engine.ts";
import type { SuitePlugin } from "./crypto/suite.ts";
import type { RandomSource } from "./crypto/random.ts";
import type { PaddingScheme } from "./framing/privatemessage.ts";
import type { HandshakeFormat } from "./group/environment.ts";
import type { CustomProposalType } from "./group/custom.ts";
import type { LeafChanges } from "./group/leaf.ts";
import type { PskReference } from "./group/psks.ts";
import type { Limits } from "./limits.ts";
import type { Credential } from "./message/credential.ts";
import type { Extension } from "./message/extension.ts";
import type { Capabilities } from "./message/leafnode.ts";
import type { Authenticate, AuthenticateMany, MayResync } from "./policy.ts";

/** What a client is made of. */
export interface ClientOptions {
  /** Who this client is, to the other members. */
  readonly credential: Credential;
  /** The Authentication Service's place: asked about every credential that this client meets. */
  readonly authenticate?: Authenticate;
  /** The same for many questions at once; give one of the two. */
  readonly authenticateMany?: AuthenticateMany;
  /**
   * Whether who joins from outside may take a member's place; unless given, only with exactly that member's
   * credential. Without this question anybody who may join could remove anybody else (MLS-12.4.3.2-08).
   */
  readonly mayResync?: MayResync;
  /** The suite of its key packages and groups, by its number in the IANA registry; 1 unless given. */
  readonly cipherSuite?: number;
  /** Plug-ins for suites whose curves are not in the core: `[...nist, ...x448]`. */
  readonly suites?: readonly SuitePlugin[];
  /** The signature private key (32 bytes for Ed25519); a fresh one unless given. */
  readonly signaturePrivateKey?: Uint8Array;
  /** 32 bytes that seal what `save` returns; kept by the application, apart from the records. */
  readonly storageKey?: Uint8Array;
  /** Extension, proposal and credential types that the application supports beyond those of RFC 9420. */
  readonly supports?: Partial<Pick<Capabilities, "extensions" | "proposals" | "credentials">>;
  /** Proposal types of the application that it understands; they are listed as supported (RFC 9420 section 13.2). */
  readonly customProposals?: readonly CustomProposalType[];
  /** Extensions of this client's leaves, such as `application_id`. */
  readonly leafExtensions?: readonly Extension[];
  /** Seconds that a key package is valid for, from an hour ago; 90 days unless given. */
  readonly keyPackageLifetime?: number;
  /** Bounds on what others can make this client do; {@link defaultLimits} unless given. */
  readonly limits?: Partial<Limits>;
  /** Seconds since the Unix epoch; the system's clock unless given. */
  readonly now?: () => number;
  /** Fresh random bytes; `crypto.getRandomValues` unless given. */
  readonly random?: RandomSource;
  /** False accepts received leaves outside their lifetime (MLS-7.3-08). */
  readonly checkLifetime?: boolean;
  /**
   * Bytes of padding for a plaintext of this length, which counts the message, its signature and their lengths;
   * to the next multiple of 32 unless given.
   */
  readonly padding?: PaddingScheme;
  /** How proposals and commits travel: "private" unless given (MLS-6-06). */
  readonly handshakeFormat?: HandshakeFormat;
  /** False sends no GREASE values (RFC 9420 section 13.5). */
  readonly grease?: boolean;
  /** The core to run on; a shared one unless given. */
  readonly engine?: Engine;
}

/** What kind of key package is made. */
export interface KeyPackageOptions {
  /** True for one that may be used any number of times. */
  readonly lastResort?: boolean;
}

/** How a group is created. */
export interface GroupOptions {
  /** GroupContext extensions. */
  readonly extensions?: readonly Extension[];
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

/** What `group.commit()` is to do. Everything is optional: `commit()` alone refreshes our keys. */
export interface CommitOptions {
  /** Key packages to add, each an MLSMessage. An error names the position of a bad one. */
  readonly add?: readonly Uint8Array[];
  /** Leaf indices to remove. */
  readonly remove?: readonly number[];
  /** PSKs that enter the next epoch's secrets, in this order. */
  readonly psks?: readonly PskReference[];
  /** The whole new list of GroupContext extensions (MLS-12.1.7-02: it replaces the old one). */
  readonly extensions?: readonly Extension[];
  /** Ends the group for a successor; nothing else can stand in that commit (RFC 9420 section 11.2). */
  readonly reInit?: ReInitOptions;
  /** Proposals of types that the application has registered. */
  readonly custom?: readonly CustomContent[];
  /** Changes of our own leaf. */
  readonly leaf?: LeafChanges;
  /** False leaves received proposals out. */
  readonly includeReceived?: boolean;
  /** False leaves the path out where RFC 9420 allows it: cheaper, but our keys are not refreshed. */
  readonly path?: boolean;
  /** Authenticated, not encrypted. */
  readonly authenticatedData?: Uint8Array;
  /** How the commit travels; the client's choice unless given. */
  readonly format?: HandshakeFormat;
  /** False keeps the ratchet tree out of the Welcome: hand `ratchetTree()` out another way. */
  readonly treeInWelcome?: boolean;
  /** Splits the Welcome, so that none is for more new members than this. */
  readonly membersPerWelcome?: number;
}

/** A proposal of a type that the application has registered. */
export interface CustomContent {
  /** The number of the type, one of `customProposals`. */
  readonly type: number;
  /** The body. */
  readonly data: Uint8Array;
}

/** What the successor of a group is to be; as the group itself where nothing is said. */
export interface ReInitOptions {
  /** A random name unless given. */
  readonly groupId?: Uint8Array;
  /** The suite's number in the IANA registry. */
  readonly cipherSuite?: number;
  /** The successor's GroupContext extensions. */
  readonly extensions?: readonly Extension[];
}

/** One proposal. */
export type ProposalOptions =
  | {
      /** A key package, an MLSMessage, whose owner is added (RFC 9420 section 12.1.1). */
      readonly add: Uint8Array;
    }
  | {
      /** The leaf of the member to remove; our own to leave (section 12.1.3). */
      readonly remove: number;
    }
  | {
      /** Fresh keys for our own leaf, and these changes of it (section 12.1.2). */
      readonly update: LeafChanges;
    }
  | {
      /** A PSK that enters the next epoch's secrets (section 12.1.4). */
      readonly psk: PskReference;
    }
  | {
      /** Ends the group for a successor (section 12.1.5). */
      readonly reInit: ReInitOptions;
    }
  | {
      /** A type that the application has registered. */
      readonly custom: CustomContent;
    }
  | {
      /** The whole new list of GroupContext extensions (section 12.1.7). */
      readonly extensions: readonly Extension[];
    };

/** How a message of ours is sent. */
export interface SendOptions {
  /** Authenticated, not encrypted. */
  readonly authenticatedData?: Uint8Array;
  /** How the message travels; the client's choice unless given. */
  readonly format?: HandshakeFormat;
}

/** How an application message is sent. */
export interface EncryptOptions {
  /** Authenticated, not encrypted. */
  readonly authenticatedData?: Uint8Array;
  /** Send although valid proposals wait for a commit (MLS-12.4-02). */
  readonly despiteProposals?: boolean;
}

/** A basic credential (RFC 9420 section 5.3) for an identity of the application, a string (as UTF-8) or bytes. */
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
