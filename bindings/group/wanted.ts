// From what the application asks for to proposals (RFC 9420 section 12.1).

import { requireBytes } from "../codec/argument.ts";
import { randomBytes } from "../crypto/random.ts";
import { MlsError, UnsupportedError, ValidationError } from "../errors.ts";
import type { DecodeContext } from "../codec/context.ts";
import { copyExtensions, type Extension } from "../message/extension.ts";
import { requireNoGrease } from "../message/grease.ts";
import type { KeyPackage } from "../message/keypackage.ts";
import { decodeMLSMessage } from "../message/mlsmessage.ts";
import type { Proposal, ReInit } from "../message/proposals.ts";
import type { CommitOptions, CustomContent, ProposalOptions, ReInitOptions } from "../options.ts";
import type { LeafChanges } from "./leaf.ts";
import { pskProposal } from "./psks.ts";
import type { GroupState } from "./state.ts";

/** The proposals by value of a commit, in the order of the options. */
export function wantedProposals(state: GroupState, options: CommitOptions): Proposal[] {
  const { add = [], remove = [], psks = [], custom = [], extensions, reInit } = options;
  return [
    ...addProposals(add, state.environment.decode),
    ...remove.map((removed): Proposal => ({ kind: "remove", removed: leafIndexOf(removed) })),
    ...psks.map((psk) => ownPskProposal(state, psk)),
    ...custom.map((content) => customProposal(state, content)),
    ...(extensions === undefined ? [] : [replacing(extensions)]),
    ...(reInit === undefined ? [] : [reInitProposal(state, reInit)]),
  ];
}

/** One proposal, or the changes of our leaf that an Update is made of. */
export function wantedProposal(state: GroupState, options: ProposalOptions): Proposal | LeafChanges {
  if ("add" in options) return addProposals([options.add], state.environment.decode)[0]!;
  if ("psk" in options) return ownPskProposal(state, options.psk);
  if ("remove" in options) return { kind: "remove", removed: leafIndexOf(options.remove) };
  if ("extensions" in options) return replacing(options.extensions);
  if ("reInit" in options) return reInitProposal(state, options.reInit);
  if ("custom" in options) return customProposal(state, options.custom);
  return options.update;
}

/** Adds for these key packages, each an MLSMessage; an error names the position of a bad one. */
export function addProposals(keyPackages: readonly Uint8Array[], decode: DecodeContext): Proposal[] {
  return keyPackages.map((message, index) => ({ kind: "add", keyPackage: keyPackageOf(message, index, decode) }));
}

/** The KeyPackage in an MLSMessage. */
export function keyPackageOf(message: Uint8Array, index: number, decode: DecodeContext): KeyPackage {
  requireBytes(message, "a key package");
  let kind: string;
  try {
    const decoded = decodeMLSMessage(message, decode);
    if (decoded.kind === "keyPackage") return decoded.keyPackage;
    ({ kind } = decoded);
  } catch (error) {
    if (!(error instanceof MlsError)) throw error;
    throw new ValidationError("ERR_KEY_PACKAGE", error.message, { index, cause: error });
  }
  throw new ValidationError("ERR_KEY_PACKAGE", `a ${kind} instead of a keyPackage`, { index });
}

function ownPskProposal({ suite, epoch, environment }: GroupState, psk: Parameters<typeof pskProposal>[0]): Proposal {
  return pskProposal(psk, epoch.groupContext.groupId, suite.hashLength, environment.random);
}

function customProposal({ environment }: GroupState, { type, data }: CustomContent): Proposal {
  if (!environment.customProposals.has(type)) {
    throw new UnsupportedError("ERR_UNSUPPORTED", `proposal type ${type} is not registered with this client`, {
      rule: "MLS-12.1-01",
    });
  }
  requireBytes(data, "the data of a proposal");
  return { kind: "custom", proposalType: type, data: Uint8Array.from(data) };
}

function replacing(extensions: readonly Extension[]): Proposal {
  requireNoGrease(extensions);
  return { kind: "groupContextExtensions", extensions: copyExtensions(extensions) };
}

// MLS-11-03: the successor's name cannot be guessed either
function reInitProposal({ suite, epoch, environment }: GroupState, options: ReInitOptions): ReInit {
  const { groupContext } = epoch;
  requireNoGrease(options.extensions ?? []);
  if (options.groupId !== undefined) requireBytes(options.groupId, "the name of a successor");
  return {
    kind: "reInit",
    groupId: Uint8Array.from(options.groupId ?? randomBytes(environment.random, suite.hashLength)),
    version: groupContext.version,
    cipherSuite: options.cipherSuite ?? groupContext.cipherSuite,
    extensions: copyExtensions(options.extensions ?? groupContext.extensions),
  };
}

function leafIndexOf(value: number): number {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) throw new RangeError(`${value} is no leaf index`);
  return value;
}
