// The members of the demo that one thread plays. Everything comes and goes as plain values, so that a troupe may just as
// well be on another thread (`threads.ts`).

import {
  acceptAnyCredential,
  basicCredential,
  Client,
  type CommitOptions,
  Engine,
  type Group,
  operationCounts,
  type OperationCounts,
  type PendingCommit,
  type SuitePlugin,
} from "../bindings/index.ts";
import { startProgress } from "./progress.ts";

/** What all troupes of a play have in common. */
export interface Setting {
  readonly cipherSuite: number;
  readonly storageKey: Uint8Array;
}

/** What a commit sends: to the group, and to whom it adds. */
export interface Sent {
  readonly commit: Uint8Array;
  readonly welcome: Uint8Array | undefined;
}

interface Member {
  readonly client: Client;
  readonly group: Group;
  pending: PendingCommit | undefined;
}

const utf8 = new TextEncoder();
const text = new TextDecoder();

/** Clients and members by name. */
export class Troupe {
  readonly #setting: Setting;
  readonly #suites: readonly SuitePlugin[];
  /** Clients that have published a key package and are in no group yet. */
  readonly #waiting = new Map<string, Client>();
  readonly #members = new Map<string, Member>();

  constructor(setting: Setting, suites: readonly SuitePlugin[]) {
    this.#setting = setting;
    this.#suites = suites;
  }

  /** `name` creates the group. */
  found(name: string): void {
    const client = this.#client(name);
    this.#members.set(name, { client, group: client.createGroup("demo"), pending: undefined });
  }

  /** Makes the key package of a new client for each name; the clients in `live` wait for their Welcome here. */
  publish(names: readonly string[], live: readonly string[]): Uint8Array[] {
    const stay = new Set(live);
    const progress = startProgress("key packages", names.length);
    const packages = names.map((name, index) => {
      const client = this.#client(name);
      const keyPackage = client.keyPackage();
      // The others are members all the same, but nobody plays them.
      if (stay.has(name)) this.#waiting.set(name, client);
      else client.close();
      progress.update(index + 1);
      return keyPackage;
    });
    progress.end();
    return packages;
  }

  /** All that wait join. */
  join(welcome: Uint8Array): void {
    const progress = startProgress("joining", this.#waiting.size);
    let joined = 0;
    for (const [name, client] of this.#waiting) {
      this.#members.set(name, { client, group: client.join(welcome).accept(), pending: undefined });
      progress.update(++joined);
    }
    this.#waiting.clear();
    progress.end();
  }

  /** `name` commits, and waits for the Delivery Service to take it. */
  commit(name: string, options: CommitOptions = {}): Sent {
    const member = this.#member(name);
    member.pending = member.group.commit(options);
    return { commit: member.pending.commit, welcome: member.pending.welcomes[0] };
  }

  /** The Delivery Service has taken the commit of `name`. */
  accept(name: string): void {
    const member = this.#member(name);
    member.pending!.accept();
    member.pending = undefined;
  }

  /** Hands a handshake message to all members but its sender. */
  deliver(message: Uint8Array, sender: string): void {
    for (const [name, { group }] of this.#members) {
      if (name === sender) continue;
      const received = group.receive(message);
      if (received.kind === "commit") received.commit.accept();
    }
  }

  /** The message by which `name` says something. */
  say(name: string, words: string): Uint8Array {
    return this.#member(name).group.encrypt(utf8.encode(words));
  }

  /** All but the sender read a message. */
  read(message: Uint8Array, sender: string, words: string): void {
    for (const [name, { group }] of this.#members) {
      if (name === sender) continue;
      const received = group.receive(message);
      if (received.kind !== "application" || text.decode(received.data) !== words) {
        throw new Error(`${name} did not read what ${sender} sent`);
      }
    }
  }

  /** `name` must have noticed that it was removed. */
  leave(name: string): void {
    if (!this.#member(name).group.isClosed)
      throw new Error(`${name} was removed, and still believes it is in the group`);
    this.#members.delete(name);
  }

  /** `name` is saved, killed and restored; returns how many bytes were kept. */
  restart(name: string): number {
    const { client, group } = this.#member(name);
    const clientState = client.save();
    const groupState = group.save();
    group.close();
    client.close();
    // A fresh engine: nothing of the old memory is there any more.
    const restored = Client.restore(clientState, {
      authenticate: acceptAnyCredential,
      storageKey: this.#setting.storageKey,
      suites: this.#suites,
      engine: new Engine(),
    });
    this.#members.set(name, { client: restored, group: restored.restoreGroup(groupState), pending: undefined });
    return clientState.length + groupState.length;
  }

  /** The leaf of a member. */
  leafOf(name: string): number {
    return this.#member(name).group.ownLeafIndex;
  }

  /** The first `count` leaves other than `taken`, as `name` sees the group. */
  otherLeaves(name: string, taken: readonly number[], count: number): number[] {
    const leaves = this.#member(name)
      .group.members()
      .map(({ leafIndex }) => leafIndex);
    return leaves.filter((leafIndex) => !taken.includes(leafIndex)).slice(0, count);
  }

  /** The group as `name` sees it. */
  view(name: string): { memberCount: number; epoch: bigint; cipherSuite: number } {
    const { memberCount, epoch, cipherSuite } = this.#member(name).group;
    return { memberCount, epoch, cipherSuite };
  }

  /** The epoch authenticators of all members here. */
  authenticators(): Uint8Array[] {
    return [...this.#members.values()].map(({ group }) => group.epochAuthenticator);
  }

  /** The operations of this thread so far. */
  operations(): OperationCounts {
    return operationCounts();
  }

  #client(name: string): Client {
    return Client.create({
      credential: basicCredential(name),
      authenticate: acceptAnyCredential,
      cipherSuite: this.#setting.cipherSuite,
      suites: this.#suites,
      storageKey: this.#setting.storageKey,
    });
  }

  #member(name: string): Member {
    const member = this.#members.get(name);
    if (member === undefined) throw new Error(`there is no member ${name}`);
    return member;
  }
}
