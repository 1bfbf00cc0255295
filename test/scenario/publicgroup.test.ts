import { describe, expect, it } from "vitest";
import { acceptAnyCredential, basicCredential, Client, type Group, PublicGroup } from "../../bindings/index.ts";

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
      if (followed.kind === "commit") followed.commit.accept();
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
