// Groups that claim to continue another one, and do not (RFC 9420 sections 11.2 and 11.3). A dishonest
// founder makes them; whoever joins must find out.
import { describe, expect, it } from "vitest";
import { createCommit } from "../../bindings/group/create.ts";
import { lineagePsk, lineageSecret } from "../../bindings/group/lineage.ts";
import { type Client, Engine, type Extension, type Group, MlsError } from "../../bindings/index.ts";
import type { Proposal } from "../../bindings/message/proposals.ts";
import { refusalOf, forgeCommit, groupOf, keyPackageIn, publicClient } from "../support/forge.ts";
import { nist } from "../../bindings/suites/nist.ts";

const engine = await Engine.create();
const announced = { groupId: Uint8Array.of(5, 5), cipherSuite: 1, extensions: [] };
const empty = new Uint8Array(0);

/** What the founder does otherwise than the rules say. */
interface Fraud {
  readonly usage?: "reinit" | "branch";
  readonly groupId?: Uint8Array;
  readonly extensions?: readonly Extension[];
  /** Commits of the new group before the one that adds the others. */
  readonly epochs?: number;
  /** The epoch of the old group that the PSK names, counted from the last one. */
  readonly back?: bigint;
  readonly psks?: number;
  readonly add?: readonly Client[];
  readonly reInit?: boolean;
}

/** Alice, Bob and Carol had a group; Alice makes another one, and Bob is invited. */
function invite(fraud: Fraud): { bob: Client; atBob: Group; welcome: Uint8Array } {
  const { clients, groups } = groupOf("alice", "bob", "carol");
  const [alice, bob, carol] = clients as [Client, Client, Client];
  const [atAlice, atBob] = groups as [Group, Group];
  if (fraud.reInit ?? true) {
    const commit = atAlice.commit({ reInit: announced });
    const received = atBob.receive(commit.commit);
    if (received.kind === "commit") received.commit.accept();
    commit.accept();
  }
  const group = alice.createGroup(fraud.groupId ?? announced.groupId, { extensions: fraud.extensions ?? [] });
  for (let i = 0; i < (fraud.epochs ?? 0); i++) group.commit().accept();
  const { state } = group;
  const epoch = atAlice.epoch - (fraud.back ?? 0n);
  const lineage = { usage: fraud.usage ?? "reinit", prior: atAlice.state, epoch } as const;
  const { suite, environment } = state;
  const psks = Array.from({ length: fraud.psks ?? 1 }, (): Proposal => {
    return { kind: "psk", psk: lineagePsk(lineage, suite.hashLength, environment.random) };
  });
  const created = createCommit(state, {
    proposals: [
      ...[bob, ...(fraud.add ?? [carol])].map((client): Proposal => {
        return { kind: "add", keyPackage: keyPackageIn(client.keyPackage()) };
      }),
      ...psks,
    ],
    includeReceived: false,
    path: true,
    leaf: {},
    authenticatedData: empty,
    format: "public",
    treeInWelcome: true,
    membersPerWelcome: 10,
    groupInfoExtensions: [],
    continues: { usage: lineage.usage, psk: lineageSecret(lineage, suite.engine)! },
  });
  return { bob, atBob, welcome: created.welcomes[0]! };
}

const requiredCapabilities = { extensionType: 3, extensionData: Uint8Array.of(0, 0, 0) };

describe("a successor is refused, and the key package kept, for", () => {
  it("nothing, when it is honest", () => {
    const { bob, atBob, welcome } = invite({});
    expect(bob.join(welcome, { resumes: atBob }).accept().memberCount).toBe(3);
  });

  it.each<[string, string, Fraud]>([
    ["MLS-11.2-02", "an epoch after the first", { epochs: 1 }],
    ["MLS-11.2-01", "another name", { groupId: Uint8Array.of(6) }],
    ["MLS-11.2-01", "other extensions", { extensions: [requiredCapabilities] }],
    ["MLS-12.4.3.1-05", "two PSKs of usage reinit", { psks: 2 }],
    ["MLS-12.4.3.1-23", "a group that was not re-initialized", { reInit: false }],
    ["MLS-12.4.3.1-23", "an epoch before the ReInit", { back: 1n }],
    ["MLS-12.4.3.1-24", "a member who is left out", { add: [] }],
    ["MLS-12.4.3.1-24", "a member who is replaced", { add: [publicClient("mallory")] }],
    ["MLS-11.2-03", "no PSK of the old group", { psks: 0 }],
  ])("%s (MLS-12.4.3.1-20): %s", (rule, _what, fraud) => {
    const { bob, atBob, welcome } = invite(fraud);
    const error = refusalOf(() => bob.join(welcome, { resumes: atBob }));
    expect(error).toMatchObject({ code: "ERR_WELCOME", rule });
    expect(bob.unusedKeyPackages).toBe(1);
  });

  it("MLS-11.2-03: a PSK of another group than the one that is named", () => {
    const { bob, welcome } = invite({});
    const another = bob.createGroup("another");
    const error = refusalOf(() => bob.join(welcome, { resumes: another }));
    expect(error).toMatchObject({ code: "ERR_WELCOME", rule: "MLS-11.2-03" });
  });

  it.each([
    ["MLS-11.2-01", "reinit"],
    ["MLS-11.3-03", "branch"],
  ] as const)("%s: another cipher suite than was announced, or than the group has (%s)", (rule, usage) => {
    const names = ["alice", "bob"];
    const [alice, bob] = names.map((name) => publicClient(name, { engine })) as [Client, Client];
    const atAlice = alice.createGroup("room");
    const adding = atAlice.commit({ add: [bob.keyPackage()] });
    adding.accept();
    const atBob = bob.join(adding.welcomes[0]!).accept();
    const commit = atAlice.commit({ reInit: { ...announced, cipherSuite: 2 } });
    const received = atBob.receive(commit.commit);
    if (received.kind === "commit") received.commit.accept();
    commit.accept();
    const [a3, b3] = names.map((name) => publicClient(name, { engine, cipherSuite: 3, suites: nist })) as [
      Client,
      Client,
    ];
    const add = [b3.keyPackage()];
    const error = refusalOf(() => a3.createSuccessor(atAlice, { add }));
    expect(error).toMatchObject({ code: "ERR_UNSUPPORTED", rule: "MLS-11.2-01" });
    const group = a3.createGroup(announced.groupId);
    const lineage = { usage, prior: atAlice.state, epoch: atAlice.epoch };
    const { suite, environment } = group.state;
    const psk = lineagePsk(lineage, suite.hashLength, environment.random);
    const created = createCommit(group.state, {
      proposals: [
        { kind: "add", keyPackage: keyPackageIn(b3.keyPackage()) },
        { kind: "psk", psk },
      ],
      includeReceived: false,
      path: false,
      leaf: {},
      authenticatedData: empty,
      format: "public",
      treeInWelcome: true,
      membersPerWelcome: 10,
      groupInfoExtensions: [],
      continues: { usage, psk: lineageSecret(lineage, suite.engine)! },
    });
    const refusal = refusalOf(() => b3.join(created.welcomes[0]!, { resumes: atBob }));
    expect(refusal).toMatchObject({ code: "ERR_WELCOME", rule });
  });

  it("ERR_USAGE at its founder: members left out, no ReInit", () => {
    const { clients, groups } = groupOf("alice", "bob", "carol");
    const [alice, bob] = clients as [Client, Client];
    const [atAlice] = groups as [Group];
    expect(refusalOf(() => alice.createSuccessor(atAlice, { add: [] }))).toMatchObject({
      code: "ERR_USAGE",
      rule: "MLS-11.2-01",
    });
    atAlice.commit({ reInit: announced }).accept();
    const add = [bob.keyPackage()];
    expect(refusalOf(() => alice.createSuccessor(atAlice, { add }))).toMatchObject({
      code: "ERR_USAGE",
      rule: "MLS-12.4.3.1-24",
    });
    expect(alice.groups).toEqual([]);
  });
});

describe("a branch is refused, and the key package kept, for", () => {
  const branch = { usage: "branch", reInit: false } as const;

  it("nothing, when it is honest", () => {
    const { bob, atBob, welcome } = invite({ ...branch, add: [] });
    expect(bob.join(welcome, { resumes: atBob }).accept().memberCount).toBe(2);
  });

  it.each<[string, string, Fraud]>([
    ["MLS-11.3-04", "an epoch after the first", { ...branch, epochs: 2 }],
    ["MLS-12.4.3.1-05", "two PSKs of usage branch", { ...branch, psks: 2 }],
    ["MLS-12.4.3.1-25", "somebody from elsewhere", { ...branch, add: [publicClient("mallory")] }],
  ])("%s: %s", (rule, _what, fraud) => {
    const { bob, atBob, welcome } = invite(fraud);
    const error = refusalOf(() => bob.join(welcome, { resumes: atBob }));
    expect(error).toMatchObject({ code: "ERR_WELCOME", rule });
    expect(bob.unusedKeyPackages).toBe(1);
  });

  it("MLS-12.4.2-02b: an epoch whose resumption PSK is not held", () => {
    const { bob, atBob, welcome } = invite({ ...branch, back: 1n });
    // Bob joined in epoch 1: he has never known epoch 0.
    const error = refusalOf(() => bob.join(welcome, { resumes: atBob }));
    expect(error).toMatchObject({ code: "ERR_PSK", rule: "MLS-12.4.2-02b" });
  });

  it("MLS-11.3-07: an epoch whose members are not remembered", () => {
    const { clients, groups } = groupOf("alice", "bob");
    const [alice, bob] = clients as [Client, Client];
    const [atAlice, atBob] = groups as [Group, Group];
    const { welcomes } = alice.createBranch(atAlice, { groupId: "side", add: [bob.keyPackage()] });
    for (let i = 0; i < 6; i++) {
      const commit = atAlice.commit();
      const received = atBob.receive(commit.commit);
      if (received.kind === "commit") received.commit.accept();
      commit.accept();
    }
    const error = refusalOf(() => bob.join(welcomes[0]!, { resumes: atBob }));
    expect(error).toMatchObject({ code: "ERR_PSK", rule: "MLS-11.3-07" });
  });

  it("MLS-11.3-03: another cipher suite than the group's", () => {
    const { groups } = groupOf("alice");
    const other = publicClient("alice", { cipherSuite: 3 });
    const error = refusalOf(() => other.createBranch(groups[0]!, { add: [] }));
    expect(error).toMatchObject({ code: "ERR_UNSUPPORTED", rule: "MLS-11.3-03" });
  });

  it("ERR_USAGE at its founder: somebody who is no member", () => {
    const { clients, groups } = groupOf("alice");
    const add = [publicClient("mallory").keyPackage()];
    const error = refusalOf(() => clients[0]!.createBranch(groups[0]!, { add }));
    expect(error).toMatchObject({ code: "ERR_USAGE", rule: "MLS-12.4.3.1-25" });
  });
});

describe("MLS-11.2-04, MLS-11.3-06: elsewhere, PSKs of these usages are refused", () => {
  it.each([
    ["reinit", "MLS-12.1.4-01"],
    ["branch", "MLS-12.1.4-02"],
  ] as const)("usage %s", (usage, rule) => {
    const { groups } = groupOf("alice", "bob");
    const [atAlice, atBob] = groups as [Group, Group];
    const { state } = atAlice;
    const lineage = { usage, prior: state, epoch: atAlice.epoch };
    const psk = lineagePsk(lineage, state.suite.hashLength, state.environment.random);
    const error = refusalOf(() => atBob.receive(forgeCommit(atAlice, [{ kind: "psk", psk }])));
    expect(error.cause instanceof MlsError && error.cause.rule).toBe(rule);
  });
});
