import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { COUNT_HASH } from "../../bindings/core/generated/layout.ts";
import { toHex, utf8 } from "../support/bytes.ts";
import { engine, hashMany, kdfs } from "../support/hash.ts";

const reference = { sha256, sha384, sha512 };
const message = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i + 1) * (seed * 2 + 1) + (i >> 8));

describe.each(kdfs)("many digests of $name", ({ kdf, name }) => {
  it("are those of the single messages, whatever their number and lengths", () => {
    const edges = [0, 1, 54, 55, 56, 57, 63, 64, 65, 111, 112, 119, 120, 121, 127, 128, 129, 183, 184, 192, 256];
    const length = fc.oneof(fc.constantFrom(...edges), fc.nat(400));
    fc.assert(
      fc.property(fc.array(length, { maxLength: 23 }), (lengths) => {
        const messages = lengths.map(message);
        expect(hashMany(kdf, messages).map(toHex)).toEqual(messages.map((bytes) => toHex(reference[name](bytes))));
      }),
      { numRuns: 300 },
    );
  });

  it("are right for every count up to nine of every kind of tail", () => {
    for (let count = 0; count <= 9; count++) {
      for (const length of [0, 55, 56, 64, 119, 120, 128, 200]) {
        const messages = Array.from({ length: count }, (_, i) => message(length, i));
        expect(hashMany(kdf, messages).map(toHex)).toEqual(messages.map((bytes) => toHex(reference[name](bytes))));
      }
    }
  });

  it("read nothing but their messages and write nothing but the digests", () => {
    const { core } = engine;
    const digest = core.hashLength(kdf);
    const lengths = [0, 10, 64, 100, 128, 55, 56, 300, 3];
    const messages = lengths.map(message);
    const run = (filler: number): Uint8Array =>
      engine.frame((_, frame) => {
        const area = frame.take(4096);
        engine.bytes.fill(filler, area, area + 4096);
        const addresses = new Uint32Array(lengths.length);
        let at = area + 64;
        messages.forEach((bytes, i) => {
          engine.bytes.set(bytes, at);
          addresses[i] = at;
          at += bytes.length + 7;
        });
        const dst = at + 64;
        const sizes = frame.put(new Uint8Array(Uint32Array.from(lengths).buffer));
        const before = engine.copyOut(area, 4096);
        core.hashMany(kdf, lengths.length, dst, frame.put(new Uint8Array(addresses.buffer)), sizes);
        const after = engine.copyOut(area, 4096);
        const [from, to] = [dst - area, dst - area + digest * lengths.length] as const;
        expect(after.subarray(0, from)).toEqual(before.subarray(0, from));
        expect(after.subarray(to)).toEqual(before.subarray(to));
        return after.slice(from, to);
      });
    expect(run(0xff)).toEqual(run(0x11));
  });
});

it("spends no compression more than four lanes need on messages of one length", () => {
  const before = engine.core.operationCount(COUNT_HASH);
  hashMany(
    1,
    Array.from({ length: 41 }, (_, i) => message(100, i)),
  );
  expect(engine.core.operationCount(COUNT_HASH) - before).toBe(41 * 2);
});

it("keeps no lane idle while messages wait", () => {
  // One of 100 blocks beside 300 of one block: 4 lanes at work for 100 steps, no more.
  const before = engine.core.operationCount(COUNT_HASH);
  hashMany(1, [utf8("x".repeat(99 * 64)), ...Array.from({ length: 300 }, (_, i) => message(20, i))]);
  expect(engine.core.operationCount(COUNT_HASH) - before).toBe(400);
});
