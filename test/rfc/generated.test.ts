// What is generated verifies: every kind, in every suite.
// GROVE_LONG=1 generates twelve cases of each, which is all that the kinds vary in.
import { describe, expect, it } from "vitest";
import { kinds } from "../../vectors/kinds.ts";
import { generateCases, verifyCases } from "../../vectors/index.ts";
import { Tools } from "../../vectors/tools.ts";
import { plugins } from "../support/official.ts";

const LONG = typeof process !== "undefined" && process.env["GROVE_LONG"] === "1";
const cheap = LONG ? 12 : 3;

/** Kinds whose cases take whole groups or trees. */
const dear: Readonly<Record<string, number>> = {
  treekem: LONG ? 12 : 1,
  "tree-validation": LONG ? 12 : 2,
  "tree-operations": LONG ? 12 : 3,
  messages: LONG ? 12 : 1,
  "passive-client-welcome": LONG ? 12 : 2,
  "passive-client-handling-commit": LONG ? 12 : 1,
  "passive-client-random": LONG ? 12 : 1,
};

const tools = new Tools({ suites: plugins });

describe.each(kinds.map((kind) => [kind.name, kind] as const))("%s", (name, kind) => {
  it.each([1, 2, 3, 4, 5, 6, 7])(
    "suite %i: what is generated verifies",
    (suite) => {
      const count = dear[name] ?? cheap;
      for (let index = 0; index < count; index++) {
        const vector = kind.generate(tools.suite(suite), tools, index);
        expect(kind.recognizes(vector)).toBe(true);
        kind.verify(JSON.parse(JSON.stringify(vector)), tools);
        expect(tools.engine.core.handlesInUse()).toBe(0);
      }
    },
    600_000,
  );

  it("is recognised as itself alone, but for passive clients", () => {
    const recognised = kinds.filter((other) => other.recognizes(kind.generate(tools.suite(1), tools, 1)));
    const isPassive = name.startsWith("passive-client-");
    expect(recognised).toEqual(isPassive ? kinds.filter((other) => other.name.startsWith("passive-client-")) : [kind]);
  });
});

describe("generateCases", () => {
  it("makes the same cases from the same seed, and others from another", () => {
    for (const { name } of kinds) {
      const make = (seed: string): string =>
        JSON.stringify(generateCases({ kind: name, cipherSuite: 1, count: 2, seed }));
      expect(make("a")).toBe(make("a"));
      // No randomness is in the shape of a tree or the length of a vector.
      expect(make("a") === make("b")).toBe(name === "tree-math" || name === "deserialization");
    }
  });

  it("refuses kinds that do not exist, and suites whose curves are not given", () => {
    expect(() => generateCases({ kind: "treekem.json", cipherSuite: 1 })).toThrow(RangeError);
    const unsupported = expect.objectContaining({ code: "ERR_UNSUPPORTED" });
    expect(() => generateCases({ kind: "welcome", cipherSuite: 2 })).toThrow(unsupported);
    expect(() => generateCases({ kind: "welcome", cipherSuite: 8, suites: plugins })).toThrow(unsupported);
  });
});

describe("verifyCases", () => {
  const [first, second] = generateCases({ kind: "psk_secret", cipherSuite: 1, count: 2 }) as [object, object];

  it("takes an array or one case, tells how far it is, and names what fails", () => {
    const progress: [number, number][] = [];
    const result = verifyCases([first, {}, { ...second, psk_secret: "00" }, null, second], {
      progress: (...at) => progress.push(at),
    });
    expect(result).toEqual({
      passed: 2,
      total: 5,
      failures: [
        { index: 1, reason: "the case is of no known kind" },
        { index: 2, reason: expect.stringMatching(/^psk_secret is "[0-9a-f]{64}" instead of "00"$/) },
        { index: 3, reason: "the case is of no known kind" },
      ],
    });
    expect(progress).toEqual([1, 2, 3, 4, 5].map((done) => [done, 5]));
    expect(verifyCases(first)).toEqual({ passed: 1, total: 1, failures: [] });
    expect(verifyCases([])).toEqual({ passed: 0, total: 0, failures: [] });
  });

  it("needs no curves where a kind needs none, and says so where it does", () => {
    for (const kind of ["psk_secret", "secret-tree", "transcript-hashes", "tree-operations", "tree-math", "messages"]) {
      const cases = generateCases({ kind, cipherSuite: 2, suites: plugins });
      expect([kind, verifyCases(cases)]).toEqual([kind, { passed: 1, total: 1, failures: [] }]);
    }
    expect(verifyCases(generateCases({ kind: "welcome", cipherSuite: 2, suites: plugins })).failures).toEqual([
      {
        index: 0,
        reason: expect.stringMatching(/^ERR_UNSUPPORTED .* needs a plug-in for its curves \[MLS-17\.1-02\]$/),
      },
    ]);
  });

  it("takes a private key of EdDSA with its public key behind it, as some implementations write it", () => {
    for (const cipherSuite of [1, 4]) {
      const [made] = generateCases({ kind: "message-protection", cipherSuite, suites: plugins });
      const vector = made as { signature_priv: string; signature_pub: string };
      const verify = (signature_priv: string): number =>
        verifyCases({ ...vector, signature_priv }, { suites: plugins }).passed;
      expect(verify(vector.signature_priv + vector.signature_pub)).toBe(1);
      expect(verify(vector.signature_priv + vector.signature_priv)).toBe(0);
      expect(verify(vector.signature_pub + vector.signature_pub)).toBe(0);
    }
  });

  it("takes scalars without their leading zeros, and refuses what is no scalar", () => {
    const [made] = generateCases({ kind: "crypto-basics", cipherSuite: 5, suites: plugins });
    const vector = made as { encrypt_with_label: { priv: string } };
    const verify = (priv: string): readonly string[] =>
      verifyCases(
        { ...vector, encrypt_with_label: { ...vector.encrypt_with_label, priv } },
        { suites: plugins },
      ).failures.map(({ reason }) => reason);
    const { priv } = vector.encrypt_with_label;
    expect(verify(priv.replace(/^(00)+/, ""))).toEqual([]);
    expect(verify(`00${priv}`)).toEqual(["encrypt_with_label.priv has 67 bytes, not 66"]);
    for (const none of ["", "00", "ff".repeat(66)]) {
      expect(verify(none)).toEqual(["encrypt_with_label.priv is no private key"]);
    }
  });
});
