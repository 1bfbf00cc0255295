// Every code of the library is thrown by something that an application or a peer can do.
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  acceptAnyCredential,
  basicCredential,
  Client,
  Engine,
  type ErrorCode,
  errorCodes,
  type Group,
  MlsError,
  PublicGroup,
} from "../../bindings/index.ts";
import { fromJSON, type Json, toJSON } from "../../json/index.ts";
import {
  alteredPath,
  errorOf,
  forge,
  forgeCommit,
  groupOf,
  honestCommit,
  publicClient,
  resignedLeaf,
} from "../support/forge.ts";
import { errorCodesOf } from "../../scripts/error-codes.mjs";

const pair = (): [Group, Group] => groupOf("alice", "bob").groups as [Group, Group];
const altered = (bytes: Uint8Array): Uint8Array => bytes.with(bytes.length - 1, bytes.at(-1) ^ 1);

/** A client that joins by Welcome, and its group's tree apart. */
function welcomed(): { bob: Client; welcome: Uint8Array; ratchetTree: Uint8Array; oldTree: Uint8Array } {
  const bob = publicClient("bob");
  const group = publicClient("alice").createGroup("room");
  const oldTree = group.ratchetTree();
  const pending = group.commit({ add: [bob.keyPackage()], treeInWelcome: false });
  pending.accept();
  return { bob, welcome: pending.welcomes[0]!, ratchetTree: group.ratchetTree(), oldTree };
}

/** What brings each code about. */
const causes: Readonly<Record<ErrorCode, () => unknown>> = {
  ERR_MALFORMED: () => pair()[0].receive(Uint8Array.of(0, 1, 0)),
  ERR_LIMIT: () => publicClient("x", { limits: { groupMessageBytes: 10 } }).join(new Uint8Array(11)),
  ERR_UNSUPPORTED: () => pair()[0].receive(Uint8Array.of(0, 2, 0, 1)),
  ERR_SIGNATURE: () => publicClient("x").joinExternal(altered(pair()[0].groupInfo())),
  ERR_MAC: () => {
    const [alice, bob] = pair();
    bob.receive(altered(alice.propose({ update: {} })));
  },
  ERR_DECRYPT: () => {
    const [alice, bob] = pair();
    bob.receive(altered(alice.encrypt("hello")));
  },
  ERR_WRONG_GROUP: () => {
    const other = publicClient("carol").createGroup("another room");
    pair()[0].receive(other.encrypt("hello"));
  },
  ERR_WRONG_EPOCH: () => {
    const [alice, bob] = pair();
    const late = alice.propose({ update: {} });
    alice.commit({ includeReceived: false }).discard();
    const pending = bob.commit();
    pending.accept();
    bob.receive(late);
  },
  ERR_SENDER: () => {
    const [alice, bob] = pair();
    bob.receive(
      forge(
        alice,
        { kind: "proposal", proposal: { kind: "remove", removed: 0 } },
        { sender: { kind: "member", leafIndex: 5 } },
      ),
    );
  },
  ERR_CREDENTIAL: () => {
    const alice = publicClient("alice", { authenticate: () => false });
    alice.createGroup().commit({ add: [publicClient("bob").keyPackage()] });
  },
  ERR_LEAF_NODE: () => {
    const message = publicClient("bob").keyPackage();
    publicClient("alice")
      .createGroup()
      .commit({ add: [message, message] });
  },
  ERR_KEY_PACKAGE: () => {
    const ofAnotherSuite = publicClient("bob", { cipherSuite: 3 }).keyPackage();
    publicClient("alice")
      .createGroup()
      .commit({ add: [ofAnotherSuite] });
  },
  ERR_TREE: () => {
    const { bob, welcome, ratchetTree } = welcomed();
    const nodes = toJSON("RatchetTree", ratchetTree) as readonly Json[];
    bob.join(welcome, { ratchetTree: fromJSON("RatchetTree", [...nodes, null]) });
  },
  ERR_TREE_HASH: () => {
    const { bob, welcome, oldTree } = welcomed();
    bob.join(welcome, { ratchetTree: oldTree });
  },
  ERR_PARENT_HASH: () => {
    const [alice, bob] = pair();
    const { path } = honestCommit(alice);
    const source = { kind: "commit", parentHash: new Uint8Array(32) } as const;
    const leafNode = resignedLeaf(alice, path.leafNode, { source });
    bob.receive(forgeCommit(alice, [], alteredPath(path, { leafNode })));
  },
  ERR_UPDATE_PATH: () => {
    const [alice, bob] = pair();
    bob.receive(forgeCommit(alice, [], alteredPath(honestCommit(alice).path, { nodes: [] })));
  },
  ERR_PROPOSAL: () => {
    const [alice, bob] = pair();
    bob.receive(forge(alice, { kind: "proposal", proposal: { kind: "remove", removed: 5 } }));
  },
  ERR_PROPOSAL_LIST: () => {
    const [alice, bob] = pair();
    const remove = { kind: "remove", removed: 1 } as const;
    bob.receive(forgeCommit(alice, [remove, remove], honestCommit(alice).path));
  },
  ERR_COMMIT: () => {
    const [alice, bob] = pair();
    bob.receive(forgeCommit(alice, []));
  },
  ERR_MISSING_PROPOSAL: () => {
    const [alice, bob] = pair();
    const proposals = [{ kind: "reference", reference: new Uint8Array(32) } as const];
    bob.receive(forge(alice, { kind: "commit", commit: { proposals, path: honestCommit(alice).path } }));
  },
  ERR_PSK: () => pair()[0].commit({ psks: [{ external: Uint8Array.of(1) }] }),
  ERR_WELCOME: () => publicClient("stranger").join(welcomed().welcome),
  ERR_TREE_NEEDED: () => {
    const { bob, welcome } = welcomed();
    bob.join(welcome);
  },
  ERR_GROUP_INFO: () => publicClient("x").joinExternal(publicClient("y").keyPackage()),
  ERR_EXTENSION: () =>
    publicClient("x").createGroup("room", { extensions: [{ extensionType: 2, extensionData: new Uint8Array(1) }] }),
  ERR_RATCHET: () => {
    const [alice, bob] = pair();
    const message = alice.encrypt("hello");
    bob.receive(message);
    bob.receive(message);
  },
  ERR_POLICY: () => {
    const [alice] = pair();
    PublicGroup.follow(alice.groupInfo(), { authenticate: acceptAnyCredential }).receive(alice.encrypt("hello"));
  },
  ERR_STATE_BUSY: () => {
    const alice = publicClient("alice", { authenticate: () => group.encrypt("from within").length > 0 });
    const group: Group = alice.createGroup();
    group.commit({ add: [publicClient("bob").keyPackage()] });
  },
  ERR_STATE_CLOSED: () => {
    const [alice] = pair();
    alice.close();
    alice.encrypt("hello");
  },
  ERR_STATE_PENDING_COMMIT: () => {
    const [alice] = pair();
    alice.commit();
    alice.commit();
  },
  ERR_STATE_PENDING_PROPOSALS: () => {
    const [alice, bob] = pair();
    bob.receive(alice.propose({ update: {} }));
    bob.encrypt("too early");
  },
  ERR_STATE_DEFERRED: () => {
    const alice = publicClient("alice", { authenticate: () => "defer" });
    const room = publicClient("bob").createGroup();
    const pending = room.commit({ add: [alice.keyPackage()] });
    pending.accept();
    alice.join(pending.welcomes[0]!).accept();
  },
  ERR_STATE_USED: () => {
    const pending = pair()[0].commit();
    pending.accept();
    pending.accept();
  },
  ERR_STATE_OWN_MESSAGE: () => {
    const [alice] = pair();
    alice.receive(alice.encrypt("to myself"));
  },
  ERR_STATE_RECORD: () =>
    Client.restore(new Uint8Array(100), { authenticate: acceptAnyCredential, storageKey: new Uint8Array(32) }),
  ERR_USAGE: () => pair()[0].exportSecret("label", new Uint8Array(0), 255 * 32 + 1),
  ERR_RANDOM: () => publicClient("x", { random: (length) => new Uint8Array(length) }),
  ERR_INTERNAL: () => new Engine().frame((core) => core.allocate(0xffff_ffff)),
  ERR_ENGINE_POISONED: () => {
    const engine = new Engine();
    errorOf(() => engine.frame((core) => core.allocate(0xffff_ffff)));
    Client.create({ credential: basicCredential("x"), authenticate: acceptAnyCredential, engine });
  },
  ERR_NO_SIMD: () => Promise.reject(new Error("loaded apart")),
  ERR_NO_WASM: () => Promise.reject(new Error("loaded apart")),
};

const loaded = new Set<string>(["ERR_NO_SIMD", "ERR_NO_WASM"]);
const codes = Object.keys(causes) as ErrorCode[];

describe("error codes", () => {
  afterEach(() => void vi.unstubAllGlobals());

  it("are those of bindings/errors.ts", () => {
    expect([...codes].sort()).toEqual([...errorCodesOf().map(({ code }) => code)].sort());
  });

  it.each(codes.filter((code) => !loaded.has(code)))("%s is thrown, and its message says something", (code) => {
    const error = errorOf(causes[code]);
    expect(errorCodes(error)).toContain(code);
    for (let at: unknown = error; at instanceof MlsError; at = at.cause) expect(at.message).toMatch(/\w+ \w+/);
  });

  it.each([
    ["ERR_NO_SIMD", Object.assign(Object.create(WebAssembly), { validate: () => false })],
    ["ERR_NO_WASM", undefined],
  ])("%s is thrown where the core cannot be loaded", async (code, replacement) => {
    vi.resetModules();
    const { coreModule } = await import("../../bindings/core/module.ts");
    vi.stubGlobal("WebAssembly", replacement);
    expect(coreModule).toThrow(expect.objectContaining({ code }));
  });
});
