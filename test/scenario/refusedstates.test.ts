// Stored states that are refused late, with much of them read already: nothing of it may stay behind. MLS-9.2-07
import { describe, expect, it } from "vitest";
import {
  acceptAnyCredential,
  basicCredential,
  Client,
  type ClientOptions,
  Engine,
  type Group,
} from "../../bindings/index.ts";
import { openStored, sealStored } from "../support/stored.ts";

const storageKey = new Uint8Array(32).fill(9);
const limits = { pastEpochs: 2, resumptionEpochs: 2 };
const refused = expect.objectContaining({ code: "ERR_STATE_RECORD" });
const usage = expect.objectContaining({ code: "ERR_USAGE" });

function client(name: string, options: Partial<ClientOptions> = {}): Client {
  return Client.create({
    credential: basicCredential(name),
    authenticate: acceptAnyCredential,
    storageKey,
    limits,
    ...options,
  });
}

/** The same stored object with every number of items, from none to one less than all, sealed as if it were whole. */
function* cut(bytes: Uint8Array): Generator<Uint8Array> {
  const stored = openStored(bytes, storageKey);
  for (let count = 0; count < stored.items.length; count++) {
    yield sealStored({ ...stored, items: stored.items.slice(0, count) }, storageKey);
  }
}

/** A member among 21 with past epochs, proposals and a pending commit in its snapshot. */
function scene(): { readonly owner: Client; readonly group: Group } {
  const owner = client("owner");
  const group = owner.createGroup("room");
  group.commit({ add: Array.from({ length: 20 }, (_, i) => client(`member ${i}`).keyPackage()) }).accept();
  for (let i = 0; i < 3; i++) group.commit().accept();
  group.propose({ update: {} });
  group.propose({ remove: 4 });
  group.commit();
  return { owner, group };
}

/** Runs what must be refused; the bytes and handles that it leaves in the core, after it was run once before. */
function left(engine: Engine, refusal: () => unknown, error: unknown = refused): number[] {
  expect(refusal).toThrow(error);
  const before = [engine.core.memoryInUse(), engine.core.handlesInUse()];
  expect(refusal).toThrow(error);
  return [engine.core.memoryInUse() - before[0]!, engine.core.handlesInUse() - before[1]!];
}

describe("MLS-9.2-07: a stored state that is refused leaves nothing in the core", () => {
  it("wherever its snapshot ends", () => {
    const { owner, group } = scene();
    const engine = new Engine();
    const reborn = Client.restore(owner.save(), { authenticate: acceptAnyCredential, storageKey, limits, engine });
    const snapshot = group.save();
    let cuts = 0;
    for (const shorter of cut(snapshot)) {
      expect(left(engine, () => reborn.restoreGroup(shorter))).toEqual([0, 0]);
      cuts++;
    }
    expect(cuts).toBeGreaterThan(40);
    expect(reborn.restoreGroup(snapshot).pendingCommit?.removed).toHaveLength(1);
  });

  it("wherever its last record ends", () => {
    const { owner, group } = scene();
    const snapshot = group.save();
    group.pendingCommit!.accept();
    const first = group.takeRecord()!;
    group.propose({ update: {} });
    group.commit().accept();
    group.commit();
    const second = group.takeRecord()!;
    const engine = new Engine();
    const reborn = Client.restore(owner.save(), { authenticate: acceptAnyCredential, storageKey, limits, engine });
    let cuts = 0;
    for (const shorter of cut(second)) {
      expect(left(engine, () => reborn.restoreGroup(snapshot, { records: [first, shorter] }))).toEqual([0, 0]);
      cuts++;
    }
    expect(cuts).toBeGreaterThan(30);
    const restored = reborn.restoreGroup(snapshot, { records: [first, second] });
    expect(restored.epochAuthenticator).toEqual(group.epochAuthenticator);
  });

  it("nor does a client's, wherever it ends", () => {
    const owner = client("owner");
    owner.keyPackages(3);
    owner.addPsk(Uint8Array.of(1), new Uint8Array(32).fill(5));
    const engine = new Engine();
    const restore = (saved: Uint8Array): Client =>
      Client.restore(saved, { authenticate: acceptAnyCredential, storageKey, engine });
    let cuts = 0;
    for (const shorter of cut(owner.save())) {
      expect(left(engine, () => restore(shorter))).toEqual([0, 0]);
      cuts++;
    }
    expect(cuts).toBe(2 + 2 + 3 * 3 + 2);
    expect(restore(owner.save()).unusedKeyPackages).toBe(3);
  });

  it("when the group is larger than this client's limit, or known already", () => {
    const { owner, group } = scene();
    const [saved, snapshot] = [owner.save(), group.save()];
    const engine = new Engine();
    const small = { authenticate: acceptAnyCredential, storageKey, engine, limits: { leaves: 4 } };
    const reborn = Client.restore(saved, small);
    expect(left(engine, () => reborn.restoreGroup(snapshot))).toEqual([0, 0]);
    const other = Client.restore(saved, { ...small, limits });
    other.restoreGroup(snapshot);
    expect(left(engine, () => other.restoreGroup(snapshot), usage)).toEqual([0, 0]);
  });

  it("when there is more behind its end, or its group has ended", () => {
    const { owner, group } = scene();
    const engine = new Engine();
    const reborn = Client.restore(owner.save(), { authenticate: acceptAnyCredential, storageKey, limits, engine });
    const longer = (bytes: Uint8Array): Uint8Array => {
      const stored = openStored(bytes, storageKey);
      return sealStored({ ...stored, items: [...stored.items, { tag: 1, content: new Uint8Array(3) }] }, storageKey);
    };
    const waiting = group.save(); // with a pending commit
    expect(left(engine, () => reborn.restoreGroup(longer(waiting)))).toEqual([0, 0]);
    group.pendingCommit!.discard();
    group.commit({ reInit: { cipherSuite: 3 }, includeReceived: false }).accept();
    const ended = group.save();
    for (const each of [longer(ended), ...cut(ended)]) {
      expect(left(engine, () => reborn.restoreGroup(each))).toEqual([0, 0]);
    }
    expect(reborn.restoreGroup(ended).isClosed).toBe(group.isClosed);
  });

  it("nor does a client for which the options are no good, restored or new", () => {
    const owner = client("owner");
    owner.keyPackages(3);
    owner.addPsk(Uint8Array.of(1), new Uint8Array(32).fill(5));
    const engine = new Engine();
    const saved = owner.save();
    const stored = openStored(saved, storageKey);
    const [first, ...rest] = stored.items;
    const suite = (id: number): Uint8Array => {
      const content = Uint8Array.from(first!.content);
      content.set([id >> 8, id & 0xff]);
      return sealStored({ ...stored, items: [{ ...first!, content }, ...rest] }, storageKey);
    };
    const options = { authenticate: acceptAnyCredential, storageKey, engine };
    const unsupported = expect.objectContaining({ code: "ERR_UNSUPPORTED" }) as unknown;
    for (const [state, changes, error] of [
      [saved, { authenticate: undefined }, TypeError],
      [saved, { limits: { leaves: -1 } }, RangeError],
      [saved, { storageKey: undefined }, usage],
      [suite(2), {}, unsupported],
    ] as const) {
      const restore = (): Client => Client.restore(state, { ...options, ...changes } as never);
      expect(left(engine, restore, error)).toEqual([0, 0]);
    }
    const credential = basicCredential("new");
    for (const [changes, error] of [
      [{ cipherSuite: 2 }, unsupported],
      [{ signaturePrivateKey: new Uint8Array(31) }, RangeError],
      [{ keyPackageLifetime: 0.5 }, RangeError],
    ] as const) {
      const create = (): Client => Client.create({ ...options, credential, ...changes });
      expect(left(engine, create, error)).toEqual([0, 0]);
    }
    expect(Client.restore(saved, options).unusedKeyPackages).toBe(3);
  });

  it("and without a storage key nothing is stored or restored: ERR_USAGE", () => {
    const { owner, group } = scene();
    const [saved, snapshot] = [owner.save(), group.save()];
    const none = { storageKey: undefined } as never;
    expect(() => Client.restore(saved, { authenticate: acceptAnyCredential, ...(none as object) })).toThrow(usage);
    const other = client("other", none);
    expect(() => other.restoreGroup(snapshot)).toThrow(usage);
    expect(() => other.save()).toThrow(usage);
    expect(() => other.createGroup().save()).toThrow(usage);
  });
});
