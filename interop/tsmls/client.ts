// ts-mls as a member of an interoperability run.

import {
  type CiphersuiteImpl,
  type ClientConfig,
  type ClientState,
  createCommit,
  createGroup,
  type Credential,
  defaultCapabilities,
  defaultLifetime,
  generateKeyPackage,
  joinGroup,
  joinGroupExternal,
  type KeyPackage,
  type LeafNode,
  makePskIndex,
  mlsExporter,
  type Proposal,
  proposeAddExternal,
  type PskIndex,
} from "ts-mls";
import { defaultClientConfig } from "ts-mls/clientConfig.js";
import { createGroupInfo } from "ts-mls/createCommit.js";
import { makeResumptionPsk } from "ts-mls/resumption.js";
import { type CallName, type CallRequest, type CallResponse, clientOf } from "../calls.ts";
import type {
  CommitRequest,
  CreateSubgroupResponse,
  HandleCommitRequest,
  InteropClient,
  ProposalResponse,
  ReInitResponse,
  StateResponse,
} from "../client.ts";
import type { Ability } from "../histories/index.ts";
import { decode, encode, encodeTree, extensionsOf, keyOf, treeOf } from "./bytes.ts";
import { type KeyPackagePair, Member, type Psks } from "./member.ts";
import { externalPub, suite, suiteName, supported } from "./suites.ts";

/** The calls; some wait, some do not. */
type Calls = {
  readonly [Name in CallName]?: (request: CallRequest<Name>) => Promise<CallResponse<Name>> | CallResponse<Name>;
};

/** A key package that waits, with the PSKs for the Welcome. */
interface Joiner extends KeyPackagePair {
  readonly suite: CiphersuiteImpl;
  readonly psks: Psks;
}

interface ReInitialized extends Joiner {
  readonly former: Member;
}

const nothing = new Uint8Array(0);

/** Everybody is known by the identity of a basic credential. */
const identityOf = ({ credential }: { readonly credential: Credential }): string =>
  credential.credentialType === "basic" ? keyOf(credential.identity) : "";
const config: ClientConfig = {
  ...defaultClientConfig,
  keyPackageEqualityConfig: {
    compareKeyPackages: (a: KeyPackage, b: KeyPackage) => identityOf(a.leafNode) === identityOf(b.leafNode),
    compareKeyPackageToLeafNode: (a: KeyPackage, b: LeafNode) => identityOf(a.leafNode) === identityOf(b),
  },
};

/** ts-mls in this process. */
export function tsMlsClient(): InteropClient {
  const tables = new Tables();
  const calls = callsOf(tables) as Partial<Record<CallName, (request: object) => unknown>>;
  return clientOf(
    (name, request) =>
      new Promise((resolve) => {
        const call = calls[name];
        if (call === undefined) throw new Error(`ts-mls has no way to ${name}`);
        resolve(call(request));
      }),
    () => Promise.resolve(tables.clear()),
  );
}

/**
 * What ts-mls has no way to do: it reads and writes one external sender where the RFC has a vector of them,
 * and brings no PSKs into an external join.
 */
export const lacking: readonly Ability[] = [
  "createExternalSigner",
  "addExternalSigner",
  "externalSignerProposal",
  "externalJoin with PSKs",
];

class Tables {
  readonly members = new Map<number, Member>();
  readonly joiners = new Map<number, Joiner>();
  readonly reInitialized = new Map<number, ReInitialized>();
  #last = 0;

  member(id: number): Member {
    return found(this.members, id);
  }

  keep<T>(table: Map<number, T>, value: T): number {
    table.set(++this.#last, value);
    return this.#last;
  }

  keepMember(suite: CiphersuiteImpl, state: ClientState, encrypts: boolean, psks: Psks): StateResponse {
    return this.stateOf(this.keep(this.members, new Member(suite, state, encrypts, psks)));
  }

  stateOf(stateId: number): StateResponse {
    const { state } = this.member(stateId);
    const isRemoved = state.groupActiveState.kind === "removedFromGroup";
    return { stateId, epochAuthenticator: isRemoved ? nothing : state.keySchedule.epochAuthenticator };
  }

  clear(): void {
    for (const table of [this.members, this.joiners, this.reInitialized]) table.clear();
  }
}

function callsOf(tables: Tables): Calls {
  const propose = async (stateId: number, proposal: Proposal): Promise<ProposalResponse> => ({
    proposal: await tables.member(stateId).propose(proposal),
  });
  const commit = (request: CommitRequest) => tables.member(request.stateId).commit(request);
  const handleCommit = async ({ stateId, proposal, commit }: HandleCommitRequest): Promise<StateResponse> => {
    await tables.member(stateId).handleCommit(proposal, commit);
    return tables.stateOf(stateId);
  };
  const handlePendingCommit = ({ stateId }: { stateId: number }): StateResponse => {
    tables.member(stateId).acceptOwnCommit();
    return tables.stateOf(stateId);
  };
  const reInit = async ({ stateId }: StateResponse): Promise<ReInitResponse> => {
    const former = tables.member(stateId);
    const { groupActiveState, keySchedule } = former.state;
    if (groupActiveState.kind !== "suspendedPendingReinit") throw new Error("no ReInit has ended this group");
    const joiner = await newJoiner(await suite(groupActiveState.reinit.cipherSuite), former.ownLeaf.credential);
    const reinitId = tables.keep(tables.reInitialized, { ...joiner, former });
    return { reinitId, keyPackage: message(joiner), epochAuthenticator: keySchedule.epochAuthenticator };
  };
  const succeed = (
    reinitId: number,
    { former, suite: own, psks }: ReInitialized,
    state: ClientState,
  ): StateResponse => {
    tables.reInitialized.delete(reinitId);
    for (const [id, member] of tables.members) if (member === former) tables.members.delete(id);
    return tables.keepMember(own, state, former.encryptsHandshake, psks);
  };
  const describe = (stateId: number, description: Parameters<Member["proposalOf"]>[0]): Promise<ProposalResponse> =>
    propose(stateId, tables.member(stateId).proposalOf(description));

  return {
    name: () => ({ name: "ts-mls" }),
    supportedCiphersuites: () => ({ ciphersuites: [...supported] }),

    createGroup: async ({ groupId, cipherSuite, encryptHandshake, identity }) => {
      const joiner = await newJoiner(await suite(suiteName(cipherSuite)), basic(identity));
      const { publicPackage, privatePackage } = joiner;
      const state = await createGroup(groupId, publicPackage, privatePackage, [], joiner.suite, config);
      return { stateId: tables.keepMember(joiner.suite, state, encryptHandshake, {}).stateId };
    },
    createKeyPackage: async ({ cipherSuite, identity }) => {
      const joiner = await newJoiner(await suite(suiteName(cipherSuite)), basic(identity));
      return { transactionId: tables.keep(tables.joiners, joiner), keyPackage: message(joiner), ...noPrivateKeys };
    },
    joinGroup: async ({ transactionId, welcome, ratchetTree, encryptHandshake }) => {
      const joiner = found(tables.joiners, transactionId);
      const state = await join(joiner, welcome, ratchetTree, makePskIndex(undefined, joiner.psks));
      tables.joiners.delete(transactionId);
      return tables.keepMember(joiner.suite, state, encryptHandshake, joiner.psks);
    },
    externalJoin: async ({ groupInfo, ratchetTree, encryptHandshake, identity, removePrior, psks }) => {
      if (psks.length > 0) throw new Error("ts-mls has no way to bring PSKs into an external join");
      const info = decode(groupInfo, "mls_group_info").groupInfo;
      const joiner = await newJoiner(await suite(info.groupContext.cipherSuite), basic(identity));
      const { publicPackage, privatePackage, suite: own } = joiner;
      const tree = treeOf(ratchetTree);
      const joined = await joinGroupExternal(info, publicPackage, privatePackage, removePrior, own, tree, config);
      const { publicMessage } = joined;
      return {
        commit: encode({ wireformat: "mls_public_message", version: "mls10", publicMessage }),
        ...tables.keepMember(own, joined.newState, encryptHandshake, {}),
      };
    },

    groupInfo: async ({ stateId, externalTree }) => {
      const { state, suite: own } = tables.member(stateId);
      const ratchetTree = encodeTree(state.ratchetTree);
      const extensions: Parameters<typeof createGroupInfo>[3] = [
        { extensionType: "external_pub", extensionData: await externalPub(own, state.keySchedule.externalSecret) },
      ];
      if (!externalTree) extensions.push({ extensionType: "ratchet_tree", extensionData: ratchetTree });
      const groupInfo = await createGroupInfo(state.groupContext, state.confirmationTag, state, extensions, own);
      return {
        groupInfo: encode({ wireformat: "mls_group_info", version: "mls10", groupInfo }),
        ratchetTree: externalTree ? ratchetTree : nothing,
      };
    },
    stateAuth: ({ stateId }) => ({
      stateAuthSecret: tables.member(stateId).state.keySchedule.epochAuthenticator,
    }),
    export: async ({ stateId, label, context, keyLength }) => {
      const { state, suite: own } = tables.member(stateId);
      return { exportedSecret: await mlsExporter(state.keySchedule.exporterSecret, label, context, keyLength, own) };
    },
    protect: async ({ stateId, authenticatedData, plaintext }) => ({
      ciphertext: await tables.member(stateId).protect(plaintext, authenticatedData),
    }),
    unprotect: ({ stateId, ciphertext }) => tables.member(stateId).unprotect(ciphertext),
    storePSK: ({ stateOrTransactionId, pskId, pskSecret }) => {
      const holder = tables.members.get(stateOrTransactionId) ?? found(tables.joiners, stateOrTransactionId);
      holder.psks[keyOf(pskId)] = pskSecret;
      return {};
    },

    addProposal: ({ stateId, keyPackage }) => describe(stateId, { proposalType: "add", keyPackage }),
    updateProposal: async ({ stateId }) => ({ proposal: await tables.member(stateId).proposeUpdate() }),
    removeProposal: ({ stateId, removedId }) => describe(stateId, { proposalType: "remove", removedId }),
    externalPSKProposal: ({ stateId, pskId }) => describe(stateId, { proposalType: "externalPSK", pskId }),
    resumptionPSKProposal: ({ stateId, epochId }) => describe(stateId, { proposalType: "resumptionPSK", epochId }),
    groupContextExtensionsProposal: ({ stateId, extensions }) =>
      describe(stateId, { proposalType: "groupContextExtensions", extensions }),

    commit,
    handleCommit,
    handlePendingCommit,

    reInitProposal: ({ stateId, groupId, cipherSuite, extensions }) => {
      const reinit = { groupId, version: "mls10", cipherSuite: suiteName(cipherSuite) } as const;
      return propose(stateId, { proposalType: "reinit", reinit: { ...reinit, extensions: extensionsOf(extensions) } });
    },
    reInitCommit: commit,
    handlePendingReInitCommit: (request) => reInit(handlePendingCommit(request)),
    handleReInitCommit: async (request) => reInit(await handleCommit(request)),
    reInitWelcome: async ({ reinitId, keyPackage, externalTree }) => {
      const ended = found(tables.reInitialized, reinitId);
      const { groupActiveState } = ended.former.state;
      if (groupActiveState.kind !== "suspendedPendingReinit") throw new Error("no ReInit has ended this group");
      const { groupId, extensions } = groupActiveState.reinit;
      const made = await subgroup(ended, ended.former, "reinit", groupId, extensions, keyPackage, externalTree);
      return { ...made.response, ...succeed(reinitId, ended, made.state) };
    },
    handleReInitWelcome: async ({ reinitId, welcome, ratchetTree }) => {
      const ended = found(tables.reInitialized, reinitId);
      const { state } = ended.former;
      return succeed(reinitId, ended, await join(ended, welcome, ratchetTree, makePskIndex(state, {}), state));
    },

    createBranch: async ({ stateId, groupId, extensions, keyPackages, externalTree }) => {
      const former = tables.member(stateId);
      const joiner = await newJoiner(former.suite, former.ownLeaf.credential);
      const made = await subgroup(
        joiner,
        former,
        "branch",
        groupId,
        extensionsOf(extensions),
        keyPackages,
        externalTree,
      );
      return { ...made.response, ...tables.keepMember(joiner.suite, made.state, former.encryptsHandshake, {}) };
    },
    handleBranch: async ({ stateId, transactionId, welcome, ratchetTree }) => {
      const { state, encryptsHandshake } = tables.member(stateId);
      const joiner = found(tables.joiners, transactionId);
      const joined = await join(joiner, welcome, ratchetTree, makePskIndex(state, joiner.psks), state);
      tables.joiners.delete(transactionId);
      return tables.keepMember(joiner.suite, joined, encryptsHandshake, joiner.psks);
    },

    newMemberAddProposal: async ({ groupInfo, identity }) => {
      const info = decode(groupInfo, "mls_group_info").groupInfo;
      const joiner = await newJoiner(await suite(info.groupContext.cipherSuite), basic(identity));
      const proposal = await proposeAddExternal(info, joiner.publicPackage, joiner.privatePackage, joiner.suite);
      return { transactionId: tables.keep(tables.joiners, joiner), proposal: encode(proposal), ...noPrivateKeys };
    },

    free: ({ stateId }) => {
      tables.member(stateId);
      tables.members.delete(stateId);
      return {};
    },
  };
}

const noPrivateKeys = { initPriv: nothing, encryptionPriv: nothing, signaturePriv: nothing };

function basic(identity: Uint8Array): Credential {
  return { credentialType: "basic", identity };
}

async function newJoiner(own: CiphersuiteImpl, credential: Credential): Promise<Joiner> {
  const pair = await generateKeyPackage(credential, defaultCapabilities(), defaultLifetime, [], own);
  return { ...pair, suite: own, psks: {} };
}

function message({ publicPackage }: Joiner): Uint8Array {
  return encode({ wireformat: "mls_key_package", version: "mls10", keyPackage: publicPackage });
}

function join(
  { publicPackage, privatePackage, suite: own }: Joiner,
  bytes: Uint8Array,
  ratchetTree: Uint8Array,
  psks: PskIndex,
  resumes?: ClientState,
): Promise<ClientState> {
  const { welcome } = decode(bytes, "mls_welcome");
  return joinGroup(welcome, publicPackage, privatePackage, psks, own, treeOf(ratchetTree), resumes, config);
}

/** A group that continues another one; what ts-mls has for it leaves out the extensions or the tree. */
async function subgroup(
  { publicPackage, privatePackage, suite: own }: Joiner,
  former: Member,
  usage: "reinit" | "branch",
  groupId: Uint8Array,
  extensions: Parameters<typeof createGroup>[3],
  keyPackages: readonly Uint8Array[],
  externalTree: boolean,
): Promise<{ state: ClientState; response: Pick<CreateSubgroupResponse, "welcome" | "ratchetTree"> }> {
  const group = await createGroup(groupId, publicPackage, privatePackage, extensions, own, config);
  const { id } = makeResumptionPsk(former.state, usage, own);
  const adds = keyPackages.map((bytes): Proposal => ({ proposalType: "add", add: decode(bytes, "mls_key_package") }));
  const { newState, welcome } = await createCommit(
    { state: group, pskIndex: makePskIndex(former.state, {}), cipherSuite: own },
    {
      extraProposals: [...adds, { proposalType: "psk", psk: { preSharedKeyId: id } }],
      ratchetTreeExtension: !externalTree,
    },
  );
  if (welcome === undefined) throw new Error("nobody to welcome");
  return {
    state: newState,
    response: {
      welcome: encode({ wireformat: "mls_welcome", version: "mls10", welcome }),
      ratchetTree: externalTree ? encodeTree(newState.ratchetTree) : nothing,
    },
  };
}

function found<T>(table: ReadonlyMap<number, T>, id: number): T {
  const value = table.get(id);
  if (value === undefined) throw new Error(`nothing has the number ${id}`);
  return value;
}
