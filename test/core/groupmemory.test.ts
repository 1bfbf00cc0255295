// No secret of a group outlives its time in the core's memory (RFC 9420 section 9.2): epochs that ended, commits
// that were discarded, keys that were replaced, PSKs, key packages, and everything once all is closed.
import { describe, expect, it } from "vitest";
import { Engine } from "../../bindings/core/engine.ts";
import { Secret } from "../../bindings/core/secret.ts";
import { createCommit } from "../../bindings/group/create.ts";
import { forgetNextEpoch, type NextEpoch } from "../../bindings/group/epoch.ts";
import { processCommit } from "../../bindings/group/process.ts";
import type { Client, Group } from "../../bindings/index.ts";
import { authenticate } from "../../bindings/receive.ts";
import type { EpochSecrets } from "../../bindings/schedule/epoch.ts";
import type { TreeView } from "../../bindings/tree/ratchettree.ts";
import { nist } from "../../bindings/suites/nist.ts";
import { publicClient } from "../support/forge.ts";
import { occurrences } from "../support/memory.ts";

const nothing = new Uint8Array(0);

/** The bytes of everything secret that an epoch holds, but for its secret tree. */
function epochSecrets(secrets: EpochSecrets): Uint8Array[] {
  const { senderDataSecret, exporterSecret, externalSecret, confirmationKey, membershipKey } = secrets;
  const { resumptionPsk, epochAuthenticator, initSecret } = secrets;
  return [
    ...[senderDataSecret, exporterSecret, externalSecret, confirmationKey, membershipKey],
    ...[resumptionPsk, epochAuthenticator, initSecret],
  ].map((secret) => secret.export());
}

/** The private keys that are held for a tree. */
function privateKeys(tree: TreeView): Uint8Array[] {
  const { engine } = tree;
  return Array.from({ length: 2 * tree.leafCount - 1 }, (_, node) => node).flatMap((node) => {
    if (engine.core.treeHasPrivateKey(tree.handle, node) !== 1) return [];
    using secret = Secret.adopt(engine, engine.core.treePrivateKey(tree.handle, node));
    return [secret.export()];
  });
}

function ofNext({ epoch, tree, signatureKey }: NextEpoch): Uint8Array[] {
  const signing = signatureKey === undefined ? [] : [signatureKey.privateKey.export()];
  return [...epochSecrets(epoch.secrets), ...privateKeys(tree), ...signing];
}

function ofGroup({ state }: Group): Uint8Array[] {
  return [...epochSecrets(state.epoch.secrets), ...privateKeys(state.tree), state.signatureKey.privateKey.export()];
}

function isThere(engine: Engine, secrets: readonly Uint8Array[]): boolean[] {
  return secrets.map((secret) => occurrences(engine, secret) > 0);
}

function expectGone(engine: Engine, secrets: readonly Uint8Array[]): void {
  expect(secrets.length).toBeGreaterThan(0);
  expect(isThere(engine, secrets)).toEqual(secrets.map(() => false));
}

interface Scene {
  readonly engine: Engine;
  readonly clients: readonly Client[];
  readonly groups: readonly Group[];
}

function scene(cipherSuite: number, pastEpochs = 0): Scene {
  const engine = new Engine();
  const limits = { pastEpochs, resumptionEpochs: 0 };
  const clients = ["alice", "bob", "carol", "dave"].map((name) =>
    publicClient(name, { engine, cipherSuite, suites: nist, limits }),
  );
  const [founder, ...others] = clients;
  const first = founder!.createGroup("room");
  const adding = first.commit({ add: others.map((other) => other.keyPackage()) });
  adding.accept();
  return { engine, clients, groups: [first, ...others.map((other) => other.join(adding.welcomes[0]!).accept())] };
}

function advance(groups: readonly Group[], by: number, options: Parameters<Group["commit"]>[0] = {}): void {
  const commit = groups[by]!.commit(options);
  groups.forEach((group, i) => {
    if (i === by) return;
    const received = group.receive(commit.commit);
    if (received.kind === "commit") received.commit.accept();
  });
  commit.accept();
}

describe.each([1, 2])("MLS-9.2-07: the memory of the core, suite %i", (cipherSuite) => {
  it("MLS-9.2-02, MLS-7.5-10: holds no secret of an epoch that ended, nor a private key that was replaced", () => {
    const { engine, groups } = scene(cipherSuite);
    const epoch = groups.map(({ state }) => epochSecrets(state.epoch.secrets)).flat();
    const keys = groups.map(({ state }) => privateKeys(state.tree));
    expect(isThere(engine, [...epoch, ...keys.flat()])).not.toContain(false);
    advance(groups, 0);
    expectGone(engine, epoch);
    // Alice's leaf and path are new; the others keep their leaves until they commit.
    expectGone(engine, keys[0]!);
    for (const by of [1, 2, 3]) advance(groups, by);
    expectGone(engine, keys.flat());
  });

  it.each([0, 2])("MLS-7.5-11: holds no key of a node that the commit of member %i blanks", (by) => {
    const { engine, groups } = scene(cipherSuite);
    for (const each of [0, 1, 2, 3]) advance(groups, each);
    const { state } = groups[0]!;
    // The parent of leaves 0 and 1: blank once leaf 1 is, and on no filtered direct path.
    const held = (): boolean => engine.core.treeHasPrivateKey(state.tree.handle, 1) === 1;
    expect(held()).toBe(true);
    const key = privateKeys(state.tree)[1]!;
    expect(isThere(engine, [key])).toEqual([true]);
    advance(groups, by, { remove: [1] });
    expect(state.tree.encryptionKey(1)).toBeUndefined();
    expect(held()).toBe(false);
    expectGone(engine, [key]);
  });

  it("MLS-9.2-02: of an epoch whose messages may still come, holds the sender data secret alone", () => {
    const { engine, groups } = scene(cipherSuite, 2);
    const epochs = groups.map(({ state }) => epochSecrets(state.epoch.secrets));
    advance(groups, 0);
    for (const [senderData, ...others] of epochs) {
      expect(isThere(engine, [senderData!])).toEqual([true]);
      expectGone(engine, others);
    }
  });

  it("MLS-14-05: holds nothing of a commit that was discarded, made or received", () => {
    const { engine, groups } = scene(cipherSuite);
    const [alice, bob] = groups as [Group, Group];
    const made = createCommit(alice.state, {
      proposals: [],
      includeReceived: false,
      path: true,
      leaf: { signaturePrivateKey: new Uint8Array(32).fill(77) },
      authenticatedData: nothing,
      format: "public",
      treeInWelcome: true,
      membersPerWelcome: 10,
      groupInfoExtensions: [],
    });
    const processed = processCommit(bob.state, authenticate(bob.state, made.message).content);
    const kept = [...ofGroup(alice), ...ofGroup(bob)].map(String);
    const secrets = [...ofNext(made.next), ...ofNext(processed.next!)].filter((each) => !kept.includes(String(each)));
    expect(isThere(engine, secrets)).not.toContain(false);
    forgetNextEpoch(processed.next!);
    forgetNextEpoch(made.next);
    expectGone(engine, secrets);
  });

  it("MLS-8.4-07, MLS-16.8-01: holds no PSK of a closed client, no key package that was used or retired", () => {
    const { engine, clients, groups } = scene(cipherSuite);
    const psk = crypto.getRandomValues(new Uint8Array(32));
    for (const client of clients) client.addPsk(Uint8Array.of(1), psk);
    expect(occurrences(engine, psk)).toBe(clients.length);
    advance(groups, 1, { psks: [{ external: Uint8Array.of(1) }] });
    expect(occurrences(engine, psk)).toBe(clients.length);
    const before = engine.core.handlesInUse();
    const keyPackage = clients[0]!.keyPackage();
    expect(engine.core.handlesInUse()).toBe(before + 2);
    expect(clients[0]!.retireKeyPackage(keyPackage)).toBe(true);
    expect(engine.core.handlesInUse()).toBe(before);
    for (const client of clients) client.close();
    expectGone(engine, [psk]);
  });

  it("MLS-12.4.2-11: holds nothing of a group once it is over, and nothing at all once its clients are closed", () => {
    const { engine, clients, groups } = scene(cipherSuite);
    advance(groups, 1, { psks: [] });
    const [carol] = [groups[2]!];
    const own = [...privateKeys(carol.state.tree), carol.state.signatureKey.privateKey.export()].slice(0, 1);
    advance(groups, 0, { remove: [2] });
    expect(carol.closedBy).toBe("removed");
    expectGone(engine, own);
    const rest = groups.filter((group) => group !== carol).flatMap(ofGroup);
    const pending = groups[0]!.commit();
    groups[1]!.propose({ update: {} });
    groups[3]!.receive(pending.commit);
    expect(isThere(engine, rest)).not.toContain(false);
    for (const client of clients) client.close();
    expectGone(engine, rest);
    expect(engine.core.handlesInUse()).toBe(0);
  });
});
