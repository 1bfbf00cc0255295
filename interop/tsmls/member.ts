// One state of the test service, on ts-mls. Its states are plain values: a step makes the next one.

import {
  type CiphersuiteImpl,
  type ClientConfig,
  type ClientState,
  createApplicationMessage,
  createCommit,
  createProposal,
  type KeyPackage,
  type LeafNode,
  type LeafNodeUpdate,
  makePskIndex,
  type PrivateKeyPackage,
  processPrivateMessage,
  processPublicMessage,
  type Proposal,
  type PskIndex,
} from "ts-mls";
import { encode as encodeWith } from "ts-mls/codec/tlsEncoder.js";
import { signWithLabel } from "ts-mls/crypto/signature.js";
import { leafNodeTBSEncoder } from "ts-mls/leafNode.js";
import type { CommitRequest, CommitResponse, ProposalDescription } from "../client.ts";
import { decode, encode, encodeTree, extensionsOf, keyOf } from "./bytes.ts";

const nothing = new Uint8Array(0);

export interface KeyPackagePair {
  readonly publicPackage: KeyPackage;
  readonly privatePackage: PrivateKeyPackage;
}

export type Psks = Record<string, Uint8Array>;

/** See the head of the file. */
export class Member {
  readonly suite: CiphersuiteImpl;
  readonly config: ClientConfig;
  readonly encryptsHandshake: boolean;
  readonly psks: Psks;
  state: ClientState;
  #pending: ClientState | undefined;
  /** References of the proposals of this epoch, by message. */
  readonly #known = new Map<string, string>();
  /** HPKE private keys of own Updates, by message; ts-mls leaves them to the application. */
  readonly #ownUpdates = new Map<string, Uint8Array>();

  constructor(suite: CiphersuiteImpl, state: ClientState, encryptsHandshake: boolean, psks: Psks) {
    this.suite = suite;
    this.config = state.clientConfig;
    this.state = state;
    this.encryptsHandshake = encryptsHandshake;
    this.psks = psks;
  }

  get pskIndex(): PskIndex {
    return makePskIndex(this.state, this.psks);
  }

  get ownLeaf(): LeafNode {
    const node = this.state.ratchetTree[2 * this.state.privatePath.leafIndex];
    if (node?.nodeType !== "leaf") throw new Error("this member has no leaf");
    return node.leaf;
  }

  async propose(proposal: Proposal): Promise<Uint8Array> {
    const before = this.state.unappliedProposals;
    const made = await createProposal(this.state, !this.encryptsHandshake, proposal, this.suite);
    this.state = made.newState;
    const message = encode(made.message);
    this.#note(message, before);
    return message;
  }

  async proposeUpdate(): Promise<Uint8Array> {
    const { hpke, signature } = this.suite;
    const { publicKey, privateKey } = await hpke.generateKeyPair();
    const { groupId } = this.state.groupContext;
    const { leafIndex } = this.state.privatePath;
    const { credential, capabilities, extensions, signaturePublicKey } = this.ownLeaf;
    const hpkePublicKey = await hpke.exportPublicKey(publicKey);
    const content = { hpkePublicKey, signaturePublicKey, credential, capabilities, extensions };
    const leaf = { ...content, leafNodeSource: "update" } as const;
    const tbs = encodeWith(leafNodeTBSEncoder)({ ...leaf, groupId, leafIndex });
    const signed = await signWithLabel(this.state.signaturePrivateKey, "LeafNodeTBS", tbs, signature);
    const leafNode: LeafNodeUpdate = { ...leaf, signature: signed };
    const message = await this.propose({ proposalType: "update", update: { leafNode } });
    this.#ownUpdates.set(keyOf(message), await hpke.exportPrivateKey(privateKey));
    return message;
  }

  async protect(plaintext: Uint8Array, authenticatedData: Uint8Array): Promise<Uint8Array> {
    // The script decides what is sent when: also while proposals wait (MLS-12.4-02).
    const { unappliedProposals } = this.state;
    const free = { ...this.state, unappliedProposals: {} };
    const made = await createApplicationMessage(free, plaintext, this.suite, authenticatedData);
    this.state = { ...made.newState, unappliedProposals };
    return encode({ wireformat: "mls_private_message", version: "mls10", privateMessage: made.privateMessage });
  }

  async unprotect(ciphertext: Uint8Array): Promise<{ authenticatedData: Uint8Array; plaintext: Uint8Array }> {
    const { privateMessage } = decode(ciphertext, "mls_private_message");
    const opened = await processPrivateMessage(this.state, privateMessage, this.pskIndex, this.suite);
    if (opened.kind !== "applicationMessage") throw new Error("no application data");
    this.state = opened.newState;
    return { authenticatedData: privateMessage.authenticatedData, plaintext: opened.message };
  }

  async commit({ byReference, byValue, externalTree }: CommitRequest): Promise<CommitResponse> {
    for (const message of byReference) await this.#receive(message);
    const wanted = new Set(byReference.map((message) => this.#known.get(keyOf(message))));
    const proposals = Object.entries(this.state.unappliedProposals).filter(([reference]) => wanted.has(reference));
    const byReferenceAlone = { ...this.state, unappliedProposals: Object.fromEntries(proposals) };
    const extraProposals = byValue.map((description) => this.proposalOf(description));
    this.#refuseExtensions([...proposals.map(([, { proposal }]) => proposal), ...extraProposals]);
    const made = await createCommit(
      { state: byReferenceAlone, pskIndex: this.pskIndex, cipherSuite: this.suite },
      { wireAsPublicMessage: !this.encryptsHandshake, extraProposals, ratchetTreeExtension: !externalTree },
    );
    this.#pending = made.newState;
    const { welcome } = made;
    return {
      commit: encode(made.commit),
      welcome: welcome === undefined ? nothing : encode({ wireformat: "mls_welcome", version: "mls10", welcome }),
      ratchetTree: externalTree ? encodeTree(made.newState.ratchetTree) : nothing,
    };
  }

  acceptOwnCommit(): void {
    if (this.#pending === undefined) throw new Error("no commit of this member waits");
    this.#enter(this.#pending);
  }

  async handleCommit(proposals: readonly Uint8Array[], commit: Uint8Array): Promise<void> {
    for (const message of proposals) await this.#receive(message);
    const ownUpdate = proposals.map((message) => this.#ownUpdates.get(keyOf(message))).find((key) => key !== undefined);
    const { state } = await this.#process(this.#withLeafKey(ownUpdate), commit);
    this.#enter(state);
  }

  /** The proposal by value; `description` names members by identity. */
  proposalOf(description: ProposalDescription): Proposal {
    switch (description.proposalType) {
      case "add":
        return { proposalType: "add", add: decode(description.keyPackage!, "mls_key_package") };
      case "remove":
        return { proposalType: "remove", remove: { removed: this.#leafOf(description.removedId!) } };
      case "externalPSK":
        return this.#psk({ psktype: "external", pskId: description.pskId! });
      case "resumptionPSK": {
        const { groupId } = this.state.groupContext;
        const id = { psktype: "resumption", usage: "application", pskGroupId: groupId, pskEpoch: description.epochId! };
        return this.#psk(
          id as { psktype: "resumption"; usage: "application"; pskGroupId: Uint8Array; pskEpoch: bigint },
        );
      }
      case "groupContextExtensions": {
        const extensions = extensionsOf(description.extensions!);
        return { proposalType: "group_context_extensions", groupContextExtensions: { extensions } };
      }
      case "reinit":
        throw new Error("a ReInit has a call of its own");
    }
  }

  #psk(
    info:
      | { psktype: "external"; pskId: Uint8Array }
      | { psktype: "resumption"; usage: "application"; pskGroupId: Uint8Array; pskEpoch: bigint },
  ): Proposal {
    const pskNonce = this.suite.rng.randomBytes(this.suite.kdf.size);
    return { proposalType: "psk", psk: { preSharedKeyId: { ...info, pskNonce } } };
  }

  #leafOf(identity: Uint8Array): number {
    const name = keyOf(identity);
    const node = this.state.ratchetTree.findIndex(
      (candidate) =>
        candidate?.nodeType === "leaf" &&
        candidate.leaf.credential.credentialType === "basic" &&
        keyOf(candidate.leaf.credential.identity) === name,
    );
    if (node < 0) throw new Error("nobody in the group has this identity");
    return node / 2;
  }

  /**
   * ts-mls leaves the path out of a commit of GroupContextExtensions alone (MLS-12.4-08), and where there is
   * one, encrypts it to the GroupContext with the former extensions (MLS-7.6-03): the others cannot follow
   * such commits, so this member does not make them.
   */
  #refuseExtensions(proposals: readonly Proposal[]): void {
    const changes = proposals.some(({ proposalType }) => proposalType === "group_context_extensions");
    if (changes) throw new Error("the others could not follow the path to the new extensions");
  }

  async #receive(message: Uint8Array): Promise<void> {
    if (this.#known.has(keyOf(message))) return;
    const before = this.state.unappliedProposals;
    const { state } = await this.#process(this.state, message);
    this.state = state;
    this.#note(message, before);
  }

  async #process(state: ClientState, bytes: Uint8Array): Promise<{ state: ClientState }> {
    const message = decode(bytes, "mls_private_message", "mls_public_message");
    const pskIndex = makePskIndex(state, this.psks);
    if (message.wireformat === "mls_public_message") {
      return { state: (await processPublicMessage(state, message.publicMessage, pskIndex, this.suite)).newState };
    }
    const result = await processPrivateMessage(state, message.privateMessage, pskIndex, this.suite);
    if (result.kind !== "newState") throw new Error("application data where a handshake message belongs");
    return { state: result.newState };
  }

  #note(message: Uint8Array, before: ClientState["unappliedProposals"]): void {
    const added = Object.keys(this.state.unappliedProposals).find((reference) => !(reference in before));
    if (added === undefined) throw new Error("not a proposal");
    this.#known.set(keyOf(message), added);
  }

  #withLeafKey(key: Uint8Array | undefined): ClientState {
    if (key === undefined) return this.state;
    const { leafIndex } = this.state.privatePath;
    // The Update blanks the path, so the leaf's key is all there is.
    return { ...this.state, privatePath: { leafIndex, privateKeys: { [2 * leafIndex]: key } } };
  }

  #enter(state: ClientState): void {
    this.state = state;
    this.#pending = undefined;
    this.#known.clear();
    this.#ownUpdates.clear();
  }
}
