import { StateError } from "./errors.ts";
import type { Group } from "./group.ts";
import { bytesKey } from "./group/cache.ts";

/** The groups that a client is in, by their names: one of each at a time. */
export class Memberships {
  readonly #groups = new Map<string, Group>();

  /** Those that are open. */
  get open(): readonly Group[] {
    return [...this.#groups.values()].filter((group) => !group.isClosed);
  }

  /** The group of this name, open or not. */
  find(groupId: Uint8Array): Group | undefined {
    return this.#groups.get(bytesKey(groupId));
  }

  /** Whether the client is in an open group of this name. */
  has(groupId: Uint8Array): boolean {
    return this.find(groupId)?.isClosed === false;
  }

  /** Throws `ERR_USAGE` for the name of a group that the client is in. DEF-08 */
  requireNew(groupId: Uint8Array): void {
    if (!this.has(groupId)) return;
    throw new StateError("ERR_USAGE", "this client is in a group of this name already", { rule: "DEF-08" });
  }

  keep(group: Group): Group {
    this.#groups.set(bytesKey(group.groupId), group);
    return group;
  }

  /** Forgets a group, unless another one has taken its name. */
  forget(group: Group): void {
    const key = bytesKey(group.groupId);
    if (this.#groups.get(key) === group) this.#groups.delete(key);
  }

  /** Closes all groups. */
  close(): void {
    for (const group of this.#groups.values()) group.close();
  }
}
