export { chooseCipherSuite } from "./choose.ts";
export { Client } from "./client.ts";
export { PendingCommit, StagedCommit } from "./commit.ts";
export type { CommitEffects } from "./group/effects.ts";
export { Engine, type Frame } from "./core/engine.ts";
export type { RandomSource } from "./crypto/random.ts";
export { cipherSuites } from "./crypto/suite.ts";
export type { CipherSuiteName, CipherSuiteParameters, KemGroup, SignatureScheme, SuitePlugin } from "./crypto/suite.ts";
export * from "./errors.ts";
export type { PaddingScheme } from "./framing/privatemessage.ts";
export { PendingExternalJoin } from "./externaljoin.ts";
export { type ExternalProposal, ExternalSender, type ExternalSenderOptions } from "./externalsender.ts";
export { Group } from "./group.ts";
export type { HandshakeFormat } from "./group/environment.ts";
export type { PskReference } from "./group/psks.ts";
export type { LeafChanges } from "./group/leaf.ts";
export type { DroppedProposal } from "./group/select.ts";
export type { Closed } from "./group/journal.ts";
export type { CustomEffect } from "./group/apply.ts";
export type { CustomProposalType } from "./group/custom.ts";
export { type JoinOptions, StagedJoin } from "./join.ts";
export type { IdentityOf } from "./group/lineage.ts";
export type { BranchOptions, Subgroup, SubgroupOptions } from "./subgroup.ts";
export { defaultLimits, type Limits } from "./limits.ts";
export type { Member, MemberChange } from "./group/member.ts";
export { CredentialType, ExtensionType, ProposalType, WireFormat } from "./message/constants.ts";
export type { BasicCredential, Credential, CustomCredential, X509Credential } from "./message/credential.ts";
export type { Extension, ExternalSender as ExternalSenderEntry, RequiredCapabilities } from "./message/extension.ts";
export {
  decodeExternalSenders,
  decodeRequiredCapabilities,
  encodeExternalSenders,
  encodeApplicationId,
  encodeRequiredCapabilities,
} from "./message/extension.ts";
export type { Capabilities, LeafNode, LeafNodeContent, LeafNodeSource, Lifetime } from "./message/leafnode.ts";
export type { KeyPackage, KeyPackageContent } from "./message/keypackage.ts";
export type { ExternalPSK, PreSharedKeyID, ResumptionPSK, ResumptionPSKUsage } from "./message/psk.ts";
export type {
  Add,
  CustomProposal,
  ExternalInit,
  GroupContextExtensions,
  PreSharedKey,
  Proposal,
  ReInit,
  Remove,
  Update,
} from "./message/proposals.ts";
export {
  acceptAnyCredential,
  type Authenticate,
  type AuthenticateMany,
  type AuthenticationAnswer,
  type AuthenticationReason,
  type AuthenticationRequest,
  DeferredAuthentication,
  type MayResync,
} from "./policy.ts";
export { type Followed, FollowedStagedCommit, PublicGroup, type PublicGroupOptions } from "./publicgroup.ts";
export type { Received, ReceivedApplication, ReceivedCommit, ReceivedOwnCommit, ReceivedProposal } from "./receive.ts";
export { StagedChange, type StagedStatus } from "./staged.ts";
export { type OperationCounts, operationCounts } from "./stats.ts";
export type { Proposer } from "./validate/proposals.ts";
export {
  basicCredential,
  type ClientOptions,
  type CommitOptions,
  type CustomContent,
  type EncryptOptions,
  type ExternalJoinOptions,
  type GroupOptions,
  type KeyPackageOptions,
  type ProposalOptions,
  type ReInitOptions,
  type RestoreGroupOptions,
  type RestoreOptions,
  type SendOptions,
  x509Credential,
} from "./options.ts";
