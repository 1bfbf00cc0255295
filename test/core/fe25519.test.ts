import { beforeAll, describe, expect, it } from "vitest";
import { Engine } from "../../bindings/core/engine.ts";

const p = 2n ** 255n - 19n;
const FE = 80;
const mod = (x: bigint): bigint => ((x % p) + p) % p;

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let e = exponent, b = mod(base); e > 0n; e >>= 1n, b = mod(b * b)) if (e & 1n) result = mod(result * b);
  return result;
}

function toBytes(x: bigint): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((x >> BigInt(8 * i)) & 255n));
}

function fromBytes(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

// Operands around 0, p, 2^255 and every limb boundary, then reproducible random ones.
const operands = [0n, 1n, 2n, 18n, 19n, 20n, p - 2n, p - 1n, p, p + 1n, p + 18n, (p - 1n) / 2n];
for (const bit of [25n, 26n, 51n, 77n, 102n, 128n, 153n, 179n, 204n, 230n, 254n]) {
  operands.push(2n ** bit, 2n ** bit - 1n, mod(-(2n ** bit)));
}
operands.push(BigInt("0x" + "55".repeat(32)), BigInt("0x2a" + "aa".repeat(31)));
let state = 0x9e3779b97f4a7c15n;
for (let i = 0; i < 12; i++) {
  let x = 0n;
  for (let k = 0; k < 4; k++) {
    state = (state * 6364136223846793005n + 1442695040888963407n) & (2n ** 64n - 1n);
    x = (x << 64n) | (state ^ (state >> 29n));
  }
  operands.push(x & (2n ** 255n - 1n));
}

describe("GF(2^255 - 19), two lanes", () => {
  const engine = new Engine();
  const { core } = engine;
  const [a, b, c, d, o] = Array.from({ length: 5 }, () => core.allocate(FE) >>> 0) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const bytes = core.allocate(64) >>> 0;

  const set = (at: number, x: bigint, y: bigint): void => {
    engine.bytes.set(toBytes(x), bytes);
    engine.bytes.set(toBytes(y), bytes + 32);
    core.feFromBytes(at, bytes, bytes + 32);
  };
  const get = (at: number): bigint[] => {
    core.feToBytes(bytes, bytes + 32, at);
    return [fromBytes(engine.copyOut(bytes, 32)), fromBytes(engine.copyOut(bytes + 32, 32))];
  };
  const setLimbs = (at: number, limb: (i: number) => number): bigint => {
    const view = new DataView(engine.bytes.buffer);
    let value = 0n;
    for (let i = 0; i < 10; i++) {
      view.setInt32(at + 8 * i, limb(i), true);
      view.setInt32(at + 8 * i + 4, -limb(i), true);
      value += BigInt(limb(i)) << BigInt((51 * i + 1) >> 1);
    }
    return value;
  };
  const limbsWithin = (at: number, weight: number): boolean => {
    const view = new DataView(engine.bytes.buffer);
    return Array.from({ length: 20 }, (_, k) => k).every((k) => {
      const bound = (k >> 1) % 2 === 0 ? 2 ** 25 : 2 ** 24 + 2 ** 15;
      return Math.abs(view.getInt32(at + 4 * k, true)) <= weight * bound;
    });
  };

  beforeAll(() => expect(operands.length).toBeGreaterThan(50));

  it("reads 32 bytes without bit 255 and writes the canonical value", () => {
    for (const x of operands) {
      set(a, x, x | (1n << 255n));
      expect(limbsWithin(a, 1)).toBe(true);
      expect(get(a)).toEqual([mod(x), mod(x & (2n ** 255n - 1n))]);
    }
  });

  it("agrees with BigInt on every pair of operands, lanes independent, outputs aliased", () => {
    for (const x of operands) {
      for (const y of operands) {
        set(a, x, y);
        set(b, y, y);
        core.feMul(o, a, b);
        expect(get(o)).toEqual([mod(x * y), mod(y * y)]);
        core.feAdd(c, a, b);
        expect(get(c)).toEqual([mod(x + y), mod(y + y)]);
        core.feSub(d, a, b);
        expect(get(d)).toEqual([mod(x - y), 0n]);
        core.feMul(d, c, d);
        expect(get(d)).toEqual([mod((x + y) * (x - y)), 0n]);
        core.feSqr(c, c);
        expect(get(c)).toEqual([mod((x + y) ** 2n), mod(4n * y * y)]);
      }
    }
  });

  it("holds its bounds at the heaviest operands the header allows", () => {
    const shapes: ((i: number) => number)[] = [
      () => 1,
      (i) => (i % 2 === 0 ? 1 : -1),
      (i) => (i < 5 ? 1 : -1),
      (i) => (i % 3 === 0 ? -1 : 1),
      (i) => (i === 0 ? 1 : -1),
    ];
    const heavy = (weight: number, sign: (i: number) => number) => (i: number) =>
      sign(i) * weight * (i % 2 === 0 ? 2 ** 25 : 2 ** 24 + 2 ** 15);
    for (const s of shapes) {
      const x = setLimbs(a, heavy(5, s));
      for (const t of shapes) {
        const y = setLimbs(b, heavy(3, t));
        core.feMul(o, a, b);
        expect(limbsWithin(o, 1)).toBe(true);
        expect(get(o)).toEqual([mod(x * y), mod(x * y)]);
      }
      const y = setLimbs(b, heavy(3, s));
      core.feSqr(o, b);
      expect(limbsWithin(o, 1)).toBe(true);
      expect(get(o)).toEqual([mod(y * y), mod(y * y)]);
      const z = setLimbs(c, heavy(31, s));
      expect(get(c)).toEqual([mod(z), mod(-z)]);
      core.feMulSmall(o, c, 2 ** 28 - 1);
      expect(limbsWithin(o, 1)).toBe(true);
      expect(get(o)).toEqual([mod(z * (2n ** 28n - 1n)), mod(-z * (2n ** 28n - 1n))]);
      core.feReduce(o, c);
      expect(limbsWithin(o, 1)).toBe(true);
      expect(get(o)).toEqual([mod(z), mod(-z)]);
    }
  });

  it("inverts, takes the power for square roots, negates, multiplies by small numbers", () => {
    for (const [i, x] of operands.entries()) {
      const y = operands[operands.length - 1 - i]!;
      set(a, x, y);
      core.feInvert(o, a);
      expect(get(o)).toEqual([power(x, p - 2n), power(y, p - 2n)]);
      core.fePow22523(o, a);
      expect(get(o)).toEqual([power(x, (p - 5n) / 8n), power(y, (p - 5n) / 8n)]);
      core.feNegate(o, a);
      expect(get(o)).toEqual([mod(-x), mod(-y)]);
      for (const k of [0, 1, 121665, 121666, 2 ** 28 - 1]) {
        core.feMulSmall(o, a, k);
        expect(get(o)).toEqual([mod(x * BigInt(k)), mod(y * BigInt(k))]);
      }
    }
    set(a, 3n, p - 1n);
    core.feInvert(a, a);
    expect(get(a)).toEqual([power(3n, p - 2n), p - 1n]);
  });

  it("swaps and selects by lane", () => {
    const ones = -1n;
    for (const mask0 of [0n, ones]) {
      for (const mask1 of [0n, ones]) {
        set(a, 1n, 2n);
        set(b, 3n, 4n);
        core.feSelect(o, a, b, mask0, mask1);
        expect(get(o)).toEqual([mask0 ? 3n : 1n, mask1 ? 4n : 2n]);
        core.feConditionalSwap(a, b, mask0, mask1);
        expect([...get(a), ...get(b)]).toEqual([mask0 ? 3n : 1n, mask1 ? 4n : 2n, mask0 ? 1n : 3n, mask1 ? 2n : 4n]);
      }
    }
    core.feSwapLanes(o, b);
    expect(get(o)).toEqual(get(b).reverse());
  });
});
