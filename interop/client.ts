/**
 * What a member of an interoperability run can do, whichever implementation is behind it: the calls of the MLS
 * working group's test service, one method each. Grove in process, a gRPC server and the programs in `peers/` all
 * take this form, so that scripts and random histories run over any mixture of them.
 *
 * Numbers that name something (`stateId`, `transactionId`, …) are the client's own; every byte string is what would
 * travel between members. A call that the client refuses rejects with an `Error` that says why.
 */
export interface InteropClient {
  /** Closes the connection or program behind it; all its states are gone. */
  close(): Promise<void>;
  name(request: Empty): Promise<{ name: string }>;
  supportedCiphersuites(request: Empty): Promise<{ ciphersuites: number[] }>;

  createGroup(request: CreateGroupRequest): Promise<{ stateId: number }>;
  createKeyPackage(request: { cipherSuite: number; identity: Uint8Array }): Promise<CreateKeyPackageResponse>;
  joinGroup(request: JoinGroupRequest): Promise<StateResponse>;
  externalJoin(request: ExternalJoinRequest): Promise<StateResponse & { commit: Uint8Array }>;

  groupInfo(request: { stateId: number; externalTree: boolean }): Promise<GroupInfoResponse>;
  stateAuth(request: { stateId: number }): Promise<{ stateAuthSecret: Uint8Array }>;
  export(request: ExportRequest): Promise<{ exportedSecret: Uint8Array }>;
  protect(request: ProtectRequest): Promise<{ ciphertext: Uint8Array }>;
  unprotect(request: { stateId: number; ciphertext: Uint8Array }): Promise<UnprotectResponse>;
  storePSK(request: { stateOrTransactionId: number } & PreSharedKey): Promise<Empty>;

  addProposal(request: { stateId: number; keyPackage: Uint8Array }): Promise<ProposalResponse>;
  updateProposal(request: { stateId: number }): Promise<ProposalResponse>;
  removeProposal(request: { stateId: number; removedId: Uint8Array }): Promise<ProposalResponse>;
  externalPSKProposal(request: { stateId: number; pskId: Uint8Array }): Promise<ProposalResponse>;
  resumptionPSKProposal(request: { stateId: number; epochId: bigint }): Promise<ProposalResponse>;
  groupContextExtensionsProposal(request: { stateId: number; extensions: Extension[] }): Promise<ProposalResponse>;

  commit(request: CommitRequest): Promise<CommitResponse>;
  handleCommit(request: HandleCommitRequest): Promise<StateResponse>;
  handlePendingCommit(request: { stateId: number }): Promise<StateResponse>;

  reInitProposal(request: ReInitProposalRequest): Promise<ProposalResponse>;
  reInitCommit(request: CommitRequest): Promise<CommitResponse>;
  handlePendingReInitCommit(request: { stateId: number }): Promise<ReInitResponse>;
  handleReInitCommit(request: HandleCommitRequest): Promise<ReInitResponse>;
  reInitWelcome(request: ReInitWelcomeRequest): Promise<CreateSubgroupResponse>;
  handleReInitWelcome(request: HandleReInitWelcomeRequest): Promise<StateResponse>;

  createBranch(request: CreateBranchRequest): Promise<CreateSubgroupResponse>;
  handleBranch(request: HandleBranchRequest): Promise<StateResponse>;

  newMemberAddProposal(request: NewMemberAddProposalRequest): Promise<NewMemberAddProposalResponse>;
  createExternalSigner(request: { cipherSuite: number; identity: Uint8Array }): Promise<CreateExternalSignerResponse>;
  addExternalSigner(request: { stateId: number; externalSender: Uint8Array }): Promise<ProposalResponse>;
  externalSignerProposal(request: ExternalSignerProposalRequest): Promise<ProposalResponse>;

  free(request: { stateId: number }): Promise<Empty>;
}

export type Empty = Record<string, never>;

/** A group's state after some step. `stateId` may be the one before or a new one; the caller goes on with it. */
export interface StateResponse {
  stateId: number;
  /** Empty when the step removed this member. */
  epochAuthenticator: Uint8Array;
}

/** A proposal as an MLSMessage, to be given to every member with the commit that holds it. */
export interface ProposalResponse {
  proposal: Uint8Array;
}

export interface CreateGroupRequest {
  groupId: Uint8Array;
  cipherSuite: number;
  /** Whether this member sends its handshake messages as PrivateMessage. */
  encryptHandshake: boolean;
  /** The identity of the member's basic credential; no two members of a run share one. */
  identity: Uint8Array;
}

export interface CreateKeyPackageResponse {
  transactionId: number;
  /** An MLSMessage. */
  keyPackage: Uint8Array;
  /** The private keys, for tests that hand them on; empty where a client keeps them to itself. */
  initPriv: Uint8Array;
  encryptionPriv: Uint8Array;
  signaturePriv: Uint8Array;
}

export interface JoinGroupRequest {
  transactionId: number;
  welcome: Uint8Array;
  encryptHandshake: boolean;
  identity: Uint8Array;
  /** Empty when the Welcome holds the tree. */
  ratchetTree: Uint8Array;
}

export interface PreSharedKey {
  pskId: Uint8Array;
  pskSecret: Uint8Array;
}

export interface ExternalJoinRequest {
  groupInfo: Uint8Array;
  ratchetTree: Uint8Array;
  encryptHandshake: boolean;
  identity: Uint8Array;
  /** Whether the commit removes the member's prior appearance (a resync). */
  removePrior: boolean;
  psks: PreSharedKey[];
}

export interface GroupInfoResponse {
  groupInfo: Uint8Array;
  /** Empty unless `externalTree` was asked for. */
  ratchetTree: Uint8Array;
}

export interface ExportRequest {
  stateId: number;
  label: string;
  context: Uint8Array;
  keyLength: number;
}

export interface ProtectRequest {
  stateId: number;
  authenticatedData: Uint8Array;
  plaintext: Uint8Array;
}

export interface UnprotectResponse {
  authenticatedData: Uint8Array;
  plaintext: Uint8Array;
}

export interface Extension {
  extensionType: number;
  extensionData: Uint8Array;
}

/** A proposal by value; the fields that its type needs are there, the others are empty. */
export interface ProposalDescription {
  proposalType: "add" | "remove" | "externalPSK" | "resumptionPSK" | "groupContextExtensions" | "reinit";
  keyPackage?: Uint8Array;
  removedId?: Uint8Array;
  pskId?: Uint8Array;
  epochId?: bigint;
  extensions?: Extension[];
  groupId?: Uint8Array;
  cipherSuite?: number;
}

export interface CommitRequest {
  stateId: number;
  /** The proposals that the commit takes by reference: MLSMessages, of other members and of this one. */
  byReference: Uint8Array[];
  byValue: ProposalDescription[];
  forcePath: boolean;
  externalTree: boolean;
}

export interface CommitResponse {
  commit: Uint8Array;
  /** Empty when nobody is added. */
  welcome: Uint8Array;
  ratchetTree: Uint8Array;
}

export interface HandleCommitRequest {
  stateId: number;
  /** The proposals that the commit takes by reference, of this member too. */
  proposal: Uint8Array[];
  commit: Uint8Array;
}

export interface ReInitProposalRequest {
  stateId: number;
  cipherSuite: number;
  groupId: Uint8Array;
  extensions: Extension[];
}

/** The old group's end, with the key package this member brings into the successor. */
export interface ReInitResponse {
  reinitId: number;
  keyPackage: Uint8Array;
  epochAuthenticator: Uint8Array;
}

export interface ReInitWelcomeRequest {
  reinitId: number;
  keyPackage: Uint8Array[];
  forcePath: boolean;
  externalTree: boolean;
}

export interface CreateSubgroupResponse extends StateResponse {
  welcome: Uint8Array;
  ratchetTree: Uint8Array;
}

export interface HandleReInitWelcomeRequest {
  reinitId: number;
  welcome: Uint8Array;
  ratchetTree: Uint8Array;
}

export interface CreateBranchRequest {
  stateId: number;
  groupId: Uint8Array;
  extensions: Extension[];
  keyPackages: Uint8Array[];
  forcePath: boolean;
  externalTree: boolean;
}

export interface HandleBranchRequest {
  stateId: number;
  transactionId: number;
  welcome: Uint8Array;
  ratchetTree: Uint8Array;
}

export interface NewMemberAddProposalRequest {
  groupInfo: Uint8Array;
  identity: Uint8Array;
}

export interface NewMemberAddProposalResponse extends Omit<CreateKeyPackageResponse, "keyPackage"> {
  /** A PublicMessage with an Add proposal. */
  proposal: Uint8Array;
}

export interface CreateExternalSignerResponse {
  signerId: number;
  /** An ExternalSender of section 12.1.8.1. */
  externalSender: Uint8Array;
}

export interface ExternalSignerProposalRequest {
  signerId: number;
  /** The sender's place in the group's external_senders extension. */
  signerIndex: number;
  groupInfo: Uint8Array;
  ratchetTree: Uint8Array;
  description: ProposalDescription;
}
