import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Engine } from "../../bindings/core/engine.ts";
import { decodeNumber, encodeNumber, ORDER } from "../support/ed25519.ts";

const engine = new Engine();

const max256 = 2n ** 256n - 1n;
// Around 0, multiples of L, the words' boundaries and the ends.
const wide = [0n, 1n, 2n ** 32n - 1n, 2n ** 128n, 2n ** 252n, 2n ** 255n, max256 - 1n, max256];
for (const multiple of [1n, 2n, 7n, 8n, 15n]) wide.push(multiple * ORDER - 1n, multiple * ORDER, multiple * ORDER + 1n);
const reduced = [...wide.filter((x) => x < ORDER), ORDER - 2n];
const anyWide = fc.oneof(fc.constantFrom(...wide), fc.bigInt({ min: 0n, max: max256 }));
const anyReduced = fc.oneof(fc.constantFrom(...reduced), fc.bigInt({ min: 0n, max: ORDER - 1n }));

describe("scalars modulo L", () => {
  it("multiply and add", () => {
    const check = (a: bigint, b: bigint, c: bigint): void =>
      engine.frame((core, frame) => {
        const dst = frame.take(32);
        core.scalarMultiplyAdd(dst, frame.put(encodeNumber(a)), frame.put(encodeNumber(b)), frame.put(encodeNumber(c)));
        expect(decodeNumber(engine.copyOut(dst, 32))).toBe((a * b + c) % ORDER);
      });
    for (const a of wide) for (const b of reduced) for (const c of reduced) check(a, b, c);
    fc.assert(fc.property(anyWide, anyReduced, anyReduced, check), { numRuns: 500 });
  });

  it("reduce 32 and 64 bytes", () => {
    const check = (low: bigint, high: bigint): void =>
      engine.frame((core, frame) => {
        const dst = frame.take(32);
        core.scalarReduce(dst, frame.put(encodeNumber(low)));
        expect(decodeNumber(engine.copyOut(dst, 32))).toBe(low % ORDER);
        const both = low + (high << 256n);
        core.scalarReduceWide(dst, frame.put(encodeNumber(both, 64)));
        expect(decodeNumber(engine.copyOut(dst, 32))).toBe(both % ORDER);
      });
    for (const low of wide) for (const high of wide) check(low, high);
    fc.assert(fc.property(anyWide, anyWide, check), { numRuns: 500 });
  });

  it("are canonical below L alone", () => {
    const check = (a: bigint): void =>
      engine.frame((core, frame) => {
        expect(core.scalarIsCanonical(frame.put(encodeNumber(a)))).toBe(a < ORDER ? 1 : 0);
      });
    wide.forEach(check);
    for (let bit = 0n; bit < 256n; bit++) [ORDER ^ (1n << bit), 1n << bit].forEach(check);
    fc.assert(fc.property(anyWide, check));
  });

  it("have halves: u and v, both below 2^127 and v above 0, with v k = u or -u", () => {
    const check = (k: bigint): void =>
      engine.frame((core, frame) => {
        const [u, v] = [frame.take(32), frame.take(32)];
        const negative = core.halfScalars(u, v, frame.put(encodeNumber(k)));
        const [numberU, numberV] = [u, v].map((at) => decodeNumber(engine.copyOut(at, 32))) as [bigint, bigint];
        expect(numberU < 2n ** 127n && numberV < 2n ** 127n && numberV > 0n).toBe(true);
        expect((numberV * k + (negative ? numberU : ORDER - numberU)) % ORDER).toBe(0n);
      });
    reduced.forEach(check);
    for (let bit = 0n; bit < 253n; bit++) check((1n << bit) % ORDER);
    // Long quotients: L over small numbers, and its neighbours.
    for (let n = 1n; n < 40n; n++)
      for (const near of [-1n, 0n, 1n]) check(ORDER / (n * n * n) + near - (n === 1n ? 2n : 0n));
    fc.assert(fc.property(anyReduced, check), { numRuns: 2000 });
  });
});
