import { hmac as referenceHmac } from "@noble/hashes/hmac.js";
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex, utf8 } from "../support/bytes.ts";
import { engine, hmac, hmacPieces, kdfs } from "../support/hash.ts";

const reference = { sha256, sha384, sha512 };

// RFC 4231: cases 2 (a short key) and 6 (a key longer than any block).
const rfc4231 = [
  {
    key: utf8("Jefe"),
    message: utf8("what do ya want for nothing?"),
    macs: {
      sha256: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
      sha384: "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
      sha512:
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554" +
        "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
    },
  },
  {
    key: new Uint8Array(131).fill(0xaa),
    message: utf8("Test Using Larger Than Block-Size Key - Hash Key First"),
    macs: {
      sha256: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
      sha384: "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952",
      sha512:
        "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352" +
        "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
    },
  },
];

describe.each(kdfs)("HMAC with $name", ({ kdf, block, name }) => {
  it("gives the known answers of RFC 4231", () => {
    for (const { key, message, macs } of rfc4231) expect(toHex(hmac(kdf, key, message))).toBe(macs[name]);
  });

  it("agrees with the reference for keys around the block length", () => {
    for (const keyLength of [0, 1, block - 1, block, block + 1, 2 * block, 400]) {
      const key = Uint8Array.from({ length: keyLength }, (_, i) => i * 5 + 1);
      expect(hmac(kdf, key, utf8("message"))).toEqual(referenceHmac(reference[name], key, utf8("message")));
    }
  });

  it("gives the same MAC however the message is cut", () => {
    const key = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(key, fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), (macKey, pieces) => {
        const whole = Uint8Array.from(pieces.flatMap((piece) => [...piece]));
        const expected = toHex(referenceHmac(reference[name], macKey, whole));
        expect(toHex(hmac(kdf, macKey, whole))).toBe(expected);
        expect(toHex(hmacPieces(kdf, macKey, pieces))).toBe(expected);
      }),
      { numRuns: 100 },
    );
  });

  it("may write the MAC over its key or its message", () => {
    const key = new Uint8Array(200).fill(1);
    const message = new Uint8Array(200).fill(2);
    const expected = referenceHmac(reference[name], key, message);
    for (const over of ["key", "message"]) {
      engine.frame((core, frame) => {
        const [k, m] = [frame.put(key), frame.put(message)] as const;
        const dst = over === "key" ? k : m;
        core.hmac(kdf, dst, k, key.length, m, message.length);
        expect(engine.copyOut(dst, expected.length)).toEqual(expected);
      });
    }
  });
});
