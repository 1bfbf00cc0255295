// Grove itself, through its public API alone.
import type { Client, Group } from "../../bindings/index.ts";
import { factsOf } from "../scenario/hosted.ts";
import type { GroveModule } from "../scenario/module.ts";
import type { Description, Facts, Operations } from "../scenario/protocol.ts";
import type { Changes, Implementation } from "./implementation.ts";

const storageKey = new Uint8Array(32).fill(7);

export class Grove implements Implementation<Client, Group> {
  readonly description: Description;
  readonly #grove: GroveModule;

  constructor(grove: GroveModule, version: string, runtime: string) {
    this.#grove = grove;
    this.description = { implementation: "grove", version, runtime, threads: 1 };
  }

  client(name: string): Client {
    const { acceptAnyCredential, basicCredential, Client } = this.#grove;
    // Not every implementation takes leaves with GREASE.
    const options = { authenticate: acceptAnyCredential, storageKey, grease: false };
    return Client.create({ credential: basicCredential(name), ...options });
  }

  keyPackage(client: Client): Uint8Array {
    return client.keyPackage();
  }

  createGroup(client: Client): Group {
    return client.createGroup();
  }

  join(client: Client, welcome: Uint8Array): Group {
    return client.join(welcome).accept();
  }

  commit(group: Group, { remove, ...changes }: Changes): { commit: Uint8Array; welcome: Uint8Array | undefined } {
    const pending = group.commit({ ...changes, remove: remove.map(({ leafIndex }) => leafIndex) });
    pending.accept();
    return { commit: pending.commit, welcome: pending.welcomes[0] };
  }

  process(group: Group, commit: Uint8Array): void {
    const received = group.receive(commit);
    if (received.kind !== "commit") throw new Error(`a commit was taken for ${received.kind}`);
    received.commit.accept();
  }

  encrypt(group: Group, data: Uint8Array): Uint8Array {
    return group.encrypt(data);
  }

  decrypt(group: Group, message: Uint8Array): Uint8Array {
    const received = group.receive(message);
    if (received.kind !== "application") throw new Error(`a message was taken for ${received.kind}`);
    return received.data;
  }

  save(_client: Client, group: Group): Uint8Array {
    return group.save();
  }

  restore(client: Client, saved: Uint8Array): Group {
    return client.restoreGroup(saved);
  }

  facts(group: Group): Facts {
    return factsOf(group);
  }

  closeGroup(group: Group): void {
    group.close();
  }

  closeClient(client: Client): void {
    client.close();
  }

  operations(): Operations {
    return this.#grove.operationCounts();
  }
}
