import { sha512 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { Engine } from "../../bindings/core/engine.ts";
import { STATUS_OK } from "../../bindings/core/generated/status.ts";
import { hex } from "../support/bytes.ts";
import {
  challenge,
  craft,
  decodeNumber,
  encodeNumber,
  notPointEncodings,
  ORDER,
  Point,
  type Signed,
  signed,
  smallOrderEncodings,
  someMessage,
  torsion,
  verify,
  verifyBatch,
  zeroSeed,
} from "../support/ed25519.ts";
import { loadVectors } from "../support/vectors.ts";

const engine = new Engine();
const seed = Uint8Array.from({ length: 32 }, (_, i) => 201 - i);

// Batches take their good signatures from here.
const many: Signed[] = [];
beforeAll(() => {
  for (let i = 0; i < 260; i++) many.push(signed(i, i % 150));
});

const good = (count: number): Signed[] => Array.from({ length: count }, (_, i) => many[i % many.length]!);

/** The same signature with S + amount. */
function shifted(item: Signed, amount: bigint): Signed {
  const s = (((decodeNumber(item.signature.subarray(32)) + amount) % ORDER) + ORDER) % ORDER;
  return { ...item, signature: Uint8Array.of(...item.signature.subarray(0, 32), ...encodeNumber(s)) };
}

/** A batch with the items at `places` spoiled, each in its own way. */
function spoil(items: Signed[], places: number[]): Signed[] {
  const result = items.slice();
  places.forEach((place, way) => {
    const item = items[place]!;
    const ways = [
      shifted(item, 1n),
      { ...item, message: Uint8Array.of(...item.message, 0) },
      { ...item, publicKey: many[(place + 100) % many.length]!.publicKey },
      { ...item, publicKey: notPointEncodings[way % notPointEncodings.length]! },
      { ...item, signature: Uint8Array.of(...notPointEncodings[0]!, ...item.signature.subarray(32)) },
      { ...item, signature: Uint8Array.of(...item.signature.subarray(0, 32), ...encodeNumber(ORDER)) },
      { ...item, publicKey: smallOrderEncodings[way % smallOrderEncodings.length]! },
    ];
    result[place] = ways[(place + way) % ways.length]!;
  });
  return result;
}

describe("Ed25519 batch verification", () => {
  it.each([0, 1, 2, 3, 31, 32, 33, 111, 112, 257, 1025, 2048, 2049])(
    "accepts %i good signatures and names the first, a middle or the last culprit",
    (count) => {
      const items = good(count);
      expect(verifyBatch(engine, items, seed)).toBe(-1);
      const places = new Set([0, 1, count >> 1, count - 2, count - 1].filter((place) => place >= 0 && place < count));
      for (const place of places) {
        expect(
          verifyBatch(engine, [...items.slice(0, place), shifted(items[place]!, 1n), ...items.slice(place + 1)], seed),
        ).toBe(place);
      }
    },
  );

  it("names the first of several culprits, whatever is wrong with them", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 140 }),
        fc.uniqueArray(fc.nat(139), { minLength: 1, maxLength: 6 }),
        (count, choices) => {
          const places = choices.map((choice) => choice % count);
          expect(verifyBatch(engine, spoil(good(count), places), seed)).toBe(Math.min(...places));
        },
      ),
      { numRuns: 150 },
    );
    expect(
      verifyBatch(
        engine,
        spoil(
          good(33),
          Array.from({ length: 33 }, (_, i) => i),
        ),
        seed,
      ),
    ).toBe(0);
    expect(verifyBatch(engine, spoil(good(2100), [2099, 2048, 2070]), seed)).toBe(2048);
  });

  it("names the culprit among signatures of one key, which share a term", () => {
    const runs = fc.array(fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 5 })), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(runs, fc.array(fc.nat(39), { maxLength: 3 }), (lengths, choices) => {
        const items = lengths.flatMap(([key, length]) => Array.from({ length }, (_, i) => signed(i, 3, key)));
        expect(verifyBatch(engine, items, seed)).toBe(-1);
        const places = [...new Set(choices.map((choice) => choice % items.length))];
        expect(verifyBatch(engine, spoil(items, places), seed)).toBe(places.length > 0 ? Math.min(...places) : -1);
      }),
      { numRuns: 60 },
    );
    // One key for all, in the lanes of one term; its first signature decodes, a later one does not.
    const items = Array.from({ length: 300 }, (_, i) => signed(i, 5, 1));
    expect(verifyBatch(engine, items, seed)).toBe(-1);
    for (const place of [0, 1, 2, 149, 298, 299]) {
      expect(verifyBatch(engine, items.with(place, shifted(items[place]!, 1n)), seed)).toBe(place);
      const undecodable = { ...items[place]!, publicKey: notPointEncodings[0]! };
      expect(verifyBatch(engine, items.with(place, undecodable), seed)).toBe(place);
      expect(verifyBatch(engine, items.with(place, undecodable).with(299, undecodable), seed)).toBe(place);
    }
  });

  it("tells a key from its negative, whose encoding differs in one bit", () => {
    const [plus, minus] = [99n, ORDER - 99n].map((a) => craft(a, 7n, torsion[0]!, torsion[0]!, someMessage));
    expect(plus!.publicKey.subarray(0, 31)).toEqual(minus!.publicKey.subarray(0, 31));
    expect(verifyBatch(engine, [plus!, minus!, plus!], seed)).toBe(-1);
    expect(verifyBatch(engine, [plus!, { ...plus!, publicKey: minus!.publicKey }], seed)).toBe(1);
  });

  it("is not fooled by errors that cancel in a plain sum", () => {
    const items = good(8);
    items[2] = shifted(items[2]!, 5n);
    items[5] = shifted(items[5]!, -5n);
    expect(verifyBatch(engine, items, seed)).toBe(2);
  });

  it.each([64, 32])(
    "draws its coefficients from every S, so that a known seed helps nobody (%i bytes hashed)",
    (length) => {
      // Computes the coefficients of a good batch as the core does, or as one would that leaves S out
      // of the hash; then shifts two S so that the errors cancel under these coefficients.
      const items = good(4);
      const parts = items.map(({ publicKey, message, signature }) => [
        ...signature.subarray(0, length),
        ...publicKey,
        ...encodeNumber(challenge(signature.subarray(0, 32), publicKey, message)),
      ]);
      const root = sha512(Uint8Array.from([...zeroSeed, ...parts.flat()]));
      const block = sha512(Uint8Array.of(...root, 0, 0, 0, 0));
      const z = items.map((_, i) => decodeNumber(block.subarray(16 * i, 16 * i + 16)));
      items[1] = shifted(items[1]!, z[3]!);
      items[3] = shifted(items[3]!, -z[1]!);
      expect(verifyBatch(engine, items, zeroSeed)).toBe(1);
    },
  );

  it("works with a failed random source", () => {
    const items = good(40);
    expect(verifyBatch(engine, items, zeroSeed)).toBe(-1);
    items[17] = shifted(items[17]!, 1n);
    expect(verifyBatch(engine, items, zeroSeed)).toBe(17);
  });

  describe("agrees with single verification", () => {
    // Alone, as lane 0 and lane 1 of a small batch, and within one summed by buckets.
    const agree = (item: Signed): void => {
      const expected = verify(engine, item) === STATUS_OK;
      for (const [count, place] of [
        [1, 0],
        [3, 0],
        [3, 1],
        [3, 2],
        [130, 64],
      ] as const) {
        const items = good(count);
        items[place] = item;
        expect(verifyBatch(engine, items, seed)).toBe(expected ? -1 : place);
      }
    };

    it("on points of mixed order", () => {
      for (const atA of torsion) {
        for (const atR of torsion) {
          const item = craft(424242n, atA === atR ? 0n : 1717n, atA, atR, someMessage);
          expect(verify(engine, item)).toBe(STATUS_OK);
          agree(item);
        }
      }
    });

    it("on a batch of nothing but points of mixed order", () => {
      const items = torsion.flatMap((atA, i) =>
        torsion.map((atR, j) => craft(BigInt(100 + i), BigInt(j), atA, atR, Uint8Array.of(i, j))),
      );
      expect(items.map((item) => verify(engine, item))).toEqual(items.map(() => STATUS_OK));
      expect(verifyBatch(engine, items, seed)).toBe(-1);
      expect(verifyBatch(engine, [...items, ...items], seed)).toBe(-1);
    });

    it("on every encoding of a point of small order, as A and as R", () => {
      for (const encoding of smallOrderEncodings) {
        const fixed = Point.BASE.multiply(5n).toBytes();
        agree({ publicKey: encoding, message: someMessage, signature: Uint8Array.of(...fixed, ...encodeNumber(5n)) });
        const s = challenge(encoding, fixed, someMessage) * 5n;
        agree({
          publicKey: fixed,
          message: someMessage,
          signature: Uint8Array.of(...encoding, ...encodeNumber(s % ORDER)),
        });
      }
    });

    it("on encodings of no point and on S beyond L", () => {
      const item = signed(9);
      for (const encoding of notPointEncodings) {
        agree({ ...item, publicKey: encoding });
        agree({ ...item, signature: Uint8Array.of(...encoding, ...item.signature.subarray(32)) });
      }
      const s = decodeNumber(item.signature.subarray(32));
      for (let i = 1n; s + i * ORDER < 2n ** 256n; i += 3n) {
        agree({
          ...item,
          signature: Uint8Array.of(...item.signature.subarray(0, 32), ...encodeNumber(s + i * ORDER)),
        });
      }
    });

    interface Wycheproof {
      testGroups: { publicKey: { pk: string }; tests: { msg: string; sig: string; result: string }[] }[];
    }
    const wycheproof = loadVectors<Wycheproof>("wycheproof/ed25519_test.json");

    it.skipIf(wycheproof === undefined)("on every Wycheproof case of 64 bytes", () => {
      const cases = wycheproof!.testGroups.flatMap(({ publicKey: { pk }, tests }) =>
        tests
          .filter(({ sig }) => sig.length === 128)
          .map(({ msg, sig, result }) => ({
            item: { publicKey: hex(pk), message: hex(msg), signature: hex(sig) },
            result,
          })),
      );
      const valid = cases.filter(({ result }) => result === "valid").map(({ item }) => item);
      expect(valid.length).toBeGreaterThan(50);
      expect(verifyBatch(engine, valid, seed)).toBe(-1);
      for (const { item, result } of cases) {
        expect(verifyBatch(engine, [...valid.slice(0, 3), item, ...valid], seed)).toBe(result === "valid" ? -1 : 3);
      }
    });
  });

  it("gives all its memory back", () => {
    const own = new Engine();
    verifyBatch(own, good(200), seed);
    const before = own.core.memoryInUse();
    verifyBatch(own, good(200), seed);
    verifyBatch(own, spoil(good(200), [150]), seed);
    expect(own.core.memoryInUse()).toBe(before);
  });
});
