// The bytes of a stored group, against a reader and a writer of the form that share only the codec with the library's.
import { describe, expect, it } from "vitest";
import { acceptAnyCredential, basicCredential, Client, Engine, type Group } from "../../bindings/index.ts";
import { openStored, sealStored, type Stored } from "../support/stored.ts";

const storageKey = new Uint8Array(32).fill(9);
const refused = expect.objectContaining({ code: "ERR_STATE_RECORD" });

function client(name: string): Client {
  return Client.create({ credential: basicCredential(name), authenticate: acceptAnyCredential, storageKey });
}

/** A group that is large enough for tree hashes to be stored. */
function scene(): { readonly owner: Client; readonly group: Group; readonly follower: Group } {
  const owner = client("owner");
  const group = owner.createGroup("room");
  const others = Array.from({ length: 20 }, (_, i) => client(`member ${i}`));
  const adding = group.commit({ add: others.map((other) => other.keyPackage()) });
  adding.accept();
  return { owner, group, follower: others[7]!.join(adding.welcomes[0]!).accept() };
}

function reborn(owner: Client): Client {
  return Client.restore(owner.save(), { authenticate: acceptAnyCredential, storageKey, engine: new Engine() });
}

describe("a stored group", () => {
  it("has format 2, to the byte", () => {
    const { group } = scene();
    const snapshot = group.save();
    group.encrypt("hello");
    const record = group.takeRecord()!;
    const [first, second] = [openStored(snapshot, storageKey), openStored(record, storageKey)];
    expect([first.format, first.kind, first.sequence]).toEqual([2, 2, 1n]);
    expect([second.format, second.kind, second.sequence]).toEqual([2, 3, 2n]);
    const owner = new TextEncoder().encode("room");
    expect([first.owner, second.owner]).toEqual([owner, owner]);
    expect(first.open[0]).toEqual(group.state.tree.export());
    expect(first.open[1]!.length % 32).toBe(0);
    expect(first.open[1]!.length).toBeGreaterThan(0);
    expect(second.open).toEqual([]);
    // Of a snapshot: head, epoch with its eight secrets and secret tree, signature key, private keys of the tree; a past
    // epoch with its sender data secret and secret tree; its resumption PSK.
    const wanted = [1, 1, ...Array<number>(8).fill(2), 3, 1, 2, 4, 1, 2, 3, 1, 2];
    expect(first.items.map(({ tag }) => tag)).toEqual(wanted);
    expect(second.items.map(({ tag }) => tag)).toEqual([1, 1]);
    for (const [stored, bytes] of [
      [first, snapshot],
      [second, record],
    ] as const) {
      expect(sealStored(stored, storageKey)).toEqual(bytes);
    }
  });

  it("is refused in another format, as another kind, and with open parts that do not belong together", () => {
    const { owner, group } = scene();
    const stored = openStored(group.save(), storageKey);
    const restore = (changes: Partial<Stored>): Group =>
      reborn(owner).restoreGroup(sealStored({ ...stored, ...changes }, storageKey));
    const [tree, hashes] = stored.open as [Uint8Array, Uint8Array];
    for (const format of [0, 1, 3, 0xff01]) {
      const wanted = { code: "ERR_STATE_RECORD", message: expect.stringContaining(`format ${format} instead of 2`) };
      expect(() => restore({ format })).toThrow(expect.objectContaining(wanted));
    }
    for (const kind of [0, 1, 3, 4]) expect(() => restore({ kind })).toThrow(refused);
    const nothing = new Uint8Array();
    const wrong = [[], [tree], [tree, nothing], [tree, hashes, nothing], [hashes, tree], [nothing, hashes]];
    wrong.push([tree, hashes.subarray(32)], [tree, new Uint8Array([...hashes, ...new Uint8Array(32)])]);
    for (const open of wrong) expect(() => restore({ open })).toThrow(refused);
    expect(restore({}).epochAuthenticator).toEqual(group.epochAuthenticator);
  });

  it("goes on with the hashes that it came with: replays, commits, and is followed", () => {
    const { owner, group, follower } = scene();
    const snapshot = group.save();
    const commit = group.commit({ remove: [5], add: [client("late").keyPackage()] });
    commit.accept();
    const records = [group.takeRecord()!];
    const restored = reborn(owner).restoreGroup(snapshot, { records });
    // The tree hash of the context is the whole tree's, restored or not.
    expect(restored.state.tree.treeHash()).toEqual(group.state.epoch.groupContext.treeHash);
    const follow = (message: Uint8Array): void => {
      const received = follower.receive(message);
      if (received.kind !== "commit") throw new Error(`a ${received.kind}`);
      received.commit.accept();
    };
    follow(commit.commit);
    for (let i = 0; i < 3; i++) {
      const next = restored.commit(i === 1 ? { remove: [11] } : {});
      next.accept();
      follow(next.commit);
    }
    expect(follower.epochAuthenticator).toEqual(restored.epochAuthenticator);
    follower.state.tree.verifyParentHashes();
    restored.state.tree.verifyParentHashes();
  });
});
