// What a history expects: who is in the group, what they hold, and what is on its way. It knows nothing of
// cryptography; the implementations must come to the same picture by themselves.

import type { Extension, ProposalDescription } from "../client.ts";
import type { Peer, PeerLimits } from "./peer.ts";
import type { Random } from "./random.ts";

/** Somebody who is or may become a member. Names are identities, and never used twice but by resyncs. */
export interface Person {
  readonly name: string;
  readonly peer: Peer;
  readonly encryptsHandshake: boolean;
}

/** A person with a key package that waits for a Welcome. */
export interface Newcomer {
  readonly person: Person;
  readonly transactionId: number;
  /** Empty for who has proposed to add themselves. */
  readonly keyPackage: Uint8Array;
}

export interface Psk {
  readonly pskId: Uint8Array;
  readonly pskSecret: Uint8Array;
}

/** An application message on its way to one member. */
export interface Letter {
  readonly sender: Person;
  readonly epoch: number;
  /** Place among the sender's messages of the epoch. */
  readonly generation: number;
  readonly ciphertext: Uint8Array;
  readonly plaintext: Uint8Array;
  readonly authenticatedData: Uint8Array;
}

/** A proposal that waits for a commit. */
export interface PendingProposal {
  readonly message: Uint8Array;
  /** Undefined for somebody outside. */
  readonly proposer: Member | undefined;
  readonly sender: "member" | "external" | "newMember";
  /** The implementation that made it. */
  readonly madeBy: Peer;
  readonly content: Content;
  /** Members that have it already: its proposer, and committers whose commit did not come about. */
  readonly knownTo: Set<Member>;
}

/** What a proposal is about, in terms of the model. */
export type Content =
  | { readonly kind: "add"; readonly newcomer: Newcomer }
  | { readonly kind: "update"; readonly member: Member }
  | { readonly kind: "remove"; readonly name: string }
  | { readonly kind: "externalPSK"; readonly psk: Psk }
  | { readonly kind: "resumptionPSK"; readonly epoch: number }
  | { readonly kind: "groupContextExtensions"; readonly extensions: Extension[]; readonly signer?: Signer };

/** An external sender that the group may list. */
export interface Signer {
  readonly peer: Peer;
  readonly signerId: number;
  readonly name: string;
  readonly externalSender: Uint8Array;
}

/** A member, as one implementation plays it. */
export class Member {
  readonly person: Person;
  /** The first epoch it knows. */
  readonly joined: number;
  /** What it was added with, if it was. */
  readonly keyPackage: Uint8Array | undefined;
  readonly holds: Set<Psk> = new Set();
  inbox: Letter[] = [];
  /** Messages sent in the present epoch. */
  sent = 0;
  /** A commit of its own waits that will not be accepted. */
  hasPending = false;
  /** Letters of which it has been given an altered copy. */
  readonly spoiled: Set<Letter> = new Set();
  /** The letter that it has read last. */
  lastRead: Letter | undefined;
  #stateId: number | undefined;
  /** Highest generation read, by epoch and sender. */
  readonly #read = new Map<string, number>();

  /** Without a state: somebody who was added but could not join. */
  constructor(person: Person, stateId: number | undefined, joined: number, keyPackage?: Uint8Array) {
    this.person = person;
    this.#stateId = stateId;
    this.joined = joined;
    this.keyPackage = keyPackage;
  }

  get hasState(): boolean {
    return this.#stateId !== undefined;
  }

  get stateId(): number {
    if (this.#stateId === undefined) throw new TypeError(`${this.name} has no state`);
    return this.#stateId;
  }

  set stateId(stateId: number) {
    this.#stateId = stateId;
  }

  get name(): string {
    return this.person.name;
  }

  get peer(): Peer {
    return this.person.peer;
  }

  noteRead(letter: Letter): void {
    this.lastRead = letter;
    const { epoch, sender, generation } = letter;
    const key = `${epoch} ${sender.name}`;
    this.#read.set(key, Math.max(this.#read.get(key) ?? -1, generation));
  }

  /** Whether the implementation promises to read this letter still. */
  canRead({ epoch, sender, generation }: Letter, now: number): boolean {
    const { pastEpochs, reordering } = this.peer.limits;
    const newest = this.#read.get(`${epoch} ${sender.name}`) ?? -1;
    return now - epoch <= pastEpochs && newest - generation <= reordering;
  }
}

/** The group. */
export class Model {
  readonly random: Random;
  cipherSuite: number;
  epoch = 0;
  /** Members whose state is that of the present epoch. */
  members: Member[] = [];
  /** Members that refused to follow a commit, or a Welcome: in the tree, but not in the epoch. */
  behind: Member[] = [];
  proposals: PendingProposal[] = [];
  psks: Psk[] = [];
  /** External senders of the GroupContext, by their place. */
  signers: Signer[] = [];
  /** The member's commit that began some epoch before or the present one. */
  lastCommit: { readonly commit: Uint8Array; readonly welcome: Uint8Array } | undefined;
  #people = 0;

  constructor(random: Random, cipherSuite: number) {
    this.random = random;
    this.cipherSuite = cipherSuite;
  }

  get size(): number {
    return this.members.length + this.behind.length;
  }

  newPerson(peer: Peer): Person {
    return { name: `${peer.name}-${++this.#people}`, peer, encryptsHandshake: this.random.chance(0.5) };
  }

  others(than: Member): Member[] {
    return this.members.filter((member) => member !== than);
  }

  /** The least that any of these keeps. */
  least(limit: keyof PeerLimits, members: readonly Member[] = this.members): number {
    return Math.min(...members.map(({ peer }) => peer.limits[limit]));
  }

  /** The epoch begins that a commit of these members leads to. */
  beginEpoch(members: Member[], behind: Member[]): void {
    this.epoch++;
    this.members = members;
    this.behind = behind;
    this.proposals = [];
    for (const member of members) {
      member.sent = 0;
      member.hasPending = false;
      member.inbox = member.inbox.filter((letter) => member.canRead(letter, this.epoch));
    }
  }

  /** A group begins, with nobody else in it. */
  found(member: Member): void {
    this.succeed(this.cipherSuite, [member], []);
    this.epoch = 0;
  }

  /** The group ends, and these members are in its successor, in its first epoch; others are in its tree alone. */
  succeed(cipherSuite: number, members: Member[], behind: Member[]): void {
    this.cipherSuite = cipherSuite;
    this.epoch = 1;
    this.members = members;
    this.behind = behind;
    this.proposals = [];
    this.signers = [];
    this.lastCommit = undefined;
  }

  /** A group that these members have branched off. */
  branch(members: Member[]): Model {
    const branch = new Model(this.random, this.cipherSuite);
    branch.epoch = 1;
    branch.members = members;
    return branch;
  }
}

export function identityOf({ name }: { readonly name: string }): Uint8Array {
  return new TextEncoder().encode(name);
}

/** The proposal by value. */
export function descriptionOf(content: Exclude<Content, { kind: "update" }>): ProposalDescription {
  switch (content.kind) {
    case "add":
      return { proposalType: "add", keyPackage: content.newcomer.keyPackage };
    case "remove":
      return { proposalType: "remove", removedId: identityOf(content) };
    case "externalPSK":
      return { proposalType: "externalPSK", pskId: content.psk.pskId };
    case "resumptionPSK":
      return { proposalType: "resumptionPSK", epochId: BigInt(content.epoch) };
    case "groupContextExtensions":
      return { proposalType: "groupContextExtensions", extensions: content.extensions };
  }
}
