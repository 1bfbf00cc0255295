// Sealing that fails, and what is stored afterwards: nothing may be lost, and nothing be left behind.
import { describe, expect, it } from "vitest";
import { acceptAnyCredential, basicCredential, Client, Engine, type Group } from "../../bindings/index.ts";
import { Source } from "../support/source.ts";
import { openStored, sealStored } from "../support/stored.ts";

const storageKey = new Uint8Array(32).fill(9);
const noEntropy = expect.objectContaining({ code: "ERR_RANDOM" });

function client(name: string, options: Partial<Parameters<typeof Client.create>[0]> = {}): Client {
  return Client.create({
    credential: basicCredential(name),
    authenticate: acceptAnyCredential,
    storageKey,
    ...options,
  });
}

/** A member whose randomness can be made to fail, and one who follows. */
function scene(): { source: Source; engine: Engine; owner: Client; other: Client; group: Group; follower: Group } {
  const source = new Source();
  const engine = new Engine();
  const owner = client("owner", { random: source.random, engine });
  const group = owner.createGroup("room");
  const other = client("other");
  const adding = group.commit({ add: [other.keyPackage()] });
  adding.accept();
  return { source, engine, owner, other, group, follower: other.join(adding.welcomes[0]!).accept() };
}

const reborn = (owner: Client): Client =>
  Client.restore(owner.save(), { authenticate: acceptAnyCredential, storageKey, engine: new Engine() });

function read(group: Group, message: Uint8Array): string {
  const received = group.receive(message);
  if (received.kind !== "application") throw new Error(`a ${received.kind}`);
  return new TextDecoder().decode(received.data);
}

describe("a record that could not be sealed", () => {
  it("MLS-9.1-02: comes later, with all that has changed: no generation is used twice", () => {
    const { source, owner, group, follower } = scene();
    const snapshot = group.save();
    const first = group.encrypt("one");
    expect(() => source.failing(() => group.takeRecord())).toThrow(noEntropy);
    expect(() => source.failing(() => group.takeRecord())).toThrow(noEntropy);
    expect(group.sequence).toBe(1n);
    const second = group.encrypt("two");
    const record = group.takeRecord()!;
    expect(group.sequence).toBe(2n);
    expect(group.takeRecord()).toBeUndefined();
    const restored = reborn(owner).restoreGroup(snapshot, { records: [record], expectedSequence: 2n });
    const third = restored.encrypt("three");
    expect([first, second, third].map((message) => read(follower, message))).toEqual(["one", "two", "three"]);
  });

  it("holds the commits of both sides of the failure", () => {
    const { source, owner, group } = scene();
    const snapshot = group.save();
    group.commit({ add: [client("late").keyPackage()] }).accept();
    expect(() => source.failing(() => group.takeRecord())).toThrow(noEntropy);
    group.commit().accept();
    const records = [group.takeRecord()!];
    const restored = reborn(owner).restoreGroup(snapshot, { records });
    expect(restored.memberCount).toBe(3);
    expect(restored.epochAuthenticator).toEqual(group.epochAuthenticator);
    expect(restored.state.tree.treeHash()).toEqual(restored.state.epoch.groupContext.treeHash);
  });

  it("MLS-9.2-07: leaves nothing in the core, nor does a snapshot or a client", () => {
    const { source, engine, owner, group } = scene();
    owner.keyPackages(2);
    group.save();
    group.encrypt("one");
    const attempts = [() => group.save(), () => owner.save(), () => group.takeRecord()];
    const fail = (): void => {
      for (const attempt of attempts) expect(() => source.failing(attempt)).toThrow(noEntropy);
    };
    fail();
    const before = [engine.core.memoryInUse(), engine.core.handlesInUse()];
    for (let i = 0; i < 10; i++) fail();
    expect([engine.core.memoryInUse(), engine.core.handlesInUse()]).toEqual(before);
  });
});

describe("a record that is missing", () => {
  it("is found out by the tree, though the number after it is right", () => {
    const { owner, group } = scene();
    const snapshot = group.save();
    group.commit({ add: [client("late").keyPackage()] }).accept();
    const lost = openStored(group.takeRecord()!, storageKey);
    group.commit().accept();
    const next = openStored(group.takeRecord()!, storageKey);
    const forged = sealStored({ ...next, sequence: lost.sequence }, storageKey);
    expect(() => reborn(owner).restoreGroup(snapshot, { records: [forged] })).toThrow(
      expect.objectContaining({ code: "ERR_STATE_RECORD", message: expect.stringContaining("tree") as string }),
    );
  });
});

describe("a pending commit", () => {
  it("that later records withdraw or overtake leaves nothing in the core", () => {
    const { owner, group, follower } = scene();
    const snapshot = group.save();
    const records: Uint8Array[] = [];
    for (const overtake of [false, true, false]) {
      const pending = group.commit();
      records.push(group.takeRecord()!);
      if (overtake) {
        const theirs = follower.commit();
        theirs.accept();
        const received = group.receive(theirs.commit);
        if (received.kind === "commit") received.commit.accept();
      } else {
        pending.discard();
      }
      records.push(group.takeRecord()!);
    }
    const engine = new Engine();
    const again = Client.restore(owner.save(), { authenticate: acceptAnyCredential, storageKey, engine });
    const restore = (): void => {
      const restored = again.restoreGroup(snapshot, { records });
      expect(restored.epochAuthenticator).toEqual(group.epochAuthenticator);
      restored.close();
    };
    restore();
    const before = [engine.core.memoryInUse(), engine.core.handlesInUse()];
    restore();
    expect([engine.core.memoryInUse(), engine.core.handlesInUse()]).toEqual(before);
  });
});

describe("a member that was removed", () => {
  /** The commit that removes the follower. */
  function removal({ group, follower }: ReturnType<typeof scene>): () => void {
    const removing = group.commit({ remove: [follower.ownLeafIndex] });
    return () => {
      const received = follower.receive(removing.commit);
      if (received.kind === "commit") received.commit.accept();
      expect(follower.isClosed).toBe(true);
    };
  }

  it("has nothing to store of a group that it has never stored", () => {
    const all = scene();
    removal(all)();
    expect(all.follower.takeRecord()).toBeUndefined();
    expect(() => all.follower.save()).toThrow(expect.objectContaining({ code: "ERR_STATE_CLOSED" }));
  });

  it("can store that it was, however long nobody has taken a record", () => {
    const all = scene();
    const { follower } = all;
    const snapshot = follower.save();
    const remove = removal(all);
    for (let i = 0; i < 4100; i++) follower.encrypt("x");
    remove();
    const records = [follower.takeRecord()!];
    expect(records[0]!.length).toBeLessThan(1000);
    const restored = all.other.restoreGroup(snapshot, { records });
    expect(restored.isClosed).toBe(true);
    expect(() => restored.encrypt("y")).toThrow(expect.objectContaining({ code: "ERR_STATE_CLOSED" }));
  });
});
