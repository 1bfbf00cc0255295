// Random histories of a whole group over the public API, against a model of who is in it.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { acceptAnyCredential, basicCredential, Client, Engine, type Group, MlsError } from "../../bindings/index.ts";

const LONG = typeof process !== "undefined" && process.env["GROVE_LONG"] === "1";

type Step =
  | { readonly kind: "add" | "update" | "refresh" | "message" | "discard" | "race" | "addOnly"; readonly who: number }
  | { readonly kind: "remove"; readonly who: number; readonly whom: number }
  | { readonly kind: "mutate"; readonly who: number; readonly at: number; readonly bit: number };

const who = fc.nat(1000);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom("add", "addOnly"), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("remove"), who, whom: fc.nat(1000) }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constantFrom("update", "refresh", "message", "discard", "race"), who }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("mutate"), who, at: fc.nat(), bit: fc.nat(7) }) },
);

interface Live {
  readonly name: string;
  readonly group: Group;
}

/** All that must not change by what is refused or discarded. */
function stateOf(group: Group): unknown {
  const { tree, epoch, cache } = group.state;
  const { secretTree } = epoch.secrets;
  const ratchets = Array.from(tree.members(), (leaf) => [
    secretTree.state(leaf, "application"),
    leaf === group.ownLeafIndex ? undefined : secretTree.state(leaf, "handshake"),
  ]);
  return [group.epoch, group.epochAuthenticator, tree.export(), tree.treeHash(), cache.size, ratchets];
}

class World {
  readonly #engine: Engine;
  readonly #suite: number;
  readonly #clients: Client[] = [];
  live: Live[] = [];
  #made = 0;

  constructor(engine: Engine, suite: number) {
    this.#engine = engine;
    this.#suite = suite;
    const founder = this.#client();
    this.live.push({ name: "0", group: founder.createGroup("world") });
  }

  #client(): Client {
    const client = Client.create({
      credential: basicCredential(`${this.#made++}`),
      authenticate: acceptAnyCredential,
      cipherSuite: this.#suite,
      engine: this.#engine,
    });
    this.#clients.push(client);
    return client;
  }

  close(): void {
    for (const client of this.#clients) client.close();
  }

  /** Everybody but the sender takes the message and accepts what it brings. */
  #deliver(message: Uint8Array, sender: Group): void {
    for (const { group } of this.live) {
      if (group === sender) continue;
      const received = group.receive(message);
      if (received.kind === "commit") received.commit.accept();
    }
  }

  play(action: Step): void {
    const { group: actor } = this.live[action.who % this.live.length]!;
    switch (action.kind) {
      case "add":
      case "addOnly": {
        if (this.live.length >= 12) return;
        const client = this.#client();
        const pending = actor.commit({ add: [client.keyPackage()], path: action.kind === "add" });
        this.#deliver(pending.commit, actor);
        pending.accept();
        this.live.push({ name: `${this.#made - 1}`, group: client.join(pending.welcomes[0]!).accept() });
        break;
      }
      case "remove": {
        const victim = this.live[action.whom % this.live.length]!;
        if (victim.group === actor) return;
        const pending = actor.commit({ remove: [victim.group.ownLeafIndex] });
        const secret = pending.commit;
        this.#deliver(secret, actor);
        pending.accept();
        // DEF-03
        expect(victim.group.isClosed).toBe(true);
        expect(() => victim.group.receive(actor.encrypt("not for you"))).toThrow(MlsError);
        this.live = this.live.filter((member) => member !== victim);
        break;
      }
      case "update":
        if (this.live.length > 1) {
          this.#deliver(actor.propose({ update: {} }), actor);
          const { group: committer } = this.live.find(({ group }) => group !== actor)!;
          const pending = committer.commit();
          expect(pending.updated).toHaveLength(1);
          this.#deliver(pending.commit, committer);
          pending.accept();
        }
        break;
      case "refresh": {
        const pending = actor.commit();
        this.#deliver(pending.commit, actor);
        pending.accept();
        break;
      }
      case "discard": {
        const before = stateOf(actor);
        actor.commit().discard();
        expect(stateOf(actor)).toEqual(before);
        break;
      }
      case "race":
        this.#race(actor);
        break;
      case "message": {
        const text = `from ${actor.ownLeafIndex}`;
        const message = actor.encrypt(text);
        for (const { group } of this.live) {
          if (group === actor) continue;
          const received = group.receive(message);
          expect(received.kind === "application" && new TextDecoder().decode(received.data)).toBe(text);
        }
        break;
      }
      case "mutate":
        this.#mutate(actor, action.at, action.bit);
        break;
    }
  }

  /** Two members commit in one epoch; the first wins. */
  #race(first: Group): void {
    const second = this.live.find(({ group }) => group !== first)?.group;
    if (second === undefined) return;
    const winner = first.commit();
    const loser = second.commit();
    const staged = first.receive(loser.commit);
    this.#deliver(winner.commit, first);
    winner.accept();
    expect(loser.status).toBe("outdated");
    expect(staged.kind === "commit" && staged.commit.status).toBe("outdated");
  }

  /** A changed or cut message is refused by everyone, and then the genuine one is taken. */
  #mutate(actor: Group, at: number, bit: number): void {
    const pending = actor.commit();
    for (const genuine of [actor.encrypt("genuine"), pending.commit]) {
      const changed = Uint8Array.from(genuine);
      changed[at % changed.length]! ^= 1 << bit;
      for (const { group } of this.live) {
        if (group === actor) continue;
        const before = stateOf(group);
        expect(() => group.receive(changed)).toThrow(MlsError);
        expect(() => group.receive(genuine.subarray(0, at % genuine.length))).toThrow(MlsError);
        expect(stateOf(group)).toEqual(before);
      }
    }
    this.#deliver(pending.commit, actor);
    pending.accept();
  }

  check(): void {
    const [first, ...others] = this.live.map(({ group }) => group);
    const names = first!.members().map(({ identity }) => new TextDecoder().decode(identity));
    expect([...names].sort()).toEqual(this.live.map(({ name }) => name).sort());
    for (const other of others) {
      expect(other.epochAuthenticator).toEqual(first!.epochAuthenticator);
      expect(other.state.tree.export()).toEqual(first!.state.tree.export());
    }
  }
}

describe.each([1, 3])("a group of cipher suite %i in random histories", (suite) => {
  it(`agrees, forgets, refuses and comes back as the model says (${LONG ? "long" : "short"} form)`, () => {
    const engine = new Engine();
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: LONG ? 60 : 20 }), (steps) => {
        const world = new World(engine, suite);
        for (const action of steps) {
          world.play(action);
          world.check();
        }
        world.close();
        expect(engine.core.handlesInUse()).toBe(0);
      }),
      { numRuns: LONG ? 200 : 20 },
    );
  }, 600_000);
});
