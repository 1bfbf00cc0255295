// A group of the host's, seen from whichever member is to act next.
//
// All members of an epoch hold the same epoch secrets, and a member that commits needs nothing else but
// its signature key: it makes fresh keys for its leaf and its path. So one process can speak for every
// member whose signature key it knows, without keeping ten thousand states: it hands tree and epoch on
// from member to member. What comes out are commits as any member would make them, and everybody
// verifies them as such. The member that is spoken for reads others' commits only after its own first
// one, with the path keys that this gave it.
import type { Client, Group, PendingCommit } from "../../bindings/index.ts";
import type { Secret } from "../../bindings/core/secret.ts";
import type { GroveModule } from "./module.ts";
import type { GroupState, GroupStart } from "../../bindings/group/state.ts";
import { type Facts, sameBytes } from "./protocol.ts";

/** Makes the client of a member from its leaf. */
export type ClientAt = (leafIndex: number) => Client;

/** What a commit brought about. */
export interface Committed extends Facts {
  readonly commit: Uint8Array;
  readonly welcome: Uint8Array | undefined;
}

export class HostedGroup {
  readonly #grove: GroveModule;
  readonly #clientAt: ClientAt;
  #group: Group;
  #release: () => void = () => undefined;

  constructor(grove: GroveModule, group: Group, clientAt: ClientAt) {
    this.#grove = grove;
    this.#group = group;
    this.#clientAt = clientAt;
  }

  get group(): Group {
    return this.#group;
  }

  get facts(): Facts {
    return factsOf(this.#group);
  }

  /** Speaks for another member from now on; its first act has to be a commit or a message. */
  become(leafIndex: number): void {
    const { state } = this.#group;
    if (state.ownLeafIndex === leafIndex) return;
    const client = this.#clientAt(leafIndex);
    // A group of its own gives the member's signature key as a group state holds it.
    const own = client.createGroup();
    const { signatureKey } = own.state;
    const { suite, tree, epoch, environment } = state;
    const State = state.constructor as new (start: GroupStart) => GroupState;
    const start = { suite, tree, epoch, environment, ownLeafIndex: leafIndex, signatureKey };
    this.#group = new this.#grove.Group(new State(start), () => undefined);
    // The leaf's own private key stays unknown: only its next one, from its commit, is ever used.
    const SecretClass = signatureKey.privateKey.constructor as typeof Secret;
    const stranger = SecretClass.import(tree.engine, crypto.getRandomValues(new Uint8Array(32)));
    tree.engine.core.treeSetOwnLeaf(tree.handle, leafIndex, stranger.handle);
    stranger.wipe();
    state.past.clear();
    state.resumptionPsks.clear();
    this.#release();
    this.#release = (): void => client.close();
  }

  commit(options: Parameters<Group["commit"]>[0] = {}): Committed {
    const pending: PendingCommit = this.#group.commit(options);
    pending.accept();
    return { commit: pending.commit, welcome: pending.welcomes[0], ...this.facts };
  }

  /** Takes a commit that an implementation made, and sees that both agree on what came of it. */
  follow(commit: Uint8Array, expected: Facts): void {
    const received = this.#group.receive(commit);
    if (received.kind !== "commit") throw new Error(`a commit was taken for ${received.kind}`);
    received.commit.accept();
    requireSame(this.facts, expected);
  }

  close(): void {
    this.#group.close();
    this.#release();
  }
}

/** What a group of Grove's tells of its epoch. */
export function factsOf(group: Group): Facts {
  const exported = group.exportSecret("exporter", new Uint8Array(0), 32);
  return { members: group.memberCount, epoch: Number(group.epoch), exported };
}

/** Throws unless both sides have the same members, the same epoch and the same secrets. */
export function requireSame(one: Facts, other: Facts): void {
  if (one.members !== other.members) throw new Error(`${one.members} members here, ${other.members} there`);
  if (one.epoch !== other.epoch) throw new Error(`epoch ${one.epoch} here, ${other.epoch} there`);
  if (!sameBytes(one.exported, other.exported)) throw new Error("the secrets of the epoch differ");
}
