import { x25519 as noble } from "@noble/curves/ed25519.js";
import { describe, expect, it } from "vitest";
import { STATUS_PUBLIC_KEY } from "../../bindings/core/generated/status.ts";
import { hex, toHex } from "../support/bytes.ts";
import { occurrences } from "../support/memory.ts";
import { engine, iterate, x25519, x25519Base, x25519Batch } from "../support/x25519.ts";

const random = (): Uint8Array => crypto.getRandomValues(new Uint8Array(32));

// The points of low order, with their non-canonical twins.
const lowOrder = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
].flatMap((point) => {
  const bytes = hex(point);
  const highBit = bytes.slice();
  highBit[31]! |= 0x80;
  return [bytes, highBit];
});

describe("X25519 in RFC 7748", () => {
  it.each([
    [
      "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
      "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
      "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
    ],
    [
      "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
      "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
      "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
    ],
  ])("section 5.2: %s", (scalar, point, result) => {
    expect(toHex(x25519(hex(scalar), hex(point)) as Uint8Array)).toBe(result);
  });

  it("section 5.2: after 1 and 1,000 iterations", () => {
    expect(toHex(iterate(1))).toBe("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
    expect(toHex(iterate(1000))).toBe("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
  });

  it("section 6.1", () => {
    const a = hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    const b = hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    const publicA = x25519Base(a);
    const publicB = x25519Base(b);
    expect(toHex(publicA)).toBe("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    expect(toHex(publicB)).toBe("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    const shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
    expect(toHex(x25519(a, publicB) as Uint8Array)).toBe(shared);
    expect(toHex(x25519(b, publicA) as Uint8Array)).toBe(shared);
  });
});

describe("X25519 batches", () => {
  it("refuses every point of low order, and only those", () => {
    for (const point of lowOrder) {
      expect(x25519(random(), point)).toBe(STATUS_PUBLIC_KEY);
    }
  });

  it.each([1, 2, 3, 31, 63, 64, 65, 127, 128, 129, 200])(
    "agrees with another implementation on a batch of %i",
    (count) => {
      const scalars = Array.from({ length: count }, random);
      const points = Array.from({ length: count }, random);
      const { zeros, results } = x25519Batch(scalars, points);
      expect(zeros).toBe(0);
      // The reference is slow: all of a short batch, the ends of a long one.
      for (let i = 0; i < count; i++) {
        if (i > 3 && i < count - 5 && i !== 63 && i !== 64) {
          if (i % 16 === 0) expect(results[i]).toEqual(x25519(scalars[i]!, points[i]!));
        } else {
          expect(results[i]).toEqual(noble.scalarMult(scalars[i]!, points[i]!));
        }
      }
    },
  );

  it("gives zero for points of low order without disturbing their neighbours", () => {
    const scalars = Array.from({ length: 80 }, random);
    const points = Array.from({ length: 80 }, random);
    const low = new Map([0, 5, 6, 7, 40, 63, 64, 79].map((at, i) => [at, lowOrder[i % lowOrder.length]!]));
    for (const [at, point] of low) points[at] = point;
    const { zeros, results } = x25519Batch(scalars, points);
    expect(zeros).toBe(low.size);
    results.forEach((result, i) => {
      const alone = low.has(i) ? new Uint8Array(32) : x25519(scalars[i]!, points[i]!);
      expect(result, `item ${i}`).toEqual(alone);
    });
    const all = x25519Batch(scalars.slice(0, lowOrder.length), lowOrder);
    expect(all.zeros).toBe(lowOrder.length);
    expect(all.results.every((result) => result.every((byte) => byte === 0))).toBe(true);
  });

  it("agrees with another implementation on edge inputs", () => {
    const edges = [0x00, 0x01, 0x55, 0x7f, 0x80, 0xaa, 0xff].map((byte) => new Uint8Array(32).fill(byte));
    for (const scalar of edges) {
      expect(x25519Base(scalar)).toEqual(noble.getPublicKey(scalar));
      for (const point of edges.slice(1)) {
        expect(x25519(scalar, point)).toEqual(noble.scalarMult(scalar, point));
      }
    }
  });

  const publicKeys = (scalars: readonly Uint8Array[]): Uint8Array[] =>
    engine.frame((core, frame) => {
      const from = frame.take(scalars.length * 48);
      scalars.forEach((scalar, i) => engine.bytes.set(scalar, from + 48 * i));
      const dst = frame.take(scalars.length * 32);
      core.x25519BaseBatch(dst, from, 48, scalars.length);
      return scalars.map((_, i) => engine.copyOut(dst + 32 * i, 32));
    });

  it("makes public keys in batches", () => {
    const scalars = Array.from({ length: 70 }, random);
    const keys = publicKeys(scalars);
    keys.forEach((key, i) =>
      expect(key).toEqual(i % 10 === 0 ? noble.getPublicKey(scalars[i]!) : x25519Base(scalars[i]!)),
    );
  });

  it("makes the public keys of every digit of the base table, four side by side as one alone", () => {
    // Private keys of one digit throughout, of its neighbours, and of single digits that are not 0.
    const uniform = Array.from({ length: 256 }, (_, byte) => new Uint8Array(32).fill(byte));
    const single = Array.from({ length: 64 }, (_, place) => {
      const scalar = new Uint8Array(32);
      scalar[place >> 1] = 8 << (4 * (place & 1));
      return scalar;
    });
    const scalars = [...uniform, ...single];
    const keys = publicKeys(scalars);
    keys.forEach((key, i) => expect(key).toEqual(noble.getPublicKey(scalars[i]!)));
    for (let i = 0; i < scalars.length; i += 9) expect(x25519Base(scalars[i]!)).toEqual(keys[i]);
  });

  it("leaves neither scalar nor result in memory", () => {
    const scalar = random();
    scalar[0]! &= 248;
    scalar[31] = (scalar[31]! & 127) | 64;
    const point = random();
    const result = x25519(scalar, point) as Uint8Array;
    expect(occurrences(engine, scalar.subarray(0, 16))).toBe(0);
    expect(occurrences(engine, result.subarray(0, 16))).toBe(0);
    publicKeys([scalar, scalar, scalar, scalar]).forEach((key) => expect(key).toEqual(x25519Base(scalar)));
    expect(occurrences(engine, scalar.subarray(0, 16))).toBe(0);
  });
});
