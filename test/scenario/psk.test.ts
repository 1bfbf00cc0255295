import { describe, expect, it } from "vitest";
import { acceptAnyCredential, basicCredential, Client, type Group } from "../../bindings/index.ts";

const pskId = Uint8Array.of(1, 2, 3);
const psk = new Uint8Array(32).fill(5);

function client(name: string): Client {
  return Client.create({ credential: basicCredential(name), authenticate: acceptAnyCredential });
}

function pair(): { alice: Client; bob: Client; atAlice: Group; atBob: Group } {
  const alice = client("alice");
  const bob = client("bob");
  const atAlice = alice.createGroup();
  const adding = atAlice.commit({ add: [bob.keyPackage()] });
  adding.accept();
  return { alice, bob, atAlice, atBob: bob.join(adding.welcomes[0]!).accept() };
}

function accept(group: Group, message: Uint8Array): void {
  const received = group.receive(message);
  if (received.kind === "commit") received.commit.accept();
}

describe("pre-shared keys", () => {
  it("MLS-12.4.2-02b: a missing PSK refuses the commit for now, nothing is used up", () => {
    const { alice, bob, atAlice, atBob } = pair();
    expect(() => atAlice.commit({ psks: [{ external: pskId }] })).toThrow(expect.objectContaining({ code: "ERR_PSK" }));
    alice.addPsk(pskId, psk);
    const commit = atAlice.commit({ psks: [{ external: pskId }] });
    const before = atBob.epochAuthenticator;
    expect(() => atBob.receive(commit.commit)).toThrow(
      expect.objectContaining({ code: "ERR_PSK", rule: "MLS-12.4.2-02b" }),
    );
    expect(atBob.epochAuthenticator).toEqual(before);
    bob.addPsk(pskId, psk);
    accept(atBob, commit.commit);
    commit.accept();
    expect(atBob.epochAuthenticator).toEqual(atAlice.epochAuthenticator);
  });

  it("MLS-12.4.3.1-28: a joiner needs the PSK of its Welcome, and can come back with it", () => {
    const { alice, bob, atAlice, atBob } = pair();
    alice.addPsk(pskId, psk);
    bob.addPsk(pskId, psk);
    const carol = client("carol");
    const commit = atAlice.commit({ add: [carol.keyPackage()], psks: [{ external: pskId }] });
    accept(atBob, commit.commit);
    commit.accept();
    expect(() => carol.join(commit.welcomes[0]!)).toThrow(expect.objectContaining({ code: "ERR_PSK" }));
    expect(carol.unusedKeyPackages).toBe(1);
    carol.addPsk(pskId, psk);
    expect(carol.join(commit.welcomes[0]!).accept().epochAuthenticator).toEqual(atBob.epochAuthenticator);
  });

  it("MLS-8.4-07, MLS-8.4-09: resumption PSKs of this and past epochs, by value and by reference", () => {
    const { atAlice, atBob } = pair();
    const { epoch } = atAlice;
    accept(atBob, atAlice.propose({ psk: { resumption: { epoch } } }));
    const first = atAlice.commit();
    accept(atBob, first.commit);
    first.accept();
    const second = atBob.commit({ psks: [{ resumption: { epoch } }, { resumption: { epoch: atBob.epoch } }] });
    accept(atAlice, second.commit);
    second.accept();
    expect(atBob.epochAuthenticator).toEqual(atAlice.epochAuthenticator);
    const future = { resumption: { epoch: atAlice.epoch + 1n } };
    expect(() => atAlice.commit({ psks: [future] })).toThrow(expect.objectContaining({ code: "ERR_PSK" }));
  });

  it("MLS-12.4.3.2-11: enter an external commit like any other", () => {
    const { alice, bob, atAlice, atBob } = pair();
    const carol = client("carol");
    for (const each of [alice, bob, carol]) each.addPsk(pskId, psk);
    const joining = carol.joinExternal(atBob.groupInfo(), { psks: [{ external: pskId }] });
    accept(atAlice, joining.commit);
    accept(atBob, joining.commit);
    expect(joining.accept().epochAuthenticator).toEqual(atAlice.epochAuthenticator);
    expect(atBob.epochAuthenticator).toEqual(atAlice.epochAuthenticator);
  });
});
