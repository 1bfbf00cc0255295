// A member that is killed and restored between any two of its operations.
import { expect } from "vitest";
import { Client, type ClientOptions, type Group } from "../../bindings/index.ts";

/** All that must not change by what is refused or discarded, nor by a death. */
export function stateOf(group: Group): unknown {
  const { tree, epoch, cache, past, resumptionPsks } = group.state;
  const { secretTree } = epoch.secrets;
  const ratchets =
    group.closedBy === undefined
      ? Array.from(tree.members(), (leaf) => [
          secretTree.state(leaf, "application"),
          leaf === group.ownLeafIndex ? undefined : secretTree.state(leaf, "handshake"),
        ])
      : undefined;
  return [
    group.epoch,
    group.ownLeafIndex,
    group.epochAuthenticator,
    tree.export(),
    tree.treeHash(),
    group.closedBy,
    group.reInit,
    cache.entries().map(({ reference, proposer, encoded }) => [reference, proposer, encoded]),
    past.all.map(({ groupContext }) => groupContext.encoded),
    resumptionPsks.entries().map(([number]) => number),
    group.pendingCommit?.commit,
    ratchets,
  ];
}

/** What is asked of a client that is restored. */
export type Surroundings = Omit<ClientOptions, "credential">;

/** See the head of the file. */
export class Mortal {
  readonly name: string;
  readonly surroundings: Surroundings;
  client: Client;
  group: Group;
  deaths = 0;
  #clientState: Uint8Array;
  #snapshot: Uint8Array;
  #records: Uint8Array[] = [];

  constructor(name: string, client: Client, group: Group, surroundings: Surroundings) {
    this.name = name;
    this.client = client;
    this.group = group;
    this.surroundings = surroundings;
    this.#clientState = client.save();
    this.#snapshot = group.save();
  }

  /** Stores what has changed: as a record, or all of it anew. */
  store(anew: boolean): void {
    if (anew) {
      this.#snapshot = this.group.save();
      this.#records = [];
    } else {
      const record = this.group.takeRecord();
      if (record !== undefined) this.#records.push(record);
    }
    this.#clientState = this.client.takeRecord() ?? this.#clientState;
  }

  /** Is killed and comes back; nothing may have changed. */
  die(anew: boolean): void {
    const before = [stateOf(this.group), this.client.unusedKeyPackages, this.client.signatureKey];
    this.store(anew);
    const expectedSequence = this.group.sequence;
    this.client.close();
    this.#reborn();
    this.group = this.client.restoreGroup(this.#snapshot, { records: this.#records, expectedSequence });
    this.deaths++;
    expect([stateOf(this.group), this.client.unusedKeyPackages, this.client.signatureKey]).toEqual(before);
  }

  /** Is killed, and the group's state is lost. */
  loseGroup(): void {
    this.store(false);
    this.client.close();
    this.#reborn();
  }

  /** Begins again with another state of the group, or another group. */
  begin(group: Group): void {
    this.group = group;
    this.#snapshot = group.save();
    this.#records = [];
    this.#clientState = this.client.takeRecord() ?? this.#clientState;
  }

  #reborn(): void {
    this.client = Client.restore(this.#clientState, this.surroundings);
  }
}
