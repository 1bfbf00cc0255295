import { ed25519 } from "@noble/curves/ed25519.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Engine } from "../../bindings/core/engine.ts";
import { STATUS_OK, STATUS_SIGNATURE } from "../../bindings/core/generated/status.ts";
import { hex, toHex } from "../support/bytes.ts";
import {
  challenge,
  craft,
  decodeNumber,
  encodeNumber,
  notPointEncodings,
  ORDER,
  Point,
  publicKey,
  rfc8032,
  rfc8032Test1024,
  sign,
  signed,
  smallOrderEncodings,
  someMessage,
  torsion,
  verify,
  zeroSeed,
} from "../support/ed25519.ts";
import { loadVectors } from "../support/vectors.ts";

interface Wycheproof {
  numberOfTests: number;
  testGroups: {
    publicKey: { pk: string };
    tests: { tcId: number; comment: string; msg: string; sig: string; result: "valid" | "invalid" }[];
  }[];
}

const engine = new Engine();

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const wycheproof = loadVectors<Wycheproof>("wycheproof/ed25519_test.json");

describe("Ed25519 keys and signatures", () => {
  it.each(rfc8032)("RFC 8032 $name", (vector) => {
    const [seed, key, message, signature] = [vector.seed, vector.publicKey, vector.message, vector.signature].map(hex);
    expect(toHex(publicKey(engine, seed!))).toBe(vector.publicKey);
    expect(sign(engine, seed!, message!)).toEqual(signature);
    expect(verify(engine, { publicKey: key!, message: message!, signature: signature! })).toBe(STATUS_OK);
  });

  it.skipIf(wycheproof === undefined)("RFC 8032 TEST 1024", () => {
    const group = wycheproof!.testGroups.find(({ publicKey: { pk } }) => pk === rfc8032Test1024.publicKey)!;
    const message = hex(group.tests[0]!.msg);
    expect(message.length).toBe(1023);
    const key = hex(rfc8032Test1024.publicKey);
    expect(publicKey(engine, hex(rfc8032Test1024.seed))).toEqual(key);
    const signature = sign(engine, hex(rfc8032Test1024.seed), message);
    expect(toHex(signature)).toBe(rfc8032Test1024.signature);
    expect(verify(engine, { publicKey: key, message, signature })).toBe(STATUS_OK);
  });

  it("leave nothing of what was signed in the core when it is verified", () => {
    const seed = new Uint8Array(32).fill(9);
    const key = publicKey(engine, seed);
    const [a, b] = [1, 2].map((byte) => {
      const message = new Uint8Array(200).fill(byte);
      const signature = sign(engine, seed, message);
      const verifier = new Engine();
      expect(verify(verifier, { publicKey: key, message, signature })).toBe(STATUS_OK);
      return new Uint32Array(verifier.core.memory.buffer);
    });
    expect(a!.findIndex((word, i) => word !== b![i])).toBe(-1);
  });

  it("agree with an independent implementation, twice, for any seed and message", () => {
    const check = (seed: Uint8Array, message: Uint8Array): void => {
      const key = ed25519.getPublicKey(seed);
      expect(publicKey(engine, seed)).toEqual(key);
      const signature = ed25519.sign(message, seed);
      expect(sign(engine, seed, message)).toEqual(signature);
      expect(sign(engine, seed, message)).toEqual(signature);
      expect(verify(engine, { publicKey: key, message, signature })).toBe(STATUS_OK);
    };
    check(zeroSeed, new Uint8Array());
    check(new Uint8Array(32).fill(255), someMessage);
    fc.assert(fc.property(bytes32, fc.uint8Array({ maxLength: 400 }), check), { numRuns: 60 });
  });

  it("leave nothing in the core's memory that depends on the seed", () => {
    // Two engines that did the same with different seeds are equal to the last byte.
    const remains = [1, 2].map((n) => {
      const own = new Engine();
      const seed = new Uint8Array(32).fill(n);
      publicKey(own, seed);
      const afterKey = own.bytes.slice();
      sign(own, seed, someMessage);
      return [afterKey, own.bytes];
    });
    const differing = remains[0]!.map(
      (bytes, step) => bytes.filter((byte, at) => byte !== remains[1]![step]![at]).length,
    );
    expect(differing).toEqual([0, 0]);
  });
});

describe("Ed25519 verification", () => {
  it("refuses every single flipped bit of signature, key and message", () => {
    const item = signed(7, 3);
    expect(verify(engine, item)).toBe(STATUS_OK);
    for (const part of ["signature", "publicKey", "message"] as const) {
      for (let bit = 0; bit < item[part].length * 8; bit++) {
        const changed = item[part].slice();
        changed[bit >> 3]! ^= 1 << (bit & 7);
        expect(verify(engine, { ...item, [part]: changed }), `${part} ${bit}`).toBe(STATUS_SIGNATURE);
      }
    }
  });

  it("accepts points of mixed order where the cofactored equation holds", () => {
    for (const atA of torsion) {
      for (const atR of torsion) {
        for (const r of [0n, 987654321n]) {
          const item = craft(123456789n, r, atA, atR, someMessage);
          expect(verify(engine, item)).toBe(STATUS_OK);
          expect(ed25519.verify(item.signature, item.message, item.publicKey, { zip215: false })).toBe(true);
          const other = item.signature.slice();
          other[32]! ^= 1;
          expect(verify(engine, { ...item, signature: other })).toBe(STATUS_SIGNATURE);
        }
      }
    }
  });

  it("refuses a public key of small order, however it is encoded", () => {
    expect(smallOrderEncodings.length).toBe(14);
    for (const key of smallOrderEncodings) {
      // S = r satisfies the equation for every such key.
      const encodedR = Point.BASE.multiply(5n).toBytes();
      const item = { publicKey: key, message: someMessage, signature: Uint8Array.of(...encodedR, ...encodeNumber(5n)) };
      expect(ed25519.verify(item.signature, item.message, key, { zip215: true })).toBe(true);
      expect(verify(engine, item)).toBe(STATUS_SIGNATURE);
    }
  });

  it("accepts an R of small order in its canonical encoding alone", () => {
    const canonical = torsion.map((point) => toHex(point.toBytes()));
    let accepted = 0;
    for (const encodedR of smallOrderEncodings) {
      const a = 31337n;
      const key = Point.BASE.multiply(a).toBytes();
      const k = challenge(encodedR, key, someMessage);
      const item = {
        publicKey: key,
        message: someMessage,
        signature: Uint8Array.of(...encodedR, ...encodeNumber((k * a) % ORDER)),
      };
      expect(ed25519.verify(item.signature, item.message, key, { zip215: true })).toBe(true);
      const expected = canonical.includes(toHex(encodedR));
      expect(verify(engine, item)).toBe(expected ? STATUS_OK : STATUS_SIGNATURE);
      if (expected) accepted++;
    }
    expect(accepted).toBe(8);
  });

  it("refuses encodings of no point, as A and as R", () => {
    const item = signed(1);
    for (const encoding of notPointEncodings) {
      expect(verify(engine, { ...item, publicKey: encoding })).toBe(STATUS_SIGNATURE);
      const signature = Uint8Array.of(...encoding, ...item.signature.subarray(32));
      expect(verify(engine, { ...item, signature })).toBe(STATUS_SIGNATURE);
    }
  });

  it("refuses S of L and above, though it is the same modulo L", () => {
    const item = signed(2);
    const s = decodeNumber(item.signature.subarray(32));
    for (let i = 1n; s + i * ORDER < 2n ** 256n; i++) {
      const signature = Uint8Array.of(...item.signature.subarray(0, 32), ...encodeNumber(s + i * ORDER));
      expect(verify(engine, { ...item, signature })).toBe(STATUS_SIGNATURE);
    }
  });
});
