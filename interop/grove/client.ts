// Grove as a member of an interoperability run, over the public API alone.

import {
  acceptAnyCredential,
  basicCredential,
  Client,
  type ClientOptions,
  decodeExternalSenders,
  encodeExternalSenders,
  type Extension,
  ExtensionType,
  ExternalSender,
  type ExternalSenderEntry,
  type Group,
  PublicGroup,
} from "../../bindings/index.ts";
import { suites } from "./suites.ts";
import { type Calls, clientOfCalls } from "../calls.ts";
import type {
  CommitRequest,
  CommitResponse,
  CreateSubgroupResponse,
  HandleCommitRequest,
  InteropClient,
  ProposalResponse,
  ReInitResponse,
  StateResponse,
} from "../client.ts";
import { leafOf, Member, proposalOf } from "./member.ts";
import { asVector, withoutLength } from "./vector.ts";

const nothing = new Uint8Array(0);

/** A group that has ended, and the client that continues it under the successor's suite. */
interface ReInitialized {
  readonly former: Member;
  readonly client: Client;
}

/** Grove in this process; every state has a client of its own. */
export function groveClient(options: GroveOptions = {}): InteropClient {
  const grove = new Grove(options);
  return clientOfCalls(callsOf(grove), () => grove.close());
}

/** What all clients have in common. `grease` is for groups with peers that refuse it. */
export type GroveOptions = Pick<ClientOptions, "grease">;

/** What the calls are about, by number: states and transactions are told apart by `storePSK` alone, so all share one count. */
class Grove {
  readonly #options: GroveOptions;
  readonly #members = new Map<number, Member>();
  readonly #joiners = new Map<number, Client>();
  readonly #reInitialized = new Map<number, ReInitialized>();
  readonly #signers = new Map<number, ExternalSender>();
  #last = 0;

  constructor(options: GroveOptions) {
    this.#options = options;
  }

  newClient(cipherSuite: number, identity: Uint8Array): Client {
    return Client.create({
      ...this.#options,
      credential: basicCredential(identity),
      authenticate: acceptAnyCredential,
      cipherSuite,
      suites,
    });
  }

  member(id: number): Member {
    return found(this.#members, id, "state");
  }

  joiner(id: number): Client {
    return found(this.#joiners, id, "transaction");
  }

  reInitialized(id: number): ReInitialized {
    return found(this.#reInitialized, id, "re-initialization");
  }

  signer(id: number): ExternalSender {
    return found(this.#signers, id, "signer");
  }

  holder(id: number): Client {
    return this.#members.get(id)?.client ?? this.joiner(id);
  }

  keepMember(client: Client, group: Group, encryptHandshake: boolean): StateResponse {
    const stateId = this.#keep(this.#members, new Member(client, group, encryptHandshake));
    return this.stateOf(stateId);
  }

  keepJoiner(client: Client): number {
    return this.#keep(this.#joiners, client);
  }

  keepSigner(signer: ExternalSender): number {
    return this.#keep(this.#signers, signer);
  }

  /** The state after a step; a member that the step removed has no authenticator any more. */
  stateOf(stateId: number): StateResponse {
    const { group } = this.member(stateId);
    return { stateId, epochAuthenticator: group.closedBy === "removed" ? nothing : group.epochAuthenticator };
  }

  join(
    transactionId: number,
    welcome: Uint8Array,
    ratchetTree: Uint8Array,
    encryptHandshake: boolean,
    resumes?: Group,
  ): StateResponse {
    const client = this.joiner(transactionId);
    const group = accepted(client, welcome, ratchetTree, resumes);
    this.#joiners.delete(transactionId);
    return this.keepMember(client, group, encryptHandshake);
  }

  /** What everyone does once the commit of a ReInit has been accepted: a key package for the successor. */
  reInit(stateId: number): ReInitResponse {
    const former = this.member(stateId);
    const { reInit } = former.group;
    const own = former.group.member(former.group.ownLeafIndex);
    if (reInit === undefined || own?.credential.kind !== "basic") throw new Error("no ReInit has ended this group");
    const client = this.newClient(reInit.cipherSuite, own.credential.identity);
    const reinitId = this.#keep(this.#reInitialized, { former, client });
    const { epochAuthenticator } = former.group;
    return { reinitId, keyPackage: client.keyPackage(), epochAuthenticator };
  }

  /** Goes on in the successor; the former group is done with. */
  succeed(reinitId: number, group: Group): StateResponse {
    const { former, client } = this.reInitialized(reinitId);
    this.#reInitialized.delete(reinitId);
    for (const [id, member] of this.#members) if (member === former) this.free(id);
    return this.keepMember(client, group, former.format === "private");
  }

  free(stateId: number): void {
    this.member(stateId).free();
    this.#members.delete(stateId);
  }

  close(): void {
    for (const { client } of [...this.#members.values(), ...this.#reInitialized.values()]) client.close();
    for (const client of this.#joiners.values()) client.close();
    for (const signer of this.#signers.values()) signer.close();
    for (const table of [this.#members, this.#joiners, this.#reInitialized, this.#signers]) table.clear();
  }

  #keep<T>(table: Map<number, T>, value: T): number {
    table.set(++this.#last, value);
    return this.#last;
  }
}

function callsOf(grove: Grove): Calls {
  const propose = (stateId: number, proposal: Parameters<Member["propose"]>[0]): ProposalResponse => ({
    proposal: grove.member(stateId).propose(proposal),
  });
  const commit = (request: CommitRequest): CommitResponse => {
    const pending = grove.member(request.stateId).commit(request);
    const ratchetTree = request.externalTree ? pending.ratchetTree() : nothing;
    return { commit: pending.commit, welcome: pending.welcomes[0] ?? nothing, ratchetTree };
  };
  const handleCommit = ({ stateId, proposal, commit }: HandleCommitRequest): StateResponse => {
    grove.member(stateId).handleCommit(proposal, commit);
    return grove.stateOf(stateId);
  };
  const handlePendingCommit = ({ stateId }: { stateId: number }): StateResponse => {
    grove.member(stateId).acceptOwnCommit();
    return grove.stateOf(stateId);
  };

  return {
    name: () => ({ name: "Grove" }),
    supportedCiphersuites: () => ({ ciphersuites: [1, 2, 3, 4, 5, 6, 7] }),

    createGroup: ({ groupId, cipherSuite, encryptHandshake, identity }) => {
      const client = grove.newClient(cipherSuite, identity);
      return { stateId: grove.keepMember(client, client.createGroup(groupId), encryptHandshake).stateId };
    },
    createKeyPackage: ({ cipherSuite, identity }) => {
      const client = grove.newClient(cipherSuite, identity);
      return { transactionId: grove.keepJoiner(client), keyPackage: client.keyPackage(), ...noPrivateKeys };
    },
    joinGroup: ({ transactionId, welcome, ratchetTree, encryptHandshake }) =>
      grove.join(transactionId, welcome, ratchetTree, encryptHandshake),
    externalJoin: ({ groupInfo, ratchetTree, encryptHandshake, identity, removePrior, psks }) => {
      using view = follow(groupInfo, ratchetTree);
      const client = grove.newClient(view.cipherSuite, identity);
      for (const { pskId, pskSecret } of psks) client.addPsk(pskId, pskSecret);
      const join = client.joinExternal(groupInfo, {
        ...given(ratchetTree),
        resync: removePrior && leafOf(view.members(), identity),
        psks: psks.map(({ pskId }) => ({ external: pskId })),
      });
      return { commit: join.commit, ...grove.keepMember(client, join.accept(), encryptHandshake) };
    },

    groupInfo: ({ stateId, externalTree }) => {
      const { group } = grove.member(stateId);
      return {
        groupInfo: group.groupInfo({ ratchetTree: !externalTree }),
        ratchetTree: externalTree ? group.ratchetTree() : nothing,
      };
    },
    stateAuth: ({ stateId }) => ({ stateAuthSecret: grove.member(stateId).group.epochAuthenticator }),
    export: ({ stateId, label, context, keyLength }) => ({
      exportedSecret: grove.member(stateId).group.exportSecret(label, context, keyLength),
    }),
    // The script decides what is sent when: also while proposals wait (MLS-12.4-02).
    protect: ({ stateId, authenticatedData, plaintext }) => ({
      ciphertext: grove.member(stateId).group.encrypt(plaintext, { authenticatedData, despiteProposals: true }),
    }),
    unprotect: ({ stateId, ciphertext }) => {
      const received = grove.member(stateId).group.receive(ciphertext);
      if (received.kind !== "application") throw new Error(`a message of kind ${received.kind} is no application data`);
      return { authenticatedData: received.authenticatedData, plaintext: received.data };
    },
    storePSK: ({ stateOrTransactionId, pskId, pskSecret }) => {
      grove.holder(stateOrTransactionId).addPsk(pskId, pskSecret);
      return {};
    },

    addProposal: ({ stateId, keyPackage }) => propose(stateId, { add: keyPackage }),
    updateProposal: ({ stateId }) => propose(stateId, { update: {} }),
    removeProposal: ({ stateId, removedId }) =>
      propose(stateId, { remove: leafOf(grove.member(stateId).group.members(), removedId) }),
    externalPSKProposal: ({ stateId, pskId }) => propose(stateId, { psk: { external: pskId } }),
    resumptionPSKProposal: ({ stateId, epochId }) => propose(stateId, { psk: { resumption: { epoch: epochId } } }),
    groupContextExtensionsProposal: ({ stateId, extensions }) => propose(stateId, { extensions }),

    commit,
    handleCommit,
    handlePendingCommit,

    reInitProposal: ({ stateId, groupId, cipherSuite, extensions }) =>
      propose(stateId, { reInit: { groupId, cipherSuite, extensions } }),
    reInitCommit: commit,
    handlePendingReInitCommit: (request) => grove.reInit(handlePendingCommit(request).stateId),
    handleReInitCommit: (request) => grove.reInit(handleCommit(request).stateId),
    reInitWelcome: ({ reinitId, keyPackage, forcePath, externalTree }) => {
      const { former, client } = grove.reInitialized(reinitId);
      const created = client.createSuccessor(former.group, {
        add: keyPackage,
        path: forcePath,
        treeInWelcome: !externalTree,
      });
      return { ...subgroup(created, externalTree), ...grove.succeed(reinitId, created.group) };
    },
    handleReInitWelcome: ({ reinitId, welcome, ratchetTree }) => {
      const { former, client } = grove.reInitialized(reinitId);
      return grove.succeed(reinitId, accepted(client, welcome, ratchetTree, former.group));
    },

    createBranch: ({ stateId, groupId, extensions, keyPackages, forcePath, externalTree }) => {
      const { client, group, format } = grove.member(stateId);
      const created = client.createBranch(group, {
        groupId,
        extensions,
        add: keyPackages,
        path: forcePath,
        treeInWelcome: !externalTree,
      });
      return { ...subgroup(created, externalTree), ...grove.keepMember(client, created.group, format === "private") };
    },
    handleBranch: ({ stateId, transactionId, welcome, ratchetTree }) => {
      const { group, format } = grove.member(stateId);
      return grove.join(transactionId, welcome, ratchetTree, format === "private", group);
    },

    newMemberAddProposal: ({ groupInfo, identity }) => {
      using view = follow(groupInfo, nothing);
      const client = grove.newClient(view.cipherSuite, identity);
      return { transactionId: grove.keepJoiner(client), proposal: client.proposeToJoin(view), ...noPrivateKeys };
    },
    createExternalSigner: ({ cipherSuite, identity }) => {
      const signer = new ExternalSender({ credential: basicCredential(identity), cipherSuite, suites });
      return {
        signerId: grove.keepSigner(signer),
        externalSender: withoutLength(encodeExternalSenders([signer.entry])),
      };
    },
    addExternalSigner: ({ stateId, externalSender }) =>
      propose(stateId, {
        extensions: withSender(
          grove.member(stateId).group.extensions,
          decodeExternalSenders(asVector(externalSender))[0]!,
        ),
      }),
    externalSignerProposal: ({ signerId, signerIndex, groupInfo, ratchetTree, description }) => {
      using view = follow(groupInfo, ratchetTree);
      return {
        proposal: grove.signer(signerId).propose(
          view,
          signerIndex,
          proposalOf(description, () => view.members()),
        ),
      };
    },

    free: ({ stateId }) => {
      grove.free(stateId);
      return {};
    },
  };
}

/** Grove hands no private key out. */
const noPrivateKeys = { initPriv: nothing, encryptionPriv: nothing, signaturePriv: nothing };

/** Looks at a group from outside: its suite, its epoch, its members. */
function follow(groupInfo: Uint8Array, ratchetTree: Uint8Array): PublicGroup {
  return PublicGroup.follow(groupInfo, { ...given(ratchetTree), authenticate: acceptAnyCredential, suites });
}

function accepted(client: Client, welcome: Uint8Array, ratchetTree: Uint8Array, resumes: Group | undefined): Group {
  return client.join(welcome, { ...given(ratchetTree), ...(resumes && { resumes }) }).accept();
}

/** In the test service, an empty tree is none. */
function given(ratchetTree: Uint8Array): { readonly ratchetTree?: Uint8Array } {
  return ratchetTree.length === 0 ? {} : { ratchetTree };
}

function subgroup(
  { group, welcomes }: ReturnType<Client["createBranch"]>,
  externalTree: boolean,
): Pick<CreateSubgroupResponse, "welcome" | "ratchetTree"> {
  return { welcome: welcomes[0] ?? nothing, ratchetTree: externalTree ? group.ratchetTree() : nothing };
}

function withSender(extensions: readonly Extension[], sender: ExternalSenderEntry): Extension[] {
  const extensionType = ExtensionType.externalSenders;
  const present = extensions.find((extension) => extension.extensionType === extensionType);
  const senders = [...(present ? decodeExternalSenders(present.extensionData) : []), sender];
  const others = extensions.filter((extension) => extension !== present);
  return [...others, { extensionType, extensionData: encodeExternalSenders(senders) }];
}

function found<T>(table: ReadonlyMap<number, T>, id: number, kind: string): T {
  const value = table.get(id);
  if (value === undefined) throw new Error(`no ${kind} has the number ${id}`);
  return value;
}
