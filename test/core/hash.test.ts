import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex, utf8 } from "../support/bytes.ts";
import { engine, hash, hashPieces, kdfs } from "../support/hash.ts";

const reference = { sha256, sha384, sha512 };
const fips: Record<string, Record<string, string>> = {
  sha256: {
    "": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    abc: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq:
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  },
  sha384: {
    abc: "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
    abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu:
      "09330c33f71147e83d192fc782cd1b4753111b173b3b05d22fa08086e3b0f712fcc7c71a557e2db966c3e9fa91746039",
  },
  sha512: {
    abc:
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" +
      "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu:
      "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018" +
      "501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909",
  },
};

describe.each(kdfs)("$name", ({ kdf, digest, name }) => {
  it("gives the known answers of FIPS 180-4", () => {
    for (const [message, expected] of Object.entries(fips[name]!))
      expect(toHex(hash(kdf, utf8(message)))).toBe(expected);
  });

  it("agrees with the reference at every length up to four blocks", () => {
    const bytes = Uint8Array.from({ length: 520 }, (_, i) => i * 7 + (i >> 8));
    for (let length = 0; length <= bytes.length; length++) {
      const message = bytes.subarray(0, length);
      expect(toHex(hash(kdf, message))).toBe(toHex(reference[name](message)));
    }
  });

  it("gives the same digest however the message is cut", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }), (pieces) => {
        const whole = Uint8Array.from(pieces.flatMap((piece) => [...piece]));
        expect(toHex(hashPieces(kdf, pieces))).toBe(toHex(reference[name](whole)));
      }),
      { numRuns: 200 },
    );
  });

  it("may write the digest over the message and nothing behind it", () => {
    engine.frame((core, frame) => {
      const message = new Uint8Array(200).fill(9);
      const at = frame.put(message);
      core.hash(kdf, at, at, message.length);
      expect(engine.copyOut(at, digest)).toEqual(reference[name](message));
      expect(engine.copyOut(at + digest, 200 - digest)).toEqual(message.subarray(digest));
    });
  });
});

it("knows the digest lengths, and 0 for an unknown KDF", () => {
  expect([0, 1, 2, 3, 4, -1].map((kdf) => engine.core.hashLength(kdf))).toEqual([0, 32, 48, 64, 0, 0]);
});
