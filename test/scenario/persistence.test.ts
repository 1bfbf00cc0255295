import { describe, expect, it } from "vitest";
import {
  acceptAnyCredential,
  basicCredential,
  Client,
  Engine,
  type Group,
  type RestoreOptions,
} from "../../bindings/index.ts";

const storageKey = new Uint8Array(32).fill(9);
const text = new TextDecoder();

function client(name: string): Client {
  return Client.create({ credential: basicCredential(name), authenticate: acceptAnyCredential, storageKey });
}

function options(): RestoreOptions {
  return { authenticate: acceptAnyCredential, storageKey, engine: new Engine() };
}

/** A member that is killed and restored between any two steps, from its snapshot and records. */
class Mortal {
  readonly #snapshot: Uint8Array;
  readonly #records: Uint8Array[] = [];
  #clientState: Uint8Array;
  client: Client;
  group: Group;
  deaths = 0;

  constructor(owner: Client, group: Group) {
    this.client = owner;
    this.group = group;
    this.#clientState = owner.save();
    this.#snapshot = group.save();
  }

  /** Sizes of the records so far, in bytes. */
  get sizes(): number[] {
    return this.#records.map(({ length }) => length);
  }

  /** Stores what has changed. */
  store(): void {
    const record = this.group.takeRecord();
    if (record !== undefined) this.#records.push(record);
    this.#clientState = this.client.takeRecord() ?? this.#clientState;
  }

  /** Stores, forgets everything, comes back in a fresh engine. */
  die(): void {
    this.store();
    const { sequence } = this.group;
    this.client.close();
    this.client = Client.restore(this.#clientState, options());
    this.group = this.client.restoreGroup(this.#snapshot, { records: this.#records, expectedSequence: sequence });
    this.deaths++;
  }
}

function pair(): { alice: Mortal; bob: Group } {
  const alice = client("alice");
  const bob = client("bob");
  const atAlice = alice.createGroup("room");
  const adding = atAlice.commit({ add: [bob.keyPackage()] });
  adding.accept();
  return { alice: new Mortal(alice, atAlice), bob: bob.join(adding.welcomes[0]!).accept() };
}

function read(group: Group, message: Uint8Array): string {
  const received = group.receive(message);
  if (received.kind !== "application") throw new Error(`a ${received.kind}`);
  return text.decode(received.data);
}

function deliver(group: Group, message: Uint8Array): void {
  const received = group.receive(message);
  if (received.kind === "commit") received.commit.accept();
}

describe("a member that dies between any two steps", () => {
  it("DEF-04: goes on as if it had never died", () => {
    const { alice, bob } = pair();
    const late = bob.encrypt("late");
    alice.die();
    const first = bob.encrypt("one");
    expect(read(alice.group, first)).toBe("one");
    alice.die();
    expect(() => alice.group.receive(first)).toThrow(expect.objectContaining({ code: "ERR_RATCHET" }));
    expect(read(bob, alice.group.encrypt("two"))).toBe("two");
    alice.die();
    expect(read(bob, alice.group.encrypt("three"))).toBe("three");

    // An Update that somebody else commits after a restart.
    deliver(bob, alice.group.propose({ update: {} }));
    alice.die();
    const covering = bob.commit();
    expect(covering.updated).toHaveLength(1);
    alice.die();
    deliver(alice.group, covering.commit);
    covering.accept();
    alice.die();
    expect(alice.group.epochAuthenticator).toEqual(bob.epochAuthenticator);

    // A message of the epoch before.
    expect(read(alice.group, late)).toBe("late");
    alice.die();
    expect(() => alice.group.receive(late)).toThrow(expect.objectContaining({ code: "ERR_RATCHET" }));

    // A pending commit whose echo comes after a restart.
    const carol = client("carol");
    const { commit, welcomes } = alice.group.commit({ add: [carol.keyPackage()] });
    alice.die();
    const pending = alice.group.pendingCommit!;
    expect(pending.welcomes).toEqual(welcomes);
    expect(pending.added).toHaveLength(1);
    const echo = alice.group.receive(commit);
    if (echo.kind !== "own-commit") throw new Error(`a ${echo.kind}`);
    deliver(bob, commit);
    echo.commit.accept();
    alice.die();
    const atCarol = carol.join(welcomes[0]!).accept();
    expect(atCarol.epochAuthenticator).toEqual(alice.group.epochAuthenticator);
    expect(atCarol.epochAuthenticator).toEqual(bob.epochAuthenticator);

    // A pending commit that is discarded, before and after.
    alice.group.commit();
    alice.die();
    alice.group.pendingCommit!.discard();
    alice.die();
    expect(alice.group.pendingCommit).toBeUndefined();
    const refresh = alice.group.commit();
    deliver(bob, refresh.commit);
    deliver(atCarol, refresh.commit);
    alice.die();
    alice.group.pendingCommit!.accept();
    expect(alice.group.epochAuthenticator).toEqual(bob.epochAuthenticator);
    expect(read(atCarol, alice.group.encrypt("still here"))).toBe("still here");
    expect(alice.deaths).toBe(12);
  });

  it("joins with a key package that it made in a former life", () => {
    const { alice, bob } = pair();
    const dave = client("dave");
    const keyPackage = dave.keyPackage();
    const saved = dave.save();
    dave.close();
    const adding = bob.commit({ add: [keyPackage] });
    deliver(alice.group, adding.commit);
    adding.accept();
    const reborn = Client.restore(saved, options());
    expect(reborn.join(adding.welcomes[0]!).accept().epochAuthenticator).toEqual(bob.epochAuthenticator);
    expect(reborn.unusedKeyPackages).toBe(0);
    const after = Client.restore(reborn.takeRecord()!, options());
    expect(() => after.join(adding.welcomes[0]!)).toThrow(expect.objectContaining({ code: "ERR_WELCOME" }));
  });
});

describe("what is stored", () => {
  it("is a snapshot among the records, where nobody has taken one for long", () => {
    const { alice, bob } = pair();
    const snapshot = alice.group.save();
    const records: Uint8Array[] = [];
    const store = (): void => void records.push(alice.group.takeRecord()!);
    alice.group.encrypt("one");
    const withdrawn = alice.group.commit();
    store();
    for (let i = 0; i < 4100; i++) {
      const message = alice.group.encrypt("");
      if (i % 500 === 0) bob.receive(message);
    }
    store();
    expect(records.map(({ length }) => length < 1000)).toEqual([false, false]);
    withdrawn.discard();
    store();
    const { sequence } = alice.group;
    const saved = alice.client.save();
    const reborn = Client.restore(saved, options());
    const restored = reborn.restoreGroup(snapshot, { records, expectedSequence: sequence });
    expect(restored.pendingCommit).toBeUndefined();
    expect(restored.sequence).toBe(sequence);
    const received = bob.receive(restored.encrypt("still here"));
    expect(received).toMatchObject({ kind: "application", generation: 4101 });
    const gap = { records: records.slice(1), expectedSequence: sequence };
    const refused = expect.objectContaining({ code: "ERR_STATE_RECORD" });
    expect(() => Client.restore(saved, options()).restoreGroup(snapshot, gap)).toThrow(refused);
  });

  it("MLS-6.3.1-10: is small for a message, and grows with what a commit changes", () => {
    const owner = client("owner");
    const group = owner.createGroup("many");
    const others = Array.from({ length: 299 }, (_, i) => client(`member ${i}`));
    const adding = group.commit({ add: others.map((other) => other.keyPackage()) });
    adding.accept();
    const mortal = new Mortal(owner, group);
    group.encrypt("hello");
    mortal.store();
    const reader = others[0]!.join(adding.welcomes[0]!).accept();
    read(group, reader.encrypt("hello"));
    mortal.store();
    deliver(group, reader.commit().commit);
    mortal.store();
    const [sent, received, commit] = mortal.sizes;
    expect(sent).toBeLessThan(200);
    expect(received).toBeLessThan(200);
    expect(commit).toBeLessThan(10_000);
    expect(group.takeRecord()).toBeUndefined();
  });

  it("is refused when it is changed, foreign, out of order, incomplete or rolled back", () => {
    const { alice, bob } = pair();
    const snapshot = alice.group.save();
    const records: Uint8Array[] = [];
    for (let i = 0; i < 3; i++) {
      read(bob, alice.group.encrypt(`${i}`));
      records.push(alice.group.takeRecord()!);
    }
    const { sequence } = alice.group;
    const saved = alice.client.save();
    const restore = (from: Uint8Array, list: Uint8Array[]): Group =>
      Client.restore(saved, options()).restoreGroup(from, { records: list, expectedSequence: sequence });
    const refused = expect.objectContaining({ code: "ERR_STATE_RECORD" });
    expect(() => restore(snapshot, records.slice(1))).toThrow(refused);
    expect(() => restore(snapshot, [records[1]!, records[0]!, records[2]!])).toThrow(refused);
    expect(() => restore(snapshot, [records[0]!, records[0]!, records[1]!, records[2]!])).toThrow(refused);
    expect(() => restore(snapshot, records.slice(0, 2))).toThrow(refused);
    expect(() => restore(records[0]!, [])).toThrow(refused);
    expect(() => Client.restore(saved, { ...options(), storageKey: new Uint8Array(32) })).toThrow(refused);
    for (const at of [1, 3, 40, snapshot.length >> 1, snapshot.length - 1]) {
      const changed = Uint8Array.from(snapshot);
      changed[at]! ^= 1;
      expect(() => restore(changed, records)).toThrow(refused);
    }
    expect(restore(snapshot, records).epochAuthenticator).toEqual(alice.group.epochAuthenticator);
  });

  it("holds no secret in the clear", () => {
    const { alice } = pair();
    const saved = [alice.client.save(), alice.group.save()].map((bytes) => Array.from(bytes).join());
    const authenticator = Array.from(alice.group.epochAuthenticator).join();
    for (const bytes of saved) expect(bytes).not.toContain(authenticator);
  });

  it("leaves nothing in the core when it is refused, a pending commit included", () => {
    const { alice } = pair();
    alice.group.commit();
    const snapshot = alice.group.save();
    const reborn = Client.restore(alice.client.save(), options());
    const { core } = reborn.createGroup("other").state.environment.engine;
    const refuse = (): void => {
      const wanted = { expectedSequence: 99n };
      expect(() => reborn.restoreGroup(snapshot, wanted)).toThrow(
        expect.objectContaining({ code: "ERR_STATE_RECORD" }),
      );
    };
    refuse();
    const before = [core.memoryInUse(), core.handlesInUse()];
    refuse();
    expect([core.memoryInUse(), core.handlesInUse()]).toEqual(before);
  });

  it("leaves nothing in the core when everything is closed", () => {
    const engine = new Engine();
    const { core } = engine;
    const run = (): void => {
      const owner = Client.create({
        credential: basicCredential("owner"),
        authenticate: acceptAnyCredential,
        storageKey,
        engine,
      });
      const group = owner.createGroup("room");
      group.save();
      group.encrypt("hello");
      const pending = group.commit({ add: [client("x").keyPackage()] });
      const record = group.takeRecord();
      const saved = owner.save();
      const snapshot = group.save();
      pending.discard();
      owner.close();
      const reborn = Client.restore(saved, { ...options(), engine });
      reborn.restoreGroup(snapshot);
      reborn.close();
      expect(record).toBeDefined();
    };
    run();
    const before = [core.memoryInUse(), core.handlesInUse()];
    run();
    expect([core.memoryInUse(), core.handlesInUse()]).toEqual(before);
  });
});
