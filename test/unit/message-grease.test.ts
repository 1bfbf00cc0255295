import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { greaseValues, isGrease, pickGrease } from "../../bindings/message/grease.ts";

describe("GREASE", () => {
  it("MLS-13.5-09 has fifteen values, and 0xFAFA is none of them", () => {
    expect(greaseValues.length).toBe(15);
    expect([greaseValues[0], greaseValues[1], greaseValues[14]]).toEqual([0x0a0a, 0x1a1a, 0xeaea]);
    const all = Array.from({ length: 0x10000 }, (_, value) => value).filter(isGrease);
    expect(all).toEqual([...greaseValues]);
  });

  it("MLS-13.5-01 picks different values with the caller's randomness", () => {
    fc.assert(
      fc.property(fc.nat(15), fc.infiniteStream(fc.nat(255)), (count, stream) => {
        const random = (length: number): Uint8Array => Uint8Array.from({ length }, () => stream.next().value as number);
        const picked = pickGrease(count, random);
        expect(picked.length).toBe(count);
        expect(new Set(picked).size).toBe(count);
        expect(picked.every(isGrease)).toBe(true);
      }),
    );
    for (const count of [-1, 16, 1.5]) expect(() => pickGrease(count, () => new Uint8Array(1))).toThrow(RangeError);
  });

  it("prefers no value: bytes that would are drawn again", () => {
    const counts = new Map<number, number>();
    for (let byte = 0; byte < 255; byte++) {
      const [value] = pickGrease(1, () => Uint8Array.of(byte));
      counts.set(value!, (counts.get(value!) ?? 0) + 1);
    }
    expect([...counts.values()]).toEqual(new Array<number>(15).fill(17));
    // Of several bytes each is measured by what is left: 252 is fair among fifteen, not among fourteen.
    const bytes = [[0, 252, 0], [247], [246]];
    const asked: number[] = [];
    const three = pickGrease(3, (length) => {
      asked.push(length);
      return Uint8Array.from(bytes.shift()!);
    });
    expect(asked).toEqual([3, 1, 1]);
    expect(three).toEqual([greaseValues[0], greaseValues[1], greaseValues[14]]);
    const draws = [255, 255, 1];
    expect(pickGrease(1, () => Uint8Array.of(draws.shift()!))).toEqual([greaseValues[1]]);
    expect(draws).toEqual([]);
  });
});
