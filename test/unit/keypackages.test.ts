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
import { systemRandom } from "../../bindings/crypto/random.ts";
import { nist } from "../../bindings/suites/nist.ts";
import { toHex } from "../support/bytes.ts";
import { Source } from "../support/source.ts";

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
    const source = new Source();
    const client = Client.create({ ...common, engine, cipherSuite, suites: nist, random: source.random });
    const before = engine.core.handlesInUse();
    // Before the first batch, and between that and the second one.
    for (const calls of [0, 1]) {
      expect(() => source.failing(() => client.keyPackages(130), calls)).toThrow(MlsError);
      expect(client.unusedKeyPackages).toBe(0);
      expect(engine.core.handlesInUse()).toBe(before);
    }
  });

  it.each([1, 2])("suite %i: asks for all randomness at once, and again only where GREASE needs it", (cipherSuite) => {
    const asked: number[] = [];
    let spoilt = false;
    const random = (length: number): Uint8Array => {
      asked.push(length);
      if (length < 32) return Uint8Array.of(0, 1, 2, 3).subarray(0, length);
      // Two keys, and then what GREASE is picked with: bytes of 0xFF pick none.
      return systemRandom(length).fill(spoilt ? 0xff : 1, 64);
    };
    const options = { ...common, cipherSuite, suites: nist, random, signaturePrivateKey: new Uint8Array(32).fill(5) };
    const client = Client.create(options);
    client.keyPackage();
    client.keyPackage({ lastResort: true });
    expect(asked).toEqual([72, 72]);
    spoilt = true;
    client.keyPackage();
    expect(asked).toEqual([72, 72, 72, 4]);
    Client.create({ ...options, grease: false }).keyPackages(130);
    expect(asked.slice(4)).toEqual([128 * 64, 2 * 64]);
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
