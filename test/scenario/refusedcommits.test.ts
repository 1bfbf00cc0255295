// A commit of our own that is refused leaves nothing behind, whichever step refuses it.
import { describe, expect, it } from "vitest";
import {
  acceptAnyCredential,
  basicCredential,
  Client,
  type CommitOptions,
  Engine,
  type ExternalJoinOptions,
} from "../../bindings/index.ts";
import { nist } from "../../bindings/suites/nist.ts";

const psks = [{ external: Uint8Array.of(1) }];
const nothing = { versions: [], cipherSuites: [], extensions: [], proposals: [], credentials: [] };

describe.each([1, 2])("with cipher suite %i, the core holds nothing more after", (cipherSuite) => {
  function stage(): { engine: Engine; client: (name: string) => Client } {
    const engine = new Engine();
    const client = (name: string): Client =>
      Client.create({
        credential: basicCredential(name),
        authenticate: acceptAnyCredential,
        cipherSuite,
        suites: nist,
        engine,
      });
    return { engine, client };
  }

  const commits: readonly (readonly [string, string, (client: Client) => CommitOptions])[] = [
    ["a PSK that is not held", "ERR_PSK", () => ({ psks })],
    ["a leaf that supports nothing", "ERR_COMMIT", () => ({ leaf: { capabilities: nothing } })],
    ["a key package of somebody who is a member", "ERR_PROPOSAL_LIST", (bob) => ({ add: [bob.keyPackage()] })],
  ];
  it.each(commits)("MLS-14-05: %s (%s)", (_, code, options) => {
    const { engine, client } = stage();
    const [alice, bob] = [client("alice"), client("bob")];
    const group = alice.createGroup("room");
    group.commit({ add: [bob.keyPackage(), client("carol").keyPackage()] }).accept();
    const wanted = options(bob);
    const before = [engine.core.handlesInUse(), engine.core.memoryInUse()];
    for (let i = 0; i < 3; i++) expect(() => group.commit(wanted)).toThrow(expect.objectContaining({ code }));
    expect([engine.core.handlesInUse(), engine.core.memoryInUse()]).toEqual(before);
  });

  const joins: readonly (readonly [string, string, ExternalJoinOptions])[] = [
    ["a PSK that is not held", "ERR_PSK", { psks }],
    ["a place that is somebody else's", "ERR_CREDENTIAL", { resync: 1 }],
  ];
  it.each(joins)("MLS-14-05: joining from outside with %s (%s)", (_, code, options) => {
    const { engine, client } = stage();
    const [alice, dave] = [client("alice"), client("dave")];
    const group = alice.createGroup("room");
    group.commit({ add: [client("bob").keyPackage()] }).accept();
    const info = group.groupInfo();
    const before = [engine.core.handlesInUse(), engine.core.memoryInUse()];
    for (let i = 0; i < 3; i++) {
      expect(() => dave.joinExternal(info, options)).toThrow(expect.objectContaining({ code }));
    }
    expect([engine.core.handlesInUse(), engine.core.memoryInUse()]).toEqual(before);
  });
});
