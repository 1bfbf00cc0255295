// Grove behind the calls of the test service, beyond what the scripts ask of it.

import { describe, expect, it } from "vitest";
import type { InteropClient } from "../../interop/client.ts";
import { groveClient } from "../../interop/grove/client.ts";

const identity = (name: string): Uint8Array => new TextEncoder().encode(name);
const nothing = new Uint8Array(0);

async function found(client: InteropClient, encryptHandshake = true): Promise<number> {
  const request = { groupId: identity("room"), cipherSuite: 1, encryptHandshake, identity: identity("alice") };
  return (await client.createGroup(request)).stateId;
}

async function pair(): Promise<{ client: InteropClient; alice: number; bob: number }> {
  const client = groveClient();
  const alice = await found(client);
  const { keyPackage, transactionId } = await client.createKeyPackage({ cipherSuite: 1, identity: identity("bob") });
  const byValue = [{ proposalType: "add", keyPackage } as const];
  const { welcome } = await client.commit({
    stateId: alice,
    byReference: [],
    byValue,
    forcePath: true,
    externalTree: false,
  });
  await client.handlePendingCommit({ stateId: alice });
  const join = { transactionId, welcome, encryptHandshake: false, identity: identity("bob"), ratchetTree: nothing };
  return { client, alice, bob: (await client.joinGroup(join)).stateId };
}

const list = (stateId: number, ...byReference: Uint8Array[]) => ({
  stateId,
  byReference,
  byValue: [],
  forcePath: true,
  externalTree: false,
});

describe("Grove in an interoperability run", () => {
  it("knows its numbers, and no others", async () => {
    const client = groveClient();
    const stateId = await found(client);
    await expect(client.stateAuth({ stateId: stateId + 1 })).rejects.toThrow(`no state has the number ${stateId + 1}`);
    await client.free({ stateId });
    await expect(client.free({ stateId })).rejects.toThrow("no state");
    await client.close();
  });

  it("commits exactly the proposals it is asked for", async () => {
    const { client, alice, bob } = await pair();
    const { proposal } = await client.updateProposal({ stateId: alice });
    // MLS-12.2-04
    await expect(client.commit(list(alice, proposal))).rejects.toThrow(/0 of 1 proposals: .*MLS-12.2-04/);
    const { commit } = await client.commit(list(bob, proposal));
    await client.handlePendingCommit({ stateId: bob });
    const { epochAuthenticator } = await client.handleCommit({ stateId: alice, proposal: [proposal], commit });
    await expect(client.stateAuth({ stateId: bob })).resolves.toEqual({ stateAuthSecret: epochAuthenticator });
  });

  it("refuses a commit that would take along a proposal nobody asked for", async () => {
    const { client, alice } = await pair();
    await client.removeProposal({ stateId: alice, removedId: identity("bob") });
    await expect(client.commit(list(alice))).rejects.toThrow(/takes 1 of 0 proposals/);
  });

  it("tells a member that is removed that it has no authenticator", async () => {
    const { client, alice, bob } = await pair();
    const byValue = [{ proposalType: "remove", removedId: identity("bob") } as const];
    const { commit } = await client.commit({ ...list(alice), byValue });
    await expect(client.handleCommit({ stateId: bob, proposal: [], commit })).resolves.toEqual({
      stateId: bob,
      epochAuthenticator: nothing,
    });
    await client.free({ stateId: bob });
  });

  it("sends handshake messages as each member was told", async () => {
    const { client, alice, bob } = await pair();
    const wireFormat = async (stateId: number): Promise<number> =>
      (await client.updateProposal({ stateId })).proposal[3]!;
    await expect(wireFormat(alice)).resolves.toBe(2);
    await expect(wireFormat(bob)).resolves.toBe(1);
  });

  it("rejects what it is not given", async () => {
    const { client, alice } = await pair();
    const byValue = [{ proposalType: "remove" } as const];
    await expect(client.commit({ ...list(alice), byValue })).rejects.toThrow(
      "a field of the remove proposal is missing",
    );
    await expect(client.removeProposal({ stateId: alice, removedId: identity("eve") })).rejects.toThrow("called eve");
  });
});
