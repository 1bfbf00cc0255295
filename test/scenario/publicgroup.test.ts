import { describe, expect, it } from "vitest";
import {
  acceptAnyCredential,
  basicCredential,
  Client,
  Engine,
  type Group,
  MlsError,
  PublicGroup,
} from "../../bindings/index.ts";

function client(name: string): Client {
  return Client.create({
    credential: basicCredential(name),
    authenticate: acceptAnyCredential,
    handshakeFormat: "public",
  });
}

describe("PublicGroup", () => {
  it("follows a group through proposals, commits and external joins without a secret", () => {
    const [alice, bob, carol] = [client("alice"), client("bob"), client("carol")];
    const atAlice = alice.createGroup("room");
    const server = PublicGroup.follow(atAlice.groupInfo(), { authenticate: acceptAnyCredential });
    const live: Group[] = [atAlice];
    const publish = (message: Uint8Array, sender?: Group): void => {
      const followed = server.receive(message);
      if (followed.kind === "commit") {
        expect(followed.commit.joined !== undefined).toBe(sender === undefined);
        followed.commit.accept();
      }
      for (const group of live) {
        if (group === sender) continue;
        const received = group.receive(message);
        if (received.kind === "commit") received.commit.accept();
      }
    };
    const check = (): void => {
      expect(server.epoch).toBe(atAlice.epoch);
      expect(server.treeHash).toEqual(atAlice.state.tree.treeHash());
      expect(server.confirmationTag).toEqual(atAlice.state.epoch.confirmationTag);
      expect(server.members()).toEqual(atAlice.members());
      expect(server.ratchetTree()).toEqual(atAlice.ratchetTree());
    };

    const adding = atAlice.commit({ add: [bob.keyPackage()] });
    publish(adding.commit, atAlice);
    adding.accept();
    const atBob = bob.join(adding.welcomes[0]!).accept();
    live.push(atBob);
    check();

    publish(atBob.propose({ update: {} }), atBob);
    const update = atAlice.commit();
    publish(update.commit, atAlice);
    update.accept();
    check();

    const joining = carol.joinExternal(atBob.groupInfo({ ratchetTree: false }), { ratchetTree: server.ratchetTree() });
    publish(joining.commit);
    live.push(joining.accept());
    check();

    const removal = live[2]!.commit({ remove: [atBob.ownLeafIndex] });
    publish(removal.commit, live[2]);
    removal.accept();
    check();
    expect(server.memberCount).toBe(2);
  });

  it("refuses what it cannot follow and what breaks a rule, and stays where it is", () => {
    const [alice, bob] = [client("alice"), client("bob")];
    const atAlice = alice.createGroup("room");
    const server = PublicGroup.follow(atAlice.groupInfo(), { authenticate: acceptAnyCredential });
    expect(() => server.receive(atAlice.encrypt("hi"))).toThrow(expect.objectContaining({ code: "ERR_POLICY" }));
    const adding = atAlice.commit({ add: [bob.keyPackage()] });
    const forged = Uint8Array.from(adding.commit);
    forged[forged.length - 150]! ^= 1;
    expect(() => server.receive(forged)).toThrow();
    expect(server.epoch).toBe(0n);
    const followed = server.receive(adding.commit);
    if (followed.kind !== "commit") throw new Error("not a commit");
    expect(followed.commit.added).toHaveLength(1);
    followed.commit.discard();
    expect(server.epoch).toBe(0n);
    expect(server.memberCount).toBe(1);
  });

  it("MLS-12.4.2-09: follows nothing after a ReInit, and says what the successor is", () => {
    const atAlice = client("alice").createGroup("room");
    const server = PublicGroup.follow(atAlice.groupInfo(), { authenticate: acceptAnyCredential });
    const late = atAlice.commit();
    late.discard();
    const ending = atAlice.commit({ reInit: { groupId: Uint8Array.of(5), cipherSuite: 3 } });
    const followed = server.receive(ending.commit);
    if (followed.kind === "commit") followed.commit.accept();
    expect(server.reInit).toMatchObject({ groupId: Uint8Array.of(5), cipherSuite: 3 });
    const closed = expect.objectContaining({ code: "ERR_STATE_CLOSED" });
    expect(() => server.receive(late.commit)).toThrow(closed);
    const restored = PublicGroup.restore(server.save(), { authenticate: acceptAnyCredential });
    expect(restored.reInit).toEqual(server.reInit);
    expect(() => restored.receive(late.commit)).toThrow(closed);
  });

  it("is saved and restored, with the proposals that wait", () => {
    const [alice, bob] = [client("alice"), client("bob")];
    const atAlice = alice.createGroup("room");
    const server = PublicGroup.follow(atAlice.groupInfo(), { authenticate: acceptAnyCredential });
    server.receive(atAlice.propose({ add: bob.keyPackage() }));
    const commit = atAlice.commit();
    const saved = server.save();
    server.close();
    expect(() => server.save()).toThrow(expect.objectContaining({ code: "ERR_STATE_CLOSED" }));
    const restored = PublicGroup.restore(saved, { authenticate: acceptAnyCredential, engine: new Engine() });
    expect(restored.save()).toEqual(saved);
    const followed = restored.receive(commit.commit);
    if (followed.kind !== "commit") throw new Error(`a ${followed.kind}`);
    expect(followed.commit.added).toHaveLength(1);
    followed.commit.accept();
    commit.accept();
    expect(restored.confirmationTag).toEqual(atAlice.state.epoch.confirmationTag);
    expect(restored.members()).toEqual(atAlice.members());
  });

  it("is not restored from anything that was changed, cut or is something else", () => {
    const engine = new Engine();
    const atAlice = client("alice").createGroup("room");
    const server = PublicGroup.follow(atAlice.groupInfo(), { authenticate: acceptAnyCredential });
    server.receive(atAlice.propose({ extensions: [] }));
    const saved = server.save();
    const restore = (bytes: Uint8Array): PublicGroup =>
      PublicGroup.restore(bytes, { authenticate: acceptAnyCredential, engine });
    for (let at = 0; at < saved.length; at++) {
      const changed = Uint8Array.from(saved);
      changed[at]! ^= 0x10;
      expect(() => restore(changed)).toThrow(MlsError);
      expect(() => restore(saved.subarray(0, at))).toThrow(MlsError);
    }
    expect(() => restore(atAlice.groupInfo())).toThrow(expect.objectContaining({ code: "ERR_STATE_RECORD" }));
    expect(engine.core.handlesInUse()).toBe(0);
    expect(restore(saved).epoch).toBe(0n);
  });

  it("is forgotten at the end of its scope", () => {
    const atAlice = client("alice").createGroup("room");
    const view = (): PublicGroup => {
      using follower = PublicGroup.follow(atAlice.groupInfo(), { authenticate: acceptAnyCredential });
      return follower;
    };
    expect(() => view().receive(atAlice.commit().commit)).toThrow(
      expect.objectContaining({ code: "ERR_STATE_CLOSED" }),
    );
  });
});
