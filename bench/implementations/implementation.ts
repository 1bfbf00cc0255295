// An implementation of MLS as the harness sees it. Every method is timed from bytes to bytes.
import type { Description, Facts, Operations, Removal } from "../scenario/protocol.ts";

export type Awaitable<T> = T | Promise<T>;

/** What a commit is to do. */
export interface Changes {
  readonly add: readonly Uint8Array[];
  readonly remove: readonly Removal[];
  readonly path: boolean;
  /** False: the new member gets the ratchet tree another way. Implementations that cannot, include it. */
  readonly treeInWelcome: boolean;
}

/** `Client` and `Group` are whatever the implementation keeps of a client and of a group's state. */
export interface Implementation<Client, Group> {
  readonly description: Description;
  client(name: string): Awaitable<Client>;
  keyPackage(client: Client): Awaitable<Uint8Array>;
  createGroup(client: Client): Awaitable<Group>;
  join(client: Client, welcome: Uint8Array): Awaitable<Group>;
  /** Makes a commit and enters its epoch. */
  commit(group: Group, changes: Changes): Awaitable<{ commit: Uint8Array; welcome: Uint8Array | undefined }>;
  /** Takes a commit and enters its epoch. */
  process(group: Group, commit: Uint8Array): Awaitable<void>;
  encrypt(group: Group, data: Uint8Array): Awaitable<Uint8Array>;
  decrypt(group: Group, message: Uint8Array): Awaitable<Uint8Array>;
  save(client: Client, group: Group): Awaitable<Uint8Array>;
  restore(client: Client, saved: Uint8Array): Awaitable<Group>;
  facts(group: Group): Awaitable<Facts>;
  closeGroup(group: Group): Awaitable<void>;
  closeClient(client: Client): Awaitable<void>;
  /** Operations since the start, where they are counted. */
  operations?(): Operations;
}
