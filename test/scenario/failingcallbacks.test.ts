// What the application supplies and what can go wrong with it: randomness that fails at any call, suites that throw,
// answers that are none, calls back into what is calling. Nothing changes then, and nothing stays behind.
import { describe, expect, it } from "vitest";
import {
  acceptAnyCredential,
  basicCredential,
  Client,
  type ClientOptions,
  Engine,
  ExternalSender,
  type Group,
  PublicGroup,
  type SuitePlugin,
} from "../../bindings/index.ts";
import { nist } from "../../bindings/suites/nist.ts";
import { Source } from "../support/source.ts";

const storageKey = new Uint8Array(32).fill(9);
const named = (code: string): unknown => expect.objectContaining({ code });
const noEntropy = named("ERR_RANDOM");

function client(name: string, options: Partial<ClientOptions> = {}): Client {
  return Client.create({
    credential: basicCredential(name),
    authenticate: acceptAnyCredential,
    storageKey,
    ...options,
  });
}

const inUse = ({ core }: Engine): number[] => [core.memoryInUse(), core.handlesInUse()];

/** What must throw, twice: the second time it leaves nothing in the core. */
function refused(engine: Engine, run: () => unknown, error: unknown): void {
  expect(run).toThrow(error);
  const before = inUse(engine);
  expect(run).toThrow(error);
  expect(inUse(engine)).toEqual(before);
}

interface Scene {
  readonly engine: Engine;
  readonly source: Source;
  readonly owner: Client;
  readonly group: Group;
  readonly other: Client;
  readonly follower: Group;
}

/** A member on an engine of its own, and one who follows on another. */
function scene(suite: number, options: Partial<ClientOptions> = {}): Scene {
  const engine = new Engine();
  const source = new Source();
  const suites = { cipherSuite: suite, suites: nist };
  // Without GREASE, of which some bytes are drawn again: as many calls each time.
  const owner = client("owner", { engine, random: source.random, grease: false, ...suites, ...options });
  const group = owner.createGroup("room");
  const other = client("other", suites);
  const adding = group.commit({ add: [other.keyPackage(), client("third", suites).keyPackage()] });
  adding.accept();
  return { engine, source, owner, group, other, follower: other.join(adding.welcomes[0]!).accept() };
}

/** A signature private key of suite 1 or 2. */
const newKey = new Uint8Array(32).fill(5);

/** Operations that need randomness, each on a scene that it may prepare first. */
const operations: Record<string, (scene: Scene, suite: number) => () => unknown> = {
  createGroup:
    ({ owner }) =>
    () =>
      owner.createGroup(),
  createBranch: ({ owner, group }, suite) => {
    const add = [client("other", { cipherSuite: suite, suites: nist }).keyPackage()];
    return () => owner.createBranch(group, { add });
  },
  createSuccessor: ({ owner, group }, suite) => {
    group.commit({ reInit: { cipherSuite: suite } }).accept();
    const add = ["other", "third"].map((name) => client(name, { cipherSuite: suite, suites: nist }).keyPackage());
    return () => owner.createSuccessor(group, { add });
  },
  keyPackages:
    ({ owner }) =>
    () =>
      owner.keyPackages(3),
  proposeToJoin:
    ({ owner, follower }) =>
    () =>
      owner.proposeToJoin(follower),
  commit:
    ({ group }) =>
    () =>
      group.commit(),
  "commit with a newcomer and a PSK": ({ group, owner }, suite) => {
    owner.addPsk(Uint8Array.of(1), new Uint8Array(32).fill(1));
    const add = [client("new", { cipherSuite: suite, suites: nist }).keyPackage()];
    return () => group.commit({ add, psks: [{ external: Uint8Array.of(1) }] });
  },
  "commit with a new signature key": ({ group }) => {
    return () => group.commit({ leaf: { signaturePrivateKey: newKey } });
  },
  "propose an Update with a new signature key": ({ group }) => {
    return () => group.propose({ update: { signaturePrivateKey: newKey } });
  },
  "propose a ReInit":
    ({ group }, suite) =>
    () =>
      group.propose({ reInit: { cipherSuite: suite } }),
  encrypt:
    ({ group }) =>
    () =>
      group.encrypt("hello"),
  joinExternal: ({ owner, follower }) => {
    const info = follower.groupInfo();
    return () => owner.joinExternal(info, { resync: true });
  },
  join: ({ owner }, suite) => {
    const room = client("host", { cipherSuite: suite, suites: nist }).createGroup("hosted");
    const adding = room.commit({ add: [owner.keyPackage()] });
    adding.accept();
    return () => owner.join(adding.welcomes[0]!);
  },
  restoreGroup: ({ owner, group }) => {
    const snapshot = group.save();
    group.close();
    return () => owner.restoreGroup(snapshot);
  },
};

describe.each([1, 2])("randomness that fails at any call, under suite %i", (suite) => {
  it.each(Object.keys(operations))("MLS-9.1-02, MLS-9.2-07: %s", (name) => {
    const all = scene(suite);
    const { engine, source, owner, group } = all;
    group.save();
    const run = operations[name]!(all, suite);
    if (!group.isClosed) group.takeRecord();
    const before = [owner.unusedKeyPackages, group.epoch, group.state.cache.size, group.state.staged.size];
    let calls = 0;
    for (; ; calls++) {
      const attempt = (): unknown => source.failing(run, calls);
      try {
        attempt();
        break;
      } catch (error) {
        expect(error).toEqual(noEntropy);
      }
      refused(engine, attempt, noEntropy);
      const after = [owner.unusedKeyPackages, group.epoch, group.state.cache.size, group.state.staged.size];
      expect(after).toEqual(before);
      if (!group.isClosed) expect(group.takeRecord()).toBeUndefined(); // no generation is used up
    }
    expect(calls).toBeGreaterThan(0);
  });
});

describe("a suite that throws at any call", () => {
  /** Suite 2, whose KEM throws once its luck is used up. */
  function brittle(): { plugin: SuitePlugin; luck: { left: number } } {
    const luck = { left: Infinity };
    const real = nist.find(({ cipherSuite }) => cipherSuite === 2)!;
    const spend = (): void => {
      if (luck.left-- <= 0) throw new Error("the suite is broken");
    };
    const kem: SuitePlugin["kem"] = {
      ...real.kem,
      deriveKeyPair: (ikm) => (spend(), real.kem.deriveKeyPair(ikm)),
      dh: (privateKey, publicKey) => (spend(), real.kem.dh(privateKey, publicKey)),
    };
    return { plugin: { ...real, kem }, luck };
  }

  it.each(["commit", "receive", "joinExternal"] as const)("leaves nothing in the core: %s", (what) => {
    const { plugin, luck } = brittle();
    const all = scene(2, { suites: [plugin] });
    const { engine, group, follower, owner } = all;
    const { commit } = follower.commit();
    const info = follower.groupInfo();
    const add = [client("new", { cipherSuite: 2, suites: nist }).keyPackage()];
    const run = {
      commit: () => group.commit({ add }),
      receive: () => group.receive(commit),
      joinExternal: () => owner.joinExternal(info, { resync: true }),
    }[what];
    let calls = 0;
    for (; ; calls++) {
      const attempt = (): unknown => {
        luck.left = calls;
        try {
          return run();
        } finally {
          luck.left = Infinity;
        }
      };
      try {
        attempt();
        break;
      } catch {
        refused(engine, attempt, Error);
      }
    }
    expect(calls).toBeGreaterThan(2);
  });
});

describe("a signature key that is none", () => {
  it.each([
    [1, [0, 31, 33]],
    [2, [0, 31, 100]],
  ] as const)("is a RangeError and kept nowhere, under suite %i", (cipherSuite, lengths) => {
    const { engine, group } = scene(cipherSuite);
    const bad = [
      ...lengths.map((length) => new Uint8Array(length)),
      ...(cipherSuite === 2 ? [new Uint8Array(32)] : []),
    ];
    if (cipherSuite === 2) bad.push(new Uint8Array(32).fill(0xff));
    for (const signaturePrivateKey of bad) {
      const options = { cipherSuite, suites: nist, engine, signaturePrivateKey };
      refused(engine, () => client("x", options), RangeError);
      refused(engine, () => group.commit({ leaf: { signaturePrivateKey } }), RangeError);
      refused(engine, () => group.propose({ update: { signaturePrivateKey } }), RangeError);
      refused(engine, () => new ExternalSender({ credential: basicCredential("s"), ...options }), RangeError);
    }
    const text = "a key of thirty-two characters, so" as never;
    refused(engine, () => group.propose({ update: { signaturePrivateKey: text } }), TypeError);
    refused(engine, () => group.commit({ leaf: { signaturePrivateKey: text } }), TypeError);
    const extension = { extensionType: 1, extensionData: new Uint8Array(0) };
    const update = { signaturePrivateKey: newKey, extensions: [extension, extension] };
    refused(engine, () => group.propose({ update }), named("ERR_EXTENSION"));
  });
});

describe("randomness that repeats itself", () => {
  it.each([0xff, 0xfe])("is no endless loop: %i", (byte) => {
    const random = (length: number): Uint8Array => new Uint8Array(length).fill(byte);
    const stuck = client("stuck", { random, signaturePrivateKey: newKey });
    expect(() => stuck.keyPackage()).toThrow(noEntropy);
    if (byte === 0xff) {
      for (const cipherSuite of [2, 5, 7]) {
        expect(() => client("stuck", { random, cipherSuite, suites: nist })).toThrow(RangeError);
      }
    }
  });
});

describe("answers that are none", () => {
  const rejects = (): never => Promise.reject(new Error("too late")) as never;

  it("MLS-5.3.1-01: of authenticateMany refuse, and a promise that fails later harms nobody", () => {
    const answers: (() => unknown)[] = [undefined, null, 5, {}, "true"].map((answer) => () => answer);
    for (const answer of [...answers, rejects]) {
      const authenticateMany = answer as () => never;
      const options = { authenticate: undefined as never, authenticateMany };
      const strict = Client.create({ credential: basicCredential("strict"), ...options });
      const group = strict.createGroup();
      expect(() => group.commit({ add: [client("x").keyPackage()] })).toThrow(named("ERR_CREDENTIAL"));
    }
    const strict = client("strict", { authenticate: rejects });
    expect(() => strict.createGroup().commit({ add: [client("x").keyPackage()] })).toThrow(named("ERR_CREDENTIAL"));
  });

  it("MLS-5.3.1-01: to a deferred question refuse", () => {
    const careful = client("careful", { authenticate: () => "defer" });
    const group = careful.createGroup();
    for (const answer of ["no", {}, 1, Promise.resolve(false), Promise.resolve(true)]) {
      const adding = group.commit({ add: [client("x").keyPackage()] });
      adding.deferred[0]!.resolve(answer as never);
      expect(() => adding.accept()).toThrow(named("ERR_CREDENTIAL"));
      adding.discard();
    }
  });

  it("MLS-12.4.3.2-08: of mayResync refuse, at the joiner and at the members", () => {
    for (const answer of [undefined, 1, "yes", Promise.resolve(true), rejects]) {
      const mayResync = (): never => (typeof answer === "function" ? answer() : (answer as never));
      const { group, follower, owner } = scene(1, { mayResync });
      expect(() => owner.joinExternal(follower.groupInfo(), { resync: true })).toThrow(named("ERR_CREDENTIAL"));
      const back = client("other").joinExternal(follower.groupInfo(), { resync: 1 });
      expect(() => group.receive(back.commit)).toThrow(named("ERR_CREDENTIAL"));
    }
    const mayResync = (): never => {
      throw new Error("cannot say");
    };
    const { owner, follower } = scene(1, { mayResync });
    expect(() => owner.joinExternal(follower.groupInfo(), { resync: true })).toThrow(named("ERR_CREDENTIAL"));
  });

  it("MLS-12.2-21: of a custom proposal's validate refuse", () => {
    for (const answer of [undefined, 1, "yes", Promise.resolve(true)]) {
      const customProposals = [{ type: 0xf001, validate: () => answer as never }];
      const group = client("x", { customProposals, supports: { proposals: [0xf001] } }).createGroup();
      const custom = { type: 0xf001, data: new Uint8Array(1) };
      expect(() => group.commit({ custom: [custom] })).toThrow(named("ERR_PROPOSAL_LIST"));
    }
  });

  it("a clock that tells no time is a RangeError", () => {
    for (const time of [NaN, Infinity, undefined, 5n]) {
      expect(() => client("x", { now: () => time as never }).keyPackage()).toThrow(RangeError);
    }
  });
});

describe("arguments of another kind", () => {
  it("are TypeErrors, not other bytes", () => {
    const customProposals = [{ type: 0xf001 }];
    const owner = client("x", { customProposals, supports: { proposals: [0xf001] } });
    const group = owner.createGroup();
    for (const data of ["abc", 5, [1, 2], null] as never[]) {
      expect(() => group.commit({ custom: [{ type: 0xf001, data }] })).toThrow(TypeError);
      expect(() => owner.proposeToJoin({ groupId: data, epoch: 0n })).toThrow(TypeError);
      expect(() => group.commit({ reInit: { groupId: data } })).toThrow(TypeError);
    }
    for (const epoch of [-1n, 2n ** 64n]) {
      expect(() => owner.proposeToJoin({ groupId: Uint8Array.of(1), epoch })).toThrow(RangeError);
    }
    expect(() => owner.proposeToJoin({ groupId: Uint8Array.of(1), epoch: 1 as never })).toThrow(TypeError);
    expect(owner.unusedKeyPackages).toBe(0);
  });
});

describe("calls back into what is calling", () => {
  it("ERR_STATE_BUSY: while a record is sealed; nothing is lost", () => {
    const { source, owner, group, follower } = scene(1);
    const snapshot = group.save();
    group.encrypt("one");
    for (const back of [() => group.encrypt("two"), () => group.takeRecord(), () => group.commit()]) {
      let inner: unknown;
      source.hook = () => {
        try {
          back();
        } catch (error) {
          inner = error;
          throw error;
        }
      };
      expect(() => group.takeRecord()).toThrow(noEntropy);
      expect(inner).toEqual(named("ERR_STATE_BUSY"));
    }
    const records = [group.takeRecord()!];
    group.close();
    const message = owner.restoreGroup(snapshot, { records }).encrypt("two");
    expect(follower.receive(message)).toMatchObject({ kind: "application", generation: 1 });
  });

  it("a key package that is made while its client is sealed is in the next record", () => {
    const source = new Source();
    const owner = client("owner", { random: source.random });
    owner.keyPackage();
    source.hook = () => void owner.keyPackage();
    owner.takeRecord();
    expect(owner.unusedKeyPackages).toBe(2);
    const record = owner.takeRecord()!;
    expect(Client.restore(record, { authenticate: acceptAnyCredential, storageKey }).unusedKeyPackages).toBe(2);
    expect(owner.takeRecord()).toBeUndefined();
  });

  it("DEF-08: a group of the name that is being made", () => {
    const engine = new Engine();
    const source = new Source();
    const owner = client("owner", { random: source.random, engine });
    source.hook = () => void owner.createGroup("room");
    expect(() => owner.createGroup("room")).toThrow(named("ERR_USAGE"));
    expect(owner.groups.length).toBe(1);
    const before = inUse(engine);
    const again = (): void => {
      owner.createGroup("other").close();
      source.hook = () => void owner.createGroup("third");
      expect(() => owner.createGroup("third")).toThrow(named("ERR_USAGE"));
      for (const group of owner.groups) if (group.groupId[0] === 0x74) group.close();
    };
    again();
    expect(inUse(engine)).toEqual(before);
  });

  it("ERR_STATE_BUSY: into a group that is followed", () => {
    const host = client("host", { handshakeFormat: "public" });
    const group = host.createGroup("room");
    const asked: { hook?: () => void } = {};
    let inner: unknown;
    const followed = PublicGroup.follow(group.groupInfo(), {
      authenticate: () => {
        try {
          asked.hook?.();
        } catch (error) {
          inner = error;
        }
        return true;
      },
    });
    const first = group.commit({ add: [client("x").keyPackage()] });
    const staged = followed.receive(first.commit);
    first.discard();
    asked.hook = () => {
      if (staged.kind === "commit") staged.commit.accept();
    };
    followed.receive(group.propose({ add: client("y").keyPackage() }));
    expect(inner).toEqual(named("ERR_STATE_BUSY"));
    expect(followed.epoch).toBe(0n);
  });
});

describe("joins that nobody has accepted", () => {
  const join = (owner: Client): { accept: () => Group; discard: () => void } => {
    const adding = client("host")
      .createGroup("hosted")
      .commit({ add: [owner.keyPackage()] });
    adding.accept();
    return owner.join(adding.welcomes[0]!);
  };

  it("end with their client, which then keeps nothing", () => {
    const engine = new Engine();
    const run = (): void => {
      const owner = client("owner", { engine });
      const joins = [join(owner), owner.joinExternal(client("host").createGroup("public").groupInfo())];
      owner.close();
      for (const each of joins) {
        expect(() => each.accept()).toThrow(named("ERR_STATE_USED"));
        expect(() => each.discard()).toThrow(named("ERR_STATE_USED"));
      }
    };
    run();
    const before = inUse(engine);
    run();
    expect(inUse(engine)).toEqual(before);
  });

  it("MLS-16.8-01: a key package leads into one group, unless it is one of last resort", () => {
    for (const lastResort of [false, true]) {
      const owner = client("owner");
      const keyPackage = owner.keyPackage({ lastResort });
      const [first, second] = ["one", "two"].map((name) => {
        const adding = client("host")
          .createGroup(name)
          .commit({ add: [keyPackage] });
        adding.accept();
        return owner.join(adding.welcomes[0]!);
      });
      first!.accept();
      if (lastResort) {
        second!.accept();
        continue;
      }
      expect(() => second!.accept()).toThrow(named("ERR_STATE_USED"));
      second!.discard();
    }
  });

  it("DEF-08: from outside, when the client has come in by a Welcome meanwhile", () => {
    const host = client("host").createGroup("room");
    const owner = client("owner");
    const outside = owner.joinExternal(host.groupInfo());
    const adding = host.commit({ add: [owner.keyPackage()] });
    adding.accept();
    const group = owner.join(adding.welcomes[0]!).accept();
    expect(() => outside.accept()).toThrow(named("ERR_USAGE"));
    outside.discard();
    expect(group.isClosed).toBe(false);
  });
});

describe("a commit that is staged", () => {
  it("MLS-9.2-06: can be accepted though its sender has used the same generation twice", () => {
    const { engine, owner, group, other, follower } = scene(1);
    const snapshot = follower.save();
    const pending = follower.commit();
    const twin = Client.restore(other.save(), { authenticate: acceptAnyCredential, storageKey });
    const proposal = twin.restoreGroup(snapshot).propose({ remove: 0 });
    group.save();
    const staged = group.receive(pending.commit);
    expect(group.receive(proposal).kind).toBe("proposal");
    if (staged.kind === "commit") staged.commit.accept();
    pending.accept();
    expect(group.epochAuthenticator).toEqual(follower.epochAuthenticator);
    expect(group.takeRecord()).toBeDefined();
    owner.close();
    expect(engine.core.handlesInUse()).toBe(0);
  });
});

describe("a proposal too many", () => {
  it("DEF-06: is refused before it uses a generation up", () => {
    const { group } = scene(1, { limits: { proposals: 2 } });
    group.save();
    group.propose({ remove: 1 });
    group.propose({ remove: 2 });
    group.takeRecord();
    expect(() => group.propose({ update: {} })).toThrow(named("ERR_LIMIT"));
    expect(group.takeRecord()).toBeUndefined();
  });
});
