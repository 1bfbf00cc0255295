// Key packages made together are as good as those made alone.
import { describe, expect, it } from "vitest";
import {
  acceptAnyCredential,
  basicCredential,
  Client,
  Engine,
  MlsError,
  operationCounts,
} from "../../bindings/index.ts";
import { nist } from "../../bindings/suites/nist.ts";
import { toHex } from "../support/bytes.ts";

const common = { credential: basicCredential("alice"), authenticate: acceptAnyCredential };

describe("client.keyPackages", () => {
  // One and two batches and a bit, in the core and in a plug-in.
  it.each([
    [1, 0],
    [1, 1],
    [1, 128],
    [1, 300],
    [2, 5],
  ])("suite %i: makes %i at once, every key its own", (cipherSuite, count) => {
    const client = Client.create({ ...common, cipherSuite, suites: nist });
    const made = client.keyPackages(count);
    expect(made.length).toBe(count);
    expect(client.unusedKeyPackages).toBe(count);
    expect(new Set(made.map(toHex)).size).toBe(count);
  });

  it("keeps the private keys of each: any of them leads into a group", () => {
    const bob = Client.create({ ...common, credential: basicCredential("bob") });
    const made = bob.keyPackages(131);
    for (const index of [0, 1, 127, 128, 130]) {
      const group = Client.create(common).createGroup();
      const pending = group.commit({ add: [made[index]!] });
      pending.accept();
      const joined = bob.join(pending.welcomes[0]!).accept();
      expect(joined.epochAuthenticator).toEqual(group.epochAuthenticator);
      joined.close();
    }
    expect(bob.unusedKeyPackages).toBe(126);
  });

  it("signs twice for each and does nothing else that is costly", () => {
    const engine = new Engine();
    const client = Client.create({ ...common, engine });
    const before = operationCounts(engine);
    client.keyPackages(200);
    const { sign, verify, seal, open } = operationCounts(engine);
    expect([sign - before.sign, verify, seal, open]).toEqual([400, 0, 0, 0]);
  });

  it.each([1, 2])("suite %i: leaves no private key behind when the source of randomness fails", (cipherSuite) => {
    const engine = new Engine();
    let calls = 0;
    const client = Client.create({
      ...common,
      engine,
      cipherSuite,
      suites: nist,
      grease: true,
      random: (length) => {
        if (++calls > 60) throw new Error("the well is dry");
        return crypto.getRandomValues(new Uint8Array(length));
      },
    });
    const before = engine.core.handlesInUse();
    expect(() => client.keyPackages(40)).toThrow(MlsError);
    expect(client.unusedKeyPackages).toBe(0);
    expect(engine.core.handlesInUse()).toBe(before);
  });

  it.each([-1, 1.5, Number.NaN, "3" as unknown as number])("refuses %s as a count", (count) => {
    expect(() => Client.create(common).keyPackages(count)).toThrow(RangeError);
  });
});

describe("two invitations into one group", () => {
  it("lead into it once: the second is refused and keeps its key package (DEF-08)", () => {
    const bob = Client.create({ ...common, credential: basicCredential("bob") });
    const [one, two] = bob.keyPackages(2) as [Uint8Array, Uint8Array];
    const invite = (keyPackage: Uint8Array): Uint8Array => {
      const group = Client.create(common).createGroup("room");
      const pending = group.commit({ add: [keyPackage] });
      pending.accept();
      return pending.welcomes[0]!;
    };
    const [first, second] = [bob.join(invite(one)), bob.join(invite(two))];
    const group = first.accept();
    expect(() => second.accept()).toThrow(expect.objectContaining({ code: "ERR_USAGE", rule: "DEF-08" }));
    expect([bob.groups, bob.unusedKeyPackages]).toEqual([[group], 1]);
    group.close();
    const again = second.accept();
    expect(bob.groups).toEqual([again]);
  });
});
