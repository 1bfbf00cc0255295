import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { Engine } from "../../bindings/core/engine.ts";

const p = 2n ** 255n - 19n;
const FE = 160;
const LANES = [0, 1, 2, 3] as const;
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
for (const bit of [12n, 13n, 26n, 52n, 91n, 117n, 130n, 143n, 208n, 246n, 247n, 254n]) {
  operands.push(2n ** bit, 2n ** bit - 1n, mod(-(2n ** bit)));
}
operands.push(BigInt("0x" + "55".repeat(32)), BigInt("0x2a" + "aa".repeat(31)));
let state = 0x9e3779b97f4a7c15n;
for (let i = 0; i < 8; i++) {
  let x = 0n;
  for (let k = 0; k < 4; k++) {
    state = (state * 6364136223846793005n + 1442695040888963407n) & (2n ** 64n - 1n);
    x = (x << 64n) | (state ^ (state >> 29n));
  }
  operands.push(x & (2n ** 255n - 1n));
}

type Quad = readonly [bigint, bigint, bigint, bigint];

describe("GF(2^255 - 19), four lanes", () => {
  const engine = new Engine();
  const { core } = engine;
  const [a, b, c, d, o] = Array.from({ length: 5 }, () => core.allocate(4 * FE) >>> 0) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const bytes = core.allocate(128) >>> 0;
  const mask = core.allocate(16) >>> 0;

  const set = (at: number, quad: Quad): void => {
    for (const lane of LANES) engine.bytes.set(toBytes(quad[lane]), bytes + 32 * lane);
    core.feFromBytes(at, bytes, bytes + 32, bytes + 64, bytes + 96);
  };
  const get = (at: number): bigint[] => {
    core.feToBytes(bytes, at);
    return LANES.map((lane) => fromBytes(engine.copyOut(bytes + 32 * lane, 32)));
  };
  /** Lanes 1 and 3 are the negatives of lanes 0 and 2, which are alike. */
  const setLimbs = (at: number, limb: (i: number) => number): bigint => {
    const view = new DataView(engine.bytes.buffer);
    let value = 0n;
    for (let i = 0; i < 20; i++) {
      for (const lane of LANES) {
        view.setInt16(at + 16 * (i >> 1) + 4 * lane + 2 * (i & 1), lane % 2 === 0 ? limb(i) : -limb(i), true);
      }
      value += BigInt(limb(i)) << BigInt(13 * i);
    }
    return value;
  };
  const limbsWithin = (at: number, weight: number): boolean => {
    const view = new DataView(engine.bytes.buffer);
    return Array.from({ length: 80 }, (_, k) => k).every(
      (k) => Math.abs(view.getInt16(at + 2 * k, true)) <= weight * 4900,
    );
  };
  const each = (f: (lane: number) => bigint): bigint[] => LANES.map((lane) => mod(f(lane)));
  const setMask = (lanes: number): void => {
    for (const lane of LANES) new DataView(engine.bytes.buffer).setInt32(mask + 4 * lane, -((lanes >> lane) & 1), true);
  };
  const quadAt = (list: readonly bigint[], i: number): Quad =>
    LANES.map((lane) => list[(i + 7 * lane) % list.length]!) as unknown as Quad;

  beforeAll(() => expect(operands.length).toBeGreaterThan(50));

  it("reads 32 bytes without bit 255 and writes the canonical value", () => {
    for (const x of operands) {
      set(a, [x, x | (1n << 255n), 0n, mod(-x)]);
      expect(limbsWithin(a, 1)).toBe(true);
      expect(get(a)).toEqual([mod(x), mod(x & (2n ** 255n - 1n)), 0n, mod(-x)]);
    }
  });

  it("agrees with BigInt on every pair of operands, lanes independent, outputs aliased", () => {
    for (const i of operands.keys()) {
      const x = quadAt(operands, i);
      set(a, x);
      for (const j of operands.keys()) {
        const y = quadAt([...operands].reverse(), j);
        set(b, y);
        core.feMul(o, a, b);
        expect(get(o)).toEqual(each((l) => x[l]! * y[l]!));
        core.feAdd(c, a, b);
        expect(get(c)).toEqual(each((l) => x[l]! + y[l]!));
        core.feSub(d, a, b);
        expect(get(d)).toEqual(each((l) => x[l]! - y[l]!));
        core.feMul(d, c, d);
        expect(get(d)).toEqual(each((l) => (x[l]! + y[l]!) * (x[l]! - y[l]!)));
        core.feSqr(c, c);
        expect(get(c)).toEqual(each((l) => (x[l]! + y[l]!) ** 2n));
      }
    }
  });

  it("holds its bounds at the heaviest operands the header allows", () => {
    const shapes: ((i: number) => number)[] = [
      () => 1,
      (i) => (i % 2 === 0 ? 1 : -1),
      (i) => (i < 10 ? 1 : -1),
      (i) => (i % 3 === 0 ? -1 : 1),
      (i) => (i === 0 ? 1 : -1),
      (i) => (i === 19 ? 1 : 0),
    ];
    const heavy = (weight: number, sign: (i: number) => number) => (i: number) => sign(i) * weight * 4900;
    const alternating = (x: bigint): bigint[] => each((l) => (l % 2 === 0 ? x : -x));
    for (const s of shapes) {
      for (const [m, n] of [
        [4, 1],
        [2, 2],
        [1, 4],
      ] as const) {
        const x = setLimbs(a, heavy(m, s));
        for (const t of shapes) {
          const y = setLimbs(b, heavy(n, t));
          core.feMul(o, a, b);
          expect(limbsWithin(o, 1)).toBe(true);
          expect(get(o)).toEqual(each(() => x * y));
        }
      }
      const y = setLimbs(b, heavy(2, s));
      core.feSqr(o, b);
      expect(limbsWithin(o, 1)).toBe(true);
      expect(get(o)).toEqual(each(() => y * y));
      const z = setLimbs(c, heavy(6, s));
      expect(get(c)).toEqual(alternating(z));
      for (const k of [2 ** 25 - 1, 1 - 2 ** 25]) {
        core.feMulSmall(o, c, k);
        expect(limbsWithin(o, 1)).toBe(true);
        expect(get(o)).toEqual(alternating(z * BigInt(k)));
      }
      const w = setLimbs(c, heavy(5, s));
      core.feReduce(o, c);
      expect(limbsWithin(o, 2)).toBe(true);
      expect(get(o)).toEqual(alternating(w));
      core.feReduce(c, c);
      expect(get(c)).toEqual(alternating(w));
    }
  });

  it("inverts, takes the power for square roots, negates, multiplies by small numbers", () => {
    for (const i of operands.keys()) {
      const x = quadAt(operands, i);
      set(a, x);
      core.fePow22523(o, a);
      expect(get(o)).toEqual(each((l) => power(x[l]!, (p - 5n) / 8n)));
      core.feNegate(o, a);
      expect(get(o)).toEqual(each((l) => -x[l]!));
      for (const k of [0, 1, -1, 4095, 4096, 121665, 121666, 2 ** 25 - 1]) {
        core.feMulSmall(o, a, k);
        expect(get(o)).toEqual(each((l) => x[l]! * BigInt(k)));
      }
    }
    for (const x of operands) {
      set(a, [7n, x, 0n, p - 1n]);
      core.feInvertLane(o, a, 1);
      expect(get(o)).toEqual(each(() => power(x, p - 2n)));
    }
    set(a, [3n, p - 1n, 2n, 1n]);
    core.feInvert(a, a);
    expect(get(a)).toEqual([power(3n, p - 2n), p - 1n, power(2n, p - 2n), 1n]);
  });

  it("inverts any four elements, and takes 0 to 0", () => {
    const element = fc.oneof(
      fc.bigInt({ min: 0n, max: p - 1n }),
      fc.tuple(fc.bigInt({ min: 0n, max: 2n ** 40n }), fc.nat(254)).map(([x, bit]) => mod(x << BigInt(bit))),
      fc.tuple(fc.bigInt({ min: 0n, max: 2n ** 40n }), fc.nat(254)).map(([x, bit]) => mod(-(x << BigInt(bit)))),
    );
    const check = (...quad: [bigint, bigint, bigint, bigint]): void => {
      set(a, quad);
      core.feInvert(o, a);
      core.feMul(o, o, a);
      const all = quad.every((x) => x !== 0n);
      expect(get(o)).toEqual(quad.map(() => (all ? 1n : 0n)));
    };
    fc.assert(fc.property(element, element, element, element, check), { numRuns: 1000 });
  });

  it("swaps and selects by lane", () => {
    for (let lanes = 0; lanes < 16; lanes++) {
      setMask(lanes);
      set(a, [1n, 2n, 3n, 4n]);
      set(b, [5n, 6n, 7n, 8n]);
      const taken = each((l) => BigInt(l + 1 + 4 * ((lanes >> l) & 1)));
      const given = each((l) => BigInt(l + 5 - 4 * ((lanes >> l) & 1)));
      core.feSelect(o, a, b, mask);
      expect(get(o)).toEqual(taken);
      core.feConditionalSwap(a, b, mask);
      expect([get(a), get(b)]).toEqual([taken, given]);
    }
  });

  it("moves elements between lanes", () => {
    const matrix = LANES.map((i) => LANES.map((j) => BigInt(10 * i + j)) as unknown as Quad);
    for (const i of LANES) set(a + i * FE, matrix[i]!);
    core.feTranspose(b, FE, a);
    for (const i of LANES) expect(get(b + i * FE)).toEqual(LANES.map((j) => matrix[j]![i]));
    for (const lane of LANES) {
      core.feSplat(o, a + FE, lane);
      expect(get(o)).toEqual(LANES.map(() => matrix[1]![lane]));
    }
  });
});
