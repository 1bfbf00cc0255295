import { describe, expect, it } from "vitest";
import {
  acceptAnyCredential,
  basicCredential,
  Client,
  type ClientOptions,
  type Group,
  MlsError,
} from "../../bindings/index.ts";

function client(name: string, options: Partial<ClientOptions> = {}): Client {
  return Client.create({ credential: basicCredential(name), authenticate: acceptAnyCredential, ...options });
}

function pair(options: Partial<ClientOptions> = {}): { alice: Client; bob: Client; atAlice: Group; atBob: Group } {
  const alice = client("alice", options);
  const bob = client("bob", options);
  const atAlice = alice.createGroup();
  const adding = atAlice.commit({ add: [bob.keyPackage()] });
  adding.accept();
  return { alice, bob, atAlice, atBob: bob.join(adding.welcomes[0]!).accept() };
}

function accept(group: Group, message: Uint8Array): void {
  const received = group.receive(message);
  if (received.kind === "commit") received.commit.accept();
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof MlsError) return error.code;
    return (error as Error).name;
  }
  return "nothing thrown";
}

const text = new TextDecoder();

describe("what is staged", () => {
  it("is used once", () => {
    const { atAlice, atBob } = pair();
    const pending = atAlice.commit();
    expect(codeOf(() => atAlice.commit())).toBe("ERR_STATE_PENDING_COMMIT");
    const received = atBob.receive(pending.commit);
    if (received.kind !== "commit") throw new Error(`a ${received.kind}`);
    expect(atBob.receive(pending.commit)).toEqual({ kind: "commit", commit: received.commit });
    received.commit.discard();
    expect(codeOf(() => received.commit.accept())).toBe("ERR_STATE_USED");
    // Discarding gives the key back that opened it.
    accept(atBob, pending.commit);
    pending.accept();
    expect(codeOf(() => pending.accept())).toBe("ERR_STATE_USED");
    expect(codeOf(() => pending.discard())).toBe("ERR_STATE_USED");
    expect(atBob.epochAuthenticator).toEqual(atAlice.epochAuthenticator);
  });

  it("knows the ratchet tree of the epoch it begins, before that epoch is entered", () => {
    const { atAlice } = pair();
    const carol = client("carol");
    const pending = atAlice.commit({ add: [carol.keyPackage()], treeInWelcome: false });
    const ratchetTree = pending.ratchetTree();
    expect(ratchetTree).not.toEqual(atAlice.ratchetTree());
    pending.accept();
    expect(ratchetTree).toEqual(atAlice.ratchetTree());
    expect(codeOf(() => pending.ratchetTree())).toBe("ERR_STATE_USED");
    const atCarol = carol.join(pending.welcomes[0]!, { ratchetTree }).accept();
    expect(atCarol.epochAuthenticator).toEqual(atAlice.epochAuthenticator);
  });

  it("is outdated when another commit wins", () => {
    const { atAlice, atBob } = pair();
    const [mine, theirs] = [atAlice.commit(), atBob.commit()];
    accept(atAlice, theirs.commit);
    expect(mine.status).toBe("outdated");
    expect(codeOf(() => mine.accept())).toBe("ERR_STATE_USED");
    theirs.accept();
    expect(atBob.epochAuthenticator).toEqual(atAlice.epochAuthenticator);
  });

  it("MLS-14-07, MLS-9.1-02: discarding a commit never gives its generation back", () => {
    const { atAlice, atBob } = pair();
    const first = atAlice.commit();
    first.discard();
    const second = atAlice.commit();
    expect(second.commit).not.toEqual(first.commit);
    accept(atBob, second.commit);
    second.accept();
    expect(atBob.epochAuthenticator).toEqual(atAlice.epochAuthenticator);
  });
});

describe("options of a commit", () => {
  it("MLS-12.4.3.1-22: several Welcomes, and the tree by another way", () => {
    const founder = client("founder");
    const group = founder.createGroup();
    const others = Array.from({ length: 5 }, (_, i) => client(`${i}`));
    const add = others.map((other) => other.keyPackage());
    const pending = group.commit({ add, membersPerWelcome: 2, treeInWelcome: false });
    pending.accept();
    expect(pending.welcomes).toHaveLength(3);
    const last = pending.welcomes[2]!;
    expect(codeOf(() => others[0]!.join(last))).toBe("ERR_WELCOME");
    expect(codeOf(() => others[4]!.join(last))).toBe("ERR_TREE_NEEDED");
    const joined = others[4]!.join(last, { ratchetTree: group.ratchetTree() }).accept();
    expect(joined.epochAuthenticator).toEqual(group.epochAuthenticator);
  });

  it("MLS-12.4-07, MLS-12.4-08: no path where the RFC allows it, and nowhere else", () => {
    const { atAlice, atBob } = pair();
    expect(
      codeOf(() => atAlice.commit({ path: false, leaf: { extensions: [] }, add: [client("x").keyPackage()] })),
    ).toBe("ERR_USAGE");
    const withPath = atAlice.commit({ add: [client("x").keyPackage()] });
    withPath.discard();
    const carol = client("carol");
    const pending = atAlice.commit({ path: false, add: [carol.keyPackage()] });
    expect(pending.commit.length).toBeLessThan(withPath.commit.length);
    accept(atBob, pending.commit);
    pending.accept();
    const atCarol = carol.join(pending.welcomes[0]!).accept();
    // Nobody's keys are refreshed, yet everybody can go on.
    const next = atCarol.commit();
    for (const group of [atAlice, atBob]) accept(group, next.commit);
    next.accept();
    expect(atBob.epochAuthenticator).toEqual(atCarol.epochAuthenticator);
  });

  it("MLS-7.5-03: a new signature key and credential; the commit is still signed with the old one", () => {
    const { atAlice, atBob } = pair();
    const before = atBob.member(0)!.signatureKey;
    const signaturePrivateKey = new Uint8Array(32).fill(3);
    const leaf = { signaturePrivateKey, credential: basicCredential("alice 2") };
    const pending = atAlice.commit({ leaf, add: [client("x").keyPackage()] });
    accept(atBob, pending.commit);
    pending.accept();
    const { signatureKey, identity } = atBob.member(0)!;
    expect(signatureKey).not.toEqual(before);
    expect(text.decode(identity)).toBe("alice 2");
    expect(atBob.receive(atAlice.encrypt("hello")).kind).toBe("application");
    expect(atAlice.epochAuthenticator).toEqual(atBob.epochAuthenticator);
  });

  it.each(["public", "private"] as const)("MLS-6-06: handshakes in %s form", (handshakeFormat) => {
    const { atAlice, atBob } = pair({ handshakeFormat });
    const proposal = atAlice.propose({ update: {} });
    expect(proposal[3]).toBe(handshakeFormat === "public" ? 1 : 2);
    accept(atBob, proposal);
    expect(codeOf(() => atBob.encrypt("too early"))).toBe("ERR_STATE_PENDING_PROPOSALS");
    accept(atAlice, atBob.encrypt("all the same", { despiteProposals: true }));
    const pending = atBob.commit();
    accept(atAlice, pending.commit);
    pending.accept();
    expect(atAlice.epochAuthenticator).toEqual(atBob.epochAuthenticator);
  });
});

describe("what comes from outside", () => {
  it("is of the right kind, or TypeError and RangeError", () => {
    const { alice, atAlice } = pair();
    expect(codeOf(() => Client.create({ credential: basicCredential("x") }))).toBe("TypeError");
    expect(codeOf(() => atAlice.receive("hello" as unknown as Uint8Array))).toBe("TypeError");
    expect(codeOf(() => alice.join(7 as unknown as Uint8Array))).toBe("TypeError");
    expect(codeOf(() => atAlice.commit({ remove: [-1] }))).toBe("RangeError");
    expect(codeOf(() => atAlice.commit({ remove: [2 ** 32] }))).toBe("RangeError");
    expect(codeOf(() => client("x", { storageKey: new Uint8Array(31) }))).toBe("RangeError");
    expect(codeOf(() => client("x", { limits: { leaves: -1 } }))).toBe("RangeError");
    expect(codeOf(() => client("x", { cipherSuite: 2 }))).toBe("ERR_UNSUPPORTED");
    expect(codeOf(() => alice.save())).toBe("ERR_USAGE");
  });

  it("MLS-8.5-02, MLS-8.5-04: exports at most 255 hashes", () => {
    const { atAlice, atBob } = pair();
    const context = Uint8Array.of(1);
    for (const length of [0, 1, 32, 255 * 32]) {
      expect(atAlice.exportSecret("label", context, length)).toEqual(atBob.exportSecret("label", context, length));
    }
    expect(atAlice.exportSecret("label", context, 32)).not.toEqual(atAlice.exportSecret("other", context, 32));
    expect(codeOf(() => atAlice.exportSecret("label", context, 255 * 32 + 1))).toBe("ERR_USAGE");
  });

  it("a failing source of randomness is found out, and nothing has changed", () => {
    let isBroken = false;
    const random = (length: number): Uint8Array =>
      isBroken ? new Uint8Array(length) : crypto.getRandomValues(new Uint8Array(length));
    const { alice, atAlice, atBob } = pair({ random });
    const before = atAlice.epochAuthenticator;
    isBroken = true;
    expect(codeOf(() => alice.keyPackage())).toBe("ERR_RANDOM");
    expect(codeOf(() => atAlice.commit())).toBe("ERR_RANDOM");
    expect(codeOf(() => atAlice.propose({ update: {} }))).toBe("ERR_RANDOM");
    expect(codeOf(() => alice.createGroup())).toBe("ERR_RANDOM");
    isBroken = false;
    expect(atAlice.epochAuthenticator).toEqual(before);
    expect(atAlice.pendingCommit).toBeUndefined();
    const pending = atAlice.commit();
    accept(atBob, pending.commit);
    pending.accept();
    expect(atBob.epochAuthenticator).toEqual(atAlice.epochAuthenticator);
  });

  it("a callback that calls back into the group meets ERR_STATE_BUSY", () => {
    const seen: string[] = [];
    const founder = Client.create({
      credential: basicCredential("founder"),
      authenticate: () => {
        seen.push(codeOf(() => group.encrypt("from within")));
        return true;
      },
    });
    const group = founder.createGroup();
    group.commit({ add: [client("x").keyPackage()] }).accept();
    expect(seen).toEqual(["ERR_STATE_BUSY"]);
    expect(group.memberCount).toBe(2);
  });

  it("DEF-12: limits hold before anything is looked at", () => {
    const { atAlice, bob } = pair();
    const small = client("small", { limits: { messageBytes: 100, groupMessageBytes: 1000 } });
    const group = small.createGroup();
    expect(codeOf(() => group.receive(new Uint8Array(1001)))).toBe("ERR_LIMIT");
    expect(codeOf(() => group.commit({ add: [bob.keyPackage()] }))).toBe("ERR_KEY_PACKAGE");
    const few = client("few", { limits: { proposals: 1, stagedCommits: 1, leaves: 2 } });
    const joining = atAlice.commit({ add: [few.keyPackage()] });
    joining.accept();
    expect(codeOf(() => few.join(joining.welcomes[0]!))).toBe("ERR_LIMIT");
  });

  it("is copied: changing what was given or returned changes nothing", () => {
    const { atAlice, atBob } = pair();
    const message = atAlice.encrypt("hello");
    const given = Uint8Array.from(message);
    const received = atBob.receive(given);
    given.fill(0);
    expect(received.kind === "application" && text.decode(received.data)).toBe("hello");
    atAlice.epochAuthenticator.fill(0);
    atAlice.groupId.fill(0);
    expect(atAlice.epochAuthenticator).toEqual(atBob.epochAuthenticator);
    expect(atAlice.groupId).toEqual(atBob.groupId);
  });

  it("a closed group says so, whatever it is asked", () => {
    const { atAlice } = pair();
    const pending = atAlice.commit();
    atAlice.close();
    atAlice.close();
    expect(pending.status).toBe("outdated");
    for (const ask of [
      (): unknown => atAlice.encrypt("x"),
      (): unknown => atAlice.commit(),
      (): unknown => atAlice.receive(new Uint8Array(3)),
      (): unknown => atAlice.members(),
      (): unknown => atAlice.epochAuthenticator,
      (): unknown => atAlice.ratchetTree(),
      (): unknown => atAlice.groupInfo(),
    ]) {
      expect(codeOf(ask)).toBe("ERR_STATE_CLOSED");
    }
  });
});
