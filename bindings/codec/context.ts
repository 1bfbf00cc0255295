import { defaultLimits, type Limits } from "../limits.ts";

/** The part of an engine that parses leaf nodes. */
export interface LeafEngine {
  /** Runs an operation with scratch memory of the core. */
  frame<T>(operation: (core: LeafCore, frame: LeafFrame) => T): T;
  /** A copy of bytes in the memory of the core. */
  copyOut(address: number, length: number): Uint8Array<ArrayBuffer>;
}

interface LeafCore {
  leafParse(bytes: number, length: number, out: number): number;
  credentialTypeRegister(type: number): number;
}

interface LeafFrame {
  take(lengthBytes: number): number;
  put(bytes: Uint8Array): number;
}

/** What a decoder may accept beyond RFC 9420, how much of it, and where leaf nodes are parsed. */
export interface DecodeContext {
  readonly limits: Limits;
  /** Proposal types of the application; the body of each is one opaque vector (MLS-12.1-01). */
  readonly customProposalTypes: ReadonlySet<number>;
  /** Credential types of the application, at most 32 in one engine; the body of each is one opaque vector (MLS-5.3-01). */
  readonly customCredentialTypes: ReadonlySet<number>;
  /** The engine whose core parses leaf nodes; the default engine unless given. */
  readonly engine: LeafEngine | undefined;
}

/** Leaves that a tree in the core can have. */
const LEAF_COUNT_CAP = 1 << 24;

/** RFC 9420 alone, the default limits, the default engine. */
export const defaultContext: DecodeContext = {
  limits: defaultLimits,
  customProposalTypes: new Set(),
  customCredentialTypes: new Set(),
  engine: undefined,
};

/** For bytes that were decoded once before, under the limits of then, or that are sealed under a key of ours. */
export const trustedContext: DecodeContext = {
  ...defaultContext,
  limits: { ...defaultLimits, leaves: LEAF_COUNT_CAP, proposals: LEAF_COUNT_CAP },
};
